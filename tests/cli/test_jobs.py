"""texture, reconstruct and sweep: what they say, write and refuse; what Ctrl-C leaves."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from impasto.engine.objective import Objective
from impasto.engine.paint import Painting
from impasto.errors import PaintingError
from impasto.io.files import read_picture, read_recipe

Run = Callable[..., Any]
SWEEP = ("sweep", "photo.png", "painting.png")
QUICK = ("--steps", "2", "--size", "64")


def test_texture_writes_the_size_asked_for(folder: Path, run: Run) -> None:
    done = run("texture", "painting.png", "--size", "80x48", "--tileable", "--steps", "2")
    assert done.code == 0
    assert done.out.startswith("painting-texture.png  80x48, ")
    recipe = read_recipe("painting-texture.png")
    assert recipe is not None
    assert recipe["options"]["padding"] == "circular"
    assert recipe["options"]["start"] == "noise"
    assert "\njob        texture 80x48\n" in run("describe", "painting-texture.png").out


def test_reconstruct_paints_one_layer_or_the_figure(folder: Path, run: Run) -> None:
    done = run("reconstruct", "content", "photo.png", *QUICK, "--layer", "conv2_2")
    assert done.code == 0
    assert done.out.startswith("photo-content.png  64x48, ")
    recipe = read_recipe("photo-content.png")
    assert recipe is not None
    assert recipe["options"]["content_layers"] == "conv2_2"
    figure = run("reconstruct", "content", "photo.png", *QUICK, "--figure", "-o", "figure.png")
    assert figure.code == 0
    assert "has no conv5_2: left out" in figure.err
    assert "cell 4 of 4: content-layers conv4_2" in figure.err
    styles = run("reconstruct", "style", "photo.png", *QUICK, "--figure", "--quiet")
    assert (styles.code, styles.out, styles.err) == (0, "", "")
    assert read_picture("photo-style.png").width > read_picture("figure.png").width > 5 * 64


@pytest.mark.parametrize(
    ("args", "size"),
    [
        (("texture", "painting.png", "--size", "96x48"), "96x48"),
        (("reconstruct", "content", "photo.png", "--size", "96"), "96x72"),
        (("reconstruct", "style", "photo.png", "--size", "96", "--network", "vgg19"), "96x72"),
    ],
)
def test_they_explain_and_paint_nothing(
    folder: Path, run: Run, args: tuple[str, ...], size: str
) -> None:
    before = sorted(folder.iterdir())
    done = run(*args, "--explain", "-o", "photo.png")  # in whose way nothing is
    *sizes, last = done.out.splitlines()
    assert (done.code, sizes[-1].split()[0]) == (0, size)
    assert last.endswith("GB of memory at the peak")
    assert sorted(folder.iterdir()) == before


def test_sweep_saves_sheet_and_cells(folder: Path, run: Run, small: tuple[str, ...]) -> None:
    vary = ("--content-weight", "0.005, 0.05", "--style-scale", "1,2")
    done = run(*SWEEP, *small, *vary, "--save-cells", "cells")
    assert done.code == 0
    assert done.out.startswith("photo-painting-sweep.png  ")
    lines = done.err.splitlines()
    assert len([line for line in lines if line.startswith("cell ")]) == 4
    assert any("cell 2 of 4: content-weight 0.005, style-scale 2" in line for line in lines)
    told = run("describe", "photo-painting-sweep.png")
    assert (told.code, told.err) == (0, "")
    assert "\njob        sweep\n" in told.out and "painted" not in told.out
    alone = ("--content-weight", "0.05", "--style-scale", "1", "-o", "alone.png")
    assert run("stylize", *SWEEP[1:], *small, *alone, "--quiet").code == 0
    saved = Path("cells/content-weight_0.05_style-scale_1.png")
    assert saved.read_bytes() == Path("alone.png").read_bytes()
    assert len(list(Path("cells").iterdir())) == 4
    again = run(*SWEEP, *small, *vary, "--save-cells", "cells", "-o", "other.png")
    assert again.code == 1
    assert "exists" in again.err and not Path("other.png").exists()


def test_the_first_option_goes_down_and_the_second_across(
    folder: Path, run: Run, small: tuple[str, ...]
) -> None:
    done = run(*SWEEP, *small, "--style-scale", "1,2", "--content-weight", "0.1,0.2,0.3", "--json")
    cells = [json.loads(line)["values"] for line in done.out.splitlines()[:-1]]
    assert [cell["style_scale"] for cell in cells] == [1, 1, 1, 2, 2, 2]
    sheet = read_picture("photo-painting-sweep.png")
    assert sheet.width > 3 * 56 and sheet.width > sheet.height


def test_sweep_in_json(folder: Path, run: Run, small: tuple[str, ...]) -> None:
    done = run(*SWEEP, *small, "--preset", "default,bold", "--json")
    assert (done.code, done.err) == (0, "")
    *cells, last = [json.loads(line) for line in done.out.splitlines()]
    assert [cell["values"] for cell in cells] == [{"preset": "default"}, {"preset": "bold"}]
    assert (last["cells"], last["interrupted"]) == (2, False)


def test_ctrl_c_keeps_the_cells_so_far(
    folder: Path, run: Run, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, evaluate = [0], Objective.__call__

    def evaluated(self: Objective, picture: Any) -> Any:
        calls[0] += 1
        if calls[0] == 6:  # in the second cell's second step
            os.kill(os.getpid(), signal.SIGINT)
        return evaluate(self, picture)

    monkeypatch.setattr(Objective, "__call__", evaluated)
    done = run(*SWEEP, *small, "--seed", "1,2,3", "--start", "noise", "-o", "out.png")
    assert done.code == 130
    assert "stopped after 1 of 3 cells" in done.err
    sheet = read_picture("out.png")
    assert calls[0] == 6
    assert sheet.width > 3 * 56


def test_an_error_keeps_the_cells_so_far(
    folder: Path, run: Run, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluated = Painting._evaluated

    def fail(self: Painting, *args: Any) -> Any:
        if self.options.seed == 2:
            raise PaintingError("out of paint; buy some")
        return evaluated(self, *args)

    monkeypatch.setattr(Painting, "_evaluated", fail)
    done = run(*SWEEP, *small, "--seed", "1,2", "-o", "out.png", "--quiet")
    kept = "error: out of paint; buy some; the last good picture is kept as out.png\n"
    assert (done.code, done.out, done.err) == (1, "", kept)
    assert read_picture("out.png").width > 2 * 56


@pytest.mark.parametrize(
    ("args", "code", "text"),
    [
        (SWEEP, 2, "nothing is swept; give an option several values"),
        ((*SWEEP, "--style-layers", "relu1_1,relu2_1"), 2, "--style-layers takes commas itself"),
        ((*SWEEP, "--seed=1,2", "--size=32,64", "--steps=1,2"), 2, "--steps have several values"),
        ((*SWEEP, "--seed", "1,1"), 2, "--seed 1 comes twice"),
        ((*SWEEP, "--pooling", "max,min"), 2, "--pooling is 'min'; choose auto, max or average"),
        ((*SWEEP, "--content-weight", "0.1,x", "-o", "photo.png"), 2, "--content-weight is 'x'"),
        ((*SWEEP, "--seed", "1,1", "-o", "no/out.png"), 2, "--seed 1 comes twice"),
        (
            ("sweep", "photo.png", "no.png", "--seed=1,2", "-o", "photo.png"),
            1,
            "no.png isn't there",
        ),
        (("texture", "no.png", "-o", "photo.png"), 1, "no.png isn't there"),
        ((*SWEEP, "--seed", "1,2", "-o", "photo.png", "--overwrite"), 2, "also an input"),
        ((*SWEEP, "--seed", "1,2", "--save-cells", "no/cells"), 1, "no/cells can't be made"),
        (("texture", "painting.png", "--size", "100", "--tileable"), 2, "try 96x96"),
        (("texture", "painting.png", "--size", "1x"), 2, "--size is '1x'; it takes WIDTHxHEIGHT"),
        (("texture", "painting.png", "--tileable", "--padding", "zeros"), 2, "--padding is zeros"),
        (("reconstruct", "content", "photo.png", "--layer", "conv5_2"), 2, "did you mean conv5_1"),
        (("reconstruct", "content", "photo.png", "--layer", ""), 2, "no layer of any weight"),
        (("reconstruct", "style", "photo.png", "--layers", "conv1_1", "--figure"), 2, "give one"),
        (("reconstruct", "stile", "photo.png"), 2, "stile"),
        (("reconstruct", "content", "photo.png", "--figure", "--explain"), 2, "several; give one"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(
    folder: Path, run: Run, args: tuple[str, ...], code: int, text: str
) -> None:
    before = sorted(folder.iterdir())
    done = run(*args)
    assert done.err.startswith("error: ") and done.err.count("\n") == 1
    assert text in done.err and "unexpected" not in done.err
    assert (done.code, done.out) == (code, "")
    assert sorted(folder.iterdir()) == before
