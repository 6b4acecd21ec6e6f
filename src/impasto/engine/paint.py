"""The loop that paints."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from impasto.engine import canvas, colour, control, memory, plan, regions
from impasto.engine.adam import Adam
from impasto.engine.canvas import Average, Layered
from impasto.engine.control import Masks
from impasto.engine.lbfgs import LBFGS
from impasto.engine.objective import Evaluation, Objective
from impasto.engine.passes import Cuts
from impasto.engine.plan import Plan
from impasto.engine.pyramid import Size
from impasto.errors import PaintingError
from impasto.events import Event, Finished, Note, Started, Step
from impasto.networks.vgg import VGG
from impasto.options import Options
from impasto.picture import Picture

RATES = {"adam": 0.03, "lbfgs": 1.0}  # the step sizes of choice


class Painting(Iterator[Event]):
    """A painting being made: iterate over it to make it, step by step.

    It yields one Started, a Step for each step, and one Finished. Stop whenever you like; `picture`
    is the best so far, at the full size, and `close` frees what the rest would need.
    """

    def __init__(
        self,
        content: Picture,
        styles: Sequence[Picture],
        options: Options,
        network: VGG,
        recipe: Mapping[str, Any] | None = None,
        masks: Masks = plan.NONE,
    ) -> None:
        """Checks everything that can be known before painting; see `paint` for the errors."""
        self.options, self.network = options, network
        self.plan: Plan = plan.make(content, styles, options, network, masks)
        self._content, self._styles, self._recipe = content, styles, recipe
        self._best: Average | None = None
        self._finished: Picture | None = None
        self._made = 0
        self._began = 0.0
        self._events = self._run()

    def __next__(self) -> Event:
        return next(self._events)

    def close(self) -> None:
        """Stop painting. `picture` stays."""
        self._events.close()

    @property
    def made(self) -> int:
        """Steps made so far."""
        return self._made

    @property
    def picture(self) -> Picture:
        """The best picture so far, at the full size; before the first step, the photograph."""
        return self._finished or self._picture(self._best, self.plan.sizes[-1], self._made)

    def _run(self) -> Generator[Event, None, None]:
        made = self.plan
        self._began = time.perf_counter()
        network = self.network.placed(made.device, made.dtype)
        whole = made.dtype if made.dtype == torch.float64 else torch.float32
        content = canvas.to_tensor(self._content, made.device, whole)
        styles = [canvas.to_tensor(style, made.device, whole) for style in self._styles]
        if self.options.color != "free":  # at the final size: a histogram of 12 megapixels is slow
            content, styles = self._read(content, styles, made.sizes[-1])
            content, styles = control.coloured(content, styles, self.options)
        yield Started(
            network=network.name,
            network_sha256=network.sha256,
            device=str(made.device),
            precision=made.precision,
            sizes=made.sizes,
            steps=made.steps,
            notes=made.notes,
        )
        yield from self._sizes(network, content, styles)
        del content, styles
        self._finished, self._best = self.picture, None
        yield Finished(self._finished, self._made, sum(made.steps), self._seconds())

    def _sizes(
        self, network: VGG, content: Layered, styles: Sequence[Layered]
    ) -> Generator[Event, None, None]:
        """The steps of all sizes."""
        optimizer = _optimizer(self.options, network.wraps)
        plan = self.plan
        for size, steps, fit in zip(plan.sizes, plan.steps, plan.fits, strict=True):
            if steps:
                with memory.enough(*size):
                    objective = self._objective(network, content, styles, size, fit.cuts)
                    x = self._start(network, content[0], styles[0][0], optimizer, size).contiguous()
                yield from self._at(size, steps, x, objective, optimizer)
                del x, objective  # before the next ones are made

    def _objective(
        self, network: VGG, content: Layered, styles: Sequence[Layered], size: Size, cuts: Cuts
    ) -> Objective:
        content, styles = self._read(content, styles, size)
        regions, keep = self.plan.regions, self.plan.keep
        return Objective(network, content, styles, self.options, regions, keep, cuts)

    def _read(
        self, content: Layered, styles: Sequence[Layered], size: Size
    ) -> tuple[Layered, list[Layered]]:
        """The photograph at a size, and the styles at theirs beside it."""
        own = [(style[0].shape[3], style[0].shape[2]) for style in styles]
        read = [
            _resized(style, self.plan.style_size(whole, size, self.options.style_scale))
            for style, whole in zip(styles, own, strict=True)
        ]
        return _resized(content, size), read

    def _start(
        self, network: VGG, content: Tensor, style: Tensor, optimizer: Optimizer, size: Size
    ) -> Tensor:
        """What a size starts from: the result of the one before, or the first start."""
        if not self.options.strength:
            return canvas.resized(content, *size).clone()
        if self._best is not None:
            optimizer.resize(*size)
            before = self._best.get()
            return canvas.resized(before, *size, wraps=network.wraps)
        parts = {
            "content": lambda: canvas.resized(content, *size),
            "noise": lambda: canvas.noise(*size, self.options.seed, self.plan.device).to(content),
            "style": lambda: canvas.covering(style, *size),
            "grey": lambda: network.grey().to(content).expand(1, 3, size[1], size[0]),
        }
        return canvas.mixed([(parts[name](), share) for name, share in self.options.start])

    def _at(
        self, size: Size, steps: int, x: Tensor, objective: Objective, optimizer: Optimizer
    ) -> Generator[Event, None, None]:
        """The steps at one size."""
        options = self.options
        first_rate = options.learning_rate or RATES[options.optimizer]
        clamp = options.clamp == "yes" or (options.clamp == "auto" and options.optimizer == "adam")
        average = Average(options.averaging)
        for i in range(steps):
            rate = first_rate * (1 - (1 - options.last_rate) * i / steps)
            evaluation = yield from self._evaluated(objective, x, size)
            with memory.enough(*size):
                total, losses = evaluation.total, evaluation.losses
                if options.strength:
                    self._move(x, evaluation.gradient, optimizer, rate)
                del evaluation  # and with it the gradient, before the next one is made
                if clamp:
                    x.clamp_(0, 1)
                average.update(x)
                self._best = average
            self._made += 1
            yield Step(
                step=self._made,
                steps=sum(self.plan.steps),
                width=size[0],
                height=size[1],
                total=total,
                losses=losses,
                progress=self._progress(),
                seconds=self._seconds(),
                picture=partial(self._picture, average, size, self._made),
            )

    def _move(self, x: Tensor, gradient: Tensor, optimizer: Optimizer, rate: float) -> None:
        """One step, in the optimiser's range of pixels."""
        whole = self.options.pixel_range
        if whole == 1:
            optimizer.step(x, gradient, rate)
            return
        x *= whole
        optimizer.step(x, gradient / whole, rate)
        x /= whole

    def _evaluated(
        self, objective: Objective, x: Tensor, size: Size
    ) -> Generator[Event, None, Evaluation]:
        """The objective at x, in smaller strips where memory runs out.

        PaintingError if it, or its gradient, isn't finite, and if the smallest strips don't fit.
        """
        while (found := self._tried(objective, x, size)) is None:
            blocks = self.network.blocks(self.plan.demand.layers)
            yield Note(
                f"memory ran out at {'x'.join(map(str, size))}; going on with "
                f"{memory.told(objective.cuts, blocks, size)}"
            )
        if math.isfinite(found.total) and math.isfinite(found.slope):
            return found
        bad = [k for k, v in found.losses.items() if not math.isfinite(v)] or ["gradient"]
        raise PaintingError(
            f"the loss is not a finite number at step {self._made + 1} of {sum(self.plan.steps)} "
            f"({', '.join(bad)}); try float32 precision or smaller weights"
        )

    def _tried(self, objective: Objective, x: Tensor, size: Size) -> Evaluation | None:
        """The objective at x; None where memory ran out, and smaller cuts are set."""
        try:
            return objective(x)
        except (RuntimeError, MemoryError) as error:
            smaller = self.plan.demand.smaller(size, objective.cuts)
            if not memory.ran_out(error):
                raise
            if smaller == objective.cuts:
                raise memory.failure(*size) from error
        # Out here the failed attempt and what it held are gone.
        objective.cuts = smaller
        return None

    def _seconds(self) -> float:
        return time.perf_counter() - self._began

    def _progress(self) -> float:
        """Share of the work done: steps, each counted by its pixels."""
        whole = done = 0
        left = self._made
        for (width, height), steps in zip(self.plan.sizes, self.plan.steps, strict=True):
            whole += width * height * steps
            done += width * height * min(steps, left)
            left -= min(steps, left)
        return done / whole

    def _picture(self, best: Average | None, size: Size, made: int) -> Picture:
        pixels, alpha = canvas.to_tensor(self._content, torch.device("cpu"))
        if best is None:
            shown = canvas.resized(pixels, *size)
        else:
            shown = canvas.resized(best.get(), *size, wraps=self.network.wraps).float().cpu()
            if self.options.color == "keep" or self.plan.keep is not None:
                photograph = canvas.resized(pixels, *size)
                shown = shown.clamp(0, 1)
                if self.options.color == "keep":
                    shown = colour.keep(shown, photograph)
                shown = regions.protect(shown, photograph, self.plan.keep)
        plane = None
        if alpha is not None:
            plane = np.array(canvas.resized(alpha, *size)[0, 0].numpy(), np.float32)
        painted = {
            "steps": made,
            "of": sum(self.plan.steps),
            "device": str(self.plan.device),
            "precision": self.plan.precision,
        }
        recipe = None if self._recipe is None else {**self._recipe, "painted": painted}
        return Picture(canvas.to_pixels(shown), plane, recipe=recipe)


