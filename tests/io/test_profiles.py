"""Colours, against formulas computed here."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from impasto.io.files import read_picture, write_picture
from impasto.io.memory import picture_from_pil

# sRGB, adapted to D50 (brucelindbloom.com).
SRGB_TO_D50 = np.array(
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
)
STEP = 1 / 255


def srgb_curve(linear: np.ndarray) -> np.ndarray:
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def srgb_of_xyz(xyz: np.ndarray) -> np.ndarray:
    return srgb_curve(np.linalg.inv(SRGB_TO_D50) @ xyz)


def srgb_of_lab(lightness: float, a: float, b: float) -> np.ndarray:
    def cube(t: float) -> float:
        return t**3 if t > 6 / 29 else 3 * (6 / 29) ** 2 * (t - 4 / 29)

    f = (lightness + 16) / 116
    white = np.array([0.9642, 1, 0.8249])
    return srgb_of_xyz(white * [cube(f + a / 500), cube(f), cube(f - b / 200)])


def test_a_profile_is_converted_to_srgb(tmp_path: Path, adobe) -> None:
    stored = np.random.default_rng(1).integers(60, 190, (6, 5, 3), np.uint8)
    Image.fromarray(stored).save(tmp_path / "adobe.png", icc_profile=adobe.profile)
    picture = read_picture(tmp_path / "adobe.png")
    expected = srgb_of_xyz(adobe.to_xyz(stored.reshape(-1, 3).T / 255)).reshape(3, 6, 5)
    assert np.abs(expected - stored.transpose(2, 0, 1) / 255).max() > 10 * STEP  # it matters
    np.testing.assert_allclose(picture.pixels, expected, atol=1.2 * STEP)
    assert picture.notes == ()


def test_a_profile_close_to_srgb_is_not_taken_for_it(make_space) -> None:
    """sRGB's primaries with a plain gamma differ from sRGB in the shadows alone."""
    nearly_srgb = make_space(SRGB_TO_D50, 563 / 256)
    image = Image.new("RGB", (1, 1), (12, 25, 40))
    image.info["icc_profile"] = nearly_srgb.profile
    expected = srgb_of_xyz(nearly_srgb.to_xyz(np.array([12, 25, 40]) / 255))
    assert 3 * STEP < np.abs(expected - np.array([12, 25, 40]) / 255).max() < 9 * STEP
    np.testing.assert_allclose(picture_from_pil(image).pixels.ravel(), expected, atol=STEP)


def test_grey_and_alpha_with_a_grey_profile(linear_grey_profile: bytes) -> None:
    image = Image.new("LA", (1, 1), (55, 51))
    image.info["icc_profile"] = linear_grey_profile
    picture = picture_from_pil(image)
    assert picture.alpha is not None and picture.alpha.item() == pytest.approx(0.2)
    expected = srgb_curve(np.array(55 / 255))
    np.testing.assert_allclose(picture.pixels.ravel(), expected, atol=STEP)


def test_a_grey_profile_is_converted_at_its_own_depth(
    tmp_path: Path, linear_grey_profile: bytes
) -> None:
    values = np.linspace(20000, 60000, 40).astype(np.uint16)[None]
    Image.fromarray(values).save(tmp_path / "grey.png", icc_profile=linear_grey_profile)
    picture = read_picture(tmp_path / "grey.png")
    expected = srgb_curve(values / 65535)
    for plane in picture.pixels:
        np.testing.assert_allclose(plane, expected, atol=0.7 * STEP)
    assert len(np.unique(picture.pixels[0])) == 40  # 8 bits would have merged some


def test_grey_with_an_rgb_profile(adobe) -> None:
    image = Image.new("L", (1, 1), 128)
    image.info["icc_profile"] = adobe.profile
    expected = srgb_of_xyz(adobe.to_xyz(np.full(3, 128 / 255)))
    np.testing.assert_allclose(picture_from_pil(image).pixels.ravel(), expected, atol=STEP)


