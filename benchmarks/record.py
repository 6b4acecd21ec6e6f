"""What every benchmark says of where and on what it was measured."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from impasto.engine import environment

RESULTS = Path(__file__).with_name("results")
environment.prepare()  # as the command paints


def spread(values: Sequence[float]) -> dict[str, float]:
    """Least, median and largest of some measurements."""
    return {
        "min": round(min(values), 4),
        "median": round(statistics.median(values), 4),
        "max": round(max(values), 4),
        "runs": len(values),
    }


def conditions() -> dict[str, Any]:
    """Commit, machine and versions. A commit with changes on top is marked with a plus."""
    return {
        "commit": _git("rev-parse", "--short", "HEAD")
        + ("+" if _git("status", "-s", "src") else ""),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "torch": version("torch"),
        "impasto": version("impasto"),
    }


def finish(name: str, result: Mapping[str, Any], save: bool) -> None:
    """Print the result as one line of JSON, the last; keep it under results/ where asked."""
    whole = {"benchmark": name, **result, **conditions()}
    if save:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.json").write_text(json.dumps(whole, indent=1) + "\n")
    print(json.dumps(whole))


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], capture_output=True, text=True, cwd=RESULTS.parent)
    return done.stdout.strip()


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        if names:
            return names[0].partition(":")[2].strip()
    return platform.processor() or platform.machine()
