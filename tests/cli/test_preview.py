"""The picture in the terminal: where it is drawn, how often, and that nothing breaks by it."""

from __future__ import annotations

import io
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from impasto.cli.preview import SIDE, Preview, box
from impasto.cli.progress import Bar
from impasto.cli.terminal import Terminal
from impasto.events import Finished, Note, Started, Step
from impasto.picture import Picture
from tests.cli import decoders

Run = Callable[..., Any]
Scene = Callable[..., Picture]
MAIN = "from impasto.cli.main import main; main()"
BOTH = ("stylize", "photo.png", "painting.png", "-o", "out.png")
ITERM = {"TERM_PROGRAM": "iTerm.app"}
SIXEL = (b"\x1b[6;20;10t\x1b[?62;4c",)


def levels(path: str | Path) -> Any:
    return np.asarray(Image.open(path).convert("RGB"), np.float64)


@pytest.mark.slow
def test_kitty_shows_the_picture_and_in_the_end_the_very_one_that_is_saved(
    folder: Path, terminal: Run, small: tuple[str, ...]
) -> None:
    done = terminal(MAIN, *BOTH, *small, TERM="xterm-kitty")
    shown = decoders.kitty(done.out)
    assert done.code == 0 and len(shown) >= 2
    assert (np.asarray(shown[-1].image) == levels("out.png")).all()
    assert (np.asarray(shown[0].image) != levels("out.png")).any()
    assert b"out.png  56x42" in done.out.split(b"\x1b_G")[-1]


@pytest.mark.slow
@pytest.mark.parametrize(("read", "more"), [("iterm2", ITERM), ("sixel", {"answer": SIXEL})])
def test_iterm2_and_sixel_terminals_show_it_too(
    folder: Path, terminal: Run, small: tuple[str, ...], read: str, more: dict[str, Any]
) -> None:
    done = terminal(MAIN, "texture", "painting.png", "-o", "out.png", *small[:-4], **more)
    shown = getattr(decoders, read)(done.out)
    assert done.code == 0 and len(shown) >= 2 and done.same_modes
    last = shown[-1].image.convert("L")
    whole = Image.open("out.png").convert("L").resize(last.size)
    assert np.corrcoef(np.ravel(last), np.ravel(whole))[0, 1] > 0.9


