"""What is written comes back, is the same each time, and is written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import png
import pytest
import tifffile
from PIL import Image

from impasto.errors import PictureError
from impasto.io.color import srgb_profile
from impasto.io.files import check_output, formats, read_picture, write_picture
from impasto.picture import Picture

Make = Callable[..., Picture]
ALL = [("png", 8), ("png", 16), ("tif", 8), ("tif", 16), ("jpg", 8), ("webp", 8), ("avif", 8)]
LOSSLESS = ALL[:4]


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize(("end", "bits"), LOSSLESS)
def test_lossless_formats_are_exact(
    tmp_path: Path, make_picture: Make, end: str, bits: int, alpha: bool
) -> None:
    picture = make_picture(31, 17, bits=bits, alpha=alpha)
    path = write_picture(picture, tmp_path / f"x.{end}", bits=bits)
    again = read_picture(path)
    np.testing.assert_array_equal(again.pixels, picture.pixels)
    np.testing.assert_array_equal(again.alpha, picture.alpha)
    assert again.notes == ()


@pytest.mark.parametrize("end", ["png", "tif"])
def test_all_65536_steps_survive_and_others_read_them(tmp_path: Path, end: str) -> None:
    steps = np.arange(65536).reshape(256, 256)
    planes = np.stack([steps, steps.T, steps[::-1]])
    picture = Picture((planes / 65535).astype(np.float32))
    path = write_picture(picture, tmp_path / f"x.{end}", bits=16)
    if end == "png":
        width, height, rows, info = png.Reader(filename=str(path)).read()
        found = np.array([list(row) for row in rows]).reshape(height, width, 3)
        assert info["bitdepth"] == 16
    else:
        found = tifffile.imread(path)
    np.testing.assert_array_equal(found, planes.transpose(1, 2, 0))


@pytest.mark.parametrize("end", ["jpg", "webp", "avif"])
def test_lossy_formats_are_close(tmp_path: Path, end: str) -> None:
    ramp = np.linspace(0, 1, 64, dtype=np.float32)
    picture = Picture(
        np.stack(
            [np.tile(ramp, (64, 1)), np.tile(ramp[:, None], 64), np.full((64, 64), 0.5, np.float32)]
        )
    )
    fine = read_picture(write_picture(picture, tmp_path / f"fine.{end}"))
    rough = read_picture(write_picture(picture, tmp_path / f"rough.{end}", quality=5))
    errors = [np.abs(p.pixels - picture.pixels).mean() for p in (fine, rough)]
    assert errors[0] < 0.012 < errors[1]


@pytest.mark.parametrize("end", ["jpg", "avif"])
def test_chroma_keeps_its_size(tmp_path: Path, end: str) -> None:
    """Red and blue stripes one pixel wide, which halved chroma would blend to purple."""
    stripes = np.zeros((3, 32, 32), np.float32)
    stripes[0, :, ::2] = stripes[2, :, 1::2] = 1
    path = write_picture(Picture(stripes), tmp_path / f"x.{end}")
    assert np.abs(read_picture(path).pixels - stripes).max() < 0.2


@pytest.mark.parametrize("end", ["webp", "avif"])
def test_alpha_is_kept(tmp_path: Path, end: str) -> None:
    alpha = np.repeat(np.linspace(-1, 1, 64, dtype=np.float32).clip(0)[None], 32, axis=0)
    pixels = np.repeat(np.linspace(1, 0, 64, dtype=np.float32)[None], 32, axis=0)
    picture = Picture(np.stack([pixels] * 3), alpha)
    again = read_picture(write_picture(picture, tmp_path / f"x.{end}"))
    assert again.alpha is not None
    np.testing.assert_allclose(again.alpha, alpha, atol=0.03)
    np.testing.assert_allclose(again.pixels, picture.pixels, atol=0.03)  # clear pixels too


def test_jpeg_lays_transparency_over_white(tmp_path: Path) -> None:
    alpha = np.repeat(np.array([0, 0.5, 1], np.float32), 16)[None].repeat(16, axis=0)
    picture = Picture(np.zeros((3, 16, 48), np.float32), alpha)
    again = read_picture(write_picture(picture, tmp_path / "x.jpg"))
    assert again.alpha is None
    np.testing.assert_allclose(again.pixels[:, 8, [8, 24, 40]], [[1, 0.5, 0]] * 3, atol=0.02)


@pytest.mark.parametrize(("end", "bits"), ALL)
def test_the_same_picture_gives_the_same_bytes(
    tmp_path: Path, make_picture: Make, end: str, bits: int
) -> None:
    def write(name: str) -> bytes:
        return write_picture(
            make_picture(64, 64), tmp_path / f"{name}.{end}", bits=bits
        ).read_bytes()

    first = write("one")
    srgb_profile.cache_clear()
    assert write("two") == first
    # Two files of one second don't show that none says when it was made; this does.
    assert srgb_profile()[24:36] == bytes([7, 207, 0, 10, 0, 18] + [0] * 6)  # 18 October 1999
    with Image.open(tmp_path / f"one.{end}") as image:
        exif = image.getexif()
    assert not {306, 36867, 36868} & {*exif, *exif.get_ifd(0x8769)}
    assert end != "png" or b"tIME" not in first


@pytest.mark.parametrize(("bits", "white"), [(8, 255), (16, 65535)])
def test_values_between_steps_go_to_the_nearest(tmp_path: Path, bits: int, white: int) -> None:
    pixels = np.array([100.4, 100.6, 0.6], np.float32).reshape(3, 1, 1) / white
    path = write_picture(Picture(pixels), tmp_path / "x.png", bits=bits)
    np.testing.assert_allclose(read_picture(path).pixels.ravel() * white, [100, 101, 1], atol=0.01)


def test_values_beyond_the_range_are_clipped(tmp_path: Path) -> None:
    pixels = np.array([-0.5, 0.5, 1.5], np.float32).reshape(3, 1, 1)
    for bits in (8, 16):
        path = write_picture(Picture(pixels), tmp_path / f"{bits}.png", bits=bits)
        np.testing.assert_allclose(read_picture(path).pixels.ravel(), [0, 0.5, 1], atol=0.003)


@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EACCES])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, make_picture: Make, monkeypatch: pytest.MonkeyPatch, reason: int
) -> None:
    path = write_picture(make_picture(), tmp_path / "x.png")
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(PictureError, match=r"can't write .*x\.png: .*; (make room|allow)"):
        write_picture(make_picture(9, 9), path, overwrite=True)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupt_leaves_nothing(
    tmp_path: Path, make_picture: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_picture(make_picture(), tmp_path / "x.png")
    assert list(tmp_path.iterdir()) == []


def test_file_modes(tmp_path: Path, make_picture: Make) -> None:
    old = os.umask(0o027)
    try:
        path = write_picture(make_picture(), tmp_path / "x.png")
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o604)
    write_picture(make_picture(), path, overwrite=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_a_links_target_is_replaced(tmp_path: Path, make_picture: Make) -> None:
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "real.png", tmp_path / "link.png"
    link.symlink_to(target)  # nothing there yet
    write_picture(make_picture(), link)
    write_picture(make_picture(9, 9), link, overwrite=True)
    assert link.is_symlink() and read_picture(target).height == 9
    assert list((tmp_path / "far").iterdir()) == [target]


def test_what_can_be_known_before_painting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old.png").touch()
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")

    def refused(name: str, message: str, **settings: object) -> None:
        with pytest.raises(PictureError, match=message) as caught:
            check_output(tmp_path / name, **settings)
        assert "\n" not in str(caught.value)

    refused("none/x.png", r"folder .*none isn't there; make it or choose another")
    refused("old.png/x.png", r"old\.png is a file and not a folder")
    refused("folder.png", r"folder\.png is a folder; give a file in it")
    refused("pipe.png", r"a pipe or a device", overwrite=True)
    refused(
        "old.png", r"old\.png exists; choose another name, or allow overwriting \(--overwrite\)"
    )
    refused("x.pgn", r"can't be written as \.pgn; choose \.png, ")
    refused("x.heic", r"as \.heic; choose \.png, ")
    refused("x", r"no extension to say the format; choose \.png, ")
    refused("x.jpg", r"JPEG can't hold 16 bits a channel; choose \.png or \.tif", bits=16)
    refused("x.png", r"PNG can't hold 10 bits a channel; choose 8 or 16", bits=10)
    refused("y" * 300 + ".png", r"can't write y*|can't write .*name too long")
    refused("a\0b.png", r"can't write .*null")
    refused("x.jpg", r"70000x5 pixels and JPEG holds 65500 a side", size=(70000, 5))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    refused("x.png", r"folder .* can't be written to; choose another")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).is_dir())
    refused("old.png", r"old\.png is write-protected", overwrite=True)
    monkeypatch.undo()
    assert check_output(str(tmp_path / "old.png"), overwrite=True) == tmp_path / "old.png"
    assert check_output(tmp_path / "NEW.TIFF", bits=16) == tmp_path / "NEW.TIFF"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder.png", "old.png", "pipe.png"]


def test_a_format_that_this_pillow_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import features

    assert ".avif" in formats()
    monkeypatch.setattr(features, "check", lambda name: False)
    assert ".avif" not in formats()
    with pytest.raises(PictureError, match="this Pillow can't write AVIF; choose"):
        check_output(tmp_path / "x.avif")


@pytest.mark.parametrize(("end", "side"), [("jpg", 65500), ("webp", 16383), ("avif", 32768)])
def test_sizes_up_to_the_limit_can_be_written_and_read(tmp_path: Path, end: str, side: int) -> None:
    longest = Picture(np.zeros((3, 1, side), np.float32))
    assert read_picture(write_picture(longest, tmp_path / f"x.{end}")).width == side
    longer = Picture(np.zeros((3, side + 1, 1), np.float32))
    with pytest.raises(PictureError, match=rf"1x{side + 1} pixels and \w+ holds {side} a side"):
        write_picture(longer, tmp_path / f"y.{end}")


def test_pictures_that_cant_be_written(
    tmp_path: Path, make_picture: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PictureError, match="quality is 101; choose 1"):
        write_picture(make_picture(), tmp_path / "x.jpg", quality=101)
    with pytest.raises(PictureError, match="holds nan"):
        write_picture(Picture(np.full((3, 1, 1), np.nan, np.float32)), tmp_path / "x.png")

    def fail(*_: object, **__: object) -> None:
        raise ValueError("encoding error 6")

    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(PictureError, match=r"x\.webp can't be made a WebP file \(encoding error 6"):
        write_picture(make_picture(), tmp_path / "x.webp")
    assert list(tmp_path.iterdir()) == []
