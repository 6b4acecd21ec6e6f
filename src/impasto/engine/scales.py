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

from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional as F

_aten = cast(Any, torch.ops.aten)  # which torch doesn't type

WEIGHT = 3.0  # of all coarser scales, against the pixels' own; 1 to 3 are as good
LEVELS = 4  # of twofold shrinking
LEAST = 8  # pixels: a shorter side is not shrunk further


def smoothed(gradient: Tensor, levels: int = LEVELS) -> Tensor:
    """P g of (1, C, H, W), a new tensor."""
    coarse = _coarser(gradient, levels)
    return gradient.clone() if coarse is None else coarse.mul_(WEIGHT).add_(gradient)


def _coarser(picture: Tensor, levels: int) -> Tensor | None:
    """U Q Uᵀ of a picture; None where it can't be shrunk."""
    height, width = picture.shape[2:]
    if not levels or min(height, width) < 2 * LEAST:
        return None
    small = (-(-height // 2), -(-width // 2))
    shrunk = _transposed(picture, small).div_(4)
    deeper = _coarser(shrunk, levels - 1)
    if deeper is not None:
        shrunk += deeper
    return F.interpolate(shrunk, (height, width), mode="bilinear")


def _transposed(picture: Tensor, small: tuple[int, int]) -> Tensor:
    """The transpose of enlarging from `small` to the picture's size."""
    size = [*picture.shape[2:]]
    return _aten.upsample_bilinear2d_backward(
        picture, size, [*picture.shape[:2], *small], False, None, None
    )
