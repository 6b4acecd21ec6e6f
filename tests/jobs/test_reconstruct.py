"""Reconstructions: shallow layers keep pixels, deep ones don't; styles keep Gram matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import impasto
from impasto.events import Step
from impasto.jobs import reconstruct, single
from impasto.jobs.reconstruct import Kind
from impasto.jobs.sheet import GAP
from impasto.networks.vgg import VGG
from impasto.picture import Picture

Scene = Callable[..., Picture]
SMALL: dict[str, Any] = {"size": 64, "steps": 60}


def off(one: Picture, other: Picture) -> float:
    return float(np.square(one.pixels - other.pixels).mean()) ** 0.5


def gram(network: VGG, picture: Picture, layer: str) -> Tensor:
    columns = network(torch.from_numpy(picture.pixels)[None], [layer])[layer][0].flatten(1)
    return columns @ columns.T / columns.shape[1]


def apart(one: Tensor, other: Tensor) -> float:
    return float((one - other).norm() / other.norm())


def test_a_shallow_layer_keeps_more_of_the_pixels_than_a_deep_one(scene: Scene) -> None:
    picture = scene(64, 48, 1)
    shallow = impasto.reconstruct_content(picture, "conv1_2", **SMALL)
    deep = impasto.reconstruct_content(picture, "conv4_2", **SMALL)
    assert off(shallow, picture) < 0.8 * off(deep, picture)
    assert deep.recipe is not None
    assert deep.recipe["job"] == {"name": "reconstruct content"}
    assert deep.recipe["options"]["style_weight"] == 0


def test_a_style_keeps_the_gram_matrices_of_its_layers_alone(scene: Scene, network: VGG) -> None:
    picture, other = scene(64, 48, 1), scene(64, 48, 5)
    made = impasto.reconstruct_style(picture, "conv1_1,conv2_1", **SMALL)
    first = impasto.reconstruct_style(picture, "conv1_1", **SMALL)
    wanted = {k: gram(network, picture, k) for k in ("conv1_1", "conv2_1", "conv3_1")}
    for layer in ("conv1_1", "conv2_1"):
        away = apart(gram(network, other, layer), wanted[layer])
        assert apart(gram(network, made, layer), wanted[layer]) < 0.35 * away
    assert apart(gram(network, first, "conv1_1"), wanted["conv1_1"]) < 0.35
    assert apart(gram(network, first, "conv3_1"), wanted["conv3_1"]) > 0.8  # wasn't asked for
    assert off(made, picture) > 0.2  # what is where is lost


@pytest.mark.parametrize(
    ("kind", "optimizer", "left"),
    [("content", "lbfgs", 0.01), ("style", "lbfgs", 0.01), ("style", "adam", 0.1)],
)
def test_what_is_matched_is_matched_and_nothing_else_counts(
    scene: Scene, kind: Kind, optimizer: str, left: float
) -> None:
    options = reconstruct.options_for(kind, "conv2_1", {**SMALL, "optimizer": optimizer})
    network = single.load_network(options)
    painting = reconstruct.begin(kind, scene(64, 48, 1), options, network)
    steps = [event for event in painting if isinstance(event, Step)]
    assert {*steps[0].losses} == {f"{kind} conv2_1"}
    assert steps[-1].total < left * steps[0].total


def test_the_figure_has_each_layer_that_is_there(scene: Scene) -> None:
    picture = scene(64, 64, 1)
    strip = impasto.reconstruct_figure(picture, "content", size=64, steps=2)
    assert strip.recipe is not None
    assert [cell["content_layers"] for cell in strip.recipe["job"]["cells"]] == [
        *("conv1_2", "conv2_2", "conv3_2", "conv4_2")  # the bundled network has no conv5_2
    ]
    box = (strip.width - GAP) // 5
    left = GAP + (box - GAP - 64) // 2
    first, *rest = (strip.pixels[:, GAP : GAP + 64, left + i * box :][..., :64] for i in range(5))
    assert np.abs(first - picture.pixels).max() < 0.01
    for i, each in enumerate(rest):
        assert all(np.abs(each - other).max() > 0.05 for other in (first, *rest[:i]))


def test_layers_that_are_not_there(scene: Scene) -> None:
    with pytest.raises(impasto.OptionError, match=r"no layer 'conv5_2'; did you mean conv5_1\?"):
        impasto.reconstruct_content(scene(64, 64), "conv5_2", **SMALL)
    with pytest.raises(impasto.OptionError, match="no layer of any weight"):
        impasto.reconstruct_content(scene(64, 64), "conv4_2:0", **SMALL)
