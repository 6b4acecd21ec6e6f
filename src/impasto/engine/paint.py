"""The loop that paints."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from impasto.engine import canvas, control, heap, memory, passes, plan, shown, start
from impasto.engine.canvas import Layered
from impasto.engine.control import Masks
from impasto.engine.easel import Easel
from impasto.engine.memory import Fit
from impasto.engine.objective import Evaluation, Objective
from impasto.engine.passes import Cuts
from impasto.engine.plan import Plan
from impasto.engine.pyramid import Size
from impasto.errors import PaintingError
from impasto.events import Event, Finished, Note, Started, Step
from impasto.networks.vgg import VGG
from impasto.options import Options
from impasto.picture import Picture

# Of a size's peak, what the process may grow by: by a move, which leaves freed memory strewn about,
# and by losses and gradient.
MOVED, LOOKED = 0.2, 0.5


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
        self._first = masks.start
        self._easel: Easel | None = None
        self._finished: Picture | None = None
        self._made = 0
        self._size = self._within = 0  # which size is being painted, and steps made at it
        self._resumed: Mapping[str, Any] | None = None
        self._objective: Objective | None = None
        self._began = 0.0
        self._events = self._run()

    def __next__(self) -> Event:
        return next(self._events)

    def close(self) -> None:
        """Stop painting. `picture` stays."""
        self._events.close()

    @property
    def recipe(self) -> Mapping[str, Any] | None:
        """What its pictures say of their making, but for how far they got."""
        return self._recipe

    def state(self) -> dict[str, Any]:
        """All that goes on from step to step, between one and the next: numbers and tensors, in
        dicts, lists and tuples. It changes as painting goes on. None of it before the first step.
        """
        if self._easel is None or self._objective is None:
            return {}
        return {
            "made": self._made,
            "size": self._size,
            "within": self._within,
            "steps": self.plan.steps,
            "easel": self._easel.state(),
            "random": self._objective.generator.get_state(),
            # As plain tuples, which a file may hold.
            "cuts": [tuple(cut) for cut in self._objective.cuts],
            "fits": [([tuple(cut) for cut in fit.cuts], fit.peak) for fit in self.plan.fits],
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from such a state of a painting of the same pictures, options and network, where
        this one would begin: its picture ends up the same as if nothing had come between.
        """
        self._resumed = state
        self._made, self._size, self._within = (state[k] for k in ("made", "size", "within"))
        # The way through the network was chosen by the memory there was, and rounding hangs on it.
        fits = tuple(Fit(passes.cuts(each), peak) for each, peak in state["fits"])
        self.plan = replace(self.plan, steps=tuple(state["steps"]), fits=fits)
        self._easel = Easel(self.options, self.network)
        self._easel.restore(state["easel"])

    @property
    def made(self) -> int:
        """Steps made so far."""
        return self._made

    @property
    def picture(self) -> Picture:
        """The best picture so far, at the full size; before the first step, the photograph."""
        return self._picture(self.plan.sizes[-1], self._made)

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
        try:
            yield from self._sizes(network, content, styles)
        finally:
            if self._on_processor:
                heap.release()
        del content, styles
        self._finished, self._easel = self.picture, None
        yield Finished(self._finished, self._made, sum(self.plan.steps), self._seconds())

    def _sizes(
        self, network: VGG, content: Layered, styles: Sequence[Layered]
    ) -> Generator[Event, None, None]:
        """The steps of all sizes."""
        easel = self._easel or Easel(self.options, network)
        for index, (size, steps) in enumerate(zip(self.plan.sizes, self.plan.steps, strict=True)):
            if index < self._size or not steps:
                continue
            self._trim(index, 1)
            self._hold(index)
            with memory.enough(*size):
                cuts = self.plan.fits[index].cuts
                self._objective = self._asked(network, content, styles, size, cuts)
                if self._resumed is None:
                    easel.place(self._start(network, content[0], styles[0][0], easel, size))
                    self._within = 0
                else:
                    self._objective.generator.set_state(self._resumed["random"])
                    self._objective.cuts = passes.cuts(self._resumed["cuts"])
                    self._resumed = None
            self._size, self._easel = index, easel
            yield from self._at(size, steps, self._objective, easel)
            self._objective = None  # before the next one is made

    def _asked(
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
        self, network: VGG, content: Tensor, style: Tensor, easel: Easel, size: Size
    ) -> Tensor:
        if not self.options.strength:
            return canvas.resized(content, *size).clone()
        if easel.picture is None:
            content = canvas.resized(content, *size)
            return start.first(self.options, network, content, style, self._first)
        return start.larger(easel.shown(), content, size, self.options, wraps=network.wraps)

    def _at(
        self, size: Size, steps: int, objective: Objective, easel: Easel
    ) -> Generator[Event, None, None]:
        """The steps at one size."""
        for i in range(self._within, steps):
            evaluation = yield from self._evaluated(objective, easel, size)
            with memory.enough(*size):
                self._trim(self._size, MOVED)
                total, losses = evaluation.total, evaluation.losses
                settled = self._move(easel, evaluation, i, steps)
                del evaluation  # and with it the gradient, before the next one is made
                self._trim(self._size, LOOKED)
            self._made += 1
            self._within += 1
            if settled:  # what was planned is made
                planned = [*self.plan.steps]
                planned[self._size] = i + 1
                self.plan = replace(self.plan, steps=tuple(planned))
            yield Step(
                step=self._made,
                steps=sum(self.plan.steps),
                width=size[0],
                height=size[1],
                total=total,
                losses=losses,
                progress=self._progress(),
                seconds=self._seconds(),
                picture=partial(self._picture, size, self._made),
            )
            if settled:
                break

    @property
    def _on_processor(self) -> bool:
        """Whether the room that the plan has is the process's own, and not a card's."""
        return self.plan.device.type == "cpu"

    def _hold(self, index: int) -> None:
        """Have the heap hold what the steps of a size free, where there is room beside them."""
        if self._on_processor:
            heap.hold(self.plan.room - self.plan.fits[index].peak)

    def _trim(self, index: int, share: float) -> None:
        """Give back what was freed, where a share of a size's peak might be too much more."""
        if self._on_processor:
            heap.trim(*self.plan.sizes[index], share * self.plan.fits[index].peak, self.plan.room)

    def _move(self, easel: Easel, evaluation: Evaluation, i: int, steps: int) -> bool:
        """One step; whether the picture has settled."""
        if not self.options.strength:
            easel.settle()
            return False
        return easel.move(evaluation.gradient, evaluation.total, i, steps)

    def _evaluated(
        self, objective: Objective, easel: Easel, size: Size
    ) -> Generator[Event, None, Evaluation]:
        """The objective at the picture, in smaller strips where memory runs out.

        PaintingError if it, or its gradient, isn't finite, and if the smallest strips don't fit.
        """
        assert easel.picture is not None
        while (found := self._tried(objective, easel.picture, size)) is None:
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

    def _picture(self, size: Size, made: int) -> Picture:
        if self._finished is not None:
            return self._finished
        told = {
            "steps": made,
            "of": sum(self.plan.steps),
            "device": str(self.plan.device),
            "precision": self.plan.precision,
        }
        return shown.picture(
            None if self._easel is None else self._easel.shown(),
            self._content,
            size,
            self.options,
            self.plan.keep,
            None if self._recipe is None else {**self._recipe, "painted": told},
            wraps=self.network.wraps,
        )


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
    masks: which style goes where, what is kept, and a picture to start from.

    Raises OptionError (a layer that isn't there, weights or masks that don't match the styles, a
    device that isn't available), NetworkError (a picture under the network's smallest size),
    PictureError (one that is transparent everywhere, a mask without flat colours) and PaintingError
    (one too large for the memory there is) at once; PaintingError while painting, when a loss stops
    being finite or memory runs out, and PictureError when so little of a picture is visible that a
    layer sees none of it.
    """
    return Painting(content, styles, options, network, recipe, masks)
