"""Curvature: what L-BFGS remembers of how the gradient changed as the picture moved.

Nocedal, Updating quasi-Newton matrices with limited storage (1980), algorithm 7.4 of Nocedal and
Wright, Numerical Optimization (2006).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Precondition = Callable[[Tensor], Tensor]


def same(gradient: Tensor) -> Tensor:
    """No preconditioner: a new tensor of the same values."""
    return gradient.clone()


class Curvature:
    """Moves s of the picture and changes y of its gradient, the last few of them."""

    def __init__(
        self, history: int, precondition: Precondition = same, kept: torch.dtype | None = None
    ) -> None:
        """history: how many pairs are kept.
        precondition: a symmetric, positive map of gradients, the guess at the inverse of the
            curvature that the pairs correct; its scale doesn't matter. It gives a new tensor.
        kept: the dtype they are kept in; None = the picture's.
        """
        self.history, self.precondition, self.kept = history, precondition, kept
        self.moves: list[Tensor] = []  # s, oldest first
        self.changes: list[Tensor] = []  # y
        self.products: list[Tensor] = []  # sᵀy
        self.scale: Tensor | float = 1.0  # of the preconditioner: sᵀy / yᵀPy of the last pair

    def __len__(self) -> int:
        return len(self.moves)

    def remember(self, move: Tensor, change: Tensor) -> None:
        """Take in a pair, without copying it; that sᵀy > 0 is the caller's to see to."""
        self.scale = dot(move, change) / dot(change, self.precondition(change))
        kept = move.to(self.kept), change.to(self.kept)
        # Of what is kept, which rounding may have moved: directions then stay descents.
        product = dot(*kept).clamp(min=1e-30)
        for known, new in (
            (self.moves, kept[0]),
            (self.changes, kept[1]),
            (self.products, product),
        ):
            known.append(new)
            del known[: -self.history]

    def forget(self) -> None:
        """Know nothing, as at first."""
        self.moves, self.changes, self.products, self.scale = [], [], [], 1.0

    def direction(self, gradient: Tensor) -> Tensor:
        """-H g by the two-loop recursion, on its own memory."""
        q = -gradient
        pairs = list(zip(self.moves, self.changes, self.products, strict=True))
        shares: list[Tensor] = []
        for move, change, product in reversed(pairs):
            shares.append(dot(move, q) / product)
            q.addcmul_(change.to(q), shares[-1], value=-1)
        q = self.precondition(q).mul_(self.scale)
        for (move, change, product), share in zip(pairs, reversed(shares), strict=True):
            q.addcmul_(move.to(q), share - dot(change, q) / product)
        return q

    def state(self) -> dict[str, Any]:
        """All that is remembered."""
        return {
            "moves": self.moves,
            "changes": self.changes,
            "products": self.products,
            "scale": self.scale,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Remember such a state."""
        self.moves, self.changes = [*state["moves"]], [*state["changes"]]
        self.products, self.scale = [*state["products"]], state["scale"]


def dot(one: Tensor, other: Tensor) -> Tensor:
    """The inner product of two pictures, a scalar in the wider dtype of the two."""
    wide = torch.promote_types(one.dtype, other.dtype)
    return torch.dot(one.flatten().to(wide), other.flatten().to(wide))
