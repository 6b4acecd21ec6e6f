"""L-BFGS with a line search, bounds, and a guess at the curvature at all scales: what paints in few
steps.

Each step is one evaluation. A point that lowers the loss enough (Armijo 1966) is taken, and the
next direction goes from there; another is given up for one nearer to the last point taken. Values
at a bound that the gradient pushes beyond are left out of a direction, and points are cut off at
the bounds (Bertsekas, Projected Newton methods for optimization problems with simple constraints,
1982): cut off only at the end, strong colours would end far from where they were best.
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
    """Steps of a picture (1, 3, H, W) downhill. What is taken never has more loss than before."""

    def __init__(
        self, history: int = 20, kept: torch.dtype | None = None, *, bounded: bool = True
    ) -> None:
        """history: how many steps the curvature is known from.
        kept: the dtype in which they are remembered; None = the picture's.
        bounded: whether values stay in [0, 1].
        """
        self.curvature = Curvature(history, smoothed, kept)
        self.bounded = bounded
        self._clear()

    def _clear(self) -> None:
        self.curvature.forget()
        self.loss = 0.0  # at the last point taken, and its gradient
        self.gradient: Tensor | None = None
        self.point: Tensor | None = None
        self.promised = 0.0  # by the slope there, for the point that is looked at
        self.share = 1.0  # of the way to it

    def step(self, picture: Tensor, gradient: Tensor, loss: float, rate: float) -> None:
        """Move the picture, in place, to where it is to be looked at next.

        loss, gradient: at the picture as it is; the gradient is taken over, and changed later.
        rate: the mean size of a value's change in the first step.
        """
        if self.point is None or self.gradient is None:
            self.point = picture.clone()
        elif loss <= self.loss + ENOUGH * self.promised:
            self._learn(picture, gradient)
        else:
            self.share *= SHORTER
            if self.share < SHORTEST:
                self.curvature.forget()
                self.share = 1.0
            self._look(picture, rate * (1 if self.share < 1 else SHORTER))
            return
        self.loss, self.gradient, self.share = loss, gradient, 1.0
        self._look(picture, rate)

    def _learn(self, picture: Tensor, gradient: Tensor) -> None:
        """Take a point, and remember what its gradient says of the curvature.

        Differences are made where the last point and its gradient were, without more memory; until
        there is a point again, `taken` is the picture itself.
        """
        point, before = self.point, self.gradient
        assert point is not None
        assert before is not None
        self.point = self.gradient = None
        move, change = point.neg_().add_(picture), before.neg_().add_(gradient)
        if dot(move, change) > LEAST_BEND * dot(change, change):
            self.curvature.remember(move, change)
        del move, change, point, before
        self.point = picture.clone()

    def _look(self, picture: Tensor, rate: float) -> None:
        """Move the picture to a point on the way from the last that was taken."""
        point, gradient = self.point, self.gradient
        assert point is not None
        assert gradient is not None
        fixed = None
        if self.bounded:
            fixed = ((point <= 0) & (gradient > 0)) | ((point >= 1) & (gradient < 0))
        for _ in range(2):
            direction = self._direction(gradient, fixed, rate)
            torch.add(point, direction, alpha=self.share, out=picture)
            if self.bounded:
                picture.clamp_(0, 1)
            # Cut off, it may not lead down, and then the slope itself does.
            self.promised = float(dot(gradient, torch.sub(picture, point, out=direction)))
            if self.promised < 0:
                return
            self.curvature.forget()

    def _direction(self, gradient: Tensor, fixed: Tensor | None, rate: float) -> Tensor:
        slope = gradient.neg()
        if fixed is not None:
            slope.masked_fill_(fixed, 0)
        direction = self.curvature.turn(slope)
        if fixed is not None:
            direction.masked_fill_(fixed, 0)
        if not len(self.curvature):
            direction *= rate / direction.abs().mean().clamp(min=1e-30)
        return direction

    def taken(self, picture: Tensor) -> Tensor:
        """The last point taken; of a picture that wasn't moved yet, itself."""
        return picture if self.point is None else self.point

    def resize(self, width: int, height: int) -> None:
        """Start anew: another size has another loss."""
        self._clear()

    def state(self) -> dict[str, Any]:
        """All that goes on from one step to the next, beside the picture."""
        return {
            "loss": self.loss,
            "gradient": self.gradient,
            "point": self.point,
            "promised": self.promised,
            "share": self.share,
            "known": self.curvature.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from such a state."""
        self.loss, self.gradient, self.point = (state[k] for k in ("loss", "gradient", "point"))
        self.promised, self.share = state["promised"], state["share"]
        self.curvature.restore(state["known"])
