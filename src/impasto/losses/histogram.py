"""Histogram: the squared error of features against themselves with the style's histograms.

    mean over positions of |f - R(f)|²

R remaps each channel, by a rising function, to the style's distribution of values in it, and is
held constant. Risser, Wilmot and Barnes, Stable and Controllable Neural Texture Synthesis and Style
Transfer Using Histogram Losses (2017). They sum over positions; the sum is the mean times their
number. Departure: distributions are exact, by sorting, not counted in 256 bins.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.losses.columns import Columns, ranked

ROOM = 2**22  # values that memory holds at once, beside the features


@dataclass(frozen=True)
class Target:
    """A style's side: each channel's values rising, (C, M), and the quantiles they stand at.

    quantiles: (C, M), or (1, M) where all channels have the same: the middle of each value's share.
    """

    values: Tensor
    quantiles: Tensor


def target(style: Columns) -> Target:
    """A style's columns, prepared to be compared with. Those of weight 0 are left out."""
    values, weights = style.values.detach(), style.weights
    if weights is not None:
        values, weights = values[weights > 0], weights[weights > 0]
    rising, heights = ranked(values.T, weights)
    return Target(rising, _middles(heights))


def compare(sums: Columns, style: Target) -> Tensor:
    """Mean over positions of |f - R(f)|², a scalar."""
    squares = (sums.values - remapped(sums, style)).square().sum(1)
    return squares.mean() if sums.weights is None else squares @ sums.shares()


@torch.no_grad()
def remapped(sums: Columns, style: Target) -> Tensor:
    """R(f), (N, C): values of the style at the quantiles of the picture's own, channel by channel.

    Between the style's values it is linear. Equal values (a rectifier's zeros) stay equal: they
    stand at the middle of what they share.
    """
    rows = sums.values.T
    result = torch.empty_like(rows)
    at_once = max(1, ROOM // (rows.shape[1] + style.values.shape[1]))
    for start in range(0, len(rows), at_once):
        some = slice(start, start + at_once)
        mine = rows[some].contiguous()
        known = style.quantiles if len(style.quantiles) == 1 else style.quantiles[some]
        result[some] = _interpolated(
            _quantiles(mine, sums.weights), known.expand(len(mine), -1), style.values[some]
        )
    return result.T


def _quantiles(rows: Tensor, weights: Tensor | None) -> Tensor:
    """(P, N): where each value stands in its row, the middle of the shares of all equal to it."""
    rising, heights = ranked(rows, weights)
    padded = torch.cat([torch.zeros_like(heights[:, :1]), heights], dim=1).expand(len(rows), -1)
    below, above = (
        padded.gather(1, torch.searchsorted(rising, rows, right=right)) for right in (False, True)
    )
    return (below + above) / 2


def _middles(heights: Tensor) -> Tensor:
    return heights - heights.diff(dim=1, prepend=torch.zeros_like(heights[:, :1])) / 2


def _interpolated(at: Tensor, known: Tensor, values: Tensor) -> Tensor:
    """Rows' values (P, M), known at rising `known` (P, M), read at (P, N); constant beyond."""
    last = known.shape[1] - 1
    right = torch.searchsorted(known.contiguous(), at).clamp(max=last)
    left = (right - 1).clamp(min=0)
    start, end = known.gather(1, left), known.gather(1, right)
    part = ((at - start) / (end - start).clamp(min=torch.finfo(at.dtype).tiny)).clamp(0, 1)
    return values.gather(1, left).lerp(values.gather(1, right), part.to(values))
