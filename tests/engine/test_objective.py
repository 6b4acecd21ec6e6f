"""The objective: its gradient, scale, masks and blends, against other ways to know them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from impasto.engine import canvas
from impasto.engine.objective import Objective
from impasto.engine.paint import paint
from impasto.errors import PictureError
from impasto.networks.layout import Weights
from impasto.networks.vgg import VGG
from impasto.options import Options
from impasto.picture import Picture

Scene = Callable[..., Picture]
CPU = torch.device("cpu")
BALANCED = Options(
    content_weight=1.0,
    content_layers="relu3_1",  # pyright: ignore
    style_layers="relu1_1,relu2_1:2,relu3_1",  # pyright: ignore
    tv_weight=0.5,
)
STYLE_ONLY = BALANCED.changed({"content_weight": 0, "tv_weight": 0})


def tensor(picture: Picture) -> Tensor:
    return canvas.to_tensor(picture, CPU)[0]


@pytest.mark.parametrize(("layers", "tolerance"), [("relu1_1", 1e-6), ("relu2_1:2,relu3_1", 0.01)])
def test_gradient_is_the_slope(network: VGG, scene: Scene, layers: str, tolerance: float) -> None:
    """In float64, along random directions, by central differences.

    Deep layers' features at this size nearly lie in a subspace, where Wasserstein's gradient is
    held back on purpose.
    """
    network.double()
    options = BALANCED.changed({"style_layers": layers})
    content, style, start = (tensor(scene(48, 40, seed)).double() for seed in (1, 2, 3))
    objective = Objective(network, (content, None), [(style, None)], options)
    gradient = objective(start).gradient
    generator = torch.Generator().manual_seed(0)
    for _ in range(3):
        way = torch.randn(start.shape, dtype=torch.float64, generator=generator)
        h = 1e-6
        slope = (objective(start + h * way).total - objective(start - h * way).total) / (2 * h)
        off = tolerance * gradient.norm().item()  # what a random direction gives, about
        assert (gradient * way).sum().item() == pytest.approx(slope, abs=off)


def test_total_is_the_sum_of_terms_and_terms_weigh_as_asked(network: VGG, scene: Scene) -> None:
    content, style, start = (tensor(scene(64, 48, seed)) for seed in (1, 2, 3))
    at = Objective(network, (content, None), [(style, None)], BALANCED)(start)
    assert at.total == pytest.approx(sum(at.losses.values()), rel=1e-6)
    terms = {"content relu3_1", "style relu1_1", "style relu2_1", "style relu3_1", "tv"}
    assert set(at.losses) == terms
    changes = {"content_weight": 3, "style_layers": "relu1_1:4,relu2_1:2,relu3_1:2", "tv_weight": 1}
    other = Objective(network, (content, None), [(style, None)], BALANCED.changed(changes))(start)
    ratios = {k: other.losses[k] / at.losses[k] for k in terms}
    wanted = {"content relu3_1": 3, "style relu1_1": 2, "style relu2_1": 1, "style relu3_1": 1}
    assert ratios == pytest.approx({**wanted, "style relu2_1": 0.5, "tv": 2}, rel=1e-4)


def test_a_picture_is_in_its_own_style(network: VGG, scene: Scene) -> None:
    content, style = tensor(scene(64, 64, 1)), tensor(scene(64, 64, 2))
    objective = Objective(network, (content, None), [(style, None)], STYLE_ONLY)
    far, near = objective(content).losses, objective(style).losses
    for name, loss in near.items():
        assert abs(loss) < 5e-3 * far[name]


def test_losses_ignore_the_scale_of_features(lite: Weights, scene: Scene) -> None:
    content, style, start = (tensor(scene(64, 64, seed)) for seed in (1, 2, 3))
    layers = VGG(lite).layers()
    louder = replace(lite, tap_scale={k: 10 * lite.tap_scale.get(k, 1.0) for k in layers})
    here, there = (
        Objective(VGG(weights), (content, None), [(style, None)], BALANCED)(start)
        for weights in (lite, louder)
    )
    assert there.losses == pytest.approx(here.losses, rel=1e-3)
    assert (there.gradient - here.gradient).norm() < 1e-2 * here.gradient.norm()


def test_weights_mean_the_same_at_any_size(network: VGG, scene: Scene) -> None:
    """What is smooth looks alike to the network at 64 and at 128 pixels.

    Within 10 %, or 0.01 of all there is: a border takes a larger part of the smaller picture.
    """

    def losses(side: int) -> dict[str, float]:
        content, style, start = (tensor(scene(side, side, seed, texture=0)) for seed in (1, 2, 3))
        found = Objective(network, (content, None), [(style, None)], BALANCED)(start).losses
        return {k: v for k, v in found.items() if k != "tv"}

    assert losses(128) == pytest.approx(losses(64), rel=0.1, abs=0.01)


def test_what_is_transparent_gets_no_style(network: VGG, scene: Scene) -> None:
    content, style, start = (tensor(scene(64, 48, seed)) for seed in (1, 2, 3))
    alpha = torch.ones(1, 1, 48, 64)
    alpha[..., :32] = 0
    options = STYLE_ONLY.changed({"style_layers": "relu1_1,relu2_1"})
    gradient = Objective(network, (content, alpha), [(style, None)], options)(start).gradient
    assert gradient[..., :24].abs().max() == 0  # relu2_1 sees 5 pixels to each side
    assert gradient[..., 34:].abs().amax(dim=(0, 1)).min() > 0


def test_what_is_hidden_in_a_style_is_not_seen(network: VGG, scene: Scene) -> None:
    content, start = tensor(scene(64, 64, 1)), tensor(scene(64, 64, 3))
    visible, hidden = scene(96, 64, 2).pixels, scene(96, 64, 4).pixels
    alpha = np.ones((64, 96), np.float32)
    alpha[:, 48:] = 0

    def losses(pixels: np.ndarray, alpha: np.ndarray | None) -> dict[str, float]:
        style = canvas.to_tensor(Picture(pixels.astype(np.float32), alpha), CPU)
        return Objective(network, (content, None), [style], STYLE_ONLY)(start).losses

    other = np.where(alpha > 0, visible, hidden)
    assert losses(other, alpha) == losses(visible, alpha)
    # It is as if the visible part were all there is, but for what its edges look like.
    cut = losses(np.ascontiguousarray(visible[..., :48]), None)
    assert losses(visible, alpha) == pytest.approx(cut, rel=0.15)
    assert losses(other, None) != pytest.approx(cut, rel=0.15)


def test_blends(network: VGG, scene: Scene) -> None:
    content, start = tensor(scene(64, 48, 1)), tensor(scene(64, 48, 3))
    one, two = (tensor(scene(64, 64, 2)), None), (tensor(scene(80, 64, 5)), None)

    def losses(styles: list[tuple[Tensor, Tensor | None]], shares: str = "") -> dict[str, float]:
        options = BALANCED.changed({"style_weights": shares})
        return Objective(network, (content, None), styles, options)(start).losses

    alone = losses([one])
    assert losses([one, one]) == pytest.approx(alone, rel=1e-3)
    assert losses([one, two], "3,0") == pytest.approx(alone, rel=1e-3)
    assert losses([two, one], "0,1") == pytest.approx(alone, rel=1e-3)
    assert losses([one, two], "1,1") == pytest.approx(losses([one, two]), rel=1e-6)
    assert losses([one, two], "2,6") == pytest.approx(losses([two, one], "3,1"), rel=1e-3)
    assert losses([one, two]) != pytest.approx(alone, rel=0.02)


def test_content_and_its_energy_as_written_down(network: VGG, scene: Scene) -> None:
    """Under a soft mask: the mean over visible positions of |F - P*|², over the energy E."""
    content, style, start = (tensor(scene(64, 48, seed)) for seed in (1, 2, 3))
    alpha = torch.ones(1, 1, 48, 64)
    alpha[:, :, 32:] = 0.25
    alpha[..., :24] = 0
    objective = Objective(network, (content, alpha), [(style, None)], BALANCED)
    seen, wanted, now = (
        network(x, ["relu3_1"])["relu3_1"].flatten(2)[0].double() for x in (content, style, start)
    )
    # One position stands for 4x4 pixels; all of them have one alpha here.
    w = alpha[0, 0, ::4, ::4].flatten().double()
    w /= w.sum()
    mean = (w * seen).sum(1, keepdim=True)
    variance = (w * (seen - mean) ** 2).sum(1, keepdim=True)
    deviation = variance.sqrt().clamp(min=1e-9)  # a channel may be silent where all is visible
    gain = (wanted.std(1, correction=0, keepdim=True) / deviation).clamp(max=4)
    restyled = (seen - mean) * gain + wanted.mean(1, keepdim=True)
    error = (w * ((now - restyled) ** 2).sum(0)).sum()
    energy = ((w * (seen**2).sum(0)).sum() + (wanted**2).sum(0).mean()) / 2
    share = objective.terms["relu3_1"].content.factor.item()
    assert share == pytest.approx(1 / energy.item(), rel=1e-5)
    found = objective(start).losses["content relu3_1"]
    assert found == pytest.approx((error / energy).item(), rel=1e-3)


def test_what_a_photograph_hides_changes_nothing(network: VGG, scene: Scene) -> None:
    content, other, style, start = (tensor(scene(96, 48, seed)) for seed in (1, 4, 2, 3))
    other[..., 24:] = content[..., 24:]
    alpha = torch.ones(1, 1, 48, 96)
    alpha[..., :48] = 0  # relu3_1 sees 12 pixels to each side: nothing of what differs
    one, two = (
        Objective(network, (x, alpha), [(style, None)], BALANCED)(start) for x in (content, other)
    )
    assert one.losses == two.losses
    assert torch.equal(one.gradient, two.gradient)


def test_half_transparent_throughout_is_painted_as_opaque(network: VGG, scene: Scene) -> None:
    photo, style = scene(61, 45, 1), scene(64, 64, 2)
    alpha = np.full((45, 61), 0.5, np.float32)
    options = BALANCED.changed(
        {"size": 67, "first_size": 48, "steps": 4, "device": "cpu", "precision": "float32"}
    )
    opaque, soft = (
        paint(p, [style], options, network) for p in (photo, replace(photo, alpha=alpha))
    )
    for painting in (opaque, soft):
        list(painting)
    assert np.abs(soft.picture.pixels - opaque.picture.pixels).max() < 1e-5
    assert soft.picture.alpha is not None
    assert np.abs(soft.picture.alpha - 0.5).max() < 1e-5


@pytest.mark.parametrize("side", ["right", "below"])
def test_visible_only_where_poolings_drop_it(network: VGG, scene: Scene, side: str) -> None:
    """47 pixels are 2 positions of 16 at relu5_1; the last 15 are no position's."""
    alpha = np.zeros((47, 47), np.float32)
    strip = alpha if side == "right" else alpha.T
    options = STYLE_ONLY.changed({"style_layers": "relu5_1", "size": 47, "device": "cpu"})

    def look() -> None:
        next(iter(steps := paint(photo, [scene(64, 64, 2)], options, network)))
        next(steps)

    strip[:, 32:] = 1
    photo = replace(scene(47, 47, 1), alpha=alpha)
    with pytest.raises(PictureError, match=r"visible for relu5_1"):
        look()
    strip[:, 31] = 1
    look()


