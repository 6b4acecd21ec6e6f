"""What the reference programs share: VGG-19's forward pass, Caffe's preprocessing and a result.

Plain torch, and nothing of impasto. Weights are a dict of tensors, "conv1_1.weight" (out, in, 3, 3)
and "conv1_1.bias" (out,) and so on, of any width. They are taken as they come: each program feeds
them what its source feeds its network, so a Caffe program takes the first convolution's input
channels to be blue, green and red.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

CONVS = [f"conv{b}_{i}" for b, n in enumerate((2, 2, 4, 4, 4), 1) for i in range(1, n + 1)]
CAFFE_MEANS = (103.939, 116.779, 123.68)  # blue, green, red

Pool = Callable[[Tensor], Tensor]


class Result(NamedTuple):
    """losses: the total at every evaluation of the objective, in order, as the source counts it.
    picture: (1, 3, H, W), RGB in the scale of [0, 1], not clamped unless the method clamps.
    terms: at every evaluation, what the total is the sum of, weights included.
    """

    losses: list[float]
    picture: Tensor
    terms: list[dict[str, float]]


def max_pool(x: Tensor) -> Tensor:
    """2x2; a last odd row or column is dropped, as PyTorch does."""
    return F.max_pool2d(x, 2)


def average_pool(x: Tensor) -> Tensor:
    """2x2; a last odd row or column is dropped, as PyTorch does."""
    return F.avg_pool2d(x, 2)


def max_pool_up(x: Tensor) -> Tensor:
    """2x2; a last odd row or column is pooled on its own, as Caffe does."""
    return F.max_pool2d(x, 2, ceil_mode=True)


def average_pool_up(x: Tensor) -> Tensor:
    """2x2; a last odd row or column is averaged on its own, as Caffe does."""
    return F.avg_pool2d(x, 2, ceil_mode=True)


def features(
    weights: dict[str, Tensor],
    x: Tensor,
    layers: Sequence[str],
    *,
    pool: Pool = max_pool,
    first_padding: str = "zeros",
) -> list[Tensor]:
    """The features of x at the layers, in their order: convB_I before the rectifier, reluB_I after.

    x is what the network sees. Convolutions are padded with zeros; the first one may be padded
    otherwise ("replicate").
    """
    found: dict[str, Tensor] = {}
    for name in CONVS:
        if set(layers) <= set(found):
            break
        if name.endswith("_1") and name != "conv1_1":
            x = pool(x)
        weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
        if name == "conv1_1" and first_padding != "zeros":
            x = F.conv2d(F.pad(x, (1, 1, 1, 1), mode=first_padding), weight, bias)
        else:
            x = F.conv2d(x, weight, bias, padding=1)
        found[name] = x
        x = torch.relu(x)
        found[name.replace("conv", "relu")] = x
    return [found[layer] for layer in layers]


def to_caffe(picture: Tensor, scale: float = 255.0) -> Tensor:
    """An RGB picture in [0, 1] as Caffe's VGG sees it: BGR, times the scale, less the means."""
    return picture.flip(1) * scale - picture.new_tensor(CAFFE_MEANS).view(1, 3, 1, 1)


def from_caffe(x: Tensor, scale: float = 255.0) -> Tensor:
    """The other way round."""
    return ((x + x.new_tensor(CAFFE_MEANS).view(1, 3, 1, 1)) / scale).flip(1)
