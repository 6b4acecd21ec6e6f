"""Strips: rows of a picture, each read with the rows around it that convolutions reach.

A strip is as wide as the picture, so that it lies in one piece in memory, and left and right it
ends where the picture does. Above and below it is read further, by a row for each convolution
until the next pooling; those rows are read by its neighbours too, but belong to one strip only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Strip:
    """Rows of a block's positions.

    start, stop:   its own.
    above, below:  rows that are read beyond them.
    ends:          whether the picture ends with what is read, above and below.
    """

    start: int
    stop: int
    above: int
    below: int
    ends: tuple[bool, bool]

    @property
    def rows(self) -> slice:
        return slice(self.start, self.stop)

    def read(self, x: Tensor) -> Tensor:
        """Its own rows of (1, C, H, W) and those around them; a view, unless they wrap around."""
        first, last = self.start - self.above, self.stop + self.below
        if first >= 0 and last <= x.shape[2]:
            return x[:, :, first:last]
        return x.index_select(2, self._wrapped(x))

    def own(self, x: Tensor, reach: int) -> Tensor:
        """What is its own of what convolutions that see so far to a side made of what was read."""
        first = self.above - (0 if self.ends[0] else reach)
        return x[:, :, first : first + self.stop - self.start]

    def add(self, to: Tensor, gradient: Tensor) -> None:
        """Add the gradient in what was read to that in all of it."""
        first, last = self.start - self.above, self.stop + self.below
        if first >= 0 and last <= to.shape[2]:
            to[:, :, first:last] += gradient
        else:
            to.index_add_(2, self._wrapped(to), gradient)

    def _wrapped(self, x: Tensor) -> Tensor:
        rows = torch.arange(self.start - self.above, self.stop + self.below, device=x.device)
        return rows % x.shape[2]


def cut(height: int, rows: int, reach: int, *, wraps: bool = False) -> list[Strip]:
    """Strips of about so many rows, of like height, that read `reach` rows further.

    rows: 0 = one strip of all. wraps: whether the last row goes on at the first. Borders between
    strips are even, so that poolings see the same pairs; a single odd row is never left over.
    """
    count = math.ceil(height / max(rows, 2)) if rows else 1
    starts = [*range(0, max(1, height - 1), 2 * math.ceil(height / count / 2))]
    if len(starts) == 1:
        return [Strip(0, height, 0, 0, (True, True))]
    strips: list[Strip] = []
    for start, stop in zip(starts, [*starts[1:], height], strict=True):
        if wraps:
            strips.append(Strip(start, stop, reach, reach, (False, False)))
            continue
        ends = (start <= reach, height - stop <= reach)
        above, below = min(start, reach), min(height - stop, reach)
        strips.append(Strip(start, stop, above, below, ends))
    return strips
