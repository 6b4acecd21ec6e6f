"""The command line, called in this process or in one of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from impasto.cli.main import main

SMALL = (
    *("--size", "56", "--first-size", "48", "--steps", "4", "--precision", "float32"),
    *("--content-layers", "relu3_1", "--style-layers", "relu1_1,relu2_1"),
)


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees this machine's caches or asks the internet for anything."""
    monkeypatch.delenv("IMPASTO_MIRROR", raising=False)
    monkeypatch.setenv("IMPASTO_OFFLINE", "1")
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Runs a command in this process."""

    def call(*args: str) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main(args)
        out, err = capsys.readouterr()
        return Result(int(stop.value.code or 0), out, err)

    return call


@pytest.fixture
def small() -> tuple[str, ...]:
    """Flags for a painting that takes a moment."""
    return SMALL


@pytest.fixture
def spawn(folder: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts a command in a process of its own."""

    def start(*args: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", "from impasto.cli.main import main; main()", *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            # Whoever runs the tests may have Ctrl-C ignored; a terminal hasn't.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    return start


@dataclass
class Screen:
    """What a command has done in a terminal: its exit code, and all that it wrote there.

    same_modes: whether the terminal echoes and buffers lines as it did before.
    """

    code: int
    out: bytes
    same_modes: bool


@pytest.fixture
def terminal() -> Callable[..., Screen]:
    """Runs a program's text of Python in a terminal of its own, of 100x40 cells of 10x20 pixels.

    answer: what the terminal answers when it is asked for its attributes, in parts. typed: on its
    keyboard before that. environ: beside what is always there.
    """

    def run(
        program: str,
        *args: str,
        answer: tuple[bytes, ...] = (),
        typed: bytes = b"",
        stdin: int | None = None,
        **environ: str,
    ) -> Screen:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 1000, 800))
        before = termios.tcgetattr(ours)
        os.write(ours, typed)
        graphic = ("KITTY_", "TERM", "LC_TERMINAL", "TMUX", "STY", "COLUMNS", "LINES")
        plain = {k: v for k, v in os.environ.items() if not k.startswith(graphic)}
        process = subprocess.Popen(
            [sys.executable, "-c", program, *args],
            stdin=theirs if stdin is None else stdin,
            stdout=theirs,
            stderr=theirs,
            env={**plain, "TERM": "xterm-256color", "OMP_NUM_THREADS": "1", **environ},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(1, termios.TIOCSCTTY, 0),
        )
        out, asked = b"", False
        until = time.monotonic() + 100
        while process.poll() is None or select.select([ours], [], [], 0)[0]:
            assert time.monotonic() < until, out
            if select.select([ours], [], [], 0.1)[0]:
                out += os.read(ours, 65536)
            if not asked and b"\x1b[c" in out:
                asked = True
                for part in answer:
                    os.write(ours, part)
                    time.sleep(0.02)
        same = termios.tcgetattr(ours) == before
        os.close(ours)
        os.close(theirs)
        return Screen(process.returncode, out, same)

    return run
