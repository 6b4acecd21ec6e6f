"""How long it takes until something happens: help, and the first step of a painting.

python benchmarks/startup.py [--runs 7] [--save]

Whole processes: `impasto --help`; and `impasto stylize`, from its start to the first step made, of
a picture of 512 pixels, at its first size.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from record import finish, spread

PICTURES = Path(__file__).parent.parent / "examples" / "pictures"


def help_shown() -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "impasto", "--help"], stdout=subprocess.DEVNULL, check=True
    )
    return time.perf_counter() - began


def first_step() -> float:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "impasto", "stylize", "--json", "-o", f"{folder}/out.png"]
        pictures = [str(PICTURES / name) for name in ("cat.png", "swirls.jpg")]
        began = time.perf_counter()
        child = subprocess.Popen([*command, *pictures], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()  # that of the first step
        seconds = time.perf_counter() - began
        child.kill()
        child.communicate()
        return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    first_step()  # from here on, files are in the system's memory
    result = {
        "help_seconds": spread([help_shown() for _ in range(options.runs)]),
        "first_step_seconds": spread([first_step() for _ in range(options.runs)]),
    }
    finish("startup", result, options.save)


if __name__ == "__main__":
    main()
