"""Reflection padding by one, faster than torch's for channels-last features on a processor."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def reflect(features: Tensor) -> Tensor:
    """(N, C, H, W) to (N, C, H + 2, W + 2): `F.pad(..., mode="reflect")`; sides of 2 at least."""
    return cast(Any, _Reflect).apply(features)  # torch types no apply


class _Reflect(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        y = torch.empty(
            (n, c, h + 2, w + 2),
            dtype=x.dtype,
            device=x.device,
            memory_format=torch.channels_last,
        )
        y[..., 1:-1, 1:-1] = x
        y[..., 0, 1:-1], y[..., -1, 1:-1] = x[..., 1, :], x[..., -2, :]
        y[..., 0], y[..., -1] = y[..., 2], y[..., -3]
        return y

    @staticmethod
    @once_differentiable  # which types ctx otherwise than Function does
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *grads: Tensor
    ) -> Tensor:
        (g,) = grads
        folded = g[..., 1:-1, 1:-1].clone(memory_format=torch.channels_last)
        # What a border copied gets the border's gradient too: rows, columns, then corners.
        for row, to in ((0, 1), (-1, -2)):
            folded[..., to, :] += g[..., row, 1:-1]
            folded[..., to] += g[..., 1:-1, row]
            for column, beside in ((0, 1), (-1, -2)):
                folded[..., to, beside] += g[..., row, column]
        return folded
