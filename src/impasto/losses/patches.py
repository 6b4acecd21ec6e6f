"""Patches: the squared distance of each patch of features from the most alike in the style.

    mean over patches Ψ of |Ψ - Ψ'|²,    Ψ' = argmax over the style's patches of ΨᵀΨ' / (|Ψ| |Ψ'|)

Li and Wand, Combining Markov Random Fields and Convolutional Neural Networks for Image Synthesis
(CVPR 2016), with patches of 3 x 3 positions. They sum over patches; the sum is the mean times their
number, (H - 2) (W - 2).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from impasto.losses.columns import Columns
from impasto.losses.moments import widened

BLOCK = 2048  # patches: the likenesses of BLOCK x BLOCK pairs are what memory holds at once


def gather(features: Tensor, weights: Tensor | None = None, size: int = 3) -> Columns:
    """All patches of size x size positions that fit into features (1, C, H, W): (N, C size²).

    Tiles that overlap by size - 1 positions add up to the whole.

    weights: (1, 1, H, W), not negative; None = 1 everywhere. A patch weighs what the least of its
    positions weighs, so that none reaches out of a mask; all are 0 where no patch fits into it.
    ValueError where none fits into the features.
    """
    height, width = features.shape[2:]
    if min(height, width) < size:
        raise ValueError(f"features are {width}x{height}; patches need at least {size}x{size}")
    values = F.unfold(widened(features), size)[0].T
    if weights is None:
        return Columns(values)
    return Columns(values, -F.max_pool2d(-weights, size, stride=1).flatten().to(values))


def compare(sums: Columns, style: Columns) -> Tensor:
    """Mean over patches of the squared distance from the nearest in the style, a scalar.

    The style's weights say only which patches there are: those of weight 0 are never chosen.
    """
    squares = (sums.values - style.values.detach()[nearest(sums, style)]).square().sum(1)
    return squares.mean() if sums.weights is None else squares @ sums.shares()


@torch.no_grad()
def nearest(sums: Columns, style: Columns) -> Tensor:
    """(N,): the index of the style's patch with the largest normalised cross-correlation."""
    lengths = style.values.square().sum(1).sqrt()
    lengths = lengths.clamp(min=torch.finfo(lengths.dtype).tiny)
    barred = None if style.weights is None else style.weights <= 0
    found: list[Tensor] = []
    for first in range(0, len(sums.values), BLOCK):
        patches = sums.values[first : first + BLOCK]
        # Dividing by the patch's own length would not change which is largest.
        best, index = patches.new_full((len(patches),), -torch.inf), None
        for start in range(0, len(style.values), BLOCK):
            block = slice(start, start + BLOCK)
            likeness = patches @ style.values[block].T / lengths[block]
            if barred is not None:
                likeness = likeness.masked_fill(barred[block], -torch.inf)
            most, where = likeness.max(dim=1)
            where = where + start
            index = where if index is None else torch.where(most > best, where, index)
            best = torch.maximum(best, most)
        assert index is not None
        found.append(index)
    return torch.cat(found)
