"""Borders of one position around features, and the gradient's way back over them.

Faster than torch's padding for channels-last features on a processor.
"""

from __future__ import annotations

import torch
from torch import Tensor

Ends = tuple[bool, bool]  # whether rows are added above, and below

# Which row, or column, the one that is added before the first repeats, and the one after the last.
SOURCES = {"replicate": (0, -1), "reflect": (1, -2), "circular": (-1, 0)}


def padded(x: Tensor, kind: str, ends: Ends = (True, True)) -> Tensor:
    """(N, C, H, W) to (N, C, H + 2, W + 2): `F.pad(..., mode=kind)`; sides of 2 at least.

    ends: rows are added only where it says so, columns always.
    """
    n, c, h, w = x.shape
    above, below = ends
    y = torch.empty(
        (n, c, above + h + below, w + 2),
        dtype=x.dtype,
        device=x.device,
        memory_format=torch.channels_last,
    )
    inner = y[:, :, above : above + h]
    inner[..., 1:-1] = x
    before, after = SOURCES[kind]
    inner[..., 0], inner[..., -1] = x[..., before], x[..., after]
    if above:
        y[:, :, 0] = inner[:, :, before]
    if below:
        y[:, :, -1] = inner[:, :, after]
    return y


def folded(g: Tensor, kind: str, ends: Ends = (True, True)) -> Tensor:
    """(N, C, H, W), the gradient in x, of that in `padded(x)`, which is used up."""
    above, below = ends
    before, after = SOURCES[kind]
    rows = g[:, :, int(above) : g.shape[2] - below]
    # What a border repeated gets the border's gradient too: rows with their ends, then columns.
    if above:
        rows[:, :, before] += g[:, :, 0]
    if below:
        rows[:, :, after] += g[:, :, -1]
    inner = rows[..., 1:-1]
    inner[..., before] += rows[..., 0]
    inner[..., after] += rows[..., -1]
    return inner.contiguous(memory_format=torch.channels_last)
