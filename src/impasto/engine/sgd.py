"""Gradient descent with momentum (Polyak 1964) on one picture, as deep-learning libraries have it:
the gradient's length limited, and every value pulled back to where it rests.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class SGD:
    """Moves of a picture (1, 3, H, W): momentum · the last one - rate · (gradient + decay · away).

    away is how far a value is from its rest.
    """

    def __init__(
        self,
        momentum: float = 0.9,
        *,
        limit: float = 0.0,
        decay: float = 0.0,
        rest: Tensor | None = None,
    ) -> None:
        """limit: the length that a gradient may have for each value of the picture; 0 = any.
        rest: (1, 3, 1, 1), in the picture's units; None = 0.
        """
        self.momentum, self.limit, self.decay, self.rest = momentum, limit, decay, rest
        self.move: Tensor | None = None

    def step(self, picture: Tensor, gradient: Tensor, rate: float) -> None:
        """Move the picture, in place."""
        if self.limit:
            longest = self.limit * picture.numel()
            gradient = gradient * (longest / length(gradient).clamp(min=longest))
        if self.decay:
            away = picture if self.rest is None else picture - self.rest.to(picture)
            gradient = gradient + self.decay * away
        if self.move is None:
            self.move = torch.zeros_like(picture)
        self.move.mul_(self.momentum).sub_(gradient, alpha=rate)
        picture += self.move

    def resize(self, width: int, height: int) -> None:
        """Start anew, at rest: at another size gradients have another length."""
        self.move = None

    def state(self) -> dict[str, Any]:
        """All that goes on from one step to the next, beside the picture."""
        return {"move": self.move}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from such a state."""
        self.move = state["move"]


def length(picture: Tensor) -> Tensor:
    """A scalar: the root of the sum of squares."""
    return picture.square().sum().sqrt()