class Optimizer(Protocol):
    """What moves the picture (1, 3, H, W), in place, against its gradient."""

    def step(self, picture: Tensor, gradient: Tensor, rate: float) -> None: ...

    def resize(self, width: int, height: int) -> None: ...


def _optimizer(options: Options, wraps: bool) -> Optimizer:
    if options.optimizer == "lbfgs":
        return LBFGS(options.lbfgs_history)
    b1, b2 = options.adam_betas
    return Adam((b1, b2), options.adam_epsilon, wraps=wraps)


def _resized(layered: Layered, size: Size) -> Layered:
    pixels, alpha = layered
    return canvas.resized(pixels, *size), None if alpha is None else canvas.resized(alpha, *size)


def paint(
    content: Picture,
    styles: Sequence[Picture],
    options: Options,
    network: VGG,
    recipe: Mapping[str, Any] | None = None,
    masks: Masks = plan.NONE,
) -> Painting:
    """Paint the content in the blend of the styles.

    recipe: what the pictures are to say of their making; how far they got is added to it.
    masks: which style goes where, and what is kept.

    Raises OptionError (a layer that isn't there, weights or masks that don't match the styles, a
    device that isn't available), NetworkError (a picture under the network's smallest size),
    PictureError (one that is transparent everywhere, a mask without flat colours) and PaintingError
    (one too large for the memory there is) at once; PaintingError while painting, when a loss stops
    being finite or memory runs out, and PictureError when so little of a picture is visible that a
    layer sees none of it.
    """
    return Painting(content, styles, options, network, recipe, masks)
