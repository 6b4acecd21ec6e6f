"""Pictures from arrays and from Pillow's images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from impasto.errors import PictureError
from impasto.io.files import read_picture
from impasto.io.memory import picture_from_array, picture_from_pil

RANDOM = np.random.default_rng(5)


def test_arrays_of_every_kind_are_one_picture() -> None:
    bytes_ = RANDOM.integers(0, 256, (4, 6, 3), np.uint8)
    unit = bytes_ / 255
    expected = unit.transpose(2, 0, 1)
    shas = set()
    for array in (bytes_, bytes_ * np.uint16(257), unit, unit.astype(np.float32), expected):
        picture = picture_from_array(array)
        np.testing.assert_allclose(picture.pixels, expected, atol=1e-6)
        assert picture.alpha is None and picture.pixels.flags["C_CONTIGUOUS"]
        shas.add(picture.sha256)
    assert all(len(sha) == 64 for sha in shas)
    half = picture_from_array(unit.astype(np.float16))
    np.testing.assert_allclose(half.pixels, expected, atol=1e-3)


def test_grey_and_alpha() -> None:
    grey = picture_from_array(np.array([[0, 255]], np.uint8))
    assert grey.pixels.tolist() == [[[0, 1]]] * 3
    clear = picture_from_array(np.array([[[255, 0, 0, 51]]], np.uint8))
    assert clear.alpha is not None and clear.alpha.item() == pytest.approx(0.2)
    assert clear.pixels.ravel().tolist() == [1, 0, 0]
    assert picture_from_array(np.full((1, 1, 4), 255, np.uint8)).alpha is None
    # Where both readings are possible, channels come last.
    last = np.zeros((3, 5, 3))
    assert picture_from_array(last).pixels.shape == (3, 3, 5)


def test_identity_is_of_the_pixels_their_shape_and_alpha() -> None:
    flat, clear = np.zeros((2, 3, 4)), np.zeros((2, 3, 4))
    clear[..., 3] = 0.5
    arrays = [flat, clear, flat.reshape(3, 2, 4), flat + 0.1, flat[..., :3]]
    shas = [picture_from_array(array).sha256 for array in arrays]
    assert len(set(shas)) == len(arrays)
    assert picture_from_array(flat.copy()).sha256 == shas[0]


def test_the_array_is_copied() -> None:
    array = np.zeros((3, 4, 5), np.float32)
    picture = picture_from_array(array)
    array[:] = 1
    assert picture.pixels.max() == 0


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.full((2, 2), np.nan), r"holds nan; replace"),
        (np.full((2, 2), -np.inf), r"holds -inf; replace"),
        (np.full((2, 2), 128.0), r"holds 128; floats are to lie in \[0, 1\].*divide by 255"),
        (np.full((2, 2), -0.25), r"holds -0\.25; floats"),
        (np.zeros((2, 2), np.int64), r"holds int64; give uint8"),
        (np.zeros((2, 2), bool), r"holds bool; give uint8"),
        (np.zeros((2, 2, 5)), r"shape \(2, 2, 5\); give"),
        (np.zeros((3, 9, 9), np.uint8), r"shape \(3, 9, 9\); give"),
        (np.zeros((1, 3, 9, 9)), r"shape \(1, 3, 9, 9\); give"),
        (np.zeros(9), r"shape \(9,\); give"),
        (np.zeros((0, 4, 3)), r"shape \(0, 4, 3\); give"),
    ],
)
def test_arrays_that_are_no_pictures(array: np.ndarray, message: str) -> None:
    with pytest.raises(PictureError, match=message):
        picture_from_array(array)


def test_a_pillow_image_reads_as_its_file_does(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 8
    image = Image.fromarray(RANDOM.integers(0, 256, (4, 6, 4), np.uint8))
    image.save(tmp_path / "x.png", exif=exif)
    from_file = read_picture(tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as opened:
        from_pil = picture_from_pil(opened)
    np.testing.assert_array_equal(from_pil.pixels, from_file.pixels)
    np.testing.assert_array_equal(from_pil.alpha, from_file.alpha)
    assert from_pil.name == "" and len(from_pil.sha256) == 64
    assert from_pil.sha256 != picture_from_pil(image).sha256


def test_a_pillow_image_that_is_damaged(tmp_path: Path) -> None:
    Image.effect_noise((99, 99), 9).save(tmp_path / "x.png")
    (tmp_path / "x.png").write_bytes((tmp_path / "x.png").read_bytes()[:900])
    with pytest.raises(PictureError, match="the image is damaged or cut short"):
        picture_from_pil(Image.open(tmp_path / "x.png"))


def test_saving_from_the_picture_itself(tmp_path: Path) -> None:
    picture = picture_from_array(RANDOM.integers(0, 65536, (3, 4, 3)).astype(np.uint16))
    path = picture.save(tmp_path / "x.png", bits=16)
    np.testing.assert_array_equal(read_picture(path).pixels, picture.pixels)
