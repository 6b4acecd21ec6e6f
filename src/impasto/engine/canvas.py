"""The canvas: pictures as tensors, resized, started, averaged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from impasto.engine import wrap
from impasto.picture import Picture, Pixels

Layered = tuple[Tensor, Tensor | None]  # pixels (1, 3, H, W) and alpha (1, 1, H, W)


def to_tensor(
    picture: Picture, device: torch.device, dtype: torch.dtype = torch.float32
) -> Layered:
    """(1, 3, H, W) pixels and (1, 1, H, W) alpha, None where the picture is opaque.

    Colours under full transparency are arbitrary in files; they become the visible part's mean, so
    that no hidden edge is seen by the network. Half-transparent pixels keep their colour.
    """
    pixels = _tensor(picture.pixels)[None].to(device, dtype)
    if picture.alpha is None:
        return pixels, None
    alpha = _tensor(picture.alpha)[None, None].to(device, dtype)
    mean = (pixels * alpha).sum((2, 3), keepdim=True) / alpha.sum().clamp(min=1e-6)
    return torch.where(alpha > 0, pixels, mean), alpha


def _tensor(array: Pixels) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))  # pyright: ignore[reportUnknownMemberType]


def to_pixels(canvas: Tensor) -> Pixels:
    """float32 (3, H, W) in [0, 1], on its own memory."""
    return np.asarray(canvas[0].detach().clamp(0, 1).float().cpu().numpy(), np.float32)


def resized(picture: Tensor, width: int, height: int, *, wraps: bool = False) -> Tensor:
    """(1, C, height, width), bicubic, antialiased when it shrinks; values kept in [0, 1].

    wraps: whether its right side goes on at its left, and its bottom at its top.
    """
    if picture.shape[2:] == (height, width):
        return picture
    if wraps:
        return wrap.resized(picture, width, height).clamp_(0, 1)
    out = F.interpolate(picture, (height, width), mode="bicubic", antialias=True)
    return out.clamp_(0, 1)


def covering(picture: Tensor, width: int, height: int) -> Tensor:
    """(1, C, height, width): the middle of the picture, which is scaled to cover that size."""
    _, _, own_height, own_width = picture.shape
    factor = max(width / own_width, height / own_height)
    wide, high = max(width, round(own_width * factor)), max(height, round(own_height * factor))
    x, y = (wide - width) // 2, (high - height) // 2
    return resized(picture, wide, high)[..., y : y + height, x : x + width]


def mixed(parts: Sequence[tuple[Tensor, float]]) -> Tensor:
    """The weighted mean of pictures of one size, on memory of its own."""
    whole = sum(share for _, share in parts)
    total = parts[0][0] * (parts[0][1] / whole)
    for picture, share in parts[1:]:
        total += picture * (share / whole)
    return total


def noise(width: int, height: int, seed: int, device: torch.device) -> Tensor:
    """(1, 3, height, width) of uniform noise about mid-grey; the same for a seed on any device."""
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, height, width, generator=generator).to(device)


class Average:
    """Bias-corrected exponential moving average of the steps' pictures.

    Adam's steps circle about the optimum; their average sits nearer to it, free of the circling's
    noise (Polyak and Juditsky 1992; decay and correction as in Adam, Kingma and Ba 2015).
    """

    def __init__(self, decay: float) -> None:
        self.decay, self.share = decay, 0.0
        self.picture: Tensor | None = None

    def update(self, picture: Tensor) -> None:
        """Take another picture (1, 3, H, W) in."""
        self.share = 1 - (1 - self.share) * self.decay
        if self.picture is None:
            self.picture = picture.detach().clone()
        else:
            self.picture.lerp_(picture.detach(), (1 - self.decay) / self.share)

    def get(self) -> Tensor:
        """The average so far, which changes at the next update; ask after the first."""
        assert self.picture is not None
        return self.picture
