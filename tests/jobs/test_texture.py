"""Textures: of the size asked for, of the style's statistics, and, where asked, without a seam."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import impasto
from impasto.jobs import single, texture
from impasto.picture import Picture, Pixels

Scene = Callable[..., Picture]
SMALL: dict[str, Any] = {
    "steps": 40,
    "first_size": 64,
    "precision": "float32",
    "style_layers": "relu1_1,relu2_1,relu3_1",
}


def seam(pixels: Pixels, axis: int) -> float:
    """The mean squared difference across the seam, as a share of the largest inside."""
    steps = np.square(np.roll(pixels, -1, axis) - pixels).mean(axis=tuple({0, 1, 2} - {axis}))
    return float(steps[-1] / steps[:-1].max())


def test_a_tileable_texture_has_no_seam_and_another_has(scene: Scene) -> None:
    style = scene(96, 96, 2, texture=0.5)
    tiled = impasto.texture(style, (96, 64), tileable=True, **SMALL).pixels
    plain = impasto.texture(style, (96, 64), **SMALL).pixels
    assert tiled.shape == plain.shape == (3, 64, 96)
    for axis in (1, 2):
        assert seam(tiled, axis) < 1.2
        assert seam(plain, axis) > 2


def test_a_texture_has_the_colours_of_its_style_and_not_its_places(scene: Scene) -> None:
    style = scene(96, 96, 2)
    made = impasto.texture(style, "64", **{**SMALL, "style_scale": 2.0})
    for channel in range(3):
        ours, theirs = made.pixels[channel], style.pixels[channel]
        assert abs(ours.mean() - theirs.mean()) < 0.06
        assert abs(ours.std() - theirs.std()) < 0.06
    assert made.recipe is not None
    assert made.recipe["job"] == {"name": "texture", "size": "64x64"}


def test_a_small_style_is_not_enlarged_at_any_size(scene: Scene) -> None:
    size = (256, 128)
    options = texture.options_for(size, False, {"first_size": 128})
    painting = texture.begin(scene(64, 64, 2), size, options, single.load_network(options))
    assert painting.options.style_scale == 0.25
    assert not [note for note in painting.plan.notes if "enlarged" in note or "smaller" in note]
    assert painting.plan.style_size((64, 64), painting.plan.sizes[-1], 0.25) == (64, 64)


def test_it_starts_small_from_noise_unless_a_preset_or_an_option_says_where() -> None:
    def first(**changes: Any) -> tuple[int, Any]:
        made = texture.options_for((64, 64), False, changes)
        assert made.content_weight == 0
        return made.first_size, made.start

    noise = (("noise", 1.0),)
    assert first() == (64, noise)
    assert first(preset="bold") == (181, noise)
    assert first(preset="johnson2015") == (32_768, noise)
    assert first(preset="bold", first_size=99, start="style") == (99, (("style", 1.0),))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [("1024x512", (1024, 512)), ("64", (64, 64)), (32, (32, 32)), ((48, 96), (48, 96))],
)
def test_sizes_are_read(given: Any, wanted: tuple[int, int]) -> None:
    assert texture.read_size(given) == wanted


@pytest.mark.parametrize(
    ("size", "more", "told"),
    [
        ("big", {}, "size is 'big'; it takes WIDTHxHEIGHT"),
        ("1x2x3", {}, "size is '1x2x3'"),
        ("64x8", {}, "size is 64x8; sides take 16..32768 px"),
        ("500x300", {"tileable": True}, "multiples of 16: try 496x304"),
        ("64", {"tileable": True, "padding": "zeros"}, "padding is zeros"),
    ],
)
def test_sizes_that_make_no_sense(scene: Scene, size: str, more: dict[str, Any], told: str) -> None:
    with pytest.raises(impasto.OptionError, match=told):
        impasto.texture(scene(64, 64), size, **more)
