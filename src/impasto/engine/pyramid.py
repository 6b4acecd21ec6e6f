"""The pyramid: which sizes are painted, coarse to fine, and for how many steps each."""

from __future__ import annotations

import math

Size = tuple[int, int]

FALL = 0.8  # the steps of a size are this many times those of the size before


def fitted(width: int, height: int, long_side: int) -> Size:
    """Width and height with the same proportions and the given long side."""
    factor = long_side / max(width, height)
    return max(1, round(width * factor)), max(1, round(height * factor))


def sizes(final: Size, first: int, smallest_side: int) -> list[Size]:
    """From long side `first` to `final`, each at most √2 times the one before.

    Sizes with a side under `smallest_side`, or within a tenth of the final one, are left out; the
    final one is always there.
    """
    long_side = max(final)
    count = max(0, math.ceil(math.log2(max(1.0, long_side / first)) * 2 - 1e-9))
    steps = [long_side / (long_side / first) ** (i / count) for i in range(count, 0, -1)]
    found = [fitted(*final, round(side)) for side in steps]
    worth = [s for s in found if min(s) >= smallest_side and 1.1 * max(s) <= long_side]
    return [*worth, final]


def spread(total: int, sizes: list[Size]) -> list[int]:
    """Shares of `total` steps for each size, at least one each; where there are too few, the finest
    sizes get them.

    A coarse size is cheap and decides where things go; a fine one is dear and adds the last detail.
    """
    if total <= len(sizes):
        return [0] * (len(sizes) - total) + [1] * total
    shares = [FALL**i for i in range(len(sizes))]
    ends: list[int] = []
    done = 0.0
    for share in shares:
        done += share
        ends.append(round(total * done / sum(shares)))
    steps = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    while 0 in steps:
        steps[steps.index(0)] += 1
        steps[steps.index(max(steps))] -= 1
    return steps
