"""How losses fell: the numbers that curves are drawn of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from impasto.engine.pyramid import Size
from impasto.events import Step

Losses = Mapping[str, float]

POINTS = 300  # of a curve; more can't be seen
DEPTH = 1e-6  # of the highest loss, under which none is drawn
COLOURS = ("#b5562b", "#3f6d8f", "#6f8a3c", "#8a5a9c", "#c79a2e", "#4d8f83", "#a23e57", "#777777")


class Best:
    """The losses at the best point so far of each size.

    A line search looks at points that it then gives up, whose losses stand out; what it takes is
    what has the least yet.
    """

    def __init__(self) -> None:
        self._size: Size | None = None
        self._total = math.inf
        self._losses: Losses = {}

    def of(self, step: Step) -> Losses:
        """The losses there, with this step counted; called with each step in turn."""
        size = step.width, step.height
        if size != self._size or step.total <= self._total:
            self._size, self._total, self._losses = size, step.total, step.losses
        return self._losses


def kind(name: str) -> str:
    """What a loss is of, without its layer: style, of "style relu1_1"."""
    return name.replace(":", " ").replace("/", " ").split()[0]


def terms(losses: Losses) -> dict[str, float]:
    """A step's losses by kind: those of layers are added up."""
    added: dict[str, float] = {}
    for name, value in losses.items():
        added[kind(name)] = added.get(kind(name), 0.0) + value
    return added


def thinned(rows: Sequence[Losses]) -> list[Losses]:
    """Evenly spaced rows, the first and the last among them."""
    if len(rows) <= POINTS:
        return list(rows)
    return [rows[round(i * (len(rows) - 1) / (POINTS - 1))] for i in range(POINTS)]


def span(rows: Sequence[Losses]) -> tuple[float, float] | None:
    """The powers of ten, in halves, that hold all losses; None where there is nothing to draw."""
    positive = [v for row in rows for v in row.values() if v > 0 and math.isfinite(v)]
    if len(rows) < 2 or not positive:
        return None
    low, high = math.log10(max(min(positive), max(positive) * DEPTH)), math.log10(max(positive))
    low, high = math.floor(low * 2) / 2, math.ceil(high * 2) / 2
    return low, max(high, low + 0.5)
