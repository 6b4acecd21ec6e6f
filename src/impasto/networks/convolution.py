"""Convolution, border and rectifier in one, which keep nothing but what comes out.

Autograd would keep what goes in as well, padded, for the gradient in weights that nobody asks for.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from impasto.networks.borders import SOURCES, Ends, folded, padded

_aten = cast(Any, torch.ops.aten)  # which torch doesn't type


def convolve(
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    padding: str,
    ends: Ends = (True, True),
    *,
    rectified: bool = True,
) -> Tensor:
    """(N, C', H, W) of (N, C, H, W), with kernels of 3 x 3. Differentiable in x alone.

    padding: zeros, replicate, reflect or circular. ends: whether x ends above and below; where it
    doesn't, nothing is added there, and a row is lost. rectified: whether max(0, ...) is taken.
    """
    return cast(Any, _Convolution).apply(x, weight, bias, padding, ends, rectified)  # as above


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor,
        padding: str,
        ends: Ends,
        rectified: bool,
    ) -> Tensor:
        ctx.how = padding, ends
        if padding in SOURCES:
            x = padded(x, padding, ends)
            margin = (0, 0)
        else:
            if ends[0] != ends[1]:
                x = F.pad(x, (0, 0, *ends))
            margin = (int(all(ends)), 1)
        y = F.conv2d(x, weight, bias, padding=margin)
        if rectified:
            y = y.relu_()
        ctx.margin, ctx.shape = margin, x.shape
        ctx.save_for_backward(weight, y if rectified else None)
        return y

    @staticmethod
    @once_differentiable  # which types ctx otherwise than Function does
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *grads: Tensor
    ) -> tuple[Tensor, None, None, None, None, None]:
        weight, y = cast("tuple[Tensor, Tensor | None]", ctx.saved_tensors)
        padding, ends = cast("tuple[str, Ends]", ctx.how)
        (g,) = grads
        if y is not None:
            g = cast(Tensor, _aten.threshold_backward(g, y, 0))
        # Only its shape counts, since no gradient in weights is asked for.
        like = g.new_empty(1).expand(ctx.shape)
        g = cast(
            Tensor,
            _aten.convolution_backward(
                g, like, weight, None, (1, 1), ctx.margin, (1, 1), False, (0, 0), 1,
                (True, False, False),
            )[0],
        )  # fmt: skip
        if padding in SOURCES:
            g = folded(g, padding, ends)
        elif ends[0] != ends[1]:
            g = g[:, :, int(ends[0]) : g.shape[2] - ends[1]]
        return g, None, None, None, None, None
