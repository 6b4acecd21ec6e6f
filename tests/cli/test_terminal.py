"""What a terminal can show, by its name and by its own word."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from impasto.cli import terminal as terminals

Run = Callable[..., Any]
ASK = "from impasto.cli import terminal; print('<', terminal.ask(0, 1), '>', flush=True)"
FIND = "import sys; from impasto.cli import terminal; print('<', terminal.find(sys.stderr), '>')"
SIXEL = (b"\x1b[?62;4;22c",)


def told(out: bytes) -> str:
    return out.decode().partition("< ")[2].partition(" >")[0]


@pytest.mark.parametrize(
    ("environ", "graphics"),
    [
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM": "xterm-ghostty", "TERM_PROGRAM": "ghostty"}, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "iterm2"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "iterm2"),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "iterm2"),
        # Started from one that has graphics, and has inherited what that one set.
        ({"TERM": "xterm-kitty", "TERM_PROGRAM": "iTerm.app"}, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode", "KITTY_WINDOW_ID": "1"}, None),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, None),
        ({"TERM": "xterm-256color"}, None),
    ],
)
def test_terminals_by_name(environ: dict[str, str], graphics: str | None) -> None:
    assert terminals.by_name(environ) == graphics


@pytest.mark.parametrize(
    ("environ", "inside"),
    [
        ({"TERM": "tmux-256color"}, True),
        ({"TERM": "screen"}, True),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/tmux-0/default,1,0"}, True),
        ({"TERM": "xterm", "STY": "1.pts-0.host"}, True),
        ({"TERM": "xterm-kitty"}, False),
    ],
)
def test_tmux_and_screen_are_known(environ: dict[str, str], inside: bool) -> None:
    assert terminals.multiplexed(environ) is inside


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (SIXEL, "Answer(sixel=True, cell=None)"),
        ((b"\x1b[6;24;11t\x1b[?62", b";22;4c"), "Answer(sixel=True, cell=(11, 24))"),
        ((b"\x1b[?62;22c",), "Answer(sixel=False, cell=None)"),
        ((b"\x1b[?4;6c",), "Answer(sixel=False, cell=None)"),  # a VT132: 4 is its class
        ((b"\x1b[?62;14;24c",), "Answer(sixel=False, cell=None)"),
        ((b"\x1b[6;0;0t\x1b[?62;4c",), "Answer(sixel=True, cell=None)"),
        ((), "None"),  # one that never answers
        ((b"\x1b[?62;4",), "None"),
    ],
)
def test_a_terminal_is_asked_and_left_as_it_was(
    terminal: Run, answer: tuple[bytes, ...], said: str
) -> None:
    done = terminal(ASK, answer=answer)
    assert (done.code, told(done.out), done.same_modes) == (0, said, True)
    assert b"62" not in done.out  # what it answered isn't echoed


def test_what_was_typed_ahead_is_left_for_others(terminal: Run) -> None:
    done = terminal(f"{ASK}; print(input().upper())", answer=SIXEL, typed=b"ls\n")
    assert told(done.out) == "None" and b"LS" in done.out and b"\x1b[c" not in done.out


def test_a_job_in_the_background_asks_nothing_and_is_not_stopped(terminal: Run) -> None:
    program = (
        "import os, subprocess, sys; "
        f"subprocess.run([sys.executable, '-c', {ASK!r}], preexec_fn=os.setpgrp, timeout=50)"
    )
    assert told(terminal(program, answer=SIXEL).out) == "None"


def test_a_terminal_that_is_not_named_is_asked_where_it_can_be(terminal: Run) -> None:
    found = "Terminal(graphics='sixel', cell=(10, 20))"
    assert told(terminal(FIND, answer=SIXEL).out) == found
    assert told(terminal(FIND, answer=SIXEL, TERM_PROGRAM="vscode").out) == found
    for changes in ({"stdin": subprocess.DEVNULL}, {"TERM": "dumb"}, {"TERM": "tmux-256color"}):
        done = terminal(FIND, answer=SIXEL, **changes)
        assert told(done.out) == "None" and b"\x1b[c" not in done.out, changes


def test_inside_tmux_only_what_it_says_itself_counts_and_only_when_asked(terminal: Run) -> None:
    asked = FIND.replace("sys.stderr", "sys.stderr, asked=True")
    within = {"TERM": "tmux-256color", "KITTY_WINDOW_ID": "1", "TERM_PROGRAM": "iTerm.app"}
    assert "sixel" in told(terminal(asked, answer=SIXEL, **within).out)
    assert told(terminal(asked, answer=(b"\x1b[?1;2c",), **within).out) == "None"


def test_a_file_is_no_terminal_whatever_the_environment_says() -> None:
    with Path(os.devnull).open("w") as stream:
        assert terminals.find(stream, asked=True, environ={"TERM": "xterm-kitty"}) is None
