"""Every style loss by its name, as the objective runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from impasto.engine import canvas
from impasto.engine.distances import DISTANCES
from impasto.engine.objective import Objective
from impasto.networks.layout import Weights
from impasto.networks.vgg import VGG
from impasto.options import SPECS, Options
from impasto.picture import Picture

Scene = Callable[..., Picture]
NAMES = list(DISTANCES)


def tensor(picture: Picture) -> Tensor:
    return canvas.to_tensor(picture, torch.device("cpu"))[0]


def only(name: str, layers: str = "relu2_1,relu3_1") -> Options:
    return Options(content_weight=0, tv_weight=0, style_loss=name, style_layers=layers)  # pyright: ignore


def test_options_know_them_all() -> None:
    assert SPECS["style_loss"].choices == tuple(DISTANCES)
    words = SPECS["style_loss"].help.replace(", -", ", demystifying2017-")
    assert all(name in words for name in DISTANCES)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_in_its_own_style_and_comes_nearer(
    network: VGG, scene: Scene, name: str
) -> None:
    style, start = tensor(scene(64, 64, 2, texture=1.0)), tensor(scene(64, 64, 1))
    far, near = (
        Objective(network, (start, None), [(style, None)], only(name))(x) for x in (start, style)
    )
    # The sampled Gaussian is an estimate, and the exact one a share of 2 at most.
    nought = {"gaussian": 0.05, "demystifying2017-gaussian": 0.3 * far.total}
    assert abs(near.total) < nought.get(name, 1e-3 * far.total)
    objective = Objective(network, (start, None), [(style, None)], only(name))
    x, rate = start.clone(), 0.02 / far.gradient.abs().mean()
    for _ in range(5):
        x = (x - rate * objective(x).gradient).clamp(0, 1)
        rate *= 0.5
    assert objective(x).total < far.total


@pytest.mark.parametrize("name", NAMES)
def test_shares_of_the_energy_ignore_the_scale_of_features(
    lite: Weights, scene: Scene, name: str
) -> None:
    content, style = tensor(scene(48, 48, 1)), tensor(scene(48, 48, 2))
    layers = VGG(lite).layers()
    louder = replace(lite, tap_scale={k: 10 * lite.tap_scale.get(k, 1.0) for k in layers})
    here, there = (
        Objective(VGG(w), (content, None), [(style, None)], only(name, "relu3_1"))(content).total
        for w in (lite, louder)
    )
    # Those of a publication grow with the features as they do there: the Gaussian not at all.
    powers = {"crowson2021": 2, "demystifying2017-linear": 2, "demystifying2017-bn": 2}
    powers["demystifying2017-gaussian"] = 0
    printed = 1.0 if DISTANCES[name].degree is not None else 10.0 ** powers.get(name, 4)
    assert there / here == pytest.approx(printed, rel=0.01)
    if DISTANCES[name].degree is None:
        return
    assert 0 < here < 3  # a share, give or take


def test_a_loss_may_have_layers_of_its_own(network: VGG, scene: Scene) -> None:
    content, style = tensor(scene(48, 48, 1)), tensor(scene(48, 48, 2))

    def losses(mixture: str, layers: str) -> dict[str, float]:
        objective = Objective(network, (content, None), [(style, None)], only(mixture, layers))
        return objective(content).losses

    mixed = losses("gram@relu3_1+relu2_1=3:3,histogram", "relu1_1,relu2_1:3")
    gram, histogram = losses("gram", "relu3_1,relu2_1:3"), losses("histogram", "relu1_1,relu2_1:3")
    wanted = {f"gram {k[6:]}": 0.75 * v for k, v in gram.items()}
    wanted |= {f"histogram {k[6:]}": 0.25 * v for k, v in histogram.items()}
    assert mixed == pytest.approx(wanted, rel=1e-5)
    # Layers that no loss asks for are not looked at.
    assert Objective(
        network, (content, None), [(style, None)], only("gram@relu1_1", "relu5_1")
    ).layers == ["relu1_1"]


def test_a_mixture_is_the_weighted_mean(network: VGG, scene: Scene) -> None:
    content, style = tensor(scene(48, 48, 1)), tensor(scene(48, 48, 2))

    def total(losses: str) -> float:
        options = only(losses, "relu2_1")
        return Objective(network, (content, None), [(style, None)], options)(content).total

    wanted = (3 * total("gram") + total("histogram")) / 4
    assert total("gram:3,histogram") == pytest.approx(wanted, rel=1e-5)
