"""A picture of how losses fell: by term and layer, step by step, size by size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from impasto.engine.pyramid import Size
from impasto.errors import PictureError
from impasto.events import Step
from impasto.io.color import unit
from impasto.jobs.curves import COLOURS, Best, Losses, kind, span, terms
from impasto.picture import Picture

SIZE = WIDTH, HEIGHT = 1280, 760
LEFT, RIGHT, TOP, BOTTOM = 96, 150, 120, 64  # around the curves
FINE = 2  # times finer than that it is drawn, for smooth lines
PAPER, INK, QUIET, GRID = "#faf8f5", "#2b2824", "#7d746a", "#e6e0d7"
APART = 20  # pixels between names
NOTE = (
    "Each term, weighted, at the best point so far of each size: points that a search gave up are "
    "left out. Thin lines are single layers."
)


@dataclass(frozen=True)
class Point:
    """A step, the size it was made at, and each loss."""

    step: int
    size: Size
    losses: Losses


@dataclass(frozen=True)
class Line:
    """A curve: its points in pixels. thick: of a term; otherwise of one layer of it."""

    name: str
    colour: str
    thick: bool
    points: list[list[tuple[float, float]]]  # of each size

    @property
    def shade(self) -> str:
        """Its colour, paler for a layer."""
        return self.colour if self.thick else _pale(self.colour)


class Plot:
    """Gathers the losses of a painting while it is made."""

    def __init__(self) -> None:
        self._best = Best()
        self.points: list[Point] = []

    def step(self, step: Step) -> None:
        """A step was made."""
        losses = self._best.of(step)
        self.points.append(Point(step.step, (step.width, step.height), losses))

    def picture(self, recipe: Mapping[str, Any] | None = None) -> Picture:
        """The plot, WIDTH x HEIGHT. PictureError where fewer than two steps were made."""
        return drawn(self.points, recipe)


def drawn(points: Sequence[Point], recipe: Mapping[str, Any] | None = None) -> Picture:
    """The plot of these points, on a scale of powers of ten; see `Plot.picture`."""
    shown = [{**_layers(point.losses), **terms(point.losses)} for point in points]
    found = span(shown)
    if found is None:
        raise PictureError("there is nothing to plot: losses of two steps are the least")
    image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), PAPER)
    pen = ImageDraw.Draw(image)
    _frame(pen, points, *found)
    lines = _lines(points, shown, *found)
    for line in sorted(lines, key=lambda line: line.thick):
        for part in line.points:
            _stroke(pen, part, line.shade, 3 if line.thick else 1.5)
    _names(pen, lines)
    image = image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    pixels = np.moveaxis(unit(np.asarray(image), 255), -1, 0)
    return Picture(np.ascontiguousarray(pixels), recipe=recipe)


def _layers(losses: Losses) -> dict[str, float]:
    """The losses of single layers, where a term has several."""
    kinds = [kind(name) for name in losses]
    return {name: v for name, v in losses.items() if kinds.count(kind(name)) > 1}


def _lines(points: Sequence[Point], shown: Sequence[Losses], low: float, high: float) -> list[Line]:
    first, last = points[0].step, points[-1].step
    kinds = list(dict.fromkeys(kind(name) for row in shown for name in row))
    lines: list[Line] = []
    for name in dict.fromkeys(name for row in shown for name in row):
        parts: dict[Size, list[tuple[float, float]]] = {}
        for point, row in zip(points, shown, strict=True):
            if (value := row.get(name, 0.0)) > 0 and math.isfinite(value):
                at = _x(point.step, first, last), _y(math.log10(value), low, high)
                parts.setdefault(point.size, []).append(at)
        colour = COLOURS[kinds.index(kind(name)) % len(COLOURS)]
        lines.append(Line(name, colour, name in kinds, list(parts.values())))
    return [line for line in lines if line.points]


def _frame(pen: ImageDraw.ImageDraw, points: Sequence[Point], low: float, high: float) -> None:
    """Title, grid, steps, and the sizes."""
    _text(pen, (LEFT, 34), "How the losses fell", 26, INK, "ls")
    _text(pen, (LEFT, 60), NOTE, 15, QUIET, "ls")
    for k in range(math.ceil(low), math.floor(high) + 1):
        y = _y(k, low, high)
        _stroke(pen, [(LEFT, y), (WIDTH - RIGHT, y)], GRID, 1)
        _text(pen, (LEFT - 12, y), f"{10.0**k:g}", 15, QUIET, "rm")
    first, last = points[0].step, points[-1].step
    for step in _ticks(first, last):
        _text(pen, (_x(step, first, last), HEIGHT - BOTTOM + 14), str(step), 15, QUIET, "mt")
    _text(pen, (WIDTH - RIGHT + 16, HEIGHT - BOTTOM + 14), "steps", 15, QUIET, "lt")
    begins = {point.size: point.step for point in reversed(points)}
    end = 0.0
    for size, step in sorted(begins.items(), key=lambda item: item[1]):
        x = _x(step, first, last)
        _stroke(pen, [(x, TOP - 24), (x, HEIGHT - BOTTOM)], GRID, 2)
        if x >= end:  # where there is room beside the size before
            text = "x".join(map(str, size))
            _text(pen, (x + 8, TOP - 14), text, 15, INK, "lm")
            end = x + 16 + _font(15).getlength(text) / FINE


def _names(pen: ImageDraw.ImageDraw, lines: Sequence[Line]) -> None:
    """Each line's name at its end, none over another."""
    ends = sorted(lines, key=lambda line: line.points[-1][-1][1])
    heights = [line.points[-1][-1][1] for line in ends]
    for i in range(1, len(heights)):
        heights[i] = max(heights[i], heights[i - 1] + APART)
    floor = HEIGHT - BOTTOM + 4.0
    for i in reversed(range(len(heights))):
        heights[i] = min(heights[i], floor)
        floor = heights[i] - APART
    for line, y in zip(ends, heights, strict=True):
        last = line.points[-1][-1]
        _stroke(pen, [(last[0] + 3, last[1]), (WIDTH - RIGHT + 14, y)], line.shade, 0.5)
        name = line.name if line.thick else line.name.removeprefix(kind(line.name)).strip()
        _text(pen, (WIDTH - RIGHT + 18, y), name, 19 if line.thick else 14, line.shade, "lm")


