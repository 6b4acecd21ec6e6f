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

from torch import Tensor
from torch.nn import functional as F

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
    shrunk = _shrunk(_shrunk(picture, 2), 3).div_(4)
    deeper = _coarser(shrunk, levels - 1)
    if deeper is not None:
        shrunk += deeper
    # Of an odd side the last row that this makes is left out, and so it is above.
    enlarged = F.interpolate(shrunk, scale_factor=2, mode="bilinear")
    return enlarged[:, :, :height, :width]


def _shrunk(picture: Tensor, dim: int) -> Tensor:
    """The transpose of enlarging along one dimension, which spreads each value over four:

        1/4, 3/4, 3/4, 1/4

    and at a border what would lie beyond it on the last one. Three times faster than torch's own.
    """
    even, odd = (_every_second(picture, dim, first) for first in (0, 1))
    count, last = even.shape[dim], odd.shape[dim]
    small = even * 0.75

    def add(to: int, other: Tensor, start: int, length: int, share: float) -> None:
        small.narrow(dim, to, length).add_(other.narrow(dim, start, length), alpha=share)

    add(0, odd, 0, last, 0.75)
    add(1, odd, 0, count - 1, 0.25)
    add(0, even, 1, count - 1, 0.25)
    add(0, even, 0, 1, 0.25)
    if last == count:
        add(count - 1, odd, count - 1, 1, 0.25)
    return small


def _every_second(picture: Tensor, dim: int, first: int) -> Tensor:
    return picture[:, :, first::2] if dim == 2 else picture[..., first::2]