@pytest.mark.slow
def test_none_is_shown_where_none_is_wanted_or_none_is_seen(
    folder: Path, terminal: Run, spawn: Run, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    unwanted = terminal(MAIN, *BOTH, *small, "--no-preview", **ITERM)
    assert unwanted.code == 0 and b"1337" not in unwanted.out and b"step 4/4" in unwanted.out
    assert b"content" not in unwanted.out  # a loss says nothing to who watches
    silent = terminal(MAIN, *BOTH, *small, "--overwrite", "--preview", "--json", **ITERM)
    assert silent.code == 0 and b"\x1b" not in silent.out
    for name, value in {**ITERM, "TERM": "xterm-kitty", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    out, err = spawn(*BOTH, *small, "--overwrite", "--preview").communicate(timeout=60)
    assert "note: no preview" in err and "\x1b_G" not in out + err and "1337" not in out + err


@pytest.mark.slow
def test_a_reader_of_stderr_that_goes_away_does_not_end_the_painting(
    folder: Path, spawn: Run, small: tuple[str, ...]
) -> None:
    process = spawn(*BOTH, *small, "--steps", "40")
    process.stderr.close()
    assert process.wait(timeout=60) == 0
    assert process.stdout.read().startswith("out.png  56x42")


def test_a_painting_that_is_stopped_is_shown_as_it_was_left(
    folder: Path, run: Run, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    last: list[Any] = []
    show = Bar.show

    def pressed(self: Bar, event: Any) -> None:
        show(self, event)
        if isinstance(event, Step) and event.step == 3:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Bar, "show", pressed)
    monkeypatch.setattr(Bar, "last", lambda _, picture: last.append(picture().to_bytes()))
    assert run(*BOTH, *small).code == 130
    assert len(last) == 1 and (last[0] == levels("out.png")).all()


@pytest.mark.slow
def test_a_stderr_that_was_closed_before_does_not_matter(
    folder: Path, small: tuple[str, ...]
) -> None:
    command = shlex.join([sys.executable, "-c", MAIN, *BOTH, *small])
    done = subprocess.run(f"{command} 2>&-", shell=True, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("out.png  56x42")


def test_a_figure_of_several_is_not_previewed(folder: Path, run: Run) -> None:
    done = run("reconstruct", "content", "photo.png", "--figure", "--preview")
    assert done.code == 2 and "--preview" in done.err and "--figure" in done.err


def rows(text: str) -> list[tuple[int, int, int]]:
    """Of each picture: its first row, how many it has, and the row where the bar is next."""
    found: list[tuple[int, int, int]] = []
    row = kept = 0
    drawn = None
    pattern = r"\x1b_G(.*?)\x1b\\|\x1b\[(\d*)A|\x1b([78])|(\n)|(\x1b\[2K)"
    for picture, up, cursor, line, bar in re.findall(pattern, text, re.S):
        if keys := re.search(r"r=(\d+)", picture):
            drawn = row, int(keys[1])
        row += bool(line) - int(up or 0)
        if cursor == "7":
            kept = row
        elif cursor == "8":
            row = kept
        if bar and drawn:
            found.append((*drawn, row))
            drawn = None
    return found


class Eager(Preview):
    """One that looks at every step."""

    def step(self, picture: Callable[[], Picture]) -> None:
        self.last(picture)


def events(scene: Scene) -> tuple[Started, list[Step], Finished]:
    started = Started("net", "0" * 64, "cpu", "float32", ((60, 40), (120, 80)), (2, 3))
    sizes = [(60, 40), (60, 40), (120, 80), (120, 80), (120, 80)]
    steps = [
        Step(i, 5, *size, 1.0, {}, i / 5, float(i), lambda size=size, i=i: scene(*size, i))
        for i, size in enumerate(sizes, 1)
    ]
    return started, steps, Finished(scene(120, 80, 9), 5, 5, 5.0)


@pytest.fixture
def bar(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Bar]:
    """A bar with a preview at every step, on a terminal that writes down what it is given."""

    def make(stream: Any, size: tuple[int, int] = (100, 40)) -> Bar:
        monkeypatch.setattr(sys, "stderr", stream)
        made = Bar()
        made.console = Console(
            file=made.console.file, force_terminal=True, width=size[0], height=size[1]
        )
        made.progress.live.console = made.console
        monkeypatch.setattr(
            made,
            "_previewed",
            lambda size: Eager(made.console, Terminal("kitty", (10, 20)), size),
        )
        return made

    return make


def test_pictures_replace_each_other_just_above_the_bar(scene: Scene, bar: Any) -> None:
    out = io.StringIO()
    shows = bar(out)
    started, steps, finished = events(scene)
    for event in (started, *steps[:3], Note("memory ran out"), *steps[3:], finished):
        shows.show(event)
    shows.close()
    pictures = rows(out.getvalue())
    before, after = pictures[0], pictures[-1]
    assert pictures == [before] * 3 + [after] * 3
    assert all(first + height == bar for first, height, bar in pictures)
    assert after[0] == before[2] + 1  # the note stands between them
    found = decoders.kitty(out.getvalue().encode())
    assert {one.image.size for one in found} == {(120, 80)}


def test_the_pictures_of_two_runs_stay_beside_each_other(scene: Scene, bar: Any) -> None:
    numbers: list[set[str]] = []
    for _ in range(2):
        out = io.StringIO()
        shows = bar(out)
        started, steps, _ = events(scene)
        for event in (started, *steps):
            shows.show(event)
        shows.close()
        numbers.append({one.keys["i"] for one in decoders.kitty(out.getvalue().encode())})
    (first,), (second,) = numbers
    assert first != second and 0 < int(first) < 2**32 and 0 < int(second) < 2**32


def test_a_terminal_that_was_resized_gets_it_in_a_new_place(scene: Scene, bar: Any) -> None:
    out = io.StringIO()
    shows = bar(out)
    started, steps, _ = events(scene)
    shows.show(started)
    shows.show(steps[0])
    shows.console.width = 80
    shows.show(steps[1])
    shows.close()
    first, second = rows(out.getvalue())
    assert second[0] >= first[2]


@pytest.mark.parametrize("error", [BrokenPipeError(), OSError(5, "Input/output error")])
def test_a_terminal_that_is_gone_is_written_to_no_more(
    scene: Scene, bar: Any, tmp_path: Path, error: OSError
) -> None:
    class Gone(io.TextIOWrapper):
        tries = 0

        def write(self, text: str) -> int:
            Gone.tries += 1
            raise error

    file = tmp_path / "screen"
    with file.open("wb") as raw:
        shows = bar(Gone(raw))
        started, steps, finished = events(scene)
        for event in (started, *steps, finished):
            shows.show(event)
        shows.close()
        raw.write(b"still")
    assert Gone.tries >= 6 and file.read_bytes() == b""


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("size", [(4096, 2731), (300, 1200), (512, 512), (56, 42), (2000, 20)])
@pytest.mark.parametrize("room", [(100, 40), (40, 90), (10, 12)])
def test_a_box_fits_the_terminal_and_the_picture(
    size: tuple[int, int], room: tuple[int, int], exact: bool
) -> None:
    cell = (12, 28)
    found = box(size, room, cell, exact=exact)
    assert found is not None
    assert found.columns < room[0] and found.rows <= room[1] - 2
    assert max(found.width, found.height) <= min(SIDE, max(size))
    assert abs(found.width * size[1] - found.height * size[0]) <= max(size)  # within a pixel
    if exact:  # its pixels are in its cells, with no row or column to spare
        assert 0 <= found.columns * cell[0] - found.width < cell[0]
        assert 0 <= found.rows * cell[1] - found.height < cell[1]


@pytest.mark.parametrize("room", [(3, 40), (80, 9), (0, 0)])
def test_a_terminal_without_room_shows_nothing(room: tuple[int, int]) -> None:
    assert box((512, 512), room, (10, 20), exact=True) is None
