"""Each published preset against a program written from its source, with none of impasto's code.

On one small network and two small pictures of one size, in float64: every loss of ten steps, and
the picture. In float32 L-BFGS is at the mercy of rounding from its second step on, whoever runs it:
its first one is so small that the change of the gradient is hardly more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from impasto import presets
from impasto.engine import canvas
from impasto.engine.paint import paint
from impasto.events import Step
from impasto.networks.layout import Weights
from impasto.networks.vgg import CONVS, VGG
from impasto.picture import Picture
from tests.reference import (
    article2025,
    crowson2021,
    demystifying2017,
    gatys2016,
    gatys_pytorch,
    johnson2015,
    neural_style_pt,
)
from tests.reference.vgg import Result

Scene = Callable[..., Picture]
STEPS, SIZE = 10, (61, 45)  # odd, at every pooling
CAFFE: dict[str, Any] = {
    "order": "bgr",
    "scale": 255.0,
    "mean": (103.939, 116.779, 123.68),
    "std": (1.0, 1.0, 1.0),
}
TORCHVISION: dict[str, Any] = {
    "order": "rgb",
    "scale": 1.0,
    "mean": (0.485, 0.456, 0.406),
    "std": (0.229, 0.224, 0.225),
}
PLAIN: dict[str, Any] = {"order": "rgb", "scale": 1.0, "mean": (0.0,) * 3, "std": (1.0,) * 3}


def small_weights(given: float = 1.0) -> dict[str, Tensor]:
    """given: about how large the values are that the network is given; features are near 1."""
    random = torch.Generator().manual_seed(7)
    tensors: dict[str, Tensor] = {}
    before = 3
    for name in CONVS[: CONVS.index("conv5_1") + 1]:
        width = 4 + 2 * int(name[4])
        kernel = torch.randn(width, before, 3, 3, generator=random)
        tensors[f"{name}.weight"] = kernel * (2 / (9 * before)) ** 0.5
        tensors[f"{name}.bias"] = 0.1 * torch.randn(width, generator=random)
        before = width
    tensors["conv1_1.weight"] /= given
    return tensors


CAFFES = {k: v.double() for k, v in small_weights(64).items()}
OTHERS = {k: v.double() for k, v in small_weights().items()}


def ours(
    preset: str, preprocessing: dict[str, Any], content: Picture, style: Picture, **changes: Any
) -> tuple[list[dict[str, float]], np.ndarray]:
    weights = Weights(
        "small",
        "",
        small_weights(64 if preprocessing["scale"] == 255 else 1),
        pooling="max",
        padding="zeros",
        **preprocessing,
    )
    given = {"size": SIZE[0], "steps": STEPS, "device": "cpu", "precision": "float64", **changes}
    assert presets.resolve(preset).precision == "float32"
    options = presets.resolve(preset, given)
    caffe = preprocessing["scale"] == 255
    assert options.network == ("vgg19-caffe" if caffe else "vgg19")
    network = VGG(
        weights, pooling=options.pooling, padding=options.padding, rounding=options.rounding
    )
    painting = paint(content, [style], options, network)
    losses = [{**e.losses, "total": e.total} for e in painting if isinstance(e, Step)]
    return losses, painting.picture.pixels


def agree(
    result: Result,
    losses: list[dict[str, float]],
    pixels: np.ndarray,
    drift: float = 2e-5,
    steps: int = STEPS,
) -> None:
    """drift: relative, of the later losses, and of pixels in [0, 1]; a hundred times at most.

    `pytest -s -vv` shows how far they are apart.
    """
    wanted = result.losses[:steps]
    totals = [step["total"] for step in losses]
    assert totals[0] == pytest.approx(wanted[0], rel=1e-6)
    assert totals == pytest.approx(wanted, rel=drift)
    apart = np.abs(pixels - result.picture[0].clamp(0, 1).numpy())
    off = max(abs(a / b - 1) for a, b in zip(totals, wanted, strict=True))
    print(f" losses {off:.0e}, pixels {apart.mean():.0e} on average, {apart.max():.0e} at most")
    assert apart.mean() < drift and apart.max() < 100 * drift
    assert len({*totals}) == steps  # it moves


Pair = tuple[Picture, Picture, Tensor, Tensor]


def read(scene: Scene, size: tuple[int, int]) -> Pair:
    content, style = scene(*size, 1), scene(*size, 2, texture=1.0)
    planes = [torch.from_numpy(p.pixels)[None].double() for p in (content, style)]
    return content, style, planes[0], planes[1]


@pytest.fixture
def pair(scene: Scene) -> Pair:
    return read(scene, SIZE)


@pytest.mark.parametrize(("preset", "beta"), [("gatys2016", 1e3), ("gatys2015", 1e4)])
def test_gatys(pair: Pair, preset: str, beta: float) -> None:
    content, style, c, s = pair
    noise = canvas.noise(*SIZE, 0, torch.device("cpu")).double()
    result = gatys2016.run(CAFFES, c, s, STEPS, start=noise, beta=beta)
    agree(result, *ours(preset, CAFFE, content, style))


def test_gatys_pytorch(pair: Pair) -> None:
    content, style, c, s = pair
    mean = tuple(255 * m for m in gatys_pytorch.MEANS)
    # It calls L-BFGS for twenty evaluations at a time: as many as that are compared.
    result = gatys_pytorch.run(CAFFES, c, s, 19)
    losses, pixels = ours("gatys-pytorch", {**CAFFE, "mean": mean}, content, style, steps=20)
    agree(result, losses, pixels, steps=20)


# From flat grey a pooling's maximum is among equals, of which rounding decides, and |dx| has no
# slope: at even sizes it happens to be the same. From the photograph odd sizes are compared too.
BEGINNINGS = pytest.mark.parametrize(("start", "size"), [("grey", (64, 48)), ("content", SIZE)])


@BEGINNINGS
def test_johnson2015(scene: Scene, start: str, size: tuple[int, int]) -> None:
    content, style, c, s = read(scene, size)
    # Its picture is that of the last evaluation: one step more shows what ten have made. It leaves
    # total variation out of the total.
    noise = torch.zeros_like(c) if start == "grey" else None
    result = johnson2015.run(CAFFES, c, s, STEPS + 1, noise=noise, scale=255.0)
    losses, pixels = ours("johnson2015", CAFFE, content, style, size=size[0], start=start)
    for step in losses:
        step["total"] -= step["tv"]
    agree(result, losses, pixels)


@BEGINNINGS
def test_neural_style_pt(scene: Scene, start: str, size: tuple[int, int]) -> None:
    content, style, c, s = read(scene, size)
    noise = torch.zeros_like(c) if start == "grey" else None
    result = neural_style_pt.run(CAFFES, c, s, STEPS + 1, noise=noise)
    agree(result, *ours("neural-style-pt", CAFFE, content, style, size=size[0], start=start))


def test_crowson2021(pair: Pair) -> None:
    """At one size, without the average, which begins with the start there. Both roots are exact,
    but our gradient holds small singular values back.
    """
    content, style, c, s = pair
    result = crowson2021.run(OTHERS, c, s, STEPS, start_size=61, root="exact", decay=0.0)
    losses, pixels = ours("crowson2021", TORCHVISION, content, style, averaging=0, first_size=61)
    agree(result, losses, pixels, drift=3e-3)


def test_article2025(pair: Pair) -> None:
    """From squares; that others become squares is a test of its own."""
    content, style = (Picture(p.pixels[..., :45].copy()) for p in pair[:2])
    c, s = (torch.from_numpy(p.pixels)[None].double() for p in (content, style))
    result = article2025.run(OTHERS, c, s, STEPS, size=45)
    agree(result, *ours("article2025", PLAIN, content, style, size=45))


@pytest.mark.parametrize(
    ("kernel", "start"),
    [("linear", "grey"), ("poly", "grey"), ("gaussian", "grey"), ("bn", "grey"), ("bn", "content")],
)
def test_demystifying2017(scene: Scene, kernel: str, start: str) -> None:
    """On smaller pictures, since it compares every position with every other. From the photograph
    its total variation and its weight decay have something to do; but not, at the border, the same
    as ours.
    """
    content, style, c, s = read(scene, (35, 33))
    beta = 1.0 if kernel == "bn" else 5.0
    result = demystifying2017.run(
        CAFFES,
        c,
        s,
        STEPS,
        kernel={"poly": "polynomial"}.get(kernel, kernel),
        noise=torch.zeros_like(c) if start == "grey" else None,
        stop=0,
        generator=torch.Generator().manual_seed(0),
        beta=beta,
        weighting="code",
        scale=255.0,
    )
    changes = {"size": 35, "start": start, "stop_change": 0}
    losses, pixels = ours(f"demystifying2017-{kernel}", CAFFE, content, style, **changes)
    for step in losses:
        step["total"] -= step["tv"]
    agree(result, losses, pixels)
    if start == "content":
        apart = np.abs(pixels - result.picture[0].clamp(0, 1).numpy())[:, 2:-2, 2:-2]
        assert apart.mean() < 1e-7


def test_demystifying2017_ends_where_its_source_does(scene: Scene) -> None:
    content, style, c, s = read(scene, (35, 33))
    settings: dict[str, Any] = {"kernel": "bn", "weighting": "code", "scale": 255.0, "stop": 0.01}
    result = demystifying2017.run(CAFFES, c, s, 300, noise=torch.zeros_like(c), **settings)
    changes = {"size": 35, "steps": 300, "stop_change": 0.01}
    losses, _ = ours("demystifying2017-bn", CAFFE, content, style, **changes)
    assert 80 < len(losses) == len(result.losses) < 300  # after the rate's first drop
    assert losses[-1]["total"] - losses[-1]["tv"] == pytest.approx(result.losses[-1], rel=1e-4)