def test_alpha_and_its_colours_pass_through_a_profile(adobe_profile: bytes) -> None:
    opaque = Image.new("RGB", (1, 1), (100, 150, 90))
    clear = Image.new("RGBA", (1, 1), (100, 150, 90, 0))
    opaque.info["icc_profile"] = clear.info["icc_profile"] = adobe_profile
    picture = picture_from_pil(clear)
    assert picture.alpha is not None and picture.alpha.tolist() == [[0]]
    np.testing.assert_array_equal(picture.pixels, picture_from_pil(opaque).pixels)


@pytest.mark.parametrize("kind", ["tiff", "jpeg"])
def test_inks_without_a_profile(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"ink.{kind}"
    Image.new("CMYK", (8, 8), (255, 0, 0, 51)).save(path, quality=100)
    # Adobe's JPEGs keep ink inverted: this colour read the wrong way round is dark red.
    assert kind == "tiff" or b"Adobe" in path.read_bytes()
    pixels = read_picture(path).pixels[:, 4, 4]
    np.testing.assert_allclose(pixels, [0, 0.8, 0.8], atol=2 * STEP)


def test_inks_with_a_profile(tmp_path: Path, ink_profile: bytes) -> None:
    inks = Image.new("CMYK", (3, 1))
    for x, ink in enumerate([(0, 255, 255, 0), (255, 0, 0, 0), (0, 0, 0, 255)]):
        inks.putpixel((x, 0), ink)
    inks.save(tmp_path / "ink.tif", icc_profile=ink_profile)
    picture = read_picture(tmp_path / "ink.tif")
    expected = np.stack([np.ones(3), srgb_of_lab(60, 60, 0), np.zeros(3)], axis=1)[:, None]
    np.testing.assert_allclose(picture.pixels, expected, atol=2 * STEP)


def test_lab() -> None:
    # Pillow keeps a and b with 128 for nought.
    image = Image.new("LAB", (1, 1), (round(60 * 2.55), 128 + 30, 128 - 40))
    expected = srgb_of_lab(60, 30, -40)
    np.testing.assert_allclose(picture_from_pil(image).pixels.ravel(), expected, atol=2 * STEP)


@pytest.mark.parametrize("kind", ["garbage", "cut", "for inks"])
def test_a_useless_profile_is_ignored_and_said(
    kind: str, adobe_profile: bytes, ink_profile: bytes
) -> None:
    image = Image.new("RGB", (1, 1), (255, 0, 51))
    profile, reason = {
        "garbage": (b"x" * 500, "it is damaged"),
        "cut": (adobe_profile[:200], "it is damaged"),
        "for inks": (ink_profile, "it is for CMYK, the picture is RGB"),
    }[kind]
    image.info["icc_profile"] = profile
    picture = picture_from_pil(image)
    np.testing.assert_allclose(picture.pixels.ravel(), [1, 0, 0.2], atol=1e-6)
    assert picture.notes == (f"the colour profile is ignored: {reason}",)


def test_what_is_written_says_srgb(tmp_path: Path, make_picture) -> None:
    for name, bits in [
        ("a.png", 8),
        ("b.png", 16),
        ("a.jpg", 8),
        ("a.webp", 8),
        ("a.tif", 8),
        ("b.tif", 16),
        ("a.avif", 8),
    ]:
        path = write_picture(make_picture(), tmp_path / name, bits=bits)
        with Image.open(path) as image:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        assert "sRGB" in ImageCms.getProfileDescription(profile)
        colors = Image.fromarray(np.random.default_rng(0).integers(0, 256, (9, 9, 3), np.uint8))
        ours = ImageCms.profileToProfile(colors, profile, ImageCms.createProfile("sRGB"))
        assert np.abs(np.asarray(ours, int) - np.asarray(colors, int)).max() <= 1
