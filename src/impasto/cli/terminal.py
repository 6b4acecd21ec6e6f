"""What a terminal can show: whether it has graphics, which, and how large its cells are."""

from __future__ import annotations

import os
import re
import select
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Literal

if sys.platform != "win32":
    import fcntl
    import struct
    import termios
    import tty

Graphics = Literal["kitty", "iterm2", "sixel"]
Cell = tuple[int, int]  # width and height in pixels

VT340: Cell = (10, 20)  # what is taken for a cell where the terminal doesn't say
TIMEOUT = 0.5  # seconds for an answer; a terminal that gives one gives it at once, but for the way
BY_TERM: dict[str, Graphics] = {"xterm-kitty": "kitty", "xterm-ghostty": "kitty"}
BY_PROGRAM: dict[str, Graphics] = {
    "kitty": "kitty",
    "ghostty": "kitty",
    "iTerm.app": "iterm2",
    "WezTerm": "iterm2",
    "mintty": "iterm2",
    "rio": "iterm2",
}
ANSWER = re.compile(rb"\x1b\[\?([\d;]*)c")
CELL = re.compile(rb"\x1b\[6;(\d+);(\d+)t")


@dataclass(frozen=True)
class Terminal:
    """A terminal that shows pictures."""

    graphics: Graphics
    cell: Cell


@dataclass(frozen=True)
class Answer:
    """What a terminal says of itself: whether it has sixel graphics, and its cells' size."""

    sixel: bool
    cell: Cell | None


def find(
    stream: IO[str], *, asked: bool = False, environ: Mapping[str, str] = os.environ
) -> Terminal | None:
    """The terminal that `stream` writes to, if it is known to show pictures.

    asked: whether pictures were asked for; only then is one looked for inside tmux and screen,
    where the environment tells of the terminal around them, and nothing but sixel comes through.
    """
    if not stream.isatty() or environ.get("TERM", "dumb") == "dumb":
        return None
    inside = multiplexed(environ)
    if inside and not asked:
        return None
    out = stream.fileno()
    named = None if inside else by_name(environ)
    if named:
        return Terminal(named, _cell(out) or VT340)
    answer = _asked(out)
    if answer is None or not answer.sixel:
        return None
    return Terminal("sixel", answer.cell or _cell(out) or VT340)


def multiplexed(environ: Mapping[str, str]) -> bool:
    """Whether the environment is that of tmux or screen."""
    within = environ.get("TERM", "").startswith(("tmux", "screen"))
    return within or bool(environ.get("TMUX") or environ.get("STY"))


def by_name(environ: Mapping[str, str]) -> Graphics | None:
    """The graphics of a terminal that the environment names; None where it names no such one.

    TERM comes first: a terminal started from another inherits what else that one has set.
    """
    if found := BY_TERM.get(environ.get("TERM", "")):
        return found
    if program := environ.get("TERM_PROGRAM"):
        return BY_PROGRAM.get(program)
    if environ.get("KITTY_WINDOW_ID"):
        return "kitty"
    return "iterm2" if environ.get("LC_TERMINAL") == "iTerm2" else None  # it passes through ssh


def ask(source: int, out: int, timeout: float = TIMEOUT) -> Answer | None:
    """Ask the terminal what it is: primary device attributes (DA1), and the size of its cells.

    source, out: where its answer is read and the question written. None where no answer comes in
    time, where something has been typed ahead, which isn't ours to read, and where it isn't ours to
    ask: a job in the background would be stopped for it.
    """
    if sys.platform == "win32":
        return None
    try:
        if os.tcgetpgrp(source) != os.getpgrp():
            return None
        with _unbuffered(source):
            if select.select([source], [], [], 0)[0]:
                return None
            os.write(out, b"\x1b[16t\x1b[c")  # every terminal answers the second
            return _answer(source, time.monotonic() + timeout)
    except (OSError, termios.error):
        return None


def _asked(out: int) -> Answer | None:
    """What the terminal answers, if it is one that we are read from."""
    try:
        return ask(sys.stdin.fileno(), out) if sys.stdin and sys.stdin.isatty() else None
    except ValueError:  # closed
        return None


def _answer(source: int, until: float) -> Answer | None:
    got = b""
    while (found := ANSWER.search(got)) is None:
        left = until - time.monotonic()
        if left <= 0 or not select.select([source], [], [], left)[0]:
            return None
        part = os.read(source, 1024)
        if not part:
            return None
        got += part
    # The first number is the terminal's class.
    sixel = b"4" in found[1].split(b";")[1:]
    size = CELL.search(got)
    cell = (int(size[2]), int(size[1])) if size else (0, 0)
    return Answer(sixel, cell if all(cell) else None)


@contextmanager
def _unbuffered(source: int) -> Generator[None]:
    """Keys are read as they come, and not shown; as before when it is over."""
    if sys.platform != "win32":
        before = termios.tcgetattr(source)
        try:
            tty.setcbreak(source, termios.TCSANOW)
            yield
        finally:
            termios.tcsetattr(source, termios.TCSANOW, before)


def _cell(out: int) -> Cell | None:
    """A cell's size by the window's, where the terminal has told the system its pixels."""
    if sys.platform == "win32":
        return None
    try:
        packed = fcntl.ioctl(out, termios.TIOCGWINSZ, b"\0" * 8)
    except OSError:
        return None
    lines, columns, width, height = struct.unpack("HHHH", packed)
    if not (lines and columns):
        return None
    cell = width // columns, height // lines
    return cell if all(cell) else None
