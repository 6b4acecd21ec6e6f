"""The loop: what it reports, that it repeats itself, and what is left when it is stopped."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from impasto.engine import passes
from impasto.engine.objective import Evaluation, Objective
from impasto.engine.paint import Painting, paint
from impasto.errors import ImpastoError, NetworkError, OptionError, PaintingError, PictureError
from impasto.events import Event, Finished, Note, Started, Step
from impasto.losses import variation
from impasto.networks.layout import Weights
from impasto.networks.vgg import VGG
from impasto.options import Options
from impasto.picture import Picture

Scene = Callable[..., Picture]
Begin = Callable[..., Painting]


def small(**changes: Any) -> Options:
    return Options(
        **{
            "size": 72,
            "first_size": 48,
            "steps": 8,
            "device": "cpu",
            "precision": "float32",
            "content_layers": "relu3_1",
            "style_layers": "relu1_1,relu2_1,relu3_1",
            **changes,
        }
    )


@pytest.fixture
def begin(scene: Scene, lite: Weights) -> Begin:
    def make(content: Picture | None = None, **changes: Any) -> Painting:
        content = scene(60, 45, 1) if content is None else content
        return paint(content, [scene(80, 64, 2, texture=1.0)], small(**changes), VGG(lite))

    return make


def fail_at(monkeypatch: pytest.MonkeyPatch, step: int, act: Callable[[Evaluation], Any]) -> None:
    """Have the objective do something else at a step."""
    calls, evaluate = [0], Objective.__call__

    def evaluated(self: Objective, picture: Tensor) -> Any:
        calls[0] += 1
        found = evaluate(self, picture)
        return act(found) if calls[0] == step else found

    monkeypatch.setattr(Objective, "__call__", evaluated)


def test_events_tell_the_whole_story(begin: Begin) -> None:
    painting = begin()
    events: list[Event] = list(painting)
    started, steps, finished = events[0], events[1:-1], events[-1]
    assert isinstance(started, Started)
    assert isinstance(finished, Finished)
    assert (started.network, started.device, started.precision) == ("vgg19-lite", "cpu", "float32")
    assert started.sizes[-1] == (72, 54)
    assert sum(started.steps) == 8
    assert (finished.step, finished.steps) == (8, 8)
    planned = [size for size, n in zip(started.sizes, started.steps, strict=True) for _ in range(n)]
    for number, (event, size) in enumerate(zip(steps, planned, strict=True), 1):
        assert isinstance(event, Step)
        assert (event.step, event.steps, (event.width, event.height)) == (number, 8, size)
        assert event.total == pytest.approx(sum(event.losses.values()), rel=1e-5)
    made = [event for event in steps if isinstance(event, Step)]
    pixels = [w * h for w, h in planned]
    shares = [sum(pixels[: i + 1]) / sum(pixels) for i in range(8)]
    assert [event.progress for event in made] == pytest.approx(shares)
    times = [event.seconds for event in made]
    assert times == sorted(times)
    np.testing.assert_array_equal(finished.picture.pixels, painting.picture.pixels)


def test_pictures_of_steps_have_their_size(begin: Begin) -> None:
    for event in begin():
        if isinstance(event, Step):
            shown = event.picture()
            assert (shown.width, shown.height) == (event.width, event.height)


@pytest.mark.parametrize("start", ["content", "noise"])
def test_painting_gets_better(begin: Begin, start: str) -> None:
    def totals(optimizer: str) -> list[float]:
        painting = begin(size=48, steps=12, start=start, learning_rate=0.02, optimizer=optimizer)
        return [event.total for event in painting if isinstance(event, Step)]

    adams, ours = totals("adam"), totals("lbfgs")
    assert adams[-1] < 0.7 * adams[0]
    assert all(later < earlier for earlier, later in pairwise(adams[:6]))
    assert min(ours) < 0.7 * min(adams)  # a line search may look too far at times


def test_the_picture_is_the_best_that_was_looked_at(begin: Begin, lite: Weights) -> None:
    """A point that a line search gave up, or hasn't looked at yet, is nobody's result."""
    looked: list[Tensor] = []
    totals: list[float] = []
    evaluate = Objective.__call__

    def evaluated(self: Objective, picture: Tensor) -> Evaluation:
        looked.append(picture.clone())
        found = evaluate(self, picture)
        totals.append(found.total)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Objective, "__call__", evaluated)
        painting = begin(size=48, first_size=48, steps=25, learning_rate=5.0)
        list(painting)
    best = looked[totals.index(min(totals))]
    assert any(later > earlier for earlier, later in pairwise(totals))
    assert (torch.from_numpy(painting.picture.pixels) - best.clamp(0, 1)).abs().max() < 1e-5


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_same_again_is_the_same(begin: Begin, precision: str) -> None:
    def pixels(**changes: Any) -> bytes:
        painting = begin(precision=precision, **changes)
        list(painting)
        return painting.picture.pixels.tobytes()

    noise = pixels(start="noise", seed=7)
    torch.rand(3)  # nobody else's random numbers matter
    assert pixels(start="noise", seed=7) == noise
    assert pixels(start="noise", seed=8) != noise
    content = pixels()
    assert pixels() == content != noise
    assert pixels(seed=8) == content  # nothing is random in it


@pytest.mark.parametrize("stop", [0, 1, 3])
def test_stopped_early_there_is_a_whole_picture(begin: Begin, stop: int) -> None:
    painting = begin()
    for event in painting:
        if not stop or (isinstance(event, Step) and event.step >= stop):
            break
    painting.close()
    assert painting.made == stop
    picture = painting.picture
    assert (picture.width, picture.height) == (72, 54)
    assert np.isfinite(picture.pixels).all()
    assert list(painting) == []  # closed is closed


def test_interrupted_within_a_step_the_one_before_is_kept(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(found: Evaluation) -> None:
        raise KeyboardInterrupt

    fail_at(monkeypatch, 4, interrupt)
    painting, last = begin(size=48), None
    with pytest.raises(KeyboardInterrupt):
        for event in painting:
            last = event
    assert isinstance(last, Step)
    assert last.step == painting.made == 3
    np.testing.assert_array_equal(painting.picture.pixels, last.picture().pixels)


def test_a_loss_that_is_no_number_ends_it_and_the_last_good_picture_stays(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(found: Evaluation) -> Evaluation:
        losses = {**found.losses, "style relu2_1": math.nan}
        return replace(found, total=math.nan, losses=losses, gradient=found.gradient * math.nan)

    fail_at(monkeypatch, 5, spoil)
    painting, last = begin(size=48), None
    with pytest.raises(PaintingError, match=r"step 5 of 8 \(style relu2_1\)"):
        for event in painting:
            last = event
    assert isinstance(last, Step)
    assert last.step == painting.made == 4
    assert np.isfinite(painting.picture.pixels).all()
    np.testing.assert_array_equal(painting.picture.pixels, last.picture().pixels)


def test_a_gradient_that_is_no_number_ends_it(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the loss itself is finite."""
    pull = variation.pull

    def cornered(x: Tensor, gradient: Tensor, *rest: Any, **more: Any) -> Tensor:
        found = pull(x, gradient, *rest, **more)
        gradient[0, 1, 3, 2] = math.inf
        return found

    painting = begin(size=48)
    events = [next(painting) for _ in range(3)]
    monkeypatch.setattr(variation, "pull", cornered)
    with pytest.raises(PaintingError, match=r"step 3 of 8 \(gradient\)"):
        next(painting)
    assert isinstance(events[-1], Step)
    assert painting.made == 2
    np.testing.assert_array_equal(painting.picture.pixels, events[-1].picture().pixels)


