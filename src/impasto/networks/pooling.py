"""Pooling and rectifier in one, for the way back of which little is kept.

The largest of four is rectified, which is as good as the largest of four rectified, and a quarter
of the work; and instead of what was pooled, only where each maximum was is remembered.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

_aten = cast(Any, torch.ops.aten)  # which torch doesn't type


def largest(x: Tensor, *, rounds_up: bool = False) -> Tensor:
    """max(0, ...) of each two by two of (N, C, H, W).

    rounds_up: whether an odd last row or column is pooled on its own, instead of dropped.
    """
    return cast(Any, _Largest).apply(x, rounds_up)  # torch types no apply


class _Largest(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, rounds_up: bool) -> Tensor:
        y, where = F.max_pool2d(x, 2, ceil_mode=rounds_up, return_indices=True)
        y = y.relu_()
        ctx.shape, ctx.rounds_up = x.shape, rounds_up
        ctx.save_for_backward(y, where)
        return y

    @staticmethod
    @once_differentiable  # which types ctx otherwise than Function does
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *grads: Tensor
    ) -> tuple[Tensor, None]:
        y, where = cast("tuple[Tensor, Tensor]", ctx.saved_tensors)
        g = cast(Tensor, _aten.threshold_backward(grads[0], y, 0))
        # Only its shape and layout count.
        like = torch.empty(
            ctx.shape, dtype=g.dtype, device=g.device, memory_format=torch.channels_last
        )
        g = _aten.max_pool2d_with_indices_backward(
            g, like, (2, 2), (2, 2), (0, 0), (1, 1), ctx.rounds_up, where
        )
        return g, None
