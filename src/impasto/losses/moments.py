"""Moments: the sums over positions on which all losses of statistics stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

ROOM = 2**22  # values at a time on a processor, widened


@dataclass(frozen=True)
class Moments:
    """Sums over positions of a layer's feature columns f, each with its position's weight.

    count:   scalar, the sum of the weights (the number of positions where there are none).
    first:   (C,), the sum of f.
    second:  (C, C), the sum of f fᵀ: the unnormalised Gram matrix.
    """

    count: Tensor
    first: Tensor
    second: Tensor

    def __add__(self, other: Moments) -> Moments:
        return Moments(
            self.count + other.count, self.first + other.first, self.second + other.second
        )

    def mean(self) -> Tensor:
        """(C,): E f."""
        return self.first / self.count

    def covariance(self) -> Tensor:
        """(C, C): E f fᵀ - E f E fᵀ."""
        mean = self.mean()
        return self.second / self.count - torch.outer(mean, mean)

    def energy(self) -> Tensor:
        """Scalar: E |f|², the mean squared length of a column."""
        return self.second.diagonal().sum() / self.count


def widened(features: Tensor) -> Tensor:
    """Features in float32 at least, which sums over many positions need."""
    return features.float() if features.dtype.itemsize < 4 else features


def gather(features: Tensor, weights: Tensor | None = None) -> Moments:
    """Moments of features (N, C, H, W), all columns together, in float32 at least.

    weights: (1, 1, H, W), not negative: a soft mask; None = 1 everywhere. Where the weights are all
    0 the count is 0, and mean and covariance are not numbers: ask for `count` first.

    `second` is Gatys et al. 2016's F Fᵀ (equation 3).
    """
    first, second = cast("tuple[Tensor, Tensor]", cast(Any, _Sums).apply(features, weights))
    if weights is None:
        count = first.new_full((), features.numel() // features.shape[1])
    else:
        count = weights.sum().to(first.dtype)
    return Moments(count, first, second)


class _Sums(torch.autograd.Function):
    """Σ w f and Σ w f fᵀ, with the gradient w (g + (G + Gᵀ) f) in one product.

    Left to autograd, the gradient would be three passes over copies of the features in float32.
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(features, weights)
        # (N, C): a view of channels-last features.
        columns = features.permute(0, 2, 3, 1).flatten(0, 2)
        w = None if weights is None else weights.flatten()[:, None]
        room = ROOM if columns.device.type == "cpu" else 2**8 * ROOM
        step = max(1, room // columns.shape[1])
        parts = [
            _sums(columns[i : i + step], None if w is None else w[i : i + step])
            for i in range(0, columns.shape[0], step)
        ]
        first, second = parts[0]
        for part in parts[1:]:
            first, second = first + part[0], second + part[1]
        return first, second

    @staticmethod
    @once_differentiable  # which types ctx otherwise than Function does
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *grads: Tensor
    ) -> tuple[Tensor, None]:
        features, weights = cast("tuple[Tensor, Tensor | None]", ctx.saved_tensors)
        first, second = grads
        return pull(features, first, second, weights), None


def _sums(columns: Tensor, w: Tensor | None) -> tuple[Tensor, Tensor]:
    wide = widened(columns)
    weighted = wide if w is None else wide * w
    return weighted.sum(0), weighted.T @ wide


def pull(features: Tensor, first: Tensor, second: Tensor, weights: Tensor | None = None) -> Tensor:
    """The gradient in features (N, C, H, W) of what has the gradients `first` and `second` in their
    moments. weights: those they were gathered with.
    """
    matrix = second + second.T
    if features.dtype.itemsize < 4:
        pulled = _mapped(features, matrix, first)
    else:
        columns = features.permute(0, 2, 3, 1).flatten(0, 2)
        pulled = torch.addmm(first, columns, matrix)
        n, _, height, width = features.shape
        pulled = pulled.view(n, height, width, -1).permute(0, 3, 1, 2)
    return pulled if weights is None else pulled.mul_(weights)


def _mapped(features: Tensor, matrix: Tensor, shift: Tensor) -> Tensor:
    """A symmetric matrix times every column, and a shift, in less than float32.

    Products are exact there and summed up in float32, but the matrix must be rounded; and where it
    is large in directions that features hardly have, its rounding would drown what it does to the
    others. So what was rounded off is multiplied too.
    """
    kind = features.dtype
    high = matrix.to(kind)
    low = (matrix - high).to(kind)
    pulled = F.conv2d(features, high[:, :, None, None], shift.to(kind))
    return pulled.add_(F.conv2d(features, low[:, :, None, None]))


def blend(moments: Sequence[Moments], shares: Sequence[float]) -> Moments:
    """Moments, per position, of a mixture: each normalised by its count, then weighted.

    shares: not negative, of any sum but 0; made to sum to 1.
    """
    whole = sum(shares)
    parts = [Moments(m.count / m.count, m.first / m.count, m.second / m.count) for m in moments]
    scaled = [
        Moments(p.count * s / whole, p.first * s / whole, p.second * s / whole)
        for p, s in zip(parts, shares, strict=True)
    ]
    result = scaled[0]
    for part in scaled[1:]:
        result = result + part
    return result
