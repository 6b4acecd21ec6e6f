"""Scales: a preconditioner that moves a picture at all scales at once.

The gradient of a mean over positions is much alike from pixel to pixel, but a descent along it as
it is moves each pixel for itself, and a change of a whole surface takes many steps. Added to it is
what coarser versions of the picture would be moved by:

    P = I + w U Q_1 Uᵀ,    Q_k = I + U Q_{k+1} Uᵀ

U enlarges twofold, bilinearly, and Uᵀ is its transpose over four: P is symmetric and positive, as
L-BFGS asks of a first guess at the inverse curvature. It stands to the gradient as the levels of a
multigrid method do (Bramble, Pasciak and Xu, Parallel multilevel preconditioners, 1990).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from impasto.engine.pull import pulled

WEIGHT = 3.0  # of all coarser scales, against the pixels' own; 1 to 3 are as good
LEVELS = 4  # of twofold shrinking
LEAST = 8  # pixels: a shorter side is not shrunk further


def smoothed(gradient: Tensor, levels: int = LEVELS) -> Tensor:
    """P g of (1, C, H, W), a new tensor."""
    result = gradient.clone()
    coarse = _coarser(gradient, levels)
    return result if coarse is None else result.add_(coarse, alpha=WEIGHT)


def _coarser(picture: Tensor, levels: int) -> Tensor | None:
    """U Q Uᵀ of a picture; None where it can't be shrunk."""
    height, width = picture.shape[2:]
    if not levels or min(height, width) < 2 * LEAST:
        return None
    small = (-(-height // 2), -(-width // 2))
    shrunk = _transposed(picture, small).div_(4)
    deeper = _coarser(shrunk, levels - 1)
    if deeper is not None:
        shrunk = shrunk + deeper
    return F.interpolate(shrunk, (height, width), mode="bilinear")


def _transposed(picture: Tensor, small: tuple[int, int]) -> Tensor:
    """The transpose of enlarging from `small` to the picture's size."""
    with torch.enable_grad():
        before = picture.new_zeros(1, picture.shape[1], *small).requires_grad_()
        enlarged = F.interpolate(before, tuple(picture.shape[2:]), mode="bilinear")
    return pulled([enlarged], before, [picture])
