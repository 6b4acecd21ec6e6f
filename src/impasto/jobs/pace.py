"""Pace: how often a painting on its way is looked at, so that looking costs next to nothing."""

from __future__ import annotations

import time
from collections.abc import Callable

LEAST = 1.0  # seconds from one look to the next
SHARE = 0.03  # of the time, at most, for looking
SLOWER = 20  # a look for each of so many parts of the time that has passed: later steps change less


class Pace:
    """Says when a look is due: at once, then again and again, ever more seldom.

    rate: bytes a second that looks may send. clock: seconds, from any beginning.
    """

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._first = self._next = clock()

    def due(self) -> bool:
        return self._clock() >= self._next

    def look(self, show: Callable[[], int]) -> None:
        """Take a look, due or not. show: does it, and returns how many bytes it sent."""
        began = self._clock()
        sent = show()
        now = self._clock()
        wait = max(LEAST, (now - self._first) / SLOWER, (now - began) / SHARE, sent / self._rate)
        self._next = now + wait
