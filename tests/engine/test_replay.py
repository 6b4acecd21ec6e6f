"""The loop, replayed by hand: every step's loss and picture, written out from what is documented.

Only the objective and the network are impasto's own here. Adam, its moments' way to another size,
the rate, the clamp, the average, sizes and resizing are spelt out a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from impasto.engine.objective import Objective
from impasto.engine.paint import paint
from impasto.events import Step
from impasto.networks.layout import Weights
from impasto.networks.vgg import VGG
from impasto.options import Options
from impasto.picture import Picture

Scene = Callable[..., Picture]

RATE, DECAY = 0.05, 0.7
SIZES = [((48, 36), 3, (72, 58)), ((64, 48), 4, (80, 64))]
"""Size, steps, and the size of the style: 1.5 times the picture's, and no more than its own 80."""

# A relative difference of losses, and a mean one of pixels. bfloat16 rounds what float32 tells
# apart, and a painting in the other precision is 1e-3 away and more.
TOTALS = {"float32": 1e-5, "bfloat16": 2e-3}
PIXELS = {"float32": 1e-5, "bfloat16": 3e-4}


def asked(precision: str, start: str) -> Options:
    return Options(
        size=64,
        first_size=48,
        style_scale=1.5,
        steps=7,
        start=start,
        seed=5,
        optimizer="adam",
        learning_rate=RATE,
        detail=0.5,
        averaging=DECAY,
        content_layers="relu3_1",  # pyright: ignore
        style_layers="relu1_1,relu2_1,relu3_1",  # pyright: ignore
        device="cpu",
        precision=precision,
    )


def bicubic(x: Tensor, size: tuple[int, int]) -> Tensor:
    width, height = size
    return F.interpolate(x, (height, width), mode="bicubic", antialias=True)


def replayed(
    network: VGG, content: Tensor, style: Tensor, options: Options
) -> Iterator[tuple[float, Tensor]]:
    """(loss before the step, picture after it), of every step."""
    m = v = torch.zeros(1)
    shown = torch.zeros(1)
    made = 0
    for (width, height), steps, of_style in SIZES:
        size = (width, height)
        seen = bicubic(content, size).clamp(0, 1)
        read = bicubic(style, of_style).clamp(0, 1)
        objective = Objective(network, (seen, None), [(read, None)], options)
        if made:
            ratio = m[0, 0].numel() / (width * height)
            m = bicubic(m, size) * ratio
            v = F.interpolate(v, (height, width), mode="bilinear", antialias=True) * ratio**2
            x = bicubic(shown, size).clamp(0, 1)
            if options.start == (("content", 1.0),):  # what the size before was too small for
                coarse = bicubic(content, SIZES[0][0]).clamp(0, 1)
                x = x + 0.5 * (seen - bicubic(coarse, size).clamp(0, 1))
        else:
            generator = torch.Generator().manual_seed(options.seed)
            noise = torch.rand(1, 3, height, width, generator=generator)
            x = noise if options.start == (("noise", 1.0),) else seen.clone()
            m, v = torch.zeros_like(x), torch.zeros_like(x)
        pictures: list[Tensor] = []
        for i in range(steps):
            at = objective(x)
            made += 1
            m = 0.9 * m + 0.1 * at.gradient
            v = 0.99 * v + 0.01 * at.gradient**2
            rate = RATE * (1 - 0.7 * i / steps)  # falls towards 0.3 of itself within a size
            moved = (m / (1 - 0.9**made)) / ((v / (1 - 0.99**made)).sqrt() + 1e-12)
            x = (x - rate * moved).clamp(0, 1)
            pictures.append(x)
            shares = [DECAY ** (i - k) for k in range(i + 1)]
            weighed = [share * p for share, p in zip(shares, pictures, strict=True)]
            shown = torch.stack(weighed).sum(0) / sum(shares)
            yield at.total, shown


@pytest.mark.parametrize("start", ["content", "noise"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_every_step_is_what_the_documents_say(
    lite: Weights, scene: Scene, precision: str, start: str
) -> None:
    options = asked(precision, start)
    # Much of the photograph is black or white, where the clamp holds.
    hard = ((scene(60, 45, 1).pixels - 0.5) * 3 + 0.5).clip(0, 1)
    content, style = Picture(hard.astype(np.float32)), scene(80, 64, 2, texture=1.0)
    painting = paint(content, [style], options, VGG(lite))
    made = [(e.total, e.picture()) for e in painting if isinstance(e, Step)]
    network = VGG(lite).set_precision(getattr(torch, precision))
    planes = [torch.from_numpy(p.pixels)[None] for p in (content, style)]
    wanted = list(replayed(network, *planes, options))
    assert len(made) == len(wanted) == 7
    for (total, picture), (expected, pixels) in zip(made, wanted, strict=True):
        assert total == pytest.approx(expected, rel=TOTALS[precision])
        assert picture.pixels.shape == pixels[0].shape
        # Where a gradient all but vanishes, Adam makes rounding's sign a whole step: hence a mean.
        assert np.abs(picture.pixels - pixels[0].numpy()).mean() < PIXELS[precision]
    np.testing.assert_array_equal(painting.picture.pixels, made[-1][1].pixels)
