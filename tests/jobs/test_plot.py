"""Plots of losses: what is drawn is where its numbers are, and what was given up is not."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageColor

from impasto.errors import PictureError
from impasto.events import Step
from impasto.jobs import plot
from impasto.jobs.curves import COLOURS, Best, span, terms
from impasto.jobs.plot import Plot
from impasto.picture import Picture


def made(step: int, size: tuple[int, int], **losses: float) -> Step:
    named = {name.replace("_at_", " relu"): value for name, value in losses.items()}
    nothing = Picture(np.zeros((3, 1, 1), np.float32))
    return Step(step, 9, *size, sum(losses.values()), named, step / 9, step, lambda: nothing)


def heights(picture: Picture, colour: str, column: int) -> list[int]:
    """The rows of a column that have a colour."""
    wanted = np.array(ImageColor.getrgb(colour)) / 255
    off = np.abs(picture.pixels[:, :, column] - wanted[:, None]).max(0)
    return np.flatnonzero(off < 0.02).tolist()


def test_lines_are_where_the_numbers_are() -> None:
    drawing = Plot()
    for step in range(1, 101):
        drawing.step(made(step, (64, 48), style=10 ** -(4 * (step - 1) / 99)))
    picture = drawing.picture()
    assert (picture.width, picture.height) == plot.SIZE
    inside = plot.HEIGHT - plot.TOP - plot.BOTTOM
    across = plot.WIDTH - plot.LEFT - plot.RIGHT
    for share in (0.25, 0.5, 0.75):  # a straight line on this scale, from corner to corner
        rows = heights(picture, COLOURS[0], plot.LEFT + round(across * share))
        assert np.mean(rows) == pytest.approx(plot.TOP + inside * share, abs=2)


def test_what_was_given_up_is_not_drawn_and_each_size_begins_anew() -> None:
    best = Best()
    small, large = (64, 48), (128, 96)
    steps = [
        made(1, small, style=1.0, content=0.1),
        made(2, small, style=0.5, content=0.2),
        made(3, small, style=9.0, content=0.1),
        made(4, small, style=0.4, content=0.2),
        made(5, large, style=0.8, content=0.2),
        made(6, large, style=5.0, content=0.2),
    ]
    assert [best.of(step)["style"] for step in steps] == [1.0, 0.5, 0.5, 0.4, 0.8, 0.8]


def test_layers_are_added_up_to_terms() -> None:
    row = {"style relu1_1": 1.0, "style relu2_1": 2.0, "content relu3_1": 4.0, "tv": 8.0}
    assert terms(row) == {"style": 3.0, "content": 4.0, "tv": 8.0}


def test_the_scale_holds_all_losses_but_the_vanishing() -> None:
    assert span([{"a": 0.02, "b": 3.0}] * 2) == (-2.0, 0.5)
    assert span([{"a": 1.0, "b": 1e-30}] * 2) == (-6.0, 0.0)
    assert span([{"a": 1.0}] * 2) == (0.0, 0.5)
    assert span([{"a": float("nan"), "b": 0.0}] * 2) is None


def test_one_step_is_nothing_to_plot() -> None:
    drawing = Plot()
    drawing.step(made(1, (64, 48), style=1.0))
    with pytest.raises(PictureError, match="nothing to plot"):
        drawing.picture()
