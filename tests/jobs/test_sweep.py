"""Sweeps: every cell is what stylize paints, and the sheet holds them all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import impasto
from impasto.jobs import sheet
from impasto.jobs.sheet import GAP, Panel
from impasto.picture import Picture

SMALL: dict[str, Any] = {
    "size": 64,
    "steps": 3,
    "precision": "float32",
    "style_layers": "relu1_1,relu2_1",
    "content_layers": "relu3_1",
}
VARY = {"content_weight": [0.005, 0.5], "style_scale": [0.5, 1, 2]}


def test_the_sheet_shows_what_stylize_paints_with_each_value(folder: Path) -> None:
    made = impasto.sweep("photo.png", "painting.png", VARY, **SMALL)
    assert made.recipe is not None
    assert made.recipe["job"]["cells"][4] == {"content_weight": 0.5, "style_scale": 1.0}
    assert "style_scale" not in made.recipe["options"]
    assert made.recipe["options"]["steps"] == 3
    across, down = (made.width - GAP) // 3, (made.height - GAP) // 2
    assert down > 48 + GAP  # captions have room
    seen: list[Any] = []
    for row, content_weight in enumerate(VARY["content_weight"]):
        for column, style_scale in enumerate(VARY["style_scale"]):
            alone = impasto.stylize(
                *("photo.png", "painting.png"),
                content_weight=content_weight,
                style_scale=style_scale,
                **SMALL,
            )
            x = GAP + column * across + (across - GAP - alone.width) // 2
            y = GAP + row * down
            cell = made.pixels[:, y : y + alone.height, x : x + alone.width]
            assert np.abs(cell - alone.pixels).max() < 0.6 / 255 + 1e-6  # of 8 bits
            seen.append(cell)
    for i, cell in enumerate(seen):
        assert all(np.abs(cell - other).max() > 0.02 for other in seen[:i])


@pytest.mark.parametrize(
    ("vary", "told"),
    [
        ({}, "0 options are swept"),
        ({"size": [32], "seed": [1], "steps": [1]}, "3 options are swept"),
        ({"sise": [1]}, "no option 'sise'; did you mean size"),
        ({"seed": []}, "seed has no value"),
        ({"content_weight": [0.5, "0.50"]}, "content_weight 0.5 comes twice"),
    ],
)
def test_what_cannot_be_swept(folder: Path, vary: dict[str, list[Any]], told: str) -> None:
    with pytest.raises(impasto.OptionError, match=told):
        impasto.sweep("photo.png", "painting.png", vary, **SMALL)


def test_captions_make_room_for_themselves_and_blanks_stay_blank() -> None:
    red = Picture(np.stack([np.full((40, 30), v, np.float32) for v in (1, 0, 0)]))
    panels = [Panel.of("a", red), Panel("a caption much wider than that", None, (20, 40))]
    made = sheet.drawn(panels, 1)
    assert (made.width, made.height) == sheet.size(panels, 1)
    assert made.width > 100
    rows = made.pixels[:, GAP : GAP + 40].mean(1)
    assert np.isclose(rows.T, (1, 0, 0)).all(1).sum() == 30
    edges = [made.pixels[..., : GAP // 2], made.pixels[..., -GAP // 2 :]]
    assert all((edge == 1).all() for edge in edges)  # no letter is cut off
    assert sheet.size(panels, 2) == (2 * made.width - GAP, (made.height + GAP) // 2)
