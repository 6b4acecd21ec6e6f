"""The environment: what a process asks of the libraries below torch, which look there when torch is
loaded.

Threads that have done their part of an operation wait for the others. GNU's OpenMP has them wait
for milliseconds at full speed before they sleep, which is best where nobody else wants the cores,
and dreadful where somebody does: who waits keeps those whom he waits for from working. Two pictures
painted at once took two to ten times as long as one after the other; with short waits they take as
long.
It costs a fifth of a step at 128 pixels, where operations are short, and hardly anything at 512.
"""

from __future__ import annotations

import os

SPINS = 1000  # rounds of a waiting thread before it sleeps; GNU's 300 000 else


def prepare() -> None:
    """Ask for large pages of memory (see `heap`) and for threads that soon sleep, unless the
    environment says otherwise. Call this before torch is loaded: later is too late.
    """
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", str(SPINS))
