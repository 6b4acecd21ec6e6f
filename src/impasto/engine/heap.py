"""The heap: what was freed is held for the next step, or given back to the system.

glibc gives memory back as soon as some megabytes at the end of its heap are free. A step frees and
takes hundreds, and what is taken anew must be emptied page by page: at 1024 pixels a tenth of its
time. So it is held, where there is room. What was freed between what is still used glibc keeps
at all events, and takes more where a tensor fits in none of it: a large picture's strips of all
sizes would grow the process by a tenth and more on the way.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from typing import Any

import psutil

LARGE = 2**20  # pixels of a picture from which a step takes far longer than giving back
HELD = 2**30  # bytes that may be free at the heap's end, where there is room; where there isn't,
ENDS = 2**26  # as many as glibc sets by itself
# From how many bytes on a tensor lies outside the heap, and goes back when it is freed: as glibc
# sets it by itself; and where there is no room, so that less lies about.
APART, SCARCE = 2**25, 2**22
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt, in malloc.h


def hold(room: float) -> None:
    """Hold what was freed at the end of the heap, where there is room for HELD bytes of it; where
    there isn't, let as little as possible lie about.

    Nothing where the C library is another, or the environment says how it is to be.
    """
    _limits(*((HELD, APART) if room > HELD else (ENDS, SCARCE)))


def release() -> None:
    """Hold no more than glibc does by itself."""
    _limits(ENDS, APART)


def _limits(ends: int, apart: int) -> None:
    library = _library()
    if library is None or {"MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"} & os.environ.keys():
        return
    library.mallopt(_TRIM_THRESHOLD, ends)
    library.mallopt(_MMAP_THRESHOLD, apart)


def trim(width: int, height: int, growth: float, room: float) -> None:
    """Give back what was freed, while a picture of this size is painted, if the process may grow by
    `growth` bytes before the next time and would then take more than `room`.

    Nothing where the picture is small, where there is room enough (taken again it must be emptied
    again, a tenth of the time and more), or where the C library is another.
    """
    if width * height >= LARGE and psutil.Process().memory_info().rss + growth > room:
        give_back()


def give_back() -> None:
    """Give back all that was freed, where the C library is glibc."""
    if (library := _library()) is not None:
        library.malloc_trim(0)


@cache
def _library() -> Any:
    """glibc; None where it is another."""
    if sys.platform != "linux":
        return None
    try:
        library = ctypes.CDLL("libc.so.6")
        return library if library.mallopt and library.malloc_trim else None
    except (OSError, AttributeError):
        return None
