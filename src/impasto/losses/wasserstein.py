"""Wasserstein-2: how far apart two layers' statistics are, as Gaussians.

    W2² = |μ - μ'|² + tr(Σ + Σ' - 2 (Σ'^½ Σ Σ'^½)^½)

It is the least mean squared distance by which one Gaussian's feature columns can be moved onto the
other's (Olkin and Pukelsheim 1982); Crowson brought it to style transfer (style-transfer-pytorch,
2021). Unlike Crowson's Newton-Schulz iteration under autograd, the square root here is exact, and its
gradient is written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor

from impasto.losses.moments import Moments


@dataclass(frozen=True)
class Target:
    """A style's side of the distance: its mean (C,), Σ'^½ (C, C), and tr Σ'."""

    mean: Tensor
    root: Tensor
    trace: Tensor


def target(style: Moments) -> Target:
    """Prepare a style's moments to be compared with. Computed in float64, kept as the moments are."""
    covariance = style.covariance().double()
    values, vectors = torch.linalg.eigh((covariance + covariance.T) / 2)
    root = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    kind = style.first.dtype
    return Target(style.mean(), root.to(kind), values.clamp(min=0).sum().to(kind))


def compare(sums: Moments, style: Target) -> Tensor:
    """W2² between the Gaussian of `sums` and the style's, a scalar >= 0 up to rounding."""
    covariance = sums.covariance()
    apart = (sums.mean() - style.mean).square().sum()
    shared = cast(Tensor, _RootTrace.apply(covariance, style.root))
    return apart + covariance.diagonal().sum() + style.trace - 2 * shared


class _RootTrace(torch.autograd.Function):
    """tr (R Σ R)^½ for symmetric R and Σ, with its closed-form gradient ½ R (R Σ R)^-½ R in Σ.

    In directions where R Σ R vanishes the gradient grows without bound (the distance has a corner
    there); singular values are held above 1e-3 of the largest, below which rounding decides them.
    """

    FLOOR = 1e-3

    @staticmethod
    def forward(ctx: Any, covariance: Tensor, root: Tensor) -> Tensor:
        middle = root @ covariance @ root
        values, vectors = torch.linalg.eigh((middle + middle.T) / 2)
        singular = values.clamp(min=0).sqrt()
        ctx.save_for_backward(singular, vectors, root)
        return singular.sum()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        singular, vectors, root = ctx.saved_tensors
        floor = _RootTrace.FLOOR * singular.max().clamp(min=torch.finfo(singular.dtype).tiny)
        side = root @ (vectors / singular.clamp(min=floor).sqrt())
        return grads[0] * 0.5 * side @ side.T, None
