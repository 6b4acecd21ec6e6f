"""Wasserstein-2: how far apart two layers' statistics are, as Gaussians.

    W2² = |μ - μ'|² + tr(Σ + Σ' - 2 (Σ'^½ Σ Σ'^½)^½)

It is the least mean squared distance by which one Gaussian's feature columns can be moved onto the
other's (Olkin and Pukelsheim 1982); Crowson brought it to style transfer (style-transfer-pytorch,
2021). Unlike Crowson's Newton-Schulz iteration under autograd, the square root here is exact, and
its gradient is written down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from impasto.losses.moments import Moments

_linalg = cast(Any, torch.linalg)  # which torch doesn't type


@dataclass(frozen=True)
class Target:
    """A style's side of the distance: its mean (C,), and in float64 Σ'^½ (C, C) and tr Σ'."""

    mean: Tensor
    root: Tensor
    trace: Tensor


def target(style: Moments) -> Target:
    """A style's moments, prepared to be compared with."""
    values, vectors = _eigen(_off_mps(style.covariance()).double())
    values = values.clamp(min=0)
    root = (vectors * values.sqrt()) @ vectors.T
    return Target(style.mean(), root, values.sum())


def compare(sums: Moments, style: Target) -> Tensor:
    """W2² between the Gaussian of `sums` and the style's, a scalar >= 0 up to rounding."""
    return cast(Any, _Distance).apply(  # torch types no apply
        sums.count, sums.first, sums.second, style.mean, style.root, style.trace
    )


def between(own: Moments, style: Moments, share: float) -> Moments:
    """Moments on the straight way from one Gaussian to another, `share` of it gone; per position.

        T = Σ^-½ (Σ^½ Σ' Σ^½)^½ Σ^-½,    A = (1 - s) I + s T,    Σ_s = A Σ A

    Every column goes the same share of its own way (McCann 1997). A mixture of the two, half of one
    and half of the other, would be asked of a picture of which half is painted and half is not.
    """
    values, vectors = _eigen(_off_mps(own.covariance()).double())
    values = values.clamp(min=1e-6 * values.max().clamp(min=1e-12))
    root, inverse = ((vectors * values**power) @ vectors.T for power in (0.5, -0.5))
    other = _off_mps(style.covariance()).double()
    values, vectors = _eigen(root @ other @ root)
    way = inverse @ (vectors * values.clamp(min=0).sqrt()) @ vectors.T @ inverse
    way = (1 - share) * torch.eye(len(way), dtype=way.dtype, device=way.device) + share * way
    covariance = (way @ _off_mps(own.covariance()).double() @ way).to(own.second)
    mean = torch.lerp(own.mean(), style.mean(), share)
    return Moments(own.count / own.count, mean, covariance + torch.outer(mean, mean))


class _Distance(torch.autograd.Function):
    """W2² in a picture's sums, with its gradient in closed form, both from one decomposition.

    That of tr (R Σ R)^½ is ½ R (R Σ R)^-½ R. In directions where R Σ R vanishes it grows without
    bound (the distance has a corner there). So the eigenvalues of (R Σ R)^½ are held above 1e-3 of
    the largest, below which rounding decides them, and, for a Σ that vanishes altogether (a flat
    picture), above 1e-6 of tr R².
    """

    FLOOR, FLAT = 1e-3, 1e-6

    @staticmethod
    def forward(
        ctx: Any,
        count: Tensor,
        first: Tensor,
        second: Tensor,
        wanted: Tensor,
        root: Tensor,
        trace: Tensor,
    ) -> Tensor:
        # Traces and roots nearly cancel as the two grow alike: float32 would lose a percent or two.
        mean = first / count
        covariance = _off_mps(torch.addr(second / count, mean, mean, alpha=-1)).double()
        values, vectors = _eigen(root @ covariance @ root)
        singular = values.clamp_(min=0).sqrt_()
        spread = covariance.trace() + trace - 2 * singular.sum()
        apart = mean - wanted
        if ctx.needs_input_grad[1] or ctx.needs_input_grad[2]:
            least = torch.maximum(
                _Distance.FLOOR * singular[-1], _Distance.FLAT * root.square().sum()
            )
            least = least.clamp(min=torch.finfo(singular.dtype).tiny)
            side = root @ (vectors / torch.maximum(singular, least).sqrt_())
            pull = (side @ side.T).neg_()
            pull.diagonal().add_(1)
            pull = pull.to(second.device, second.dtype).div_(count)
            ctx.save_for_backward(2 * (apart / count - pull @ mean), pull)
        return apart.dot(apart) + spread.to(apart)

    @staticmethod
    @once_differentiable  # which types ctx otherwise than Function does
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *grads: Tensor
    ) -> tuple[None, Tensor, Tensor, None, None, None]:
        first, second = cast("tuple[Tensor, Tensor]", ctx.saved_tensors)
        return None, grads[0] * first, grads[0] * second, None, None, None


def _eigen(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues (C,), rising, and eigenvectors, in columns (C, C), of a symmetric matrix.

    Not numbers where the matrix isn't: the loss says so then, rather than the linear algebra.
    """
    symmetric = _off_mps((matrix + matrix.T) / 2)
    values: Tensor
    vectors: Tensor
    try:
        values, vectors = _linalg.eigh(symmetric)
    except _linalg.LinAlgError:
        values, vectors = symmetric[0] * math.nan, symmetric * math.nan
    return values.to(matrix.device), vectors.to(matrix.device)


def _off_mps(matrix: Tensor) -> Tensor:
    """Apple's GPUs have no float64, and no eigh in torch: the processor does these."""
    return matrix.cpu() if matrix.device.type == "mps" else matrix
