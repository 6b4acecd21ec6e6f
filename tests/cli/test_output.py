"""Where a picture goes: its name, what is in the way there, a disk that is full, a viewer."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from impasto.cli import opening, output
from impasto.io import atomic
from impasto.io.files import read_picture

Run = Callable[..., Any]
BOTH = ("stylize", "photo.png", "painting.png")


def test_names_it_after_its_inputs(folder: Path, run: Run, small: tuple[str, ...]) -> None:
    Path("photo.png").rename("ein Föto 猫.png")
    done = run("stylize", "ein Föto 猫.png", "painting.png", *small)
    assert done.code == 0
    assert read_picture("ein Föto 猫-painting.png").width == 56


def test_quiet_says_nothing(folder: Path, run: Run, small: tuple[str, ...]) -> None:
    done = run(*BOTH, *small, "-o", "out.png", "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert Path("out.png").exists()


def test_overwriting_is_asked_for_and_follows_links(
    folder: Path, run: Run, small: tuple[str, ...]
) -> None:
    Path("link.png").symlink_to("target.png")
    Path("target.png").write_bytes(b"old")
    refused = run(*BOTH, *small, "-o", "link.png")
    assert refused.code == 1
    assert "--overwrite" in refused.err
    assert Path("target.png").read_bytes() == b"old"
    assert run(*BOTH, *small, "-o", "link.png", "--overwrite").code == 0
    assert Path("link.png").is_symlink()
    assert read_picture("target.png").width == 56


def test_sixteen_bits(folder: Path, run: Run, small: tuple[str, ...]) -> None:
    assert run(*BOTH, *small, "-o", "out.tif", "--bits", "16").code == 0
    levels = read_picture("out.tif").pixels * 255
    assert np.abs(levels - np.round(levels)).max() > 0.1  # finer than 8 bits
    refused = run(*BOTH, *small, "-o", "out.jpg", "--bits", "16")
    assert refused.code == 1
    assert "JPEG can't hold 16 bits" in refused.err


def test_a_full_disk_does_not_lose_the_picture(
    folder: Path, tmp_path: Path, run: Run, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    sync, calls = os.fsync, list[int]()

    def full_at_first(file: int) -> None:
        calls.append(file)
        if len(calls) == 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(file)

    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    monkeypatch.setattr(atomic.os, "fsync", full_at_first)
    done = run(*BOTH, *small, "--quiet", "-o", "out.png")
    assert done.code == 1
    assert done.err.startswith("error: can't write out.png: no space left on device")
    rescue = Path(done.err.strip().rpartition("the picture is kept as ")[2])
    assert rescue.is_relative_to(tmp_path / "elsewhere")
    assert read_picture(rescue).width == 56
    assert sorted(p.name for p in folder.iterdir()) == ["painting.png", "photo.png"]


@pytest.mark.parametrize("folders", [True, False])
def test_no_room_anywhere_is_one_line(
    folder: Path,
    tmp_path: Path,
    run: Run,
    small: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    folders: bool,
) -> None:
    def full(*args: Any, **more: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    monkeypatch.setattr(atomic.os, "fsync", full)
    if not folders:
        monkeypatch.setattr(tempfile, "mkdtemp", full)
    done = run(*BOTH, *small, "--quiet", "-o", "out.png")
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "no space left on device" in done.err
    assert sorted(p.name for p in folder.iterdir()) == ["painting.png", "photo.png"]
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("viewer", [True, False])
def test_the_picture_is_shown_if_asked(
    folder: Path,
    run: Run,
    small: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    viewer: bool,
) -> None:
    shown: list[str] = []

    def opened(target: str) -> bool:
        assert read_picture(target).width == 56  # it is whole by then
        shown.append(target)
        return viewer

    monkeypatch.setattr(output, "opened", opened)
    done = run(*BOTH, *small, "-o", "out.png", "--open")
    assert done.code == 0
    assert shown == [str(folder / "out.png")]
    assert ("nothing here shows pictures" in done.err) is not viewer


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere click opens it")
def test_what_opens_is_asked_only_where_there_is_a_desktop(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    program = folder / "xdg-open"
    program.write_text('#!/bin/sh\necho "$1" > shown\necho no browser here >&2\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not opening.opened("picture.png")
    monkeypatch.setenv("DISPLAY", ":0")
    assert opening.opened("picture.png")
    deadline = time.monotonic() + 20
    while not (folder / "shown").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert (folder / "shown").exists()
    assert capfd.readouterr().err == ""
    monkeypatch.setenv("PATH", str(folder / "nowhere"))
    assert not opening.opened("picture.png")
