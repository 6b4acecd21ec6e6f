"""L-BFGS (Nocedal 1980; Liu and Nocedal 1989) on one picture, without a line search.

The papers' optimiser. This is the form that style transfer is run with everywhere: steps of fixed
length along the direction that the last gradients' differences suggest, the first one shortened to
1 / Σ|g|. Step by step it is `torch.optim.LBFGS`, which can't be stopped between its steps.
"""

from __future__ import annotations

import torch
from torch import Tensor

LEAST_CURVATURE = 1e-10  # sᵀy under which a difference of gradients isn't remembered


class LBFGS:
    """Steps of a picture (1, 3, H, W) along the quasi-Newton direction."""

    def __init__(self, history: int = 100) -> None:
        """history: how many steps, and changes of the gradient, are kept; each is a picture."""
        self.history = history
        self.moves: list[Tensor] = []  # s, oldest first
        self.changes: list[Tensor] = []  # y
        self.curvatures: list[Tensor] = []  # sᵀy
        self.scale = 1.0
        self.gradient: Tensor | None = None
        self.move: Tensor | None = None

    def step(self, picture: Tensor, gradient: Tensor, rate: float) -> None:
        """Move the picture, in place."""
        g = gradient.flatten()
        if self.gradient is None or self.move is None:
            direction = -g
            length = min(1.0, 1.0 / max(float(g.abs().sum()), 1e-30)) * rate
        else:
            self._remember(self.move, g - self.gradient)
            direction = self._direction(g)
            length = rate
        self.gradient = g.clone()
        self.move = direction * length
        picture += self.move.view_as(picture)

    def resize(self, width: int, height: int) -> None:
        """Start anew: what was learnt of the curvature at one size says nothing at another."""
        self.__init__(self.history)

    def _remember(self, move: Tensor, change: Tensor) -> None:
        curvature = change.dot(move)
        if curvature <= LEAST_CURVATURE:
            return
        for kept, new in (
            (self.moves, move),
            (self.changes, change),
            (self.curvatures, curvature),
        ):
            kept.append(new)
            del kept[: -self.history]
        self.scale = float(curvature / change.dot(change))

    def _direction(self, gradient: Tensor) -> Tensor:
        """-H g by the two-loop recursion."""
        q = -gradient
        kept = list(zip(self.moves, self.changes, self.curvatures, strict=True))
        shares: list[Tensor] = []
        for move, change, curvature in reversed(kept):
            share = move.dot(q) / curvature
            shares.append(share)
            q = q - share * change
        q = q * self.scale
        for (move, change, curvature), share in zip(kept, reversed(shares), strict=True):
            q = q + move * (share - change.dot(q) / curvature)
        return q


def memory(history: int, values: int) -> int:
    """Bytes that are kept for a picture of so many values: moves and changes, float32."""
    return 2 * history * values * torch.finfo(torch.float32).bits // 8
