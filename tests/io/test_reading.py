"""Files of every kind, written by others, as Pictures."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import png
import pytest
import tifffile
from PIL import Image

from impasto.io.files import read_picture
from impasto.io.memory import picture_from_pil

# EXIF 2.32, tag 274: where the stored picture's first row and first column are to be seen.
SEEN = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}


def stored_as(upright: np.ndarray, orientation: int) -> np.ndarray:
    """The array that a camera stores for a picture that is to be seen as `upright`."""
    height, width = upright.shape[:2]
    rows, columns = SEEN[orientation]
    turned = rows in ("left", "right")
    stored = np.empty((width, height, 3) if turned else upright.shape, upright.dtype)
    for r in range(stored.shape[0]):
        for c in range(stored.shape[1]):
            at = {rows: r, columns: c}
            y = at["top"] if "top" in at else height - 1 - at["bottom"]
            x = at["left"] if "left" in at else width - 1 - at["right"]
            stored[r, c] = upright[y, x]
    return stored


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["png", "tif", "16-bit tif"])
def test_every_orientation_reads_the_same(tmp_path: Path, orientation: int, kind: str) -> None:
    upright = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 14
    path = tmp_path / f"turned.{kind[-3:]}"
    stored = stored_as(upright, orientation)
    if kind == "16-bit tif":
        tag = (274, 3, 1, orientation, True)
        tifffile.imwrite(path, stored.astype(np.uint16) * 257, photometric="rgb", extratags=[tag])
    else:
        exif = Image.Exif()
        exif[274] = orientation
        Image.fromarray(stored).save(path, exif=exif)
    picture = read_picture(path)
    np.testing.assert_allclose(picture.pixels, upright.transpose(2, 0, 1) / 255, atol=1e-6)


def test_orientation_turns_alpha_too(tmp_path: Path) -> None:
    image = Image.new("RGBA", (2, 1))
    image.putpixel((1, 0), (0, 0, 0, 255))
    exif = Image.Exif()
    exif[274] = 6  # to be turned clockwise: what is stored at the right is seen below
    image.save(tmp_path / "a.png", exif=exif)
    alpha = read_picture(tmp_path / "a.png").alpha
    assert alpha is not None and alpha.tolist() == [[0], [1]]


def write_png(path: Path, samples: np.ndarray, **settings: object) -> None:
    height, width = samples.shape[:2]
    with path.open("wb") as file:
        png.Writer(width, height, bitdepth=16, **settings).write(file, samples.reshape(height, -1))


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("kind", ["png", "interlaced png", "tif", "big-endian tif", "packed tif"])
def test_16_bit_colour_keeps_its_bits(tmp_path: Path, channels: int, kind: str) -> None:
    samples = np.random.default_rng(3).integers(0, 65536, (9, 11, channels)).astype(np.uint16)
    path = tmp_path / f"deep.{kind[-3:]}"
    if "png" in kind:
        write_png(path, samples, greyscale=False, alpha=channels == 4, interlace="inter" in kind)
    else:
        tifffile.imwrite(
            path,
            samples,
            photometric="rgb",
            extrasamples=["unassalpha"] if channels == 4 else None,
            byteorder=">" if "big" in kind else "<",
            compression="zlib" if "packed" in kind else None,
            predictor="packed" in kind,
        )
    picture = read_picture(path)
    expected = (samples.astype(np.float64) / 65535).transpose(2, 0, 1)
    np.testing.assert_allclose(picture.pixels, expected[:3], atol=1e-7)
    if channels == 4:
        assert picture.alpha is not None
        np.testing.assert_allclose(picture.alpha, expected[3], atol=1e-7)


def test_16_bit_colour_with_a_profile_is_converted(tmp_path: Path, adobe_profile: bytes) -> None:
    eight = np.random.default_rng(4).integers(0, 256, (4, 4, 3), np.uint8)
    Image.fromarray(eight).save(tmp_path / "8.tif", icc_profile=adobe_profile)
    tifffile.imwrite(
        tmp_path / "16.tif", eight * np.uint16(257), photometric="rgb", iccprofile=adobe_profile
    )
    deep = read_picture(tmp_path / "16.tif")
    np.testing.assert_array_equal(deep.pixels, read_picture(tmp_path / "8.tif").pixels)
    assert deep.notes == ("16.tif: its colour profile was applied at 8 bits a channel",)
    tifffile.imwrite(
        tmp_path / "bad.tif", eight * np.uint16(257), photometric="rgb", iccprofile=b"?"
    )
    bad = read_picture(tmp_path / "bad.tif")
    assert bad.notes == ("bad.tif: the colour profile is ignored: it is damaged",)


@pytest.mark.parametrize("byteorder", "<>")
def test_16_bit_grey(tmp_path: Path, byteorder: str) -> None:
    values = np.array([[0, 1, 300, 40000, 65535]], np.uint16)
    tifffile.imwrite(tmp_path / "g.tif", values, byteorder=byteorder)
    pixels = read_picture(tmp_path / "g.tif").pixels
    np.testing.assert_allclose(pixels, np.stack([values / 65535] * 3), atol=1e-7)


def test_a_clear_colour_of_16_bits(tmp_path: Path) -> None:
    # The clear colour's high byte is others' too: only all 16 bits tell them apart.
    grey = np.array([[5000, 5001]], np.uint16)
    write_png(tmp_path / "grey.png", grey, greyscale=True, transparent=5000)
    rgb = np.array([[[5000, 7, 9], [5000, 7, 8]]], np.uint16)
    write_png(tmp_path / "rgb.png", rgb, greyscale=False, transparent=(5000, 7, 9))
    for name in ("grey.png", "rgb.png"):
        alpha = read_picture(tmp_path / name).alpha
        assert alpha is not None and alpha.tolist() == [[0, 1]]


def deep_grey(
    tmp_path: Path, values: list[float], kind: type
) -> tuple[list[float], tuple[str, ...]]:
    tifffile.imwrite(tmp_path / "deep.tif", np.array([values], kind))
    picture = read_picture(tmp_path / "deep.tif")
    return picture.pixels[0, 0].tolist(), picture.notes


def test_integers_and_floats_are_scaled_and_not_clipped(tmp_path: Path) -> None:
    assert deep_grey(tmp_path, [0, 0.25, 0.5], np.float32) == ([0, 0.25, 0.5], ())
    pixels, notes = deep_grey(tmp_path, [0, 200, 800], np.float32)
    assert pixels == [0, 0.25, 1] and "800 white" in notes[0]
    pixels, notes = deep_grey(tmp_path, [-1, 0, 1], np.float32)
    assert pixels == [0, 0.5, 1] and "-1 is black" in notes[0]
    assert deep_grey(tmp_path, [0, 13107, 65535], np.int32) == ([0, pytest.approx(0.2), 1], ())
    pixels, notes = deep_grey(tmp_path, [0, 2**31, 2**32 - 1], np.uint32)
    assert pixels == pytest.approx([0, 0.5, 1]) and "4.29497e+09 white" in notes[0]


def test_a_dark_16_bit_pgm_stays_dark(tmp_path: Path) -> None:
    (tmp_path / "dark.pgm").write_bytes(b"P5 1 1 65535\n\x00\x80")
    assert read_picture(tmp_path / "dark.pgm").pixels[0, 0, 0] == pytest.approx(128 / 65535)


def test_plain_modes(tmp_path: Path) -> None:
    """One colour, or grey, in each of Pillow's modes; and its alpha."""
    color, grey = (255, 51, 0), 102
    palette = Image.new("P", (1, 1), 1)
    palette.putpalette([0, 0, 0, *color])
    cases = [
        (Image.new("RGB", (1, 1), color), "png", color, None),
        (Image.new("RGBA", (1, 1), (*color, 51)), "png", color, 51),
        (Image.new("RGBA", (1, 1), (*color, 255)), "png", color, None),  # opaque: no alpha
        (Image.new("L", (1, 1), grey), "png", (grey,) * 3, None),
        (Image.new("LA", (1, 1), (grey, 51)), "png", (grey,) * 3, 51),
        (Image.new("1", (1, 1), 1), "png", (255,) * 3, None),
        (palette, "png", color, None),
        (palette, "gif", color, None),
    ]
    for image, end, expected, alpha in cases:
        path = tmp_path / f"one.{end}"
        image.save(path)
        picture = read_picture(path)
        found = picture.pixels.ravel() * 255
        np.testing.assert_allclose(found, expected, atol=1e-4)
        assert (None if alpha is None else pytest.approx(alpha / 255)) == (
            None if picture.alpha is None else picture.alpha.item()
        )


