"""Reflection padding by one, faster than torch's for channels-last features on a processor."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

Ends = tuple[bool, bool]  # whether rows are added above, and below


def reflect(features: Tensor, ends: Ends = (True, True)) -> Tensor:
    """(N, C, H, W) to (N, C, H + 2, W + 2): `F.pad(..., mode="reflect")`; sides of 2 at least.

    ends: rows are added only where it says so, columns always.
    """
    return cast(Any, _Reflect).apply(features, *ends)  # torch types no apply


class _Reflect(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, above: bool, below: bool) -> Tensor:
        n, c, h, w = x.shape
        ctx.ends = above, below
        y = torch.empty(
            (n, c, above + h + below, w + 2),
            dtype=x.dtype,
            device=x.device,
            memory_format=torch.channels_last,
        )
        y[:, :, above : above + h, 1:-1] = x
        y[..., 0], y[..., -1] = y[..., 2], y[..., -3]
        if above:
            y[:, :, 0] = y[:, :, 2]
        if below:
            y[:, :, -1] = y[:, :, -3]
        return y

    @staticmethod
    @once_differentiable  # which types ctx otherwise than Function does
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *grads: Tensor
    ) -> tuple[Tensor, None, None]:
        (g,) = grads
        above, below = cast("Ends", ctx.ends)
        # What a border copied gets the border's gradient too: rows with their ends, then columns.
        rows = g[:, :, int(above) : g.shape[2] - below]
        folded = rows[..., 1:-1].clone(memory_format=torch.channels_last)
        folded[..., 1] += rows[..., 0]
        folded[..., -2] += rows[..., -1]
        for there, row, to in ((above, 0, 1), (below, -1, -2)):
            if there:
                folded[:, :, to] += g[:, :, row, 1:-1]
                folded[:, :, to, 1] += g[:, :, row, 0]
                folded[:, :, to, -2] += g[:, :, row, -1]
        return folded, None, None
