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
