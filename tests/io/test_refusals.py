"""Files that can't be read: each says what is wrong, and what to do, in one line."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from impasto.errors import PictureError
from impasto.io.files import read_picture, read_recipe


def refused(path: Path | str, message: str, *, recipe_too: bool = True) -> None:
    for read in (read_picture, read_recipe) if recipe_too else (read_picture,):
        with pytest.raises(PictureError, match=message) as caught:
            read(path)
        assert "\n" not in str(caught.value)


def test_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty.png").touch()
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    refused(tmp_path / "none.png", r"none\.png isn't there; check the name")
    refused(tmp_path, r"is a folder; give a picture in it")
    refused(tmp_path / "empty.png", r"empty\.png is empty \(0 bytes\); get it again")
    refused(tmp_path / "pipe.png", r"pipe\.png is a pipe or a device")
    refused("/dev/zero", r"/dev/zero is a pipe or a device")
    refused(tmp_path / "empty.png" / "x.png", r"x\.png can't be read \(Not a directory\)")
    refused(tmp_path / "loop.png", r"loop\.png can't be read \(.*symbolic links")
    refused("a\0b.png", r"can't be read \(.*null")
    Image.new("RGB", (1, 1)).save(tmp_path / "secret.png")

    def forbid(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbid)
    monkeypatch.setattr(Path, "read_bytes", forbid)
    refused(tmp_path / "secret.png", r"secret\.png may not be read; allow it \(chmod \+r\)")


def test_no_picture(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("buy paint")
    (tmp_path / "x.eps").write_text(
        "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n"
    )
    refused(tmp_path / "notes.txt", r"notes\.txt is not a picture that can be read, or is damaged;")
    refused(tmp_path / "x.eps", r"EPS is a program and not pixels; export it as PNG")


@pytest.mark.parametrize("end", ["png", "jpg", "webp", "tif", "gif", "avif", "bmp"])
def test_cut_short(tmp_path: Path, end: str) -> None:
    """Anywhere: an error of ours, or, where only trailing bytes are gone, the picture."""
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, Image.registered_extensions()[f".{end}"])
    data, path = out.getvalue(), tmp_path / f"cut.{end}"
    path.write_bytes(data[: len(data) // 2])
    refused(path, r"cut\.\w+ is (not a picture|damaged or cut short)", recipe_too=False)
    for length in range(1, len(data), len(data) // 25):
        path.write_bytes(data[:length])
        with contextlib.suppress(PictureError):
            read_picture(path)


@pytest.mark.parametrize("end", ["png", "jpg", "webp", "tif", "gif", "avif", "bmp", "ico", "psd"])
def test_damaged_bytes_raise_nothing_else(tmp_path: Path, end: str) -> None:
    random = np.random.default_rng(1)
    out = io.BytesIO()
    image = Image.fromarray(random.integers(0, 256, (16, 16, 3), np.uint8))
    exif = Image.Exif()
    exif[274] = 6
    if end == "psd":
        out.write(
            b"8BPS\0\1"
            + bytes(6)
            + struct.pack(">HIIHH", 3, 16, 16, 8, 3)
            + bytes(12 + 2)
            + bytes(768)
        )
    else:
        image.save(out, Image.registered_extensions()[f".{end}"], exif=exif)
    path = tmp_path / f"hurt.{end}"
    for _ in range(60):
        data = bytearray(out.getvalue())
        for at in random.integers(0, min(len(data), 300), 3):
            data[at] = random.integers(0, 256)
        path.write_bytes(data)
        for read in (read_picture, read_recipe):
            with warnings.catch_warnings(), contextlib.suppress(PictureError):
                warnings.simplefilter("error")
                read(path)


def png_of_size(width: int, height: int) -> bytes:
    def chunk(tag: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def test_too_many_pixels(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(png_of_size(20000, 20000))
    message = r"bomb\.png is too big: 400 million pixels, the limit is 179 million; reduce it first"
    refused(tmp_path / "bomb.png", message)


def test_pillows_warning_stays_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 60)  # it warns from here, and refuses from 120
    Image.new("RGB", (10, 10)).save(tmp_path / "x.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_picture(tmp_path / "x.png").width == 10
        assert read_recipe(tmp_path / "x.png") is None


def test_heic_without_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "photo.heic"
    path.write_bytes(struct.pack(">I", 24) + b"ftypheic" + bytes(100))
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    opened = {k: v for k, v in Image.OPEN.items() if k != "HEIF"}
    monkeypatch.setattr(Image, "OPEN", opened)
    monkeypatch.setattr(Image, "ID", list(opened))
    refused(path, r"photo\.heic .*needs one more package: pip install impasto\[heic\]")
    path.write_bytes(b"text")
    refused(path, r"photo\.heic is not a picture")


def test_floats_that_are_no_numbers(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, np.nan]], np.float32)).save(tmp_path / "x.tif")
    refused(
        tmp_path / "x.tif",
        r"x\.tif can't be used: it has values that aren't numbers",
        recipe_too=False,
    )
