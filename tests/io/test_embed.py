"""The recipe travels in the file, and nothing else of its maker's does."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from impasto.errors import PictureError
from impasto.io.files import read_picture, read_recipe, write_picture
from impasto.picture import Picture

RECIPE = {
    "impasto": "0.1.0",
    "style": 'Sternennacht, Größe 3 – 星月夜 🎨 \\ "quoted"\n',
    "weights": {"gram": 1e-07, "content": 3},
    "sizes": [128, 256, None, True],
}
ALL = [("png", 8), ("png", 16), ("tif", 8), ("tif", 16), ("jpg", 8), ("webp", 8), ("avif", 8)]


@pytest.mark.parametrize(("end", "bits"), ALL)
def test_the_recipe_comes_back(
    tmp_path: Path, make_picture: Callable[..., Picture], end: str, bits: int
) -> None:
    picture = dataclasses.replace(make_picture(16, 16), recipe=RECIPE)
    path = write_picture(picture, tmp_path / f"x.{end}", bits=bits)
    assert read_recipe(path) == RECIPE
    assert read_picture(path).recipe == RECIPE
    with Image.open(path) as image:
        assert image.getexif()[0x0131] == "impasto"  # Software
    plain = write_picture(make_picture(16, 16), tmp_path / f"plain.{end}", bits=bits)
    assert read_recipe(plain) is None
    with Image.open(plain) as image:
        assert image.getexif()[0x0131] == "impasto"


@pytest.mark.parametrize("end", ["png", "jpg", "webp"])
def test_a_recipe_outlives_other_programs_saving(
    tmp_path: Path, make_picture: Callable[..., Picture], end: str
) -> None:
    """Resized by Pillow, which hands the EXIF on."""
    picture = dataclasses.replace(make_picture(16, 16), recipe=RECIPE)
    with Image.open(write_picture(picture, tmp_path / f"x.{end}")) as image:
        exif = image.getexif()
        image.resize((8, 8)).save(tmp_path / f"small.{end}", exif=exif)
    assert read_recipe(tmp_path / f"small.{end}") == RECIPE


@pytest.mark.parametrize("end", ["png", "jpg", "tif", "webp", "avif"])
def test_the_cameras_words_stay_behind(tmp_path: Path, end: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "CameraMaker"
    exif.get_ifd(0x8825)[2] = (47.0, 22.0, 51.0)  # where the photographer lives
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0holiday at home"
    source = tmp_path / f"photo.{end}"
    Image.new("RGB", (16, 16)).save(source, exif=exif, comment="holiday at home")
    assert b"CameraMaker" in source.read_bytes()
    picture = read_picture(source)
    assert picture.recipe is None
    for bits in (8, 16) if end in ("png", "tif") else (8,):
        path = write_picture(picture, tmp_path / f"out{bits}.{end}", bits=bits)
        assert not {b"CameraMaker", b"holiday"} & {
            w for w in (b"CameraMaker", b"holiday") if w in path.read_bytes()
        }
        with Image.open(path) as image:
            assert not image.getexif().get_ifd(0x8825)


@pytest.mark.parametrize(
    "comment",
    [
        b"",
        b"ASCII\0\0\0",
        b"ASCII\0\0\0a comment",
        b'ASCII\0\0\0{"steps": 30, "sampler": "Euler"}',
        b'ASCII\0\0\0{"impasto": "a string"}',
        b'ASCII\0\0\0["impasto"]',
        b"ASCII\0\0\0" + b"[" * 20000,
        b'UNICODE\0{"impasto": {}}',
        b"ASCII\0\0\0\xff\xfe",
    ],
)
def test_other_peoples_comments_are_no_recipes(tmp_path: Path, comment: bytes) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = comment
    Image.new("RGB", (1, 1)).save(tmp_path / "x.jpg", exif=exif)
    assert read_recipe(tmp_path / "x.jpg") is None


def test_damaged_exif_costs_the_recipe_and_not_the_picture(tmp_path: Path) -> None:
    for block in (
        b"Exif\0\0",
        b"Exif\0\0garbage!!",
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x87" * 40,
    ):
        Image.new("RGB", (1, 1), (255, 0, 0)).save(tmp_path / "x.png", exif=block)
        assert read_recipe(tmp_path / "x.png") is None
        assert read_picture(tmp_path / "x.png").pixels[:, 0, 0].tolist() == [1, 0, 0]


def test_reading_a_recipe_decodes_no_pixels(tmp_path: Path) -> None:
    """A picture cut short after its header still says how it was painted, and at once."""
    noise = np.random.default_rng(0).random((3, 500, 500), np.float32)
    for name, recipe in (("with.png", RECIPE), ("without.png", None)):
        path = write_picture(Picture(noise, recipe=recipe), tmp_path / name)
        path.write_bytes(path.read_bytes()[:3000])
        started = time.perf_counter()
        assert read_recipe(path) == recipe
        assert time.perf_counter() - started < 0.5
        with pytest.raises(PictureError, match="damaged or cut short"):
            read_picture(path)


def test_recipes_that_cant_be_written(tmp_path: Path) -> None:
    pixels = np.zeros((3, 8, 8), np.float32)
    for bad in ({"x": float("nan")}, {"x": {1, 2}}, {"x": b""}):
        for end in ("png", "tif"):
            with pytest.raises(PictureError, match="can't be written as JSON"):
                write_picture(Picture(pixels, recipe=bad), tmp_path / f"x.{end}")
    long = Picture(pixels, recipe={"x": "y" * 70000})
    with pytest.raises(PictureError, match=r"the recipe takes 70\d+ bytes and JPEG holds 65533"):
        write_picture(long, tmp_path / "x.jpg")
    assert list(tmp_path.iterdir()) == []
    longest = Picture(pixels, recipe={"x": "y" * 65300})
    write_picture(longest, tmp_path / "x.jpg")
    for end in ("png", "tif", "webp", "avif"):
        assert read_recipe(write_picture(long, tmp_path / f"x.{end}")) == long.recipe
