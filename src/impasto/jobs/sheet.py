"""The sheet: several pictures in one, in rows, each with its caption."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from impasto.engine.paint import Painting
from impasto.engine.pyramid import Size
from impasto.io.color import unit
from impasto.jobs import recipe
from impasto.picture import Picture

GAP = 8  # pixels around what is on the sheet
SMALLEST = 12  # pixels a letter: what can be read
PAPER, INK, EMPTY = (255, 255, 255), (0, 0, 0), (225, 225, 225)


@dataclass(frozen=True)
class Panel:
    """A picture on the sheet, None for one that was not painted. caption: one line or more."""

    caption: str
    picture: Picture | None
    size: Size

    @staticmethod
    def of(caption: str, picture: Picture) -> Panel:
        return Panel(caption, picture, (picture.width, picture.height))


@dataclass(frozen=True)
class Cell:
    """A painting for a sheet. values: the options that it differs by, as a recipe has them."""

    values: Mapping[str, Any]
    caption: str
    painting: Painting

    def told(self) -> list[str]:
        """The values as one would type them: ["content-weight 0.04", "style-scale 2"]."""
        texts = {k: f"{v:.12g}" if isinstance(v, float) else v for k, v in self.values.items()}
        return [f"{name.replace('_', '-')} {text}" for name, text in texts.items()]

    def panel(self) -> Panel:
        """The painting as far as it is made; nothing of one that isn't begun."""
        made, planned = self.painting.made, sum(self.painting.plan.steps)
        size = self.painting.plan.sizes[-1]
        if not made:
            return Panel(self.caption, None, size)
        stopped = "" if made == planned else f"\nstopped at step {made} of {planned}"
        return Panel(self.caption + stopped, self.painting.picture, size)


def of_cells(cells: Sequence[Cell], leading: Sequence[Panel], columns: int, job: str) -> Picture:
    """The sheet of what is painted of the cells, with its recipe. leading: what stands first."""
    panels = [*leading, *(cell.panel() for cell in cells)]
    painted = [panel.picture for panel in panels[len(leading) :] if panel.picture is not None]
    recipes = [picture.recipe for picture in painted if picture.recipe is not None]
    values = [dict(cell.values) for cell in cells]
    whole = recipe.common(recipes, {"name": job, "cells": values}) if recipes else None
    return drawn(panels, columns, whole)


def drawn(
    panels: Sequence[Panel], columns: int, recipe: Mapping[str, Any] | None = None
) -> Picture:
    """The sheet as a Picture, with so many panels in a row; transparent ones lie over white."""
    font, box, line = _layout(panels)
    image = Image.new("RGB", size(panels, columns), PAPER)
    pen = ImageDraw.Draw(image)
    for i, panel in enumerate(panels):
        left = GAP + i % columns * (box[0] + GAP)
        top = GAP + i // columns * (box[1] + GAP)
        width, height = panel.size
        x, y = left + (box[0] - width) // 2, top + (_tallest(panels) - height) // 2
        if panel.picture is None:
            pen.rectangle((x, y, x + width - 1, y + height - 1), fill=EMPTY)
        else:
            shown = panel.picture.to_pil()
            image.paste(shown, (x, y), shown if shown.mode == "RGBA" else None)
        below = top + _tallest(panels) + GAP // 2
        for text in panel.caption.splitlines():
            middle = left + box[0] // 2
            pen.text((middle, below), text, fill=INK, font=font, anchor="ma")
            below += line
    pixels = np.moveaxis(unit(np.asarray(image), 255), -1, 0)
    return Picture(np.ascontiguousarray(pixels), recipe=recipe)


def size(panels: Sequence[Panel], columns: int) -> Size:
    """Width and height of the sheet."""
    _, (width, height), _ = _layout(panels)
    rows, across = math.ceil(len(panels) / columns), min(columns, len(panels))
    return GAP + across * (width + GAP), GAP + rows * (height + GAP)


def _layout(panels: Sequence[Panel]) -> tuple[ImageFont.FreeTypeFont, Size, int]:
    """The font, the box that each panel has with its caption, and the height of a line."""
    widest = max(panel.size[0] for panel in panels)
    lines = [panel.caption.splitlines() for panel in panels]
    texts = [text for caption in lines for text in caption]
    letters = min(24, max(SMALLEST, _tallest(panels) // 24))
    font = _font(letters)
    while letters > SMALLEST and max(map(font.getlength, texts)) > widest:
        letters -= 1
        font = _font(letters)
    line = math.ceil(letters * 1.3)
    # A caption that doesn't fit its picture even so makes room for itself.
    width = max(widest, math.ceil(max(map(font.getlength, texts))) + GAP)
    return font, (width, _tallest(panels) + GAP // 2 + line * max(map(len, lines))), line


def _tallest(panels: Sequence[Panel]) -> int:
    return max(panel.size[1] for panel in panels)


def _font(letters: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(letters)
    assert isinstance(font, ImageFont.FreeTypeFont)  # whenever a height is asked for
    return font
