"""Picture: what it takes, and what it shows as."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from impasto.errors import PictureError
from impasto.picture import Picture


def grey(value: float, height: int = 2, width: int = 3) -> Any:
    return np.full((3, height, width), value, np.float32)


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((2, 3, 3), np.float32),  # channels last
        np.zeros((1, 3, 2, 3), np.float32),
        np.zeros((4, 2, 3), np.float32),
        np.zeros((3, 0, 3), np.float32),
        np.zeros((3, 2, 3)),
        np.zeros((3, 2, 3), np.uint8),
    ],
)
def test_pixels_of_another_shape_or_kind_are_refused_with_both(pixels: Any) -> None:
    with pytest.raises(PictureError) as caught:
        Picture(pixels)
    assert f"pixels are {pixels.dtype} of shape {pixels.shape}" in str(caught.value)


@pytest.mark.parametrize(
    "alpha", [np.ones((3, 2), np.float32), np.ones((1, 2, 3), np.float32), np.ones((2, 3))]
)
def test_alpha_that_does_not_fit_is_refused(alpha: Any) -> None:
    with pytest.raises(PictureError, match=r"alpha is float\d\d of shape .*float32 \(2, 3\)"):
        Picture(grey(0), alpha)


def test_bytes_are_the_nearest_and_come_back_the_same() -> None:
    values = np.arange(256, dtype=np.uint8).reshape(1, 16, 16).repeat(3, 0)
    picture = Picture(values.astype(np.float32) / 255)
    assert (picture.to_bytes() == values.transpose(1, 2, 0)).all()
    for value, wanted in [(0.4990 / 255, 0), (0.501 / 255, 1), (1.5, 255), (-0.5, 0)]:
        assert (Picture(grey(value)).to_bytes() == wanted).all()


def test_rows_columns_and_channels_keep_their_places() -> None:
    pixels = grey(0)
    pixels[1, 0, 2] = 1  # green, at the right of the first row
    picture = Picture(pixels)
    assert (picture.width, picture.height) == (3, 2)
    assert (picture.to_pil().mode, picture.to_pil().size) == ("RGB", (3, 2))
    assert picture.to_pil().getpixel((2, 0)) == (0, 255, 0)


def test_alpha_is_the_fourth_channel_and_leaves_colours_alone() -> None:
    alpha = np.array([[0, 0.5, 1], [1, 1, 1]], np.float32)
    shown = Picture(grey(0.2), alpha).to_pil()
    assert shown.mode == "RGBA"
    assert [shown.getpixel((x, 0)) for x in range(3)] == [(51, 51, 51, a) for a in (0, 128, 255)]


def test_a_notebook_is_shown_a_png_of_it() -> None:
    picture = Picture(grey(0.2), np.full((2, 3), 0.4, np.float32))
    shown = Image.open(io.BytesIO(picture._repr_png_()))
    assert shown.format == "PNG"
    assert (np.asarray(shown) == picture.to_bytes()).all()


def test_its_name_and_size_are_what_is_printed() -> None:
    assert repr(Picture(grey(0), name="cat.png")) == "<Picture cat.png 3x2>"
    assert repr(Picture(grey(0), np.ones((2, 3), np.float32))) == "<Picture 3x2 with alpha>"
