"""L-BFGS (Nocedal 1980; Liu and Nocedal 1989) on one picture, without a line search.

The papers' optimiser. This is the form that style transfer is run with everywhere: steps of fixed
length along the direction that the last gradients' differences suggest, the first one shortened to
1 / Σ|g|. Step by step it is `torch.optim.LBFGS`, which can't be stopped between its steps.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from impasto.engine.curvature import Curvature, dot

LEAST_CURVATURE = 1e-10  # sᵀy under which a difference of gradients isn't remembered


class LBFGS:
    """Steps of a picture (1, 3, H, W) along the quasi-Newton direction."""

    def __init__(self, history: int = 100) -> None:
        """history: how many steps, and changes of the gradient, are kept; each is a picture."""
        self.curvature = Curvature(history)
        self.gradient: Tensor | None = None
        self.move: Tensor | None = None

    def step(self, picture: Tensor, gradient: Tensor, rate: float) -> None:
        """Move the picture, in place."""
        if self.gradient is None or self.move is None:
            direction = -gradient
            length = min(1.0, 1.0 / max(float(gradient.abs().sum()), 1e-30)) * rate
        else:
            change = gradient - self.gradient
            if dot(change, self.move) > LEAST_CURVATURE:
                self.curvature.remember(self.move, change)
            direction = self.curvature.turn(-gradient)
            length = rate
        self.gradient = gradient.clone()
        self.move = direction * length
        picture += self.move

    def resize(self, width: int, height: int) -> None:
        """Start anew: what was learnt of the curvature at one size says nothing at another."""
        self.__init__(self.curvature.history)

    def state(self) -> dict[str, Any]:
        """All that goes on from one step to the next, beside the picture."""
        return {"gradient": self.gradient, "move": self.move, "known": self.curvature.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from such a state."""
        self.gradient, self.move = state["gradient"], state["move"]
        self.curvature.restore(state["known"])
