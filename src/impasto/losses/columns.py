"""Columns: the feature columns themselves, for losses that no sum over positions stands in for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from impasto.losses.moments import widened

T = TypeVar("T")


@dataclass(frozen=True)
class Columns:
    """A layer's feature columns, or patches of them, in any order.

    values:   (N, C), in float32 at least.
    weights:  (N,), not negative, of which only the ratios count; None = all alike.

    Columns add by concatenation, so that tiles make the whole.
    """

    values: Tensor
    weights: Tensor | None = None

    def __add__(self, other: Columns) -> Columns:
        values = torch.cat([self.values, other.values])
        if self.weights is None and other.weights is None:
            return Columns(values)
        parts = [
            part.values.new_ones(len(part.values)) if part.weights is None else part.weights
            for part in (self, other)
        ]
        return Columns(values, torch.cat(parts))

    def shares(self) -> Tensor:
        """(N,): the weights, made to sum to 1. Not numbers where they are all 0."""
        if self.weights is None:
            number = len(self.values)
            return self.values.new_full((number,), 1 / number)
        return (self.weights / self.weights.sum()).to(self.values)


def gather(features: Tensor, weights: Tensor | None = None) -> Columns:
    """The columns of features (1, C, H, W), row by row.

    weights: (1, 1, H, W), not negative: a soft mask; None = 1 everywhere.
    """
    values = widened(features.permute(0, 2, 3, 1).flatten(0, 2))
    return Columns(values, None if weights is None else weights.flatten().to(values))


def blend(columns: Sequence[Columns], shares: Sequence[float]) -> Columns:
    """The columns of a mixture: each weighs its share together, however many columns it has.

    shares: not negative, of any sum but 0. What has none is left out.
    """
    mixed = [(c, s) for c, s in zip(columns, shares, strict=True) if s]
    if len(mixed) == 1:
        return mixed[0][0]
    values = torch.cat([c.values for c, _ in mixed])
    return Columns(values, torch.cat([c.shares() * s for c, s in mixed]))


def sample(columns: Columns, number: int, generator: torch.Generator) -> Columns:
    """At most `number` of the columns, in random order, weighing alike.

    Without weights none is drawn twice; with weights each draw is by weight, and independent.
    """
    number = min(number, len(columns.values))
    where = generator.device
    if columns.weights is None:
        chosen = torch.randperm(len(columns.values), generator=generator, device=where)[:number]
    else:
        heights = _exact(columns.weights).cumsum(0)
        draws = torch.rand(number, generator=generator, device=where, dtype=torch.float64)
        at = draws.to(heights) * heights[-1]
        chosen = torch.searchsorted(heights, at, right=True).clamp(max=len(heights) - 1)
    return Columns(columns.values[chosen.to(columns.values.device)])


def ranked(rows: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
    """Rows (P, N) rising, and the share of the weights (N,) up to and with each: (P, N) or (1, N).

    Shares are in float64, except on Apple's GPUs, which have none.
    """
    rising, order = rows.sort(dim=1)
    if weights is None:
        number = rows.shape[1]
        steps = torch.arange(1, number + 1, device=rows.device)
        return rising, (_exact(steps) / number)[None]
    heights = _exact(weights)[order].cumsum(1)
    return rising, heights / heights[:, -1:]


def summed(values: Tensor, part: Callable[[Tensor, T], Tensor], over: Iterable[T]) -> Tensor:
    """Σ part(values, each) of scalars, in the memory of one part.

    The gradient is taken part by part on the way, where autograd would keep them all until the end.
    It can't be differentiated again.
    """
    return cast(Any, _Summed).apply(values, part, over)  # torch types no apply


class _Summed(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, values: Tensor, part: Callable[[Tensor, T], Tensor], over: Iterable[T]
    ) -> Tensor:
        leaf = values.detach()
        total = leaf.new_zeros(())
        if not ctx.needs_input_grad[0]:
            for each in over:
                total = total + part(leaf, each)
            return total
        leaf.requires_grad_()
        gradient = torch.zeros_like(leaf)
        for each in over:
            with torch.enable_grad():
                value = part(leaf, each)
            gradient += torch.autograd.grad(value, leaf)[0]
            total = total + value.detach()
        ctx.save_for_backward(gradient)
        return total

    @staticmethod
    @once_differentiable  # which types ctx otherwise than Function does
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *grads: Tensor
    ) -> tuple[Tensor, None, None]:
        (gradient,) = cast("tuple[Tensor]", ctx.saved_tensors)
        return grads[0] * gradient, None, None


def _exact(values: Tensor) -> Tensor:
    return values.float() if values.device.type == "mps" else values.double()
