"""Loss curves: how each term fell, as a drawing in SVG, made of numbers and escaped names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from impasto.jobs.curves import COLOURS, Losses, span, terms, thinned

WIDTH, HEIGHT, LEFT, BELOW = 640, 260, 52, 28


def svg(losses: Sequence[Losses]) -> str:
    """A drawing of losses by term and step, by powers of ten; "" where there is nothing to draw."""
    rows = thinned([terms(row) for row in losses])
    names = list(dict.fromkeys(name for row in rows for name in row))
    found = span(rows)
    if found is None:
        return ""
    low, high = found
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
