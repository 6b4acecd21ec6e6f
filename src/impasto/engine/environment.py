"""The environment: what a process asks of the libraries below torch, most of which look there when
torch is loaded.

Threads that have done their part of an operation wait for the others. GNU's OpenMP has them wait
for milliseconds at full speed before they sleep, which is best where nobody else wants the cores,
and dreadful where somebody does: who waits keeps those whom he waits for from working. Two pictures
painted at once took two to ten times as long as one after the other; with short waits they take as
long. Alone a picture of 512 pixels takes a twentieth longer for it, one of 128 a fifth.

glibc gives memory back to the system as soon as some megabytes at the end of its heap are free. A
step frees and takes hundreds, and what is taken anew must be emptied page by page: at 1024 pixels a
tenth of its time. So the process holds what it will ask for again.
"""

from __future__ import annotations

import ctypes
import os
import sys

SPINS = 1000  # rounds of a waiting thread before it sleeps; GNU's 300 000 else
HELD = 2**30  # bytes that may be free at the end of the heap
# From how many bytes on a tensor lies outside the heap, and goes back when it is freed: as high as
# glibc sets it by itself.
APART = 2**25
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt, in malloc.h


def prepare() -> None:
    """Ask for threads that soon sleep, and for a heap that holds what was freed, unless the
    environment says otherwise. Call this before torch is loaded: later is too late.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", str(SPINS))
    if not {"MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"} & os.environ.keys():
        _hold()


def _hold() -> None:
    """Hold what was freed, where the C library is glibc."""
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    mallopt(_TRIM_THRESHOLD, HELD)
    mallopt(_MMAP_THRESHOLD, APART)