def test_memory_that_runs_out_ends_it_and_the_picture_so_far_stays(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    painting, last, forward = begin(size=48), None, passes.forward

    def burst(*given: Any, **more: Any) -> Any:
        if painting.made == 3:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return forward(*given, **more)

    monkeypatch.setattr(passes, "forward", burst)
    notes: list[str] = []
    with pytest.raises(PaintingError, match=r"memory ran out at 48x36; try a smaller size"):
        for event in painting:
            if isinstance(event, Note):
                notes.append(event.text)
            else:
                last = event
    assert isinstance(last, Step)
    assert last.step == painting.made == 3
    assert len(notes) > 3  # smaller and smaller strips were tried before
    np.testing.assert_array_equal(painting.picture.pixels, last.picture().pixels)


def test_memory_that_runs_out_makes_strips_and_the_same_picture(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = begin(size=48)
    list(whole)
    painting, forward = begin(size=48), passes.forward

    def burst(*given: Any, **more: Any) -> Any:
        if painting.made >= 3 and given[4][1].kept:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate")
        return forward(*given, **more)

    monkeypatch.setattr(passes, "forward", burst)
    events = list(painting)
    where = [i for i, event in enumerate(events) if isinstance(event, Note)]
    assert where == [4, 5]  # after three steps and what began them: the first block, the second
    note = events[5]
    assert isinstance(note, Note)
    assert note.text == "memory ran out at 48x36; going on with blocks 1, 2 in strips of 36 rows"
    assert painting.made == 8
    # Sums in another order: what is nearly nought, Adam turns into whole steps of either sign.
    assert np.abs(painting.picture.pixels - whole.picture.pixels).mean() < 1e-3


def test_features_that_are_no_numbers_end_it(lite: Weights, scene: Scene) -> None:
    tensors = {k: v * 1e30 for k, v in lite.tensors.items()}
    painting = paint(
        scene(48, 48), [scene(48, 48, 2)], small(), VGG(replace(lite, tensors=tensors))
    )
    with pytest.raises(PaintingError, match=r"not finite|not a finite"):
        list(painting)


def test_alpha_is_carried_to_the_result(begin: Begin, scene: Scene) -> None:
    alpha = np.zeros((45, 60), np.float32)
    alpha[:, 30:] = 1
    alpha[:9] = 0.5
    painting = begin(replace(scene(60, 45, 1), alpha=alpha), steps=3)
    list(painting)
    found = painting.picture.alpha
    assert found is not None
    assert found.shape == (54, 72)
    assert np.abs(found[16:, :30]).max() < 0.02
    assert np.abs(found[16:, 42:] - 1).max() < 0.02
    assert np.abs(found[:7] - 0.5).max() < 0.02
    assert begin().picture.alpha is None


@pytest.mark.parametrize(
    ("shape", "asked", "wanted"),
    [
        ((60, 45), 97, (97, 73)),
        ((41, 64), 64, (41, 64)),
        ((300, 50), 97, (97, 16)),
        ((20, 20), 50, (50, 50)),
    ],
)
def test_the_result_has_the_size_asked_for(
    begin: Begin, scene: Scene, shape: tuple[int, int], asked: int, wanted: tuple[int, int]
) -> None:
    painting = begin(scene(*shape, 1), size=asked, steps=2)
    list(painting)
    assert (painting.picture.width, painting.picture.height) == wanted


@pytest.mark.parametrize("steps", [1, 2])
def test_few_steps_reach_the_final_size(begin: Begin, steps: int) -> None:
    made = [event for event in begin(size=96, steps=steps) if isinstance(event, Step)]
    assert len(made) == steps
    assert made[-1].width == 96
    assert made[-1].progress == pytest.approx(1)


def test_a_size_that_settles_is_done(begin: Begin) -> None:
    """Each step of a shrinking rate moves less; a size ends at the first that moves too little."""
    options: dict[str, Any] = {
        "optimizer": "sgd",
        "learning_rate": 1e-9,
        "momentum": 0,
        "growth": 1.4,
    }
    painting = begin(stop_change=1e-3, steps=9, **options)
    steps = [event for event in painting if isinstance(event, Step)]
    assert painting.plan.steps == (1, 1, 1) and painting.made == len(steps) == 3
    assert [(s.step, s.width) for s in steps] == [(1, 48), (2, 59), (3, 72)]
    assert steps[-1].step == steps[-1].steps and steps[-1].progress == 1
    assert len([e for e in begin(steps=9, **options) if isinstance(e, Step)]) == 9


def test_the_seeds_of_others_are_left_alone(begin: Begin) -> None:
    torch.manual_seed(3)
    wanted = torch.rand(2)
    torch.manual_seed(3)
    list(begin(start="noise", steps=2))
    torch.testing.assert_close(torch.rand(2), wanted)


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"style_layers": "relu4_22"}, OptionError, "no layer 'relu4_22'; did you mean relu4_2"),
        ({"content_layers": "relu5_4"}, OptionError, "no layer 'relu5_4'"),
        ({"style_layers": "relu5_1", "size": 40}, NetworkError, "40x30 .* at least 32x32"),
        ({"style_weights": "1,2"}, OptionError, "2 numbers for 1 style"),
    ],
)
def test_what_can_be_known_before_is_said_before(
    begin: Begin, changes: dict[str, Any], kind: type[ImpastoError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        begin(**changes)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a cuda device")
def test_a_device_that_is_not_there(begin: Begin) -> None:
    with pytest.raises(OptionError, match="cuda is not available"):
        begin(device="cuda")


def test_pictures_that_show_nothing(network: VGG, scene: Scene) -> None:
    clear = replace(scene(64, 48), alpha=np.zeros((48, 64), np.float32), name="clear.png")
    with pytest.raises(PictureError, match=r"clear\.png is transparent everywhere"):
        paint(clear, [scene(64, 48)], small(), network)
    with pytest.raises(PictureError, match=r"clear\.png is transparent everywhere"):
        paint(scene(64, 48), [scene(64, 48), clear], small(), network)
    with pytest.raises(OptionError, match="no style"):
        paint(scene(64, 48), [], small(), network)


def test_a_style_too_small_for_the_network(network: VGG, scene: Scene) -> None:
    with pytest.raises(NetworkError, match=r"6x6 .* at least 8x8"):
        paint(scene(64, 48), [scene(6, 6)], small(), network)


def test_what_was_noted_of_the_pictures_is_told(network: VGG, scene: Scene) -> None:
    content = replace(scene(64, 48), notes=("first of 12 frames",))
    styles = [scene(80, 80), replace(scene(80, 80), notes=("no colour profile",))]
    started = next(paint(content, styles, small(), network))
    assert isinstance(started, Started)
    assert started.notes == ("first of 12 frames", "no colour profile")


def test_a_style_smaller_than_it_should_be_is_noted(network: VGG, scene: Scene) -> None:
    def notes(side: int) -> tuple[str, ...]:
        style = replace(scene(side, side), name="dot.png")
        started = next(paint(scene(64, 48), [style], small(), network))
        assert isinstance(started, Started)
        return started.notes

    assert any("dot.png is only 40 px" in note for note in notes(40))
    assert notes(70) == ()
