"""What is made along with a painting: asked for by flags, checked before, told after."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

from impasto.events import Step
from impasto.io import film as films
from impasto.io.files import read_picture, read_recipe
from impasto.io.film import LAST, PACE
from impasto.jobs import plot
from impasto.jobs.film import Film

Run = Callable[..., Any]
BOTH = ("stylize", "photo.png", "painting.png")


def test_a_plot_is_written_and_told(folder: Path, run: Run, small: tuple[str, ...]) -> None:
    done = run(*BOTH, *small, "-o", "out.png", "--plot", "losses.png")
    assert done.code == 0
    assert done.out.count("\n") == 2 and "losses.png  how the losses fell" in done.out
    drawing = read_picture("losses.png")
    assert (drawing.width, drawing.height) == plot.SIZE
    assert drawing.recipe == read_recipe("out.png")  # it says what it is of
    told = run(*BOTH, *small, "-o", "two.png", "--plot", "two.webp", "--json")
    assert json.loads(told.out.splitlines()[-1])["plot"] == "two.webp"


@pytest.mark.parametrize("end", [".gif", ".webp"])
def test_a_film_goes_from_the_photograph_to_the_picture(
    folder: Path, run: Run, small: tuple[str, ...], end: str
) -> None:
    done = run(*BOTH, *small, "-o", "out.png", "--timelapse", f"film{end}")
    assert done.code == 0
    assert f"film{end}  how it was painted" in done.out
    with Image.open(f"film{end}") as film:
        frames = [frame.convert("RGB").copy() for frame in ImageSequence.Iterator(film)]
        film.seek(film.n_frames - 1)
        film.load()
        assert film.info["duration"] == PACE * LAST
    assert len(frames) == 5  # the photograph, after steps 1, 2 and 3, and the picture
    for frame, name in ((frames[0], "photo.png"), (frames[-1], "out.png")):
        with Image.open(name) as wanted:
            assert frame.size == (56, 42)
            whole = np.asarray(wanted.convert("RGB").resize((56, 42)), np.float64)
        assert np.abs(np.asarray(frame, np.float64) - whole).mean() < 12


def test_a_film_that_was_stopped_ends_with_what_there_is(
    folder: Path, run: Run, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    take = Film.step

    def stopping(self: Film, step: Step) -> None:
        take(self, step)
        if step.step == 2:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Film, "step", stopping)
    assert run(*BOTH, *small, "-o", "out.png", "--timelapse", "film.webp").code == 130
    with Image.open("film.webp") as film, Image.open("out.png") as wanted:
        assert film.n_frames in (3, 4)  # twice the same may be shown as one
        film.seek(film.n_frames - 1)
        last = np.asarray(film.convert("RGB"), np.float64)
        assert np.abs(last - np.asarray(wanted, np.float64)).mean() < 12


def test_a_film_that_cannot_be_written_does_not_cost_the_picture(
    folder: Path, run: Run, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **more: Any) -> bytes:
        raise OSError("no codec")

    monkeypatch.setitem(films.FORMATS, ".gif", broken)
    files = "--timelapse", "film.gif", "--plot", "plot.png"
    done = run(*BOTH, *small, "-o", "out.png", *files)
    assert done.code == 1
    assert "film.gif can't be made a film (no codec)" in done.err
    assert [line.split()[0] for line in done.out.splitlines()] == ["out.png", "plot.png"]
    assert not Path("film.gif").exists()


def test_mp4_needs_a_package_and_says_so_before(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    done = run(*BOTH, "-o", "out.png", "--timelapse", "film.mp4")
    assert (done.code, done.out) == (1, "")
    assert 'pip install "impasto[video]"' in done.err


@pytest.mark.parametrize(
    ("file", "code", "text"),
    [
        (("--plot", "out.png"), 2, "--plot out.png is also an input or another output"),
        (("--plot", "photo.png"), 2, "--plot photo.png is also an input"),
        (("--plot", "a.webp", "--timelapse", "a.webp"), 2, "--timelapse a.webp is also"),
        (("--plot", "plot.xcf"), 1, "can't be written as .xcf"),
        (("--plot", "no/plot.png"), 1, "isn't there; make it"),
        (("--plot", "taken.png"), 1, "taken.png exists"),
        (("--timelapse", "film.png"), 1, "films can't be made as .png; choose .gif"),
        (("--timelapse", "film"), 1, "without an extension"),
        (("--timelapse", "no/film.gif"), 1, "isn't there; make it"),
    ],
)
def test_what_cannot_be_written_is_said_before(
    folder: Path, run: Run, file: tuple[str, ...], code: int, text: str
) -> None:
    Path("taken.png").write_bytes(b"mine")
    done = run(*BOTH, "-o", "out.png", *file)
    assert (done.code, done.out) == (code, "")
    assert text in done.err and done.err.count("\n") == 1
    assert sorted(p.name for p in folder.iterdir()) == ["painting.png", "photo.png", "taken.png"]
    assert Path("taken.png").read_bytes() == b"mine"
