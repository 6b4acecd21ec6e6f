"""What is decided before the first step: sizes, the precision, and whether it all fits."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import torch

from impasto.engine import machine, memory, plan
from impasto.engine.passes import WHOLE
from impasto.engine.plan import Plan
from impasto.errors import NetworkError, PaintingError
from impasto.networks.vgg import VGG
from impasto.options import SPECS, Options
from impasto.picture import Picture
from impasto.spec import checked

Scene = Callable[..., Picture]
CPU = torch.device("cpu")


@pytest.fixture
def plan_for(network: VGG, scene: Scene) -> Callable[..., Plan]:
    def make(content: tuple[int, int], style: tuple[int, int], **changes: Any) -> Plan:
        options = Options(**{"device": "cpu", "precision": "float32", **changes})
        return plan.make(scene(*content), [scene(*style)], options, network)

    return make


@pytest.fixture
def have(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Have so many bytes of memory free, as the system tells it."""

    def free(available: float) -> None:
        answer = SimpleNamespace(available=int(available))
        monkeypatch.setattr(psutil, "virtual_memory", lambda: answer)
        monkeypatch.setattr(memory, "taken", lambda *_: 4e8)  # whatever ran before

    return free


def test_sizes_start_where_asked(plan_for: Callable[..., Plan]) -> None:
    def sizes(first: int) -> tuple[tuple[int, int], ...]:
        return plan_for((80, 60), (80, 60), size=256, first_size=first).sizes

    assert sizes(128) == ((128, 96), (256, 192))
    assert sizes(64) == ((64, 48), *sizes(128))
    assert sizes(100) == ((100, 75), (160, 120), (256, 192))
    assert sizes(256) == ((256, 192),)


def test_the_size_of_a_style(plan_for: Callable[..., Plan]) -> None:
    made = plan_for((80, 60), (80, 60), size=64, style_layers="relu3_1", content_weight=0)
    size = (64, 48)
    assert made.style_size((200, 100), size, 1.0) == (64, 32)
    assert made.style_size((200, 100), size, 2.0) == (128, 64)
    assert made.style_size((100, 200), size, 0.5) == (16, 32)
    assert made.style_size((200, 100), size, 4.0) == (200, 100)  # never enlarged
    assert made.style_size((200, 100), size, 0.05) == (16, 8)  # never under what relu3_1 can see


def refusal(make: Callable[[], Any]) -> int:
    """The size that is advised where memory is too little."""
    with pytest.raises(PaintingError, match=r"for it; try size \d+ or less") as caught:
        make()
    found = re.search(r"try size (\d+)", str(caught.value))
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize("free", [3e8, 2.1e9])
@pytest.mark.parametrize("shape", [(90, 60), (50, 75), (64, 64)])
def test_what_cannot_fit_is_refused_and_what_is_advised_fits(
    plan_for: Callable[..., Plan],
    have: Callable[[float], None],
    shape: tuple[int, int],
    free: float,
) -> None:
    have(free)
    fits = refusal(lambda: plan_for(shape, (80, 60), size=4000))
    assert 400 < fits < 4000
    plan_for(shape, (80, 60), size=fits)
    assert (
        fits * 0.9 < refusal(lambda: plan_for(shape, (80, 60), size=round(1.1 * fits))) <= fits + 1
    )


def test_a_style_that_cannot_fit_is_refused(
    plan_for: Callable[..., Plan], have: Callable[[float], None]
) -> None:
    have(2e8)
    plan_for((80, 60), (1000, 750), size=256)  # read at 256
    fits = refusal(lambda: plan_for((80, 60), (1000, 750), size=256, style_scale=3))
    plan_for((80, 60), (1000, 750), size=fits, style_scale=3)


@pytest.mark.parametrize(
    ("content", "style", "size", "scale", "free"),
    [
        ((80, 60), (1000, 750), 256, 7.0, 2e8),  # a style that is at its own size already
        ((700, 50), (80, 60), 3000, 1.0, 2e8),  # the short side of 107.1 pixels
    ],
)
def test_what_is_advised_fits_in_odd_cases_too(
    plan_for: Callable[..., Plan],
    have: Callable[[float], None],
    content: tuple[int, int],
    style: tuple[int, int],
    size: int,
    scale: float,
    free: float,
) -> None:
    have(free)
    fits = refusal(lambda: plan_for(content, style, size=size, style_scale=scale))
    plan_for(content, style, size=fits, style_scale=scale)


def test_bfloat16_takes_less(plan_for: Callable[..., Plan], have: Callable[[float], None]) -> None:
    have(3e8)
    full, half = (
        refusal(lambda p=p: plan_for((64, 64), (80, 60), size=4000, precision=p))
        for p in ("float32", "bfloat16")
    )
    assert full < half < 2 * full


