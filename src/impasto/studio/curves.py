"""Loss curves: how each term fell, as a drawing in SVG, made of numbers and escaped names."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, BELOW = 640, 260, 52, 28
POINTS = 300  # of a curve; more can't be seen
COLOURS = ("#b5562b", "#3f6d8f", "#6f8a3c", "#8a5a9c", "#c79a2e", "#4d8f83", "#a23e57", "#777")


def thinned(rows: Sequence[Mapping[str, float]]) -> list[Mapping[str, float]]:
    """Evenly spaced rows, the first and the last among them."""
    if len(rows) <= POINTS:
        return list(rows)
    return [rows[round(i * (len(rows) - 1) / (POINTS - 1))] for i in range(POINTS)]


def terms(row: Mapping[str, float]) -> dict[str, float]:
    """A step's losses by kind: layers' terms ("style wasserstein relu1_1") are added up."""
    added: dict[str, float] = {}
    for name, value in row.items():
        kind = name.replace(":", " ").replace("/", " ").split()[0]
        added[kind] = added.get(kind, 0.0) + value
    return added


def svg(losses: Sequence[Mapping[str, float]]) -> str:
    """A drawing of losses by term and step, by powers of ten; "" where there is nothing to draw."""
    rows = thinned([terms(row) for row in losses])
    names = list(dict.fromkeys(name for row in rows for name in row))
    positive = [v for row in rows for v in row.values() if v > 0 and math.isfinite(v)]
    if len(rows) < 2 or not positive:
        return ""
    low, high = math.log10(max(min(positive), max(positive) * 1e-6)), math.log10(max(positive))
    low, high = math.floor(low * 2) / 2, math.ceil(high * 2) / 2 or 0.5
    high = max(high, low + 0.5)
    parts: list[str] = []
    for k in range(math.ceil(low), math.floor(high) + 1):
        y = _y(k, low, high)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**k:g}</text>')
    for i, name in enumerate(names):
        points = " ".join(
            f"{LEFT + (WIDTH - LEFT) * j / (len(rows) - 1):.1f},"
            f"{_y(math.log10(row[name]), low, high):.1f}"
            for j, row in enumerate(rows)
            if row.get(name, 0) > 0
        )
        colour = COLOURS[i % len(COLOURS)]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}"/>')
    key = "".join(
        f'<li><i style="background:{COLOURS[i % len(COLOURS)]}"></i>{escape(name)}</li>'
        for i, name in enumerate(names)
    )
    foot = HEIGHT + BELOW - 6
    ends = f'<text x="{LEFT}" y="{foot}">step 1</text>'
    ends += f'<text x="{WIDTH}" y="{foot}" text-anchor="end">{len(losses)}</text>'
    told = escape(", ".join(names))
    return (
        f'<figure class="curves"><svg viewBox="0 0 {WIDTH} {HEIGHT + BELOW}" role="img" '
        f'aria-label="Losses by step: {told}">{"".join(parts)}{ends}</svg><ul>{key}</ul></figure>'
    )


def _y(power: float, low: float, high: float) -> float:
    return HEIGHT - (HEIGHT - 8) * (max(power, low) - low) / (high - low)