@pytest.mark.parametrize(
    ("mode", "red"),
    [
        ("YCbCr", (76, 85, 255)),
        ("HSV", (0, 255, 255)),
        ("RGBX", (255, 0, 0, 0)),
        ("RGB", (255, 0, 0)),
    ],
)
def test_rarer_modes(mode: str, red: tuple[int, ...]) -> None:
    picture = picture_from_pil(Image.new(mode, (1, 1), red))
    np.testing.assert_allclose(picture.pixels.ravel(), [1, 0, 0], atol=1.5 / 255)
    assert picture.alpha is None


@pytest.mark.parametrize("mode", ["P", "RGB", "L", "1"])
def test_a_clear_colour_becomes_alpha(tmp_path: Path, mode: str) -> None:
    image = Image.new("L", (2, 1), 255)
    image.putpixel((0, 0), 0)
    clear = (0, 0, 0) if mode == "RGB" else 0
    image.convert(mode).save(tmp_path / "clear.png", transparency=clear)
    picture = read_picture(tmp_path / "clear.png")
    assert picture.alpha is not None and picture.alpha.tolist() == [[0, 1]]
    assert picture.pixels[0].tolist() == [[0, 1]]


def test_colours_under_transparency_are_kept(tmp_path: Path) -> None:
    Image.new("RGBA", (1, 1), (255, 51, 0, 0)).save(tmp_path / "a.png")
    pixels = read_picture(tmp_path / "a.png").pixels.ravel()
    np.testing.assert_allclose(pixels, [1, 0.2, 0], atol=1e-6)


def test_the_first_frame_is_used_and_said(tmp_path: Path) -> None:
    path = tmp_path / "party.gif"
    frames = [Image.new("RGB", (2, 2), (60 * i, 0, 255 - 60 * i)) for i in range(4)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    picture = read_picture(path)
    assert picture.notes == ("party.gif has 4 frames; the first is used",)
    assert picture.pixels[:, 0, 0].tolist() == [0, 0, 1]


def test_heic(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif")
    path = tmp_path / "photo.heic"
    heif.from_pillow(Image.new("RGB", (64, 64), (200, 100, 50))).save(path, quality=95)
    pixels = read_picture(path).pixels.mean((1, 2)) * 255
    np.testing.assert_allclose(pixels, [200, 100, 50], atol=3)


def test_name_and_identity(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (1, 1)).save(out, "PNG")
    (tmp_path / "x.png").write_bytes(out.getvalue())
    picture = read_picture(str(tmp_path / "x.png"))
    assert picture.name == "x.png"
    assert picture.sha256 == hashlib.sha256(out.getvalue()).hexdigest()
    assert picture.recipe is None
