"""The pyramid: which sizes are painted, coarse to fine, and for how many steps each."""

from __future__ import annotations

import math
from collections.abc import Sequence

Size = tuple[int, int]

FIRST = 0.64  # of the second size's steps, at the first, which only lays down the large forms
ALONE = 1.4  # of them, where there is one size
FALL = 0.64  # of the steps, where sizes double from there on
PACES = {"draft": (10, 6), "normal": (32, 16), "best": (200, 80)}
"""By quality: steps at the second size, and at any later one at least."""


def fitted(width: int, height: int, long_side: int) -> Size:
    """Width and height with the same proportions and the given long side."""
    factor = long_side / max(width, height)
    return max(1, round(width * factor)), max(1, round(height * factor))


def sizes(final: Size, first: int, smallest_side: int, growth: float = math.sqrt(2)) -> list[Size]:
    """From long side `first` to `final`, each at most `growth` times the one before.

    Sizes with a side under `smallest_side`, or within a tenth of the final one, are left out; the
    final one is always there.
    """
    long_side = max(final)
    count = max(0, math.ceil(math.log(max(1.0, long_side / first)) / math.log(growth) - 1e-9))
    steps = [long_side / (long_side / first) ** (i / count) for i in range(count, 0, -1)]
    found = [fitted(*final, round(side)) for side in steps]
    worth = [s for s in found if min(s) >= smallest_side and 1.1 * max(s) <= long_side]
    return [*worth, final]


def shares(sizes: Sequence[Size]) -> list[float]:
    """What each size has of the second one's steps.

    A coarse size decides where things go, and is left soon; from then on a finer one is dearer, and
    adds the less.
    """
    if len(sizes) == 1:
        return [ALONE]
    second = max(sizes[1])
    return [FIRST, *(FALL ** math.log2(max(size) / second) for size in sizes[1:])]


def paced(quality: str, sizes: Sequence[Size]) -> list[int]:
    """The steps of each size that a quality takes."""
    second, least = PACES[quality]
    first, *others = shares(sizes)
    return [round(second * first), *(max(least, round(second * share)) for share in others)]


def spread(total: int, sizes: Sequence[Size]) -> list[int]:
    """Shares of `total` steps for each size, at least one each; where there are too few, the finest
    sizes get them.
    """
    if total <= len(sizes):
        return [0] * (len(sizes) - total) + [1] * total
    parts = shares(sizes)
    ends: list[int] = []
    done = 0.0
    for part in parts:
        done += part
        ends.append(round(total * done / sum(parts)))
    steps = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    while 0 in steps:
        steps[steps.index(0)] += 1
        steps[steps.index(max(steps))] -= 1
    return steps
