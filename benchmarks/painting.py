"""How long a picture takes, process start to file, and how much memory: as a user would see it.

    python benchmarks/painting.py [CONTENT STYLE] [--runs 5] [--save] [-- FLAG ...]

Flags after -- go to `impasto stylize`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from record import finish, spread

PICTURES = Path(__file__).parent.parent / "examples" / "pictures"


def paint(content: Path, style: Path, flags: list[str]) -> tuple[float, float, str]:
    """Seconds, peak resident megabytes and the network's name of one run."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "impasto", "stylize", str(content), str(style), "--json"]
        began = time.perf_counter()
        child = subprocess.Popen(
            [*command, "-o", str(Path(folder) / "out.png"), *flags], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        last = child.stdout.read().splitlines()[-1]
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
        if status:
            raise SystemExit(f"painting failed with status {status}")
        return seconds, usage.ru_maxrss / 1024, json.loads(last)["network"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("content", nargs="?", type=Path, default=PICTURES / "cat.png")
    parser.add_argument("style", nargs="?", type=Path, default=PICTURES / "swirls.jpg")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--name", default="painting")
    parser.add_argument("--save", action="store_true")
    words = [*sys.argv[1:], "--"]
    own, flags = words[: words.index("--")], words[words.index("--") + 1 : -1]
    options = parser.parse_args(own)
    measured = [paint(options.content, options.style, flags) for _ in range(options.runs)]
    result = {
        "content": options.content.name,
        "style": options.style.name,
        "flags": flags,
        "network": measured[0][2],
        "seconds": spread([m[0] for m in measured]),
        "peak_mb": spread([m[1] for m in measured]),
    }
    finish(options.name, result, options.save)


if __name__ == "__main__":
    main()
