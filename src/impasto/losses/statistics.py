"""Statistics: the mean and standard deviation of each channel, those of batch normalisation.

    1/C Σ ((μ - μ')² + (σ - σ')²)

Li, Wang, Liu and Hou, Demystifying Neural Style Transfer (2017).
"""

from __future__ import annotations

import torch
from torch import Tensor

from impasto.losses.moments import Moments


def compare(sums: Moments, style: Moments) -> Tensor:
    """Mean over channels of (μ - μ')² + (σ - σ')², a scalar."""
    means = (sums.mean() - style.mean()).square()
    return (means + (_deviation(sums) - _deviation(style)).square()).mean()


def _deviation(moments: Moments) -> Tensor:
    """(C,): σ, to the rounding of the sums it comes from.

    The slope of a root has no bound at 0. A channel that is the same everywhere has a variance of
    rounding alone: that much is added, of which σ knows nothing but its slope stays finite.
    """
    squares = moments.second.diagonal() / moments.count
    variance = (squares - moments.mean().square()).clamp(min=0)
    kind = torch.finfo(squares.dtype)
    return (variance + kind.eps * squares.detach() + kind.tiny).sqrt()
