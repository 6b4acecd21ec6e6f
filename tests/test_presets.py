"""Presets do what their summaries say, and there is no option that does nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import impasto
from impasto.engine import canvas
from impasto.engine.objective import Objective
from impasto.networks.vgg import VGG
from impasto.networks.weights import Weights, save_weights
from impasto.options import SPECS, Options
from impasto.picture import Picture
from impasto.presets import PRESETS, resolve

Scene = Callable[..., Picture]


def test_presets_hold_what_differs_from_the_defaults() -> None:
    assert resolve() == Options()
    for name, preset in PRESETS.items():
        chosen, plain = resolve(name).to_dict(), Options().to_dict()
        changed = {k for k in chosen if chosen[k] != plain[k]}
        stated = {*preset.options, "preset"} - ({"preset"} if name == "default" else set())
        if preset.source == "impasto":
            assert changed == stated
        else:  # a publication's are stated whole, also where ours happen to be the same
            assert changed <= stated
            asked = Options(**preset.options).to_dict()
            assert all(chosen[k] == asked[k] for k in preset.options)
    assert resolve("bold", {"steps": 7}).steps == 7  # what is asked for has the last word


def test_faithful_keeps_more_of_the_photograph_and_bold_less(network: VGG, scene: Scene) -> None:
    """In the content loss that the default weights give."""
    photo, style = scene(96, 72, 3), scene(160, 128, 4, texture=1.0)
    planes = [torch.from_numpy(p.pixels)[None] for p in (photo, style)]
    read = canvas.resized(planes[1], 96, 77)
    objective = Objective(network, (planes[0], None), [(read, None)], Options())

    def away(preset: str) -> float:
        small: dict[str, Any] = {"size": 96, "steps": 20, "device": "cpu", "precision": "float32"}
        made = impasto.stylize(photo, style, preset=preset, **small)
        losses = objective(torch.from_numpy(made.pixels)[None]).losses
        return sum(v for k, v in losses.items() if k.startswith("content"))

    assert 1.05 * away("faithful") < away("default")
    assert 1.05 * away("default") < away("bold")


@pytest.mark.parametrize("preset", PRESETS)
def test_masks_and_colour_go_with_every_preset_and_several_styles(
    scene: Scene, preset: str
) -> None:
    photo = scene(64, 64, 1)
    halves = np.zeros_like(photo.pixels)
    halves[:, :, 32:] = 1
    painting = impasto.paint(
        photo,
        [scene(72, 64, 2, texture=1.0), scene(64, 64, 3)],
        preset=preset,
        mask=Picture(halves),
        style_mask=[Picture(np.ones((3, 64, 72), np.float32)), None],
        color="match",
        network="vgg19-lite",
        size=64,
        steps=3,
        device="cpu",
        start="content",
        stop_change=0,
    )
    steps = [event for event in painting if isinstance(event, impasto.Step)]
    assert len(steps) == 3 and all(math.isfinite(step.total) for step in steps)
    moved = np.abs(painting.picture.pixels - photo.pixels)
    assert min(moved[..., :32].max(), moved[..., 32:].max()) > 1e-3  # on either side


# Noise is what a seed shows in; a short painting over three sizes, every term in it.
BASE: dict[str, Any] = {
    "size": 64,
    "first_size": 32,
    "style_weights": "1,2",
    "start": "noise",
    "content_layers": "relu2_1",
    "style_layers": "relu1_1,relu3_1",
    "steps": 6,
    "learning_rate": 0.02,
    "optimizer": "adam",
    "growth": 1.5,
    "precision": "float32",
    "device": "cpu",
}
OTHERS: dict[str, Any] = {
    "size": 80,
    "style_scale": 0.5,
    "style_weights": "2,1",
    "start": "content",
    "seed": 1,
    "network": "other.safetensors",
    "pooling": "average",
    "rounding": "up",
    "preprocessing": "none",
    "fit": "square",
    "padding": "zeros",
    "content_weight": 0.4,
    "content_layers": "relu3_1",
    "style_layers": "relu1_1,relu3_1:2",
    "tv_weight": 3,
    "strength": 0.5,
    "color": "keep",
    "color_match": "cholesky",
    "style_loss": "gram",
    "style_weight": 2,
    "content_loss": "plain",
    "tv_loss": "absolute",
    "steps": 7,
    "quality": "draft",
    "growth": 2,
    "detail": 0.5,
    "first_size": 45,
    "learning_rate": 0.01,
    "optimizer": "lbfgs",
    "last_rate": 1,
    "rate_drop": "0.5,1",
    "adam_betas": "0.8,0.99",
    "adam_epsilon": 0.1,
    "lbfgs_history": 1,
    "momentum": 0.5,
    "gradient_limit": 1e-9,
    "weight_decay": 1,
    "stop_change": 1,
    "pixel_range": 255,
    "clamp": "no",
    "averaging": 0.5,
    "precision": "bfloat16",
}


@pytest.fixture(scope="module")
def painted(
    tmp_path_factory: pytest.TempPathFactory, lite: Weights, scene: Scene
) -> Callable[..., bytes]:
    """The bytes of the painting that these changes of BASE give."""
    other = tmp_path_factory.mktemp("network") / "other.safetensors"
    upside_down = {k: v.flip(2) if v.dim() == 4 else v for k, v in lite.tensors.items()}
    save_weights(other, replace(lite, tensors={k: v.clone() for k, v in upside_down.items()}))
    photo = scene(64, 48, 1)
    styles = [scene(80, 64, 2, texture=1.0), scene(80, 80, 3)]

    def paint(**changes: Any) -> bytes:
        if "network" in changes:
            changes["network"] = str(other)
        return impasto.stylize(photo, styles, **{**BASE, **changes}).pixels.tobytes()

    return paint


# Options that mean something beside another one only.
BESIDE: dict[str, dict[str, Any]] = {
    "lbfgs_history": {"optimizer": "lbfgs", "first_size": 64},
    "color_match": {"color": "match"},
    "rounding": {"size": 61},
    "quality": {"steps": 0, "size": 32},
    "detail": {"start": "content"},
    **{k: {"optimizer": "sgd"} for k in ("momentum", "gradient_limit", "weight_decay")},
}


@pytest.fixture(scope="module")
def unchanged(painted: Callable[..., bytes]) -> bytes:
    return painted()


# A preset is the options in it, of which there is a test above. Of devices most machines have but
# one; test_paint has the refusal of another. Memory is to change nothing; see test_plan.
NO_CHANGE = ("preset", "device", "memory")


@pytest.mark.parametrize("name", [name for name in SPECS if name not in NO_CHANGE])
def test_every_option_changes_the_painting(
    painted: Callable[..., bytes], unchanged: bytes, name: str
) -> None:
    beside = BESIDE.get(name, {})
    before = painted(**beside) if beside else unchanged
    assert painted(**beside, **{name: OTHERS[name]}) != before


def test_and_without_a_change_it_is_the_same(
    painted: Callable[..., bytes], unchanged: bytes
) -> None:
    assert painted() == unchanged
