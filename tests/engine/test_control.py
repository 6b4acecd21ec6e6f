"""Strength, colour, masks and protection, in the painting itself."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import impasto
from impasto.engine import canvas, regions
from impasto.engine.objective import Objective
from impasto.errors import OptionError
from impasto.losses import moments, wasserstein
from impasto.networks.vgg import VGG
from impasto.options import Options
from impasto.picture import Picture

Scene = Callable[..., Picture]
CPU = torch.device("cpu")
RED, BLUE = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
SMALL: dict[str, Any] = {
    "size": 64,
    "first_size": 64,
    "steps": 12,
    "device": "cpu",
    "precision": "float32",
}


def flat(width: int, height: int, left: Any, right: Any = None) -> Picture:
    """A mask of one colour, or of two side by side."""
    pixels = np.empty((3, height, width), np.float32)
    pixels[:] = np.array(left)[:, None, None]
    if right is not None:
        pixels[..., width // 2 :] = np.array(right)[:, None, None]
    return Picture(pixels)


def away(a: Picture, b: Picture) -> float:
    return float(np.abs(a.pixels - b.pixels).mean())


def test_strength_goes_from_the_photograph_to_the_style(scene: Scene) -> None:
    photo, style = scene(64, 48, 1), scene(80, 64, 2, texture=1.0)
    made = [impasto.stylize(photo, style, **SMALL, strength=s) for s in (0, 0.3, 0.6, 1)]
    assert np.allclose(made[0].pixels, photo.pixels, atol=1e-6)
    distances = [away(picture, photo) for picture in made]
    assert all(1.2 * a < b for a, b in pairwise(distances[1:]))
    assert impasto.stylize(photo, style, **SMALL).pixels.tobytes() == made[3].pixels.tobytes()
    noise = impasto.stylize(photo, style, **SMALL, strength=0, start="noise")
    assert np.allclose(noise.pixels, photo.pixels, atol=1e-6)


def test_a_grey_photograph_stays_grey_where_its_colour_is_kept(scene: Scene) -> None:
    colours = scene(64, 48, 1)
    grey = Picture(np.repeat(colours.pixels.mean(0, keepdims=True), 3, axis=0))
    style = scene(80, 64, 2, texture=1.0)
    kept = impasto.stylize(grey, style, **SMALL, color="keep").pixels
    assert np.ptp(kept, axis=0).max() < 1e-5 and away(Picture(kept), grey) > 0.01
    assert np.ptp(impasto.stylize(grey, style, **SMALL).pixels, axis=0).max() > 0.1


@pytest.mark.parametrize("color", ["match", "histogram"])
def test_the_style_comes_in_the_photographs_colours(scene: Scene, color: str) -> None:
    photo, style = scene(64, 48, 1), scene(80, 64, 2, texture=1.0)
    photo.pixels[2] *= 0.2  # hardly any blue
    made = [impasto.stylize(photo, style, **SMALL, color=c).pixels for c in ("free", color)]
    blue = [float(abs(pixels[2].mean() - photo.pixels[2].mean())) for pixels in made]
    assert blue[1] < 0.3 * blue[0]


def test_each_region_is_compared_with_its_own_style(network: VGG, scene: Scene) -> None:
    """By hand: halves of the features, each against its painting, by their areas and energies."""
    size, options = (64, 64), Options(content_weight=0, tv_weight=0, style_layers="relu2_1")  # pyright: ignore
    content, start = (tensor(scene(*size, seed)) for seed in (1, 3))
    styles = [(tensor(scene(80, 64, seed, texture=1.0)), None) for seed in (2, 5)]
    guided, notes = regions.pair(
        flat(*size, RED, BLUE), [flat(80, 64, RED), flat(80, 64, BLUE)], ()
    )
    assert not notes
    objective = Objective(network, (content, None), styles, options, guided)

    def look(picture: Tensor) -> Tensor:
        return network(picture, ["relu2_1"])["relu2_1"]

    wanted = 0.0
    halves = (slice(0, 16), slice(16, 32))
    for half, (style, _) in zip(halves, styles, strict=True):
        there = moments.gather(look(style))
        energy = (moments.gather(look(content)[..., half]).energy() + there.energy()) / 2
        apart = wasserstein.compare(
            moments.gather(look(start)[..., half]), wasserstein.target(there)
        )
        wanted += 0.5 * float(apart / energy)
    assert objective(start).losses["style relu2_1"] == pytest.approx(wanted, rel=0.02)
    swapped = Objective(network, (content, None), styles[::-1], options, guided)
    assert swapped(start).losses["style relu2_1"] != pytest.approx(wanted, rel=0.02)


def test_one_region_everywhere_is_no_mask(scene: Scene) -> None:
    photo, style = scene(64, 48, 1), scene(80, 64, 2)
    # Adam, since a line search decides by the loss, and makes rounding another way.
    options: dict[str, Any] = {**SMALL, "content_weight": 0.04, "optimizer": "adam"}
    masks = {"mask": flat(64, 48, RED), "style_mask": flat(80, 64, RED)}
    masked = impasto.stylize(photo, style, **options, **masks)
    assert away(masked, impasto.stylize(photo, style, **options)) < 1e-4


def test_what_is_protected_stays(scene: Scene) -> None:
    photo, style = scene(64, 48, 1), scene(80, 64, 2, texture=1.0)
    map_ = flat(64, 48, (1, 1, 1), (0, 0, 0))
    made = impasto.stylize(photo, style, **SMALL, protect=map_)
    assert np.array_equal(made.pixels[..., :31], photo.pixels[..., :31])
    assert np.abs(made.pixels[..., 33:] - photo.pixels[..., 33:]).mean() > 0.01


def test_a_picture_to_start_from_is_what_is_started_from(scene: Scene) -> None:
    """At a rate of nothing: it is scaled until it covers the photograph, and its middle taken."""
    photo, style = scene(64, 48, 1), scene(80, 64, 2, texture=1.0)
    still = {**SMALL, "steps": 1, "learning_rate": 1e-9}
    own = Picture(
        np.repeat(np.linspace(0, 1, 96, dtype=np.float32)[None, None], 3, 0).repeat(48, 1)
    )
    made = impasto.stylize(photo, style, start_picture=own, **still)
    assert np.allclose(made.pixels, own.pixels[..., 16:80], atol=1e-6)
    blend = impasto.stylize(photo, style, start_picture=own, start="picture,content:3", **still)
    assert np.allclose(blend.pixels, (own.pixels[..., 16:80] + 3 * photo.pixels) / 4, atol=1e-5)
    clear = Picture(own.pixels, np.zeros((48, 96), np.float32))  # nothing of it is seen
    clear.alpha[:, 48:] = 1
    mixed = impasto.stylize(photo, style, start_picture=clear, **still)
    assert np.allclose(mixed.pixels[..., :30], photo.pixels[..., :30], atol=1e-6)
    assert np.allclose(mixed.pixels[..., 34:], own.pixels[..., 50:80], atol=1e-6)
    painting = impasto.paint(photo, style, start_picture=own, **still)
    assert "other proportions" in " ".join(painting.plan.notes)
    with pytest.raises(OptionError, match="none was given to start from"):
        impasto.paint(photo, style, start="picture")
    with pytest.raises(OptionError, match="to start from unused"):
        impasto.paint(photo, style, start="noise", start_picture=own)


def test_masks_are_in_the_recipe(scene: Scene) -> None:
    photo, style = scene(64, 48, 1), scene(80, 64, 2)
    made = impasto.stylize(photo, style, **SMALL, protect=flat(64, 48, RED))
    assert made.recipe is not None and made.recipe["inputs"].keys() == {
        *("content", "styles", "protect")
    }


@pytest.mark.parametrize(
    ("masks", "message"),
    [
        ({"style_mask": flat(80, 64, RED)}, "the photograph has none"),
        ({"mask": flat(64, 64, RED)}, "64x64"),
        ({"mask": flat(64, 48, RED), "style_mask": flat(64, 64, RED)}, "64x64"),
        ({"mask": flat(64, 48, RED), "style_mask": flat(80, 64, BLUE)}, "region #ff0000"),
        ({"mask": flat(64, 48, RED), "style_mask": [None, None]}, "2 style masks given"),
    ],
)
def test_masks_that_do_not_fit_are_refused_at_once(
    scene: Scene, masks: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionError) as caught:
        impasto.paint(scene(64, 48, 1), scene(80, 64, 2), **SMALL, **masks)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_a_region_too_small_for_a_layer_is_said(scene: Scene) -> None:
    mask = flat(64, 48, RED)
    mask.pixels[:, :20, :20] = np.array(BLUE, np.float32)[:, None, None]
    painting = impasto.paint(
        scene(64, 48, 1),
        scene(80, 64, 2),
        **SMALL,
        mask=mask,
        style_mask=flat(80, 64, RED, BLUE),
    )
    assert any("#0000ff (blue) is too small at relu5_1" in note for note in painting.plan.notes)
    list(painting)


def tensor(picture: Picture) -> Tensor:
    return canvas.to_tensor(picture, CPU)[0]
