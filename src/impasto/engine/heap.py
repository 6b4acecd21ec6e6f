"""The heap: what was freed is given back to the system where there would be too little else.

glibc keeps what was freed between what is still used, and takes more where a tensor fits in none of
it: a large picture's strips of all sizes would grow the process by a tenth and more on the way. At
its end it holds what `environment` lets it.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache

import psutil

LARGE = 2**20  # pixels of a picture from which a step takes far longer than giving back


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
    _trim()(0)


@cache
def _trim() -> Callable[[int], int]:
    if sys.platform != "linux":
        return int
    try:
        return ctypes.CDLL("libc.so.6").malloc_trim
    except (OSError, AttributeError):
        return int
