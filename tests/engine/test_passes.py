"""However a picture is cut: the losses and the gradient are those of all of it at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from impasto.engine import canvas, passes, regions, strips
from impasto.engine.objective import Evaluation, Objective
from impasto.engine.passes import WHOLE, Cut, Cuts
from impasto.engine.strips import Strip
from impasto.losses import variation
from impasto.networks.layout import Weights
from impasto.networks.vgg import CONVS, VGG
from impasto.options import Options
from impasto.picture import Picture

Scene = Callable[..., Picture]
LAYERS = {  # unrectified ones and deep ones of a block too, which reach furthest
    "style_layers": "relu1_1,conv1_2,relu2_2,conv3_4,relu4_1,conv4_3",
    "content_layers": "conv1_1,relu2_1,relu3_3",
    # Roots of nearly singular covariances, as small pictures have, double the digits of rounding.
    "style_loss": "gram,mean",
}
# By positions of a strip: two rows, the least; rows that divide nothing; some at once and some not.
# Negative: what autograd needs is made again.
CUTS: list[Cuts] = [
    passes.cuts(Cut(abs(n), kept=n >= 0) for n in each)
    for each in [
        (-1, -1, -1, -1, -1),
        (1, 1, 1, 1, 1),
        (1000, -300, 90, -30, 10),
        (-700, 0, -150, 0, -1),
        (0, -120, 0, 20, 0),
    ]
]


def tensor(picture: Picture) -> Tensor:
    return canvas.to_tensor(picture, torch.device("cpu"))[0]


@pytest.fixture(scope="module")
def deep(lite: Weights) -> Weights:
    """A VGG of six channels a layer with all sixteen convolutions."""
    random = torch.Generator().manual_seed(7)
    tensors: dict[str, Tensor] = {}
    before = 3
    for name in CONVS:
        tensors[f"{name}.weight"] = torch.randn(6, before, 3, 3, generator=random) / before**0.5 / 2
        tensors[f"{name}.bias"] = 0.1 * torch.randn(6, generator=random)
        before = 6
    return replace(lite, tensors=tensors, tap_scale={})


def alike(found: Evaluation, whole: Evaluation, rel: float = 1e-10) -> None:
    assert found.losses == pytest.approx(whole.losses, rel=rel)
    assert found.total == pytest.approx(whole.total, rel=rel)
    assert found.slope == pytest.approx(whole.slope, rel=rel)
    assert (found.gradient - whole.gradient).norm() <= rel * whole.gradient.norm()


def evaluated(
    objective: Objective, x: Tensor, cuts: Sequence[Cuts] = CUTS, rel: float = 1e-10
) -> None:
    objective.cuts = WHOLE
    whole = objective(x)
    for some in cuts:
        objective.cuts = objective.possible(some)
        alike(objective(x), whole, rel)


@pytest.mark.parametrize("pooling", ["max", "average"])
@pytest.mark.parametrize("padding", ["auto", "zeros", "replicate", "reflect", "circular"])
def test_cut_or_whole_is_the_same(deep: Weights, scene: Scene, pooling: str, padding: str) -> None:
    width, height = (48, 80) if padding == "circular" else (53, 67)
    content, style, x = (tensor(scene(width, height, seed)).double() for seed in (1, 2, 3))
    network = VGG(deep, pooling=pooling, padding=padding).double()
    options = Options(**LAYERS, content_weight=0.5)  # pyright: ignore
    evaluated(Objective(network, (content, None), [(style, None)], options), x)


def test_cut_in_float32(lite: Weights, scene: Scene) -> None:
    content, style, x = (tensor(scene(131, 97, seed)) for seed in (1, 2, 3))
    evaluated(Objective(VGG(lite), (content, None), [(style, None)], Options()), x, rel=1e-5)


@pytest.mark.parametrize(
    "changes",
    [
        {"strength": 0.6, "style_loss": "gram,mean", "tv_loss": "absolute"},
        {"content_loss": "plain", "style_loss": "gram,statistics:0.5,mean", "tv_loss": "squared"},
        {"content_loss": "half-sum", "style_loss": "gatys2016"},
        {"content_loss": "mean", "style_loss": "crowson2021", "tv_loss": "crowson2021"},
        {"style_loss": "wasserstein,sliced,histogram", "style_layers": "relu2_1,relu3_1"},
        {"style_loss": "gaussian,patches", "style_layers": "relu3_1"},
    ],
)
def test_cut_with_any_loss(deep: Weights, scene: Scene, changes: dict[str, Any]) -> None:
    """With two styles, one of them transparent in part, and a photograph that is too."""
    content, one, other, x = (tensor(scene(53, 67, seed)).double() for seed in (1, 2, 4, 3))
    alpha = tensor(scene(53, 67, 5))[:, :1].double()
    options = Options(**{**LAYERS, "style_weights": "2,1", **changes})
    styles = [(one, None), (other, alpha)]
    states: list[Evaluation] = []
    for cuts in (WHOLE, *CUTS):  # each anew: what is random is drawn anew too
        objective = Objective(VGG(deep).double(), (content, alpha), styles, options, cuts=cuts)
        states.append(objective(x))
    for found in states[1:]:
        alike(found, states[0])


def test_cut_with_regions(deep: Weights, scene: Scene) -> None:
    content, one, other, x = (tensor(scene(53, 67, seed)).double() for seed in (1, 2, 4, 3))
    soft = tensor(scene(53, 67, 6))[:, :1].double()
    guided = [
        regions.Region("one", soft, (regions.Source(0, 1.0, None), regions.Source(1, 2.0, soft))),
        regions.Region("other", 0.9 - soft * 0.9, (regions.Source(1, 1.0, 1 - soft),)),
    ]
    options = Options(**LAYERS)  # pyright: ignore
    styles = [(one, None), (other, None)]
    evaluated(Objective(VGG(deep).double(), (content, soft), styles, options, guided), x)


def test_the_gradient_is_autograds(deep: Weights, scene: Scene) -> None:
    """Of a loss written down here, on features as the network gives them."""
    network = VGG(deep, padding="reflect").double()
    x = tensor(scene(37, 45, 1)).double().requires_grad_()
    layers = ["conv1_2", "relu2_1", "relu3_3"]
    sums = {k: f.square().sum() for k, f in network(x, layers).items()}
    (wanted,) = torch.autograd.grad(torch.stack(list(sums.values())).sum(), x)
    sums = {k: sum_.detach() for k, sum_ in sums.items()}
    for cuts in (WHOLE, *CUTS):
        found = dict.fromkeys(layers, torch.zeros((), dtype=torch.float64))

        def see(layer: str, features: Tensor, rows: slice, found: Any = found) -> None:
            found[layer] = found[layer] + features.square().sum()

        trace = passes.forward(network, x.detach(), layers, see, cuts)
        got = passes.backward(trace, lambda layer, features, rows: 2 * features)
        for k in layers:
            assert float(found[k]) == pytest.approx(float(sums[k]), rel=1e-12)
        assert (got - wanted).norm() <= 1e-12 * wanted.norm()


@pytest.mark.parametrize("height", [2, 3, 16, 33, 100])
@pytest.mark.parametrize("rows", [0, 1, 6, 7, 50, 1000])
@pytest.mark.parametrize("reach", [1, 4])
@pytest.mark.parametrize("wraps", [False, True])
def test_strips_are_all_rows_once(height: int, rows: int, reach: int, wraps: bool) -> None:
    found = strips.cut(height, rows, reach, wraps=wraps)
    assert [i for s in found for i in range(s.start, s.stop)] == [*range(height)]
    numbers = torch.arange(height)[None, None, :, None]
    for strip in found:
        assert strip.start % 2 == 0
        assert strip.stop - strip.start >= 2
        read = strip.read(numbers).flatten().tolist()
        first = strip.start - reach
        wanted = [*range(max(0, first), min(height, strip.stop + reach))]
        if wraps and len(found) > 1:
            wanted = [i % height for i in range(first, strip.stop + reach)]
        assert read == wanted
        if len(found) == 1:
            assert strip.ends == (True, True)
    if rows and len(found) > 1:
        assert max(s.stop - s.start for s in found) <= max(rows, 2) + 2


@pytest.mark.parametrize("short", [0, 1])
def test_a_strip_that_reads_too_little_is_found_out(
    deep: Weights, scene: Scene, monkeypatch: pytest.MonkeyPatch, short: int
) -> None:
    cut = strips.cut

    def shorter(height: int, rows: int, reach: int, *, wraps: bool = False) -> list[Strip]:
        found = cut(height, rows, reach, wraps=wraps)
        if len(found) == 1:
            return found
        # The picture is said to end a row before it should: what is read there is padding.
        return [
            Strip(s.start, s.stop, s.above - short, s.below, (short > 0 or s.ends[0], s.ends[1]))
            if s.start > reach
            else s
            for s in found
        ]

    content, style, x = (tensor(scene(40, 64, seed)).double() for seed in (1, 2, 3))
    options = Options(**LAYERS)  # pyright: ignore
    objective = Objective(VGG(deep).double(), (content, None), [(style, None)], options)
    whole = objective(x)
    monkeypatch.setattr(strips, "cut", shorter)
    objective.cuts = passes.cuts(Cut(n) for n in (640, 160, 80, 20, 5))
    found = objective(x)
    if short:
        assert (found.gradient - whole.gradient).norm() > 1e-3 * whole.gradient.norm()
    else:
        alike(found, whole)


@pytest.mark.parametrize("wraps", [False, True])
@pytest.mark.parametrize("kind", list(variation.KINDS))
def test_variation_in_strips(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, kind: str, wraps: bool
) -> None:
    x = tensor(scene(23, 17, 1)).double()
    found: list[tuple[Tensor, Tensor]] = []
    for room in (2**18, 23 * 5, 1):
        monkeypatch.setattr(variation, "ROOM", room)
        gradient = torch.ones_like(x)
        found.append((variation.pull(x, gradient, kind, 0.7, wraps=wraps), gradient))
    for total, gradient in found[1:]:
        torch.testing.assert_close(total, found[0][0])
        torch.testing.assert_close(gradient, found[0][1])
