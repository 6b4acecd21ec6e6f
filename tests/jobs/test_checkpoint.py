"""A painting that was cut off goes on as if it hadn't been."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from impasto.engine.paint import Painting
from impasto.errors import PaintingError
from impasto.events import Step
from impasto.jobs import checkpoint, single
from impasto.networks.layout import Weights
from impasto.networks.vgg import VGG
from impasto.options import Options
from impasto.picture import Picture

Begin = Callable[..., Painting]
Scene = Callable[..., Picture]


@pytest.fixture
def begin(scene: Scene, lite: Weights) -> Begin:
    photo, style = scene(60, 45, 1), scene(80, 64, 2, texture=1.0)

    def make(content: Picture = photo, **changes: Any) -> Painting:
        small: dict[str, Any] = {"size": 64, "first_size": 32, "steps": 12, "device": "cpu"}
        small |= {"precision": "float32", "content_layers": "relu2_1"}
        small |= {"style_layers": "relu1_1,relu2_1"}
        return single.begin(content, [style], Options(**{**small, **changes}), VGG(lite))

    return make


WAYS: list[dict[str, Any]] = [
    {},
    {"precision": "bfloat16"},
    {"optimizer": "adam", "growth": 1.4},
    {"optimizer": "sgd", "learning_rate": 1e-3},
    {"optimizer": "lbfgs-fixed"},
    {"style_loss": "sliced,gaussian"},  # whose random numbers go on, too
    {"color": "keep", "start": "noise"},
    {"optimizer": "sgd", "stop_change": 1e-3, "learning_rate": 1e-9, "growth": 1.4},
]


@pytest.mark.parametrize("changes", WAYS, ids=lambda changes: " ".join(map(str, changes.values())))
def test_it_ends_with_the_same_pixels_wherever_it_was_cut(
    begin: Begin, tmp_path: Path, changes: dict[str, Any]
) -> None:
    whole = begin(**changes)
    kept: list[Path] = []
    for event in whole:
        if isinstance(event, Step):
            kept.append(tmp_path / f"{event.step}.checkpoint")
            checkpoint.save(whole, kept[-1])
    assert len(kept) == whole.made >= 3
    for path in kept:
        again = begin(**changes)
        checkpoint.resume(again, path)
        assert again.made == int(path.stem)
        steps = [event.step for event in again if isinstance(event, Step)]
        assert steps == [*range(int(path.stem) + 1, whole.made + 1)]
        np.testing.assert_array_equal(again.picture.pixels, whole.picture.pixels)
        assert again.picture.recipe == whole.picture.recipe


def cut(painting: Painting, path: Path, step: int = 5) -> Picture:
    """Keep a painting at a step; its picture there."""
    for event in painting:
        if isinstance(event, Step) and event.step == step:
            checkpoint.save(painting, path)
            break
    return painting.picture


def test_before_it_goes_on_it_shows_what_was_kept(begin: Begin, tmp_path: Path) -> None:
    path = tmp_path / "kept"
    shown = cut(begin(), path)
    again = begin()
    checkpoint.resume(again, path)
    np.testing.assert_array_equal(again.picture.pixels, shown.pixels)


def test_another_painting_is_refused_and_says_what_differs(
    begin: Begin, scene: Scene, tmp_path: Path
) -> None:
    another = replace(scene(60, 45, 3), sha256="another file's")
    path = tmp_path / "kept"
    cut(begin(), path)
    for other, what in (
        (begin(content_weight=0.2), r"content_weight differ"),
        (begin(another), r"inputs differ"),
        (begin(size=70), r"size, sizes differ"),
    ):
        with pytest.raises(PaintingError, match=rf"another painting \({what}\); delete it, or"):
            checkpoint.resume(other, path)


@pytest.mark.parametrize("how", ["cut short", "other bytes", "another's", "code"])
def test_a_file_that_is_no_checkpoint_is_refused(begin: Begin, tmp_path: Path, how: str) -> None:
    path = tmp_path / "kept"
    cut(begin(), path)
    if how == "cut short":
        path.write_bytes(path.read_bytes()[:-700])
    elif how == "other bytes":
        path.write_bytes(b"not one")
    elif how == "another's":
        torch.save({"weights": torch.zeros(2)}, path)
    else:
        torch.save({"format": checkpoint.FORMAT, "of": Path("x")}, path)
    with pytest.raises(PaintingError, match="delete it"):
        checkpoint.resume(begin(), path)
