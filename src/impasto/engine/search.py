"""L-BFGS with a line search and a guess at the curvature on all scales: what paints in few steps.

Each step is one evaluation. A point that lowers the loss enough (Armijo 1966) is taken, and the
next direction goes from there; another is given up for one nearer to the last point taken.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from impasto.engine.curvature import Curvature, dot
from impasto.engine.scales import smoothed

ENOUGH = 1e-4  # share of the decrease that the slope promises, which a point must bring
SHORTER = 0.4  # of the way, where it didn't
SHORTEST = 0.02  # of the way under which the curvature is forgotten, and the slope followed
LEAST_BEND = 1e-10  # sᵀy / yᵀy under which a pair isn't remembered


class Search:
    """Steps of a picture (1, 3, H, W) downhill. A picture's loss is never above its start's."""

    def __init__(self, history: int = 20, kept: torch.dtype | None = None) -> None:
        """history: how many steps the curvature is known from.
        kept: the dtype in which they are remembered; None = the picture's.
        """
        self.curvature = Curvature(history, smoothed, kept)
        self._clear()

    def _clear(self) -> None:
        self.curvature.forget()
        self.loss: float | None = None  # at the last point taken, and its gradient
        self.gradient: Tensor | None = None
        self.direction: Tensor | None = None  # from there
        self.slope = 0.0  # along it
        self.share = 0.0  # of it that the picture has gone

    def step(self, picture: Tensor, gradient: Tensor, loss: float, rate: float) -> None:
        """Move the picture, in place, to where it is to be looked at next.

        loss, gradient: at the picture as it is; the gradient may be kept.
        rate: the mean size of a value's change in the first step.
        """
        before, direction = self.gradient, self.direction
        if before is None or direction is None or self.loss is None:
            self._take(picture, gradient, loss, rate)
        elif loss <= self.loss + ENOUGH * self.share * self.slope:
            move, change = direction.mul_(self.share), gradient - before
            self.share = 0.0
            bend, size = dot(move, change), dot(change, change)
            if bend > LEAST_BEND * size:
                self.curvature.remember(move, change)
            self._take(picture, gradient, loss, rate)
        else:
            back = self.share
            self.share *= SHORTER
            if self.share >= SHORTEST or not len(self.curvature):
                picture.add_(direction, alpha=self.share - back)
                return
            picture.sub_(direction, alpha=back)
            self.curvature.forget()
            self._take(picture, before, self.loss, rate * SHORTER)

    def _take(self, picture: Tensor, gradient: Tensor, loss: float, rate: float) -> None:
        """Go on from this point."""
        direction = self.curvature.direction(gradient)
        if len(self.curvature) == 0:
            direction *= rate / direction.abs().mean().clamp(min=1e-30)
        slope = float(dot(direction, gradient))
        if not slope < 0:
            self.curvature.forget()
            direction = -smoothed(gradient)
            direction *= rate / direction.abs().mean().clamp(min=1e-30)
            slope = float(dot(direction, gradient))
        self.loss, self.gradient, self.slope = loss, gradient, slope
        self.direction, self.share = direction, 1.0
        picture.add_(direction)

    def taken(self, picture: Tensor) -> Tensor:
        """The last point taken, of a picture that this moved; a new tensor."""
        if self.direction is None:
            return picture.clone()
        return torch.sub(picture, self.direction, alpha=self.share)

    def resize(self, width: int, height: int) -> None:
        """Start anew: another size has another loss."""
        self._clear()

    def state(self) -> dict[str, Any]:
        """All that goes on from one step to the next, beside the picture."""
        return {
            "loss": self.loss,
            "gradient": self.gradient,
            "direction": self.direction,
            "slope": self.slope,
            "share": self.share,
            "known": self.curvature.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from such a state."""
        self.loss, self.gradient, self.direction = (
            state[k] for k in ("loss", "gradient", "direction")
        )
        self.slope, self.share = state["slope"], state["share"]
        self.curvature.restore(state["known"])