@pytest.mark.parametrize(("width", "height"), [(47, 35), (63, 49), (50, 33)])
def test_masks_lie_where_features_do(network: VGG, scene: Scene, width: int, height: int) -> None:
    """A feature stands for whole pixels, whatever the poolings drop at odd sizes."""
    content, style = tensor(scene(width, height, 1)), tensor(scene(64, 64, 2))
    alpha = torch.ones(1, 1, height, width)
    alpha[..., :16] = 0
    layers = [f"relu{block}_1" for block in range(1, 6)]
    options = STYLE_ONLY.changed({"style_layers": ",".join(layers)})
    objective = Objective(network, (content, alpha), [(style, None)], options)
    for k, features in network(content, layers).items():
        mask = objective.masks[k]
        assert mask.shape[2:] == features.shape[2:]
        hidden = 16 // 2 ** (int(k[4]) - 1)
        assert (mask[..., :hidden] == 0).all()
        assert (mask[..., hidden:] == 1).all()
    soft = scene(width, height, 4).pixels[None, :1]
    masks = Objective(network, (content, torch.from_numpy(soft)), [(style, None)], options).masks
    for k in layers:
        side = 2 ** (int(k[4]) - 1)
        below = soft[..., :side, side : 2 * side].mean()  # of the first row's second position
        assert masks[k][0, 0, 0, 1].item() == pytest.approx(below, rel=1e-5)
