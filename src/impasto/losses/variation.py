"""Total variation: how much neighbouring pixels differ."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def nine_point(picture: Tensor) -> Tensor:
    """Mean squared difference of each pixel from its eight neighbours, for (1, C, H, W). A scalar.

    Horizontal and vertical differences weigh 1/3 each, the two diagonals 1/12 each, and all are
    doubled, as in Crowson's style-transfer-pytorch (2021). Borders are replicated.
    """
    x = F.pad(picture, (1, 1, 1, 1), mode="replicate")
    middle, right, below = x[..., 1:-1, 1:-1], x[..., 1:-1, 2:], x[..., 2:, 1:-1]
    falling = x[..., 2:, 2:] - middle
    rising = below - right
    straight = (right - middle).square().mean() + (below - middle).square().mean()
    diagonal = falling.square().mean() + rising.square().mean()
    return 2 * (straight / 3 + diagonal / 12)


def crowson2021(picture: Tensor) -> Tensor:
    """`nine_point` as printed: the means of the diagonals are over all (H + 1) (W + 1) places that
    the replicated border makes, where those of the straight differences are over H W.
    """
    x = F.pad(picture, (1, 1, 1, 1), mode="replicate")
    middle = x[..., 1:-1, 1:-1]
    straight = sum(
        (other - middle).square().mean() for other in (x[..., 1:-1, 2:], x[..., 2:, 1:-1])
    )
    falling, rising = x[..., 1:, 1:] - x[..., :-1, :-1], x[..., 1:, :-1] - x[..., :-1, 1:]
    diagonal = falling.square().mean() + rising.square().mean()
    return 2 * (straight / 3 + diagonal / 12)


def squared(picture: Tensor) -> Tensor:
    """½ Σ (dx² + dy²) of neighbours, for (1, C, H, W). A scalar.

    Its gradient is the one that Johnson's neural-style (2015) adds, which never writes the loss
    down: both differences are taken at all pixels but the last row's and the last column's.
    """
    corner = picture[..., :-1, :-1]
    right, below = picture[..., :-1, 1:] - corner, picture[..., 1:, :-1] - corner
    return (right.square().sum() + below.square().sum()) / 2


def absolute(picture: Tensor) -> Tensor:
    """Σ |dx| + Σ |dy| of all neighbours, for (1, C, H, W), as in neural-style-pt. A scalar."""
    return picture.diff(dim=3).abs().sum() + picture.diff(dim=2).abs().sum()
