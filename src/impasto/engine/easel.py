"""The easel: the picture being painted at one size, and what moves it."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor

from impasto.engine.adam import Adam
from impasto.engine.canvas import Average
from impasto.engine.lbfgs import LBFGS
from impasto.engine.search import Search
from impasto.options import Options

RATES = {"adam": 0.03, "lbfgs": 0.03, "lbfgs-fixed": 1.0}  # the step sizes of choice
KEPT = 2**28  # bytes that the default optimiser remembers of its steps, where there is a choice


class Optimizer(Protocol):
    """What moves the picture (1, 3, H, W), in place, by its loss and its gradient."""

    def step(self, picture: Tensor, gradient: Tensor, loss: float, rate: float) -> None: ...

    def resize(self, width: int, height: int) -> None: ...

    def state(self) -> dict[str, Any]: ...

    def restore(self, state: dict[str, Any]) -> None: ...


class Easel:
    """The picture at one size after another, with all that goes on from step to step."""

    def __init__(self, options: Options, wraps: bool) -> None:
        """wraps: whether the picture's right side goes on at its left, and so on."""
        self.options = options
        self.optimizer = _optimizer(options, wraps)
        self.rate = options.learning_rate or RATES[options.optimizer]
        lbfgs = options.optimizer.startswith("lbfgs")
        self.clamps = options.clamp == "yes" or (options.clamp == "auto" and not lbfgs)
        self.picture: Tensor | None = None
        self.average: Average | None = None

    def place(self, picture: Tensor) -> None:
        """Put up what a size starts from, (1, 3, H, W); it is changed in place from now on."""
        if self.picture is not None and self.picture.shape != picture.shape:
            self.optimizer.resize(picture.shape[3], picture.shape[2])
        if isinstance(self.optimizer, Search):
            self.optimizer.remember(history(self.options.lbfgs_history, picture.numel()))
            self.average = None
        else:
            self.average = Average(self.options.averaging)
        self.picture = picture.contiguous()

    def move(self, gradient: Tensor, loss: float, done: float) -> None:
        """One step by what was found at the picture. done: share of the size's steps before it."""
        x, whole = self.picture, self.options.pixel_range
        assert x is not None
        rate = self.rate * (1 - (1 - self.options.last_rate) * done)
        if isinstance(self.optimizer, Search):  # which has no use for another scale
            self.optimizer.step(x, gradient, loss, self.rate)
        elif whole == 1:
            self.optimizer.step(x, gradient, loss, rate)
        else:
            x *= whole
            self.optimizer.step(x, gradient / whole, loss, rate)
            x /= whole
        self.settle()

    def settle(self) -> None:
        """Keep the picture in range, and count it in the average."""
        assert self.picture is not None
        if self.clamps:
            self.picture.clamp_(0, 1)
        if self.average is not None:
            self.average.update(self.picture)

    def shown(self) -> Tensor:
        """The result so far, (1, 3, H, W): the average of Adam's steps, the last point that a line
        search took. It may change at the next step.
        """
        assert self.picture is not None
        if isinstance(self.optimizer, Search):
            return self.optimizer.taken(self.picture)
        return self.picture if self.average is None else self.average.get()

    def state(self) -> dict[str, Any]:
        """All that goes on from one step to the next."""
        average = self.average
        return {
            "picture": self.picture,
            "average": None if average is None else (average.share, average.picture),
            "optimizer": self.optimizer.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from such a state."""
        self.place(state["picture"])
        if self.average is not None:
            self.average.share, self.average.picture = state["average"]
        self.optimizer.restore(state["optimizer"])


def history(asked: int, values: int) -> int:
    """How many steps are remembered of a picture of so many values: as asked, as far as KEPT
    allows, but two at least.

    It depends on the picture alone, not on the memory there is: the same command gives the same
    picture everywhere.
    """
    return max(min(asked, KEPT // (4 * values)), min(asked, 2))


def memory(options: Options, values: int) -> int:
    """Bytes that the easel holds, beside the picture and its gradient, for so many values."""
    if options.optimizer == "lbfgs":  # direction and gradient of the last point; pairs in bfloat16
        return 4 * values * 2 + 4 * values * history(options.lbfgs_history, values)
    if options.optimizer == "lbfgs-fixed":
        steps = options.steps or options.lbfgs_history
        return 4 * values * (3 + 2 * min(options.lbfgs_history, steps))
    return 4 * values * 3  # two moments, an average


def _optimizer(options: Options, wraps: bool) -> Optimizer:
    if options.optimizer == "lbfgs":
        return Search(options.lbfgs_history, None if _wide(options) else torch.bfloat16)
    if options.optimizer == "lbfgs-fixed":
        return LBFGS(options.lbfgs_history)
    b1, b2 = options.adam_betas
    return Adam((b1, b2), options.adam_epsilon, wraps=wraps)


def _wide(options: Options) -> bool:
    return options.precision in ("float32", "float64")
