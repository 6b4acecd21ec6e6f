"""Curvature: what L-BFGS remembers of how the gradient changed as the picture moved.

Nocedal, Updating quasi-Newton matrices with limited storage (1980), algorithm 7.4 of Nocedal and
Wright, Numerical Optimization (2006).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

Precondition = Callable[[Tensor], Tensor]

LARGE = 2**22  # values of a picture whose colours are gone through one by one, to take less memory


def same(gradient: Tensor) -> Tensor:
    """No preconditioner."""
    return gradient


class Curvature:
    """Moves s of the picture and changes y of its gradient, the last few of them."""

    def __init__(
        self, history: int, precondition: Precondition = same, kept: torch.dtype | None = None
    ) -> None:
        """history: how many pairs are kept.
        precondition: a symmetric, positive map of gradients, the guess at the inverse of the
            curvature that the pairs correct; its scale doesn't matter. Of each colour it makes
            what that colour alone asks for.
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
        bend = _total([dot(part, self.precondition(part)) for part in _colours(change)])
        self.scale = dot(move, change) / bend
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

    def turn(self, slope: Tensor) -> Tensor:
        """H times a slope (1, C, H, W), by the two-loop recursion, on the slope's own memory.

        slope: the negative gradient, where a direction to move in is wanted.
        """
        q = slope
        pairs = list(zip(self.moves, self.changes, self.products, strict=True))
        shares: list[Tensor] = []
        for move, change, product in reversed(pairs):
            shares.append(dot(move, q) / product)
            _add(q, change, -shares[-1])
        for part in _colours(q):
            torch.mul(self.precondition(part), self.scale, out=part)
        for (move, change, product), share in zip(pairs, reversed(shares), strict=True):
            _add(q, move, share - dot(change, q) / product)
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
    pairs = zip(_colours(one), _colours(other), strict=True)
    return _total([torch.dot(a.flatten().to(wide), b.flatten().to(wide)) for a, b in pairs])


def _total(parts: Sequence[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.stack([*parts]).sum()


def _add(picture: Tensor, other: Tensor, share: Tensor) -> None:
    """picture += share · other."""
    for to, part in zip(_colours(picture), _colours(other), strict=True):
        to.addcmul_(part.to(to), share)


def _colours(picture: Tensor) -> Sequence[Tensor]:
    """A picture whole, or, where it is large, its colours, (1, 1, H, W) each."""
    if picture.numel() < LARGE:
        return (picture,)
    return [picture[:, i : i + 1] for i in range(picture.shape[1])]