def test_running_out_of_memory_is_told_as_such() -> None:
    alloc = (
        "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes. Error code 12"
    )
    for error in (torch.OutOfMemoryError("CUDA out of memory"), RuntimeError(alloc), MemoryError()):
        with (
            pytest.raises(PaintingError, match=r"memory ran out at 64x48; try a smaller size"),
            memory.enough(64, 48),
        ):
            raise error
    for other in (RuntimeError("mat1 and mat2 shapes"), ValueError("allocate memory")):
        with pytest.raises(type(other), match=str(other)), memory.enough(64, 48):
            raise other


def test_the_less_memory_the_smaller_the_strips(plan_for: Callable[..., Plan]) -> None:
    made = plan_for((90, 60), (80, 60), size=2000, memory="30GB")
    peaks: list[float] = []
    size = made.sizes[-1]
    cuts = made.demand.first(size)
    assert made.fits[-1].cuts == cuts
    for _ in range(12):
        peaks.append(made.demand.peak(size, cuts))
        limited = made.demand.fit(size, peaks[-1] * 1.0001)
        assert limited.peak == peaks[-1]
        cuts = made.demand.smaller(size, cuts)
    assert all(later <= before for before, later in pairwise(peaks[4:]))
    base = made.demand.base  # what this process has taken already
    assert peaks[-1] - base < 0.55 * (peaks[0] - base)


def test_what_a_limit_leaves_is_kept_to(plan_for: Callable[..., Plan]) -> None:
    whole = plan_for((90, 60), (80, 60), size=3000, memory="40GB")
    assert all(cut.kept for cut in whole.fits[-1].cuts)
    least = whole.demand.least(whole.sizes[-1])  # with what this process holds already
    for limit in (1.05 * least, f"{1.2 * least / 1e9:.3f}GB"):
        made = plan_for((90, 60), (80, 60), size=3000, memory=limit)
        assert all(fit.peak <= checked("memory", limit, SPECS["memory"]) for fit in made.fits)
        assert not made.fits[-1].cuts[0].kept


def test_what_is_large_is_cut_for_the_cache(plan_for: Callable[..., Plan]) -> None:
    small, large = (
        plan_for((90, 60), (80, 60), size=n, precision="float32", memory="30GB").fits[-1].cuts
        for n in (256, 2000)
    )
    assert small == WHOLE
    assert all(cut.kept for cut in large)
    assert large[0].positions >= 16 * 2000 and not large[4].positions


def test_losses_that_want_all_of_a_layer_are_not_cut(plan_for: Callable[..., Plan]) -> None:
    changes = {"size": 3000, "style_layers": "relu3_1,relu4_1", "memory": "30GB"}
    made = plan_for((90, 60), (80, 60), style_loss="sliced,gram", **changes)
    cuts, least = made.demand.first(made.sizes[-1]), made.demand.least(made.sizes[-1])
    while (smaller := made.demand.smaller(made.sizes[-1], cuts)) != cuts:
        cuts = smaller
    assert [cut.kept for cut in cuts[:4]] == [False, False, True, True]
    assert [cut.positions for cut in cuts[2:4]] == [0, 0]
    changes["memory"] = 1.1 * least
    made = plan_for((90, 60), (80, 60), style_loss="sliced,gram", **changes)
    assert any("sliced look at all of a layer" in note for note in made.notes)
    assert not any("of a layer" in n for n in plan_for((90, 60), (80, 60), **changes).notes)


@pytest.mark.parametrize("there", [True, False])
def test_auto_is_bfloat16_where_the_processor_multiplies_in_it(
    plan_for: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    probe = "_is_avx512_bf16_supported"
    monkeypatch.setattr(torch.cpu, probe, lambda: there, raising=False)
    expected = torch.bfloat16 if there else torch.float32
    assert machine.choose_precision("auto", CPU) == expected
    made = plan_for((64, 48), (64, 48), size=64, precision="auto")
    assert (made.dtype, made.precision) == (expected, str(expected).removeprefix("torch."))
    assert machine.choose_precision("float32", CPU) == torch.float32
    assert machine.choose_precision("bfloat16", CPU) == torch.bfloat16
    monkeypatch.delattr(torch.cpu, probe)  # a release of torch without it
    assert machine.choose_precision("auto", CPU) == torch.float32


def test_patches_need_three_positions_a_side(plan_for: Callable[..., Plan]) -> None:
    patches = {"size": 48, "style_loss": "patches@relu3_1", "style_layers": "relu1_1"}
    patches["content_layers"] = "relu1_1"
    with pytest.raises(NetworkError, match=r"48x8 pixels; relu3_1 needs at least 12x12"):
        plan_for((96, 16), (64, 64), **patches)
    with pytest.raises(NetworkError, match=r"the style.* is 64x11 pixels; relu3_1 needs at least"):
        plan_for((96, 72), (64, 11), **patches)
    assert plan_for((96, 24), (64, 12), **patches).least == 12
