"""What is made along with a painting: asked for by flags, checked before, told after."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from impasto.io.files import read_picture, read_recipe
from impasto.jobs import plot

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


@pytest.mark.parametrize(
    ("file", "code", "text"),
    [
        ("out.png", 2, "--plot out.png is also an input or another output"),
        ("photo.png", 2, "--plot photo.png is also an input"),
        ("plot.xcf", 1, "can't be written as .xcf"),
        ("no/plot.png", 1, "isn't there; make it"),
        ("taken.png", 1, "taken.png exists"),
    ],
)
def test_what_cannot_be_written_is_said_before(
    folder: Path, run: Run, file: str, code: int, text: str
) -> None:
    Path("taken.png").write_bytes(b"mine")
    done = run(*BOTH, "-o", "out.png", "--plot", file)
    assert (done.code, done.out) == (code, "")
    assert text in done.err and done.err.count("\n") == 1
    assert sorted(p.name for p in folder.iterdir()) == ["painting.png", "photo.png", "taken.png"]
    assert Path("taken.png").read_bytes() == b"mine"
