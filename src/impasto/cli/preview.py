"""The picture in the terminal, small, above the bar, growing in its place."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import ControlType, Segment

from impasto.cli import graphics
from impasto.cli.terminal import Cell, Terminal
from impasto.io.encode import samples
from impasto.jobs.pace import Pace
from impasto.picture import Picture

SIDE = 480  # pixels of the long side, at most
RATE = 250_000  # bytes a second, at most: a picture or two, and no burden over ssh
ROW = 20  # pixels for a row of cells, where the terminal scales the picture
OTHERS = 6  # lines that are left for the bar, and what stands above the picture


@dataclass(frozen=True)
class Box:
    """Where a picture fits: cells, and pixels."""

    columns: int
    rows: int
    width: int
    height: int


def box(size: tuple[int, int], room: tuple[int, int], cell: Cell, *, exact: bool) -> Box | None:
    """The box of a picture of that size; None where there is hardly room for one.

    room: columns and lines of the terminal. exact: whether its pixels are shown as they are,
    rather than scaled to the cells.
    """
    columns, lines = room[0] - 1, room[1] - OTHERS
    if columns < 4 or lines < 4:
        return None
    high = cell[1] if exact else ROW
    wide = cell[0] * high / cell[1]
    scale = min(1.0, SIDE / max(size), columns * wide / size[0], lines * high / size[1])
    width, height = (max(1, math.floor(side * scale)) for side in size)
    return Box(math.ceil(width / wide), math.ceil(height / high), width, height)


class Preview:
    """Draws a painting's picture on the console, above what is live there.

    size: of the finished picture; all are shown as large as that.
    """

    def __init__(self, console: Console, terminal: Terminal, size: tuple[int, int]) -> None:
        self.console, self.terminal, self.size = console, terminal, size
        self.pace = Pace(RATE)
        # Of each run's own, so that the picture of the one before stays.
        self._number = 1 + secrets.randbelow(2**32 - 1)
        self._room = (0, 0)
        self._placed = False

    def step(self, picture: Callable[[], Picture]) -> None:
        """A step was made: its picture is drawn if a look is due."""
        if self.pace.due():
            self.last(picture)

    def last(self, picture: Callable[[], Picture]) -> None:
        """Draw the picture, due or not."""
        self.pace.look(lambda: self._draw(picture))

    def moved(self) -> None:
        """Something has come between picture and bar: the next picture takes a new place."""
        self._placed = False

    def _draw(self, picture: Callable[[], Picture]) -> int:
        """Draw it; how many bytes that took."""
        room = self.console.size
        if room != self._room:  # the terminal has moved what was on it
            self._room, self._placed = room, False
        found = box(self.size, room, self.terminal.cell, exact=self.terminal.graphics == "sixel")
        if found is None:
            return 0
        image = Image.fromarray(samples(picture(), 8, alpha=False))
        image = image.resize((found.width, found.height), Image.Resampling.LANCZOS)
        place = "" if self._placed else "\n" * found.rows
        # The cursor stands at the start of the bar's line, and comes back to it.
        up = f"\x1b7\x1b[{found.rows}A\r"
        sequence = f"{place}{up}{self._sequence(image, found)}\x1b8"
        self.console.print(Sequence(sequence))
        self._placed = True
        return len(sequence)

    def _sequence(self, image: Image.Image, place: Box) -> str:
        if self.terminal.graphics == "kitty":
            return graphics.kitty(image, place.columns, place.rows, self._number)
        if self.terminal.graphics == "iterm2":
            return graphics.iterm2(image, place.columns, place.rows)
        return graphics.sixel(image)


class Sequence:
    """Something for rich to print that only the terminal understands, and that takes no room."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        # Which control it is doesn't matter; that it is one does: rich leaves the text as it is.
        yield Segment(self.text, None, [(ControlType.CURSOR_UP, 0)])
