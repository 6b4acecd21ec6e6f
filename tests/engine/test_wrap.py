"""Pictures that wrap around: wherever they are cut, all that is made of them is the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from impasto.engine import canvas, wrap
from impasto.engine.adam import Adam
from impasto.engine.objective import Objective
from impasto.engine.paint import paint
from impasto.losses.variation import variation
from impasto.networks.layout import Weights
from impasto.networks.vgg import VGG
from impasto.options import Options
from impasto.picture import Picture

Scene = Callable[..., Picture]
HALF = (32, 64)  # of a picture 64 high and 128 wide; poolings see the same pixels together


def rolled(x: Tensor, by: tuple[int, int] = HALF) -> Tensor:
    return x.roll(by, (2, 3))


def tensor(picture: Picture) -> Tensor:
    return canvas.to_tensor(picture, torch.device("cpu"))[0]


@pytest.mark.parametrize("tv", ["scaled", "nine-point", "squared", "absolute", "crowson2021"])
def test_the_objective_does_not_see_where_the_picture_is_cut(
    lite: Weights, scene: Scene, tv: str
) -> None:
    content, style, x = (tensor(scene(128, 64, seed)) for seed in (1, 2, 3))
    options = Options(content_weight=0, tv_weight=0.5, tv_loss=tv)

    def at(padding: str) -> Objective:
        return Objective(VGG(lite, padding=padding), (content, None), [(style, None)], options)

    wraps = at("circular")
    here, there = wraps(x), wraps(rolled(x))
    assert there.total == pytest.approx(here.total, rel=1e-5)
    assert there.losses == pytest.approx(here.losses, rel=1e-4)
    close = 1e-3 * float(here.gradient.abs().max())
    torch.testing.assert_close(there.gradient, rolled(here.gradient), rtol=0, atol=close)
    cut = at("auto")
    assert cut(rolled(x)).total != pytest.approx(cut(x).total, rel=1e-3)


def test_a_style_is_a_picture_with_borders(lite: Weights, scene: Scene) -> None:
    """Were it seen to wrap around, it would be the same wherever it is cut."""
    content, style, x = (tensor(scene(128, 64, seed)) for seed in (1, 2, 3))
    network = VGG(lite, padding="circular")
    options = Options(content_weight=0, tv_weight=0)
    one, other = (
        Objective(network, (content, None), [(painting, None)], options)(x)
        for painting in (style, rolled(style))
    )
    assert other.total != pytest.approx(one.total, rel=1e-3)


def test_the_optimisers_memory_wraps(scene: Scene) -> None:
    one, other = Adam(wraps=True), Adam(wraps=True)
    gradient = tensor(scene(64, 32, 1)) - 0.5
    for adam, seen in ((one, gradient), (other, rolled(gradient, (16, 32)))):
        adam.step(torch.zeros_like(seen), seen, 0.1)
        adam.resize(96, 48)
    for moment, moved in ((one.first, other.first), (one.second, other.second)):
        assert moment is not None and moved is not None
        torch.testing.assert_close(moved, rolled(moment, (24, 48)), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("to", [(192, 96), (176, 80), (64, 32), (97, 61)])
def test_resizing_wraps(scene: Scene, to: tuple[int, int]) -> None:
    """As the middle of three by three copies."""
    x = tensor(scene(128, 64, 1))
    width, height = to
    found = wrap.resized(x, width, height)
    copies = canvas.resized(x.repeat(1, 1, 3, 3), 3 * width, 3 * height)
    middle = copies[..., height : 2 * height, width : 2 * width]
    torch.testing.assert_close(found.clamp(0, 1), middle, rtol=0, atol=1e-4)
    assert (canvas.resized(x, width, height) - middle).abs().max() > 0.01  # which doesn't wrap


def test_variation_is_that_of_copies_beside_each_other(scene: Scene) -> None:
    x = tensor(scene(48, 32, 1)).double()
    step = x.roll(-1, 3) - x, x.roll(-1, 2) - x
    wanted = sum(float(d.square().sum()) for d in step) / 2
    assert float(variation(x, "squared", wraps=True)) == pytest.approx(wanted)
    stripes = torch.zeros(1, 1, 4, 8)
    stripes[..., 4:] = 1  # two edges of four pixels, one of them across the border
    assert float(variation(stripes, "absolute", wraps=True)) == 8
    # Each edge: 4 straight and 8 diagonal differences of 1, of 32 each.
    assert float(variation(stripes, "nine-point", wraps=True)) == pytest.approx(
        2 * (8 / 32 / 3 + 16 / 32 / 12)
    )


def test_every_size_on_the_way_wraps(lite: Weights, scene: Scene) -> None:
    options = Options(size=300, first_size=100, padding="circular")
    painting = paint(scene(90, 60, 1), [scene(64, 64, 2)], options, VGG(lite, padding="circular"))
    sizes = painting.plan.sizes
    assert sizes[-1] == (304, 208)
    assert len(sizes) >= 3
    assert all(side % 16 == 0 for size in sizes for side in size)
    assert any("painted at 304x208, not 300x200" in note for note in painting.plan.notes)
