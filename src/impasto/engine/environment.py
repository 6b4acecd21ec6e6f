"""The environment: what a process asks of the libraries below torch, which look there when torch is
loaded.

Threads that have done their part of an operation wait for the others. GNU's OpenMP has them wait
for milliseconds at full speed before they sleep, which is best where nobody else wants the cores,
and dreadful where somebody does: who waits keeps those whom he waits for from working. Two pictures
painted at once took up to fifteen times as long as with short waits. Alone a picture of 512 pixels
takes 7% longer with these, and a step of 128 pixels a fifth.
"""

from __future__ import annotations

import os

SPINS = 1000  # rounds of a waiting thread before it sleeps; GNU's 300 000 else


def prepare() -> None:
    """Ask for threads that soon sleep, unless the environment says otherwise.

    Call this before torch is loaded: later is too late.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", str(SPINS))
