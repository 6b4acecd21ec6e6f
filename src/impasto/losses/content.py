"""Content: the squared error of features, position by position (Gatys et al. 2016, section 2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from impasto.losses.moments import Moments, widened

_linalg = cast(Any, torch.linalg)  # which torch doesn't type


@dataclass(frozen=True)
class SquaredError:
    """Sums over positions: their (weighted) number, and Σ |f - p|², both scalars."""

    count: Tensor
    error: Tensor

    def __add__(self, other: SquaredError) -> SquaredError:
        return SquaredError(self.count + other.count, self.error + other.error)


def gather(features: Tensor, wanted: Tensor, weights: Tensor | None = None) -> SquaredError:
    """The squared error between two (1, C, H, W) of one size and dtype, in float32 at least.

    weights: (1, 1, H, W), not negative; None = 1 everywhere.
    """
    error: Tensor = cast(Any, _SquaredSum).apply(features, wanted, weights)  # torch types no apply
    if weights is None:
        positions = features.shape[2] * features.shape[3]
        return SquaredError(error.new_full((), positions), error)
    return SquaredError(weights.sum().to(error.dtype), error)


class _SquaredSum(torch.autograd.Function):
    """Σ w |f - p|², with its gradient 2 w (f - p) in f, in fewer passes than autograd's."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, wanted: Tensor, weights: Tensor | None) -> Tensor:
        apart = features - wanted
        pulled = apart if weights is None else apart * weights.to(apart)
        ctx.save_for_backward(pulled)
        wide = torch.promote_types(features.dtype, torch.float32)
        if weights is None:
            return _linalg.vector_norm(apart, dtype=wide).square()
        return (apart * pulled).sum(dtype=wide)

    @staticmethod
    @once_differentiable  # which types ctx otherwise than Function does
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *grads: Tensor
    ) -> tuple[Tensor, None, None]:
        (pulled,) = cast("tuple[Tensor]", ctx.saved_tensors)
        return pulled * (2 * grads[0]), None, None


def compare(sums: SquaredError) -> Tensor:
    """Mean over positions of |f - p|², a scalar. Divide by C for the mean over channels too."""
    return sums.error / sums.count


def half_sum(sums: SquaredError) -> Tensor:
    """½ Σ (F - P)² over channels and positions, as printed in Gatys et al. 2016 (equation 1)."""
    return sums.error / 2


def mean_square(sums: SquaredError, channels: int) -> Tensor:
    """Mean of (F - P)² over channels and positions, as in Johnson's neural-style (2015)."""
    return sums.error / (sums.count * channels)


def pull(features: Tensor, wanted: Tensor, slope: Tensor, weights: Tensor | None = None) -> Tensor:
    """(1, C, H, W), the gradient in features of what has the gradient `slope`, a scalar, in their
    squared error.
    """
    pulled = (features - wanted).mul_(2 * slope)
    return pulled if weights is None else pulled.mul_(weights)


def restyling(content: Moments, style: Moments) -> tuple[Tensor, Tensor]:
    """Gain and shift of each channel, (C,) both, that give the content the style's statistics.

        σ' / σ,    μ' - μ σ' / σ

    Huang and Belongie's adaptive instance normalisation (2017, equation 8). As the content's target
    it says what is where without asking for the photograph's own statistics, which the style loss
    must change: the two stop pulling against each other. Departure: σ' / σ is held to 4 at most.
    """
    # A channel (nearly) silent in the photograph carries no content, only noise to blow up.
    gain = (_deviation(style) / _deviation(content)).clamp(max=4.0)
    return gain, style.mean() - content.mean() * gain


def restyled(features: Tensor, content: Moments, style: Moments) -> Tensor:
    """Content features (1, C, H, W) with the style's mean and standard deviation in each channel,
    in float32 at least: (p - μ) / σ · σ' + μ'. See `restyling`.
    """
    gain, shift = (each[None, :, None, None] for each in restyling(content, style))
    return widened(features) * gain + shift


def _deviation(moments: Moments) -> Tensor:
    variance = moments.covariance().diagonal().clamp(min=0)
    return (variance + 1e-6 * variance.mean() + 1e-12).sqrt()
