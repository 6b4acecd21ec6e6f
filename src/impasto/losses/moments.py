"""Moments: the sums over positions on which all losses of statistics stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


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


def gather(features: Tensor, weights: Tensor | None = None) -> Moments:
    """Moments of features (1, C, H, W), in float32 at least.

    weights: (1, 1, H, W), not negative: a soft mask; None = 1 everywhere. Where the weights are all
    0 the count is 0, and mean and covariance are not numbers: ask for `count` first.
    """
    columns = features[0].flatten(1).T  # (N, C), contiguous for channels-last features
    if columns.dtype in (torch.bfloat16, torch.float16):
        columns = columns.float()
    if weights is None:
        count = columns.new_tensor(float(columns.shape[0]))
        return Moments(count, columns.sum(0), columns.T @ columns)
    w = weights[0, 0].flatten()[:, None].to(columns.dtype)
    weighted = columns * w
    return Moments(w.sum(), weighted.sum(0), weighted.T @ columns)


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
