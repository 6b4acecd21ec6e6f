"""Draw what the benchmarks measured: `python docs/plots.py` (benchmarks/results to docs/images)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE.parent / "benchmarks" / "results"
WIDTH, HEIGHT, LEFT, BELOW, ABOVE, RIGHT = 640, 300, 64, 52, 30, 24
COLOURS = ("#b5562b", "#3f6d8f", "#6f8a3c", "#8a5a9c")

Point = tuple[float, float, str]  # x, y, what is written beside it


def scaled(values: Sequence[float], start: float, end: float) -> Callable[[float], float]:
    """From a logarithmic scale, with some room at both ends, to a drawing's."""
    low, high = math.log(min(values) * 0.85), math.log(max(values) * 1.2)
    return lambda value: start + (end - start) * (math.log(value) - low) / (high - low)


def ticks(values: Sequence[float]) -> list[float]:
    """1, 2 and 5 times the powers of ten within the values' range; all digits, where that is less
    than three.
    """
    low, high = min(values) * 0.85, max(values) * 1.2
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    few, many = (
        [m * 10.0**p for p in powers for m in digits if low <= m * 10.0**p <= high]
        for digits in ((1, 2, 5), range(1, 10))
    )
    return few if len(few) >= 3 else many


def drawn(title: str, across: str, up: str, lines: Mapping[str, Sequence[Point]]) -> str:
    """Lines of points in SVG, both axes by ratios."""
    points = [point for line in lines.values() for point in line]
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    x, y = scaled(xs, LEFT, WIDTH - RIGHT), scaled(ys, HEIGHT - BELOW, ABOVE)
    parts = [f'<text x="{LEFT}" y="18" class="title">{title}</text>']
    for tick in ticks(ys):
        at = f"{y(tick):.1f}"
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at}" y2="{at}" class="grid"/>')
        parts.append(
            f'<text x="{LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>'
        )
    for tick in ticks(xs):
        at = f"{x(tick):.1f}"
        parts.append(
            f'<text x="{at}" y="{HEIGHT - BELOW + 18}" text-anchor="middle">{tick:g}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 12}" text-anchor="middle">{across}</text>')
    turned = f'transform="translate(14 {(HEIGHT - BELOW + ABOVE) / 2}) rotate(-90)"'
    parts.append(f'<text {turned} text-anchor="middle">{up}</text>')
    for (name, line), colour in zip(lines.items(), COLOURS, strict=False):
        path = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b, _ in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for a, b, word in line:
            parts.append(f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3.5" fill="{colour}"/>')
            parts.append(
                f'<text x="{x(a) + 7:.1f}" y="{y(b) - 7:.1f}" fill="{colour}">{word}</text>'
            )
        if name:
            a, b, _ = line[-1]
            parts.append(
                f'<text x="{x(a):.1f}" y="{y(b) + 20:.1f}" fill="{colour}" text-anchor="end">'
                f"{name}</text>"
            )
    style = (
        "text{font:12px system-ui,sans-serif;fill:#555}.title{font-weight:600}.grid{stroke:#ddd}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<style>{style}</style><rect width="100%" height="100%" fill="#fff"/>'
        f"{''.join(parts)}</svg>\n"
    )


def quality(found: Mapping[str, Any]) -> str:
    ways = found["ways"]

    def line(names: Sequence[str]) -> list[Point]:
        points = [(ways[n]["seconds"]["median"], ways[n]["loss"]["median"], n) for n in names]
        return sorted(points)

    adam = [name for name in ways if name.startswith("adam")]
    ours = [name for name in ("draft", "normal", "best") if name in ways]
    lines = {"": line(ours), " ": line(adam)}
    title = (
        f"What seconds buy, {found['size']} px (loss, share of the photograph's; lower is better)"
    )
    return drawn(title, "seconds of painting", "loss", lines)


def scale(found: Mapping[str, Any]) -> str:
    points = [
        (one["megapixels"], one["seconds_a_step_and_megapixel"]["median"], "")
        for one in found["sizes"]
    ]
    return drawn("A step's seconds for each megapixel", "megapixels", "seconds", {"": points})


def main() -> None:
    for name, draw in (("quality_over_time", quality), ("scale", scale)):
        measured = RESULTS / f"{name}.json"
        if measured.exists():
            (HERE / "images" / f"{name}.svg").write_text(draw(json.loads(measured.read_text())))


if __name__ == "__main__":
    main()
