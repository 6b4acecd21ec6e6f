"""What was freed is given back, and only where a large picture is painted."""

from __future__ import annotations

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
    heap._trim.cache_clear()  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(sys, "platform", "darwin")
    heap.trim(*LARGE, 8e9, 0)
    heap._trim.cache_clear()  # pyright: ignore[reportPrivateUsage]
