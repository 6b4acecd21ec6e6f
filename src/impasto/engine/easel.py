"""The easel: the picture being painted, and what moves it."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor

from impasto.engine import sgd
from impasto.engine.adam import Adam
from impasto.engine.canvas import Average
from impasto.engine.lbfgs import LBFGS
from impasto.engine.search import Search
from impasto.networks.vgg import VGG
from impasto.options import Options

# The step sizes of choice.
RATES = {"adam": 0.03, "lbfgs": 0.03, "lbfgs-fixed": 1.0, "sgd": 0.001}
KEPT = 2**28  # bytes that the line search may remember of its steps, where there is a choice
LARGE = 2**22  # values from which they are kept in bfloat16, which is smaller but slower to read


class Optimizer(Protocol):
    """What moves the picture (1, 3, H, W), in place, against its gradient."""

    def step(self, picture: Tensor, gradient: Tensor, rate: float) -> None: ...

    def resize(self, width: int, height: int) -> None: ...

    def state(self) -> dict[str, Any]: ...

    def restore(self, state: dict[str, Any]) -> None: ...


class Easel:
    """The picture at one size after another, with all that goes on from step to step."""

    def __init__(self, options: Options, network: VGG) -> None:
        self.options, self.network = options, network
        self.search = _search(options)
        self.optimizer = None if self.search else _optimizer(options, network)
        upset = options.optimizer == "lbfgs-fixed"  # by a clamp; a search does without it
        auto = not upset and self.search is None
        self.clamps = auto if options.clamp == "auto" else options.clamp == "yes"
        self.average: Average | None = None
        self.picture: Tensor | None = None

    def place(self, picture: Tensor) -> None:
        """Put up what a size starts from, (1, 3, H, W); it is changed in place from now on."""
        mover = self.search or self.optimizer
        assert mover is not None
        if self.picture is not None:
            mover.resize(picture.shape[3], picture.shape[2])
        if self.search is not None:
            values = picture.numel()
            self.search.curvature.history = history(self.options, values)
            self.search.curvature.kept = (
                torch.bfloat16 if _pair(self.options, values) == 4 else None
            )
        else:
            self.average = Average(self.options.averaging)
        self.picture = picture.contiguous()

    def move(self, gradient: Tensor, loss: float, step: int, steps: int) -> bool:
        """One step, by what was found at the picture; whether it has settled.

        step, steps: how many were made at this size, and are planned.
        """
        picture, options = self.picture, self.options
        assert picture is not None
        before = picture.clone() if options.stop_change else picture
        rate = options.learning_rate or RATES[options.optimizer]
        if self.search is not None:
            self.search.step(picture, gradient, loss, rate)
        else:
            factor, every = options.rate_drop or (1.0, steps)
            fade = 1 - (1 - options.last_rate) * step / steps
            self._step(picture, gradient, rate * fade * factor ** (step // every))
        self.settle()
        return bool(options.stop_change) and self._settled(before, picture)

    def _step(self, picture: Tensor, gradient: Tensor, rate: float) -> None:
        """A step in the optimiser's range of pixels."""
        assert self.optimizer is not None
        if (whole := self.options.pixel_range) == 1:
            self.optimizer.step(picture, gradient, rate)
            return
        picture *= whole
        self.optimizer.step(picture, gradient / whole, rate)
        picture /= whole

    def settle(self) -> None:
        """Keep the picture in range, and count it in the average."""
        assert self.picture is not None
        if self.clamps:
            self.picture.clamp_(0, 1)
        if self.average is not None:
            self.average.update(self.picture)

    def _settled(self, before: Tensor, picture: Tensor) -> bool:
        """Whether a step moved the picture by less than options.stop_change of its length."""
        whole = sgd.length(picture - self.network.grey().to(picture))
        return bool(sgd.length(picture - before) < self.options.stop_change * whole)

    def shown(self) -> Tensor:
        """The result so far, (1, 3, H, W): the average of the steps, or the last point that the
        line search took. The next step may change it.
        """
        assert self.picture is not None
        if self.search is not None:
            return self.search.taken(self.picture)
        return self.picture if self.average is None else self.average.get()

    def state(self) -> dict[str, Any]:
        """All that goes on from one step to the next."""
        mover = self.search or self.optimizer
        assert mover is not None
        average = self.average
        return {
            "picture": self.picture,
            "average": None if average is None else (average.share, average.picture),
            "mover": mover.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from such a state."""
        mover = self.search or self.optimizer
        assert mover is not None
        self.place(state["picture"])
        if self.average is not None:
            self.average.share, self.average.picture = state["average"]
        mover.restore(state["mover"])


def history(options: Options, values: int) -> int:
    """How many steps the line search remembers of a picture of so many values: as asked, as far as
    KEPT allows, but one at least.

    It depends on the picture alone, not on the memory there is: the same command paints the same
    picture everywhere.
    """
    return max(min(options.lbfgs_history, KEPT // (_pair(options, values) * values)), 1)


def _pair(options: Options, values: int) -> int:
    """Bytes for each value of a move and a change together."""
    exact = options.precision in ("float32", "float64")
    return 8 if exact or values < LARGE else 4


def memory(options: Options, values: int) -> int:
    """Bytes held beside the picture and its gradient, for a picture of so many values."""
    if options.optimizer == "lbfgs":  # the last point and its gradient; moves and changes
        remembered = history(options, values)
        if options.steps:
            remembered = min(remembered, options.steps)
        return (2 * 4 + _pair(options, values) * remembered) * values
    if options.optimizer == "lbfgs-fixed":
        remembered = min(options.lbfgs_history, options.steps or options.lbfgs_history)
        return (2 + 1 + 2 * remembered) * 4 * values
    return (1 if options.optimizer == "sgd" else 2) * 4 * values + 4 * values  # and the average


def moving(options: Options, values: int) -> int:
    """Bytes that a step takes beside all that, on its way: differences, directions."""
    if options.optimizer == "lbfgs":  # a direction, and a colour of it; or a pair to remember
        return 2 * 4 * values
    if options.optimizer == "lbfgs-fixed":
        return 4 * 4 * values
    return 4 * values  # the gradient itself, in another range of pixels


def _search(options: Options) -> Search | None:
    if options.optimizer != "lbfgs":
        return None
    return Search(options.lbfgs_history, bounded=options.clamp != "no")


def _optimizer(options: Options, network: VGG) -> Optimizer:
    if options.optimizer == "lbfgs-fixed":
        return LBFGS(options.lbfgs_history)
    if options.optimizer == "sgd":
        limit, rest = options.gradient_limit, network.grey() * options.pixel_range
        return sgd.SGD(options.momentum, limit=limit, decay=options.weight_decay, rest=rest)
    b1, b2 = options.adam_betas
    return Adam((b1, b2), options.adam_epsilon, wraps=network.wraps)