def _ticks(first: int, last: int) -> list[int]:
    """Round numbers of steps between two, some six."""
    rough = max((last - first) / 6, 1)
    power = 10 ** math.floor(math.log10(rough))
    every = next(n * power for n in (1, 2, 5, 10) if n * power >= rough)
    return [first, *range((first // every + 1) * every, last + 1, every)]


def _x(step: int, first: int, last: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (step - first) / (last - first)


def _y(power: float, low: float, high: float) -> float:
    inside = HEIGHT - TOP - BOTTOM
    return HEIGHT - BOTTOM - inside * (max(power, low) - low) / (high - low)


def _stroke(
    pen: ImageDraw.ImageDraw, points: Sequence[tuple[float, float]], colour: str, width: float
) -> None:
    if len(points) > 1:
        fine = [(x * FINE, y * FINE) for x, y in points]
        pen.line(fine, fill=colour, width=round(width * FINE), joint="curve")


def _text(
    pen: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    size: int,
    colour: str,
    anchor: str,
) -> None:
    place = at[0] * FINE, at[1] * FINE
    pen.text(place, text, fill=colour, font=_font(size), anchor=anchor)


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size * FINE)
    assert isinstance(font, ImageFont.FreeTypeFont)  # whenever a height is asked for
    return font


def _pale(colour: str) -> str:
    """The colour a third of the way to paper."""
    mixed = [
        (2 * a + b) // 3
        for a, b in zip(ImageColor.getrgb(colour), ImageColor.getrgb(PAPER), strict=True)
    ]
    return "#{:02x}{:02x}{:02x}".format(*mixed)
