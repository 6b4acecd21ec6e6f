"""Pulling gradients back through a graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def pulled(outputs: Sequence[Tensor], given: Tensor, pulls: Sequence[Tensor]) -> Tensor:
    """The gradient in `given` of what has the gradients `pulls` in outputs that were made of it.

    As `torch.autograd.grad(outputs, given, pulls)`, which however compares shapes with the help of
    an algebra system, and takes a third of a second to load it.
    """
    with torch.enable_grad():
        total: Tensor = cast(Any, _Pulls).apply(pulls, *outputs)  # torch types no apply
    return torch.autograd.grad(total, given)[0]


class _Pulls(torch.autograd.Function):
    """A scalar with given gradients."""

    @staticmethod
    def forward(ctx: Any, pulls: Sequence[Tensor], *outputs: Tensor) -> Tensor:
        ctx.pulls = pulls
        return outputs[0].new_zeros(())

    @staticmethod
    @once_differentiable  # which types ctx otherwise than Function does
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *grads: Tensor
    ) -> tuple[Tensor | None, ...]:
        return (None, *ctx.pulls)
