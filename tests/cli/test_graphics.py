"""Pictures as terminals take them, read back by the protocols' descriptions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from impasto.cli import graphics
from impasto.picture import Picture
from tests.cli import decoders

Scene = Callable[..., Picture]


def levels(image: Image.Image) -> Any:
    return np.asarray(image, np.float64)


@pytest.fixture
def image(scene: Scene) -> Image.Image:
    return scene(131, 77, 3).to_pil()


def test_kitty_is_given_every_pixel_and_its_place(image: Image.Image) -> None:
    (shown,) = decoders.kitty(graphics.kitty(image, 14, 4, 77).encode())
    assert (levels(shown.image) == levels(image)).all()
    wanted = {"i": "77", "c": "14", "r": "4", "C": "1"}  # C=1: the cursor stays
    assert wanted.items() <= shown.keys.items()


def test_iterm2_is_given_the_picture_and_its_place(image: Image.Image) -> None:
    (shown,) = decoders.iterm2(graphics.iterm2(image, 14, 4).encode())
    assert shown.image.size == image.size
    assert abs(levels(shown.image) - levels(image)).mean() < 6
    assert (shown.keys["width"], shown.keys["height"]) == ("14", "4")


@pytest.mark.parametrize("size", [(131, 77), (7, 1), (1, 13), (96, 96)])
def test_sixels_are_the_picture_but_for_its_colours(scene: Scene, size: tuple[int, int]) -> None:
    image = scene(*size, 3).to_pil()
    (shown,) = decoders.sixel(graphics.sixel(image).encode())
    assert shown.image.size == image.size
    # An even cube of six levels a channel would miss by a quarter of 51 on average.
    assert abs(levels(shown.image) - levels(image)).mean() < 51 / 4


def test_few_colours_are_exact_in_sixels_but_for_rounding_to_percent() -> None:
    flat = np.zeros((20, 500, 3), np.uint8)
    flat[3:11, 40:460] = (255, 0, 51)
    flat[11:, ::7] = (0, 255, 255)
    text = graphics.sixel(Image.fromarray(flat))
    (shown,) = decoders.sixel(text.encode())
    assert abs(levels(shown.image) - flat).max() <= 2
    assert len(text) < flat.size / 3
