"""Sliced Wasserstein: how far apart two sets of feature columns are, seen from random directions.

    mean over directions v of ∫ (F_v⁻¹(t) - S_v⁻¹(t))² dt

where F_v⁻¹ is the quantile function of the projections vᵀf: W2² in one dimension, which sorting
solves. Heitz, Vanhoey, Chambon and Belcour, A Sliced Wasserstein Loss for Neural Texture Synthesis
(CVPR 2021). With as many columns on both sides it is the mean squared difference of the sorted
projections, as printed there; the integral also holds for other numbers, and weights.
"""

from __future__ import annotations

import torch
from torch import Tensor

from impasto.losses.columns import Columns, ranked, summed

ROOM = 2**22  # projections that memory holds at once


def directions(number: int, channels: int, generator: torch.Generator) -> Tensor:
    """Random unit vectors, (number, channels), each direction as likely as any other.

    Heitz et al. draw as many as there are channels, anew at each step.
    """
    drawn = torch.randn(number, channels, generator=generator, device=generator.device)
    return drawn / drawn.square().sum(1, keepdim=True).sqrt()


def compare(sums: Columns, style: Columns, along: Tensor) -> Tensor:
    """Mean over directions of W2² between projections, a scalar. along: (P, C), unit vectors."""
    others = style.values.detach()

    def part(values: Tensor, chosen: Tensor) -> Tensor:
        one, share = ranked(chosen @ values.T, sums.weights)
        other, other_share = ranked(chosen @ others.T, style.weights)
        if sums.weights is None and style.weights is None and one.shape == other.shape:
            return (one - other).square().mean(1).sum()
        return _transport(one, share, other, other_share)

    at_once = max(1, ROOM // (len(sums.values) + len(others)))
    along = along.to(sums.values)
    some = [along[start : start + at_once] for start in range(0, len(along), at_once)]
    return summed(sums.values, part, some) / len(along)


def _transport(one: Tensor, share: Tensor, other: Tensor, other_share: Tensor) -> Tensor:
    """Σ over rows of ∫ (one⁻¹(t) - other⁻¹(t))² dt. Both are constant between two cuts."""
    rows = max(len(share), len(other_share))
    heights = [share.expand(rows, -1).contiguous(), other_share.expand(rows, -1).contiguous()]
    cuts = torch.cat(heights, dim=1).sort(dim=1).values
    width = cuts.diff(dim=1, prepend=torch.zeros_like(cuts[:, :1]))
    at = [torch.searchsorted(h, cuts).clamp(max=h.shape[1] - 1) for h in heights]
    apart = one.gather(1, at[0].expand(len(one), -1)) - other.gather(1, at[1].expand(len(one), -1))
    return (apart.square() * width.to(one)).sum()
