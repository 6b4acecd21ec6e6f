"""What was freed is given back, and only where a large picture is painted."""

from __future__ import annotations

import os
import subprocess
import sys

import psutil
import pytest
import torch

from impasto.engine import heap

LARGE = (1024, 1024)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's")
def test_what_lies_freed_below_what_is_used_goes_back_to_the_system() -> None:
    process = psutil.Process()
    pieces = [torch.ones(2**13) for _ in range(6000)]  # 32 kB each, which aren't mapped alone
    kept = pieces[-1]
    del pieces
    before = process.memory_info().rss
    heap.trim(1000, 1000, 2e9, before)
    heap.trim(*LARGE, 2e9, before + 3e9)
    assert process.memory_info().rss > before - 1e8
    heap.trim(*LARGE, 2e9, before + 1e9)
    assert process.memory_info().rss < before - 1e8
    assert kept.sum() == 2**13


def test_elsewhere_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    heap._library.cache_clear()  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(sys, "platform", "darwin")
    heap.hold(8e9)
    heap.trim(*LARGE, 8e9, 0)
    heap._library.cache_clear()  # pyright: ignore[reportPrivateUsage]


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's")
@pytest.mark.parametrize(
    ("room", "asked", "held"), [(2e9, None, True), (0, None, False), (2e9, "1000000", False)]
)
def test_it_holds_what_was_freed_where_there_is_room(
    room: float, asked: str | None, held: bool
) -> None:
    code = (
        "import psutil, torch\n"
        "from impasto.engine import heap\n"
        f"heap.hold({room})\n"
        "pieces = [torch.ones(2**21) for _ in range(24)]\n"  # 8 MB each
        "before = psutil.Process().memory_info().rss\n"
        "kept = pieces[-1]\n"  # which lies above all the others
        "del pieces\n"
        "print(before - psutil.Process().memory_info().rss)\n"
    )
    given = {k: v for k, v in os.environ.items() if not k.startswith("MALLOC_")}
    if asked:
        given |= {"MALLOC_TRIM_THRESHOLD_": asked}
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=given
    )
    gone = int(told.stdout)
    assert gone < 1e7 if held else gone > 1e8
