"""Precision must not show: what is painted in bfloat16 is as good as what float32 paints."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import impasto
from impasto.engine import canvas
from impasto.engine.objective import Objective
from impasto.io.files import read_picture
from impasto.jobs.single import load_network
from impasto.options import Options

PICTURES = Path(__file__).parents[2] / "examples" / "pictures"


@pytest.mark.slow
def test_a_picture_painted_in_bfloat16_is_as_close_to_what_is_asked() -> None:
    content, style = (read_picture(PICTURES / name) for name in ("cat.png", "swirls.jpg"))
    options = Options(size=160, steps=60, device="cpu", precision="float32")
    pixels = [canvas.to_tensor(p, torch.device("cpu"))[0] for p in (content, style)]
    width, height = 160, round(160 * content.height / content.width)
    read = [(canvas.resized(x, width, height), None) for x in pixels]
    judge = Objective(load_network(options), read[0], read[1:], options)

    def loss_of(precision: str) -> float:
        painted = impasto.stylize(
            content, style, size=160, steps=60, device="cpu", precision=precision
        )
        return judge(canvas.to_tensor(painted, torch.device("cpu"))[0]).total

    exact, rough = loss_of("float32"), loss_of("bfloat16")
    assert exact < 0.5 * judge(read[0][0]).total
    assert rough < 1.02 * exact
