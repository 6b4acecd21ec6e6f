"""The loop that paints."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from impasto.engine import canvas, machine, memory, pyramid
from impasto.engine.adam import Adam
from impasto.engine.canvas import Average
from impasto.engine.objective import Layered, Objective
from impasto.errors import OptionError, PaintingError, PictureError
from impasto.events import Event, Finished, Started, Step
from impasto.networks.vgg import VGG, smallest
from impasto.options import Options
from impasto.picture import Picture

# Within each size the step shrinks to this share of itself: the last steps settle what the first found.
LAST_RATE = 0.3


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
    ) -> None:
        """Checks everything that can be known before painting; see `paint` for the errors."""
        if not styles:
            raise OptionError("no style was given; give one painting at least")
        if options.style_weights and len(options.style_weights) != len(styles):
            raise OptionError(
                f"style_weights has {len(options.style_weights)} numbers for {len(styles)} styles; "
                "give one each"
            )
        self.options, self.network = options, network
        self._content, self._styles, self._recipe = content, styles, recipe
        for picture in (content, *styles):
            if picture.alpha is not None and not picture.alpha.any():
                raise PictureError(
                    f"{picture.name or 'a picture'} is transparent everywhere; "
                    "give one of which something is seen"
                )
        layers = [k for k, _ in (*options.content_layers, *options.style_layers)]
        final = pyramid.fitted(content.width, content.height, options.size)
        network.check(layers, *final)
        self._smallest = smallest(layers)
        for style in styles:
            network.check(layers, style.width, style.height)
        self.sizes = pyramid.sizes(final, options.first_size, self._smallest)
        self.steps = pyramid.spread(options.steps, self.sizes)
        self.device = machine.choose_device(options.device)
        self.dtype = machine.choose_precision(options.precision, self.device)
        memory.check(network, layers, *final, self.dtype, self.device.type)
        self._precision = str(self.dtype).removeprefix("torch.")
        self._best: Tensor | None = None
        self._made = 0
        self._events = self._run()

    def __next__(self) -> Event:
        try:
            return next(self._events)
        except torch.linalg.LinAlgError as error:  # eigenvalues of what isn't finite
            raise PaintingError(
                f"the features of {self.network.name} are not finite numbers at step "
                f"{self._made + 1} of {sum(self.steps)}; try --precision float32 or other weights"
            ) from error

    def close(self) -> None:
        """Stop painting. `picture` stays."""
        self._events.close()

    @property
    def made(self) -> int:
        """Steps made so far."""
        return self._made

    @property
    def picture(self) -> Picture:
        """The best picture so far, at the full size; the photograph itself before the first step."""
        return self._picture(self._best, *self.sizes[-1])

    def _run(self) -> Generator[Event, None, None]:
        options, began = self.options, time.perf_counter()
        network = self.network.to(self.device).set_precision(self.dtype)
        content = canvas.to_tensor(self._content, self.device)
        styles = [canvas.to_tensor(style, self.device) for style in self._styles]
        yield Started(
            network=network.name,
            network_sha256=network.sha256,
            device=str(self.device),
            precision=self._precision,
            sizes=tuple(self.sizes),
            steps=tuple(self.steps),
            notes=self._notes(),
        )
        total = sum(self.steps)
        work = [
            w * h
            for (w, h), steps in zip(self.sizes, self.steps, strict=True)
            for _ in range(steps)
        ]
        whole, done = sum(work), 0
        adam = Adam(options.learning_rate)
        x: Tensor | None = None
        for (width, height), steps in zip(self.sizes, self.steps, strict=True):
            if not steps:
                continue
            objective = Objective(
                network,
                _at(content, width, height),
                [_at(style, *self._style_size(style[0], width)) for style in styles],
                options,
            )
            if self._best is not None:
                x = canvas.resized(self._best, width, height)
                adam.resize(width, height)
            elif options.start == "noise":
                x = canvas.noise(width, height, options.seed, self.device)
            else:
                x = canvas.resized(content[0], width, height).clone()
            average = Average(options.averaging)
            for i in range(steps):
                adam.rate = options.learning_rate * (1 - (1 - LAST_RATE) * i / steps)
                evaluation = objective(x)
                if not math.isfinite(evaluation.total):
                    bad = [k for k, v in evaluation.losses.items() if not math.isfinite(v)]
                    raise PaintingError(
                        f"the loss is not a finite number at step {self._made + 1} of {total} "
                        f"({', '.join(bad) or 'total'}); try --precision float32 or smaller weights"
                    )
                average.update(x)
                self._best = average.get()
                adam.step(x, evaluation.gradient)
                x.clamp_(0, 1)
                done += work[self._made]
                self._made += 1
                best = self._best
                yield Step(
                    step=self._made,
                    steps=total,
                    width=width,
                    height=height,
                    total=evaluation.total,
                    losses=evaluation.losses,
                    progress=done / whole,
                    seconds=time.perf_counter() - began,
                    picture=lambda best=best, w=width, h=height: self._picture(best, w, h),
                )
        yield Finished(self.picture, self._made, total, time.perf_counter() - began)

    def _style_size(self, style: Tensor, width: int) -> pyramid.Size:
        """The size a style is read at beside a picture of this width: never above its own."""
        final = max(self.sizes[-1])
        wanted = final * self.options.style_scale * width / self.sizes[-1][0]
        own_height, own_width = style.shape[2], style.shape[3]
        least = self._smallest * max(own_width, own_height) / min(own_width, own_height)
        long_side = min(max(wanted, math.ceil(least)), max(own_width, own_height))
        return pyramid.fitted(own_width, own_height, round(long_side))

    def _picture(self, tensor: Tensor | None, width: int, height: int) -> Picture:
        pixels, alpha = canvas.to_tensor(self._content, torch.device("cpu"))
        shown = canvas.resized(pixels if tensor is None else tensor, width, height)
        if alpha is not None:
            alpha = canvas.resized(alpha, width, height)
        painted = {
            "steps": self._made,
            "of": sum(self.steps),
            "device": str(self.device),
            "precision": self._precision,
        }
        return Picture(
            canvas.to_pixels(shown),
            None if alpha is None else alpha[0, 0].numpy().copy(),
            recipe=None if self._recipe is None else {**self._recipe, "painted": painted},
        )

    def _notes(self) -> tuple[str, ...]:
        notes = [note for p in (self._content, *self._styles) for note in p.notes]
        wanted = max(self.sizes[-1]) * self.options.style_scale
        for style in self._styles:
            if (own := max(style.width, style.height)) < 0.75 * wanted:
                notes.append(
                    f"{style.name or 'the style'} is only {own} px, read as it is where {wanted:.0f} "
                    "would match: its strokes come out smaller"
                )
        return tuple(notes)


def _at(layered: Layered, width: int, height: int) -> Layered:
    pixels, alpha = layered
    return (
        canvas.resized(pixels, width, height),
        None if alpha is None else canvas.resized(alpha, width, height),
    )


def paint(
    content: Picture,
    styles: Sequence[Picture],
    options: Options,
    network: VGG,
    recipe: Mapping[str, Any] | None = None,
) -> Painting:
    """Paint the content in the blend of the styles.

    recipe: what the pictures are to say of their making; how far they got is added to it.

    Raises OptionError (a layer that isn't there, weights that don't match the styles, a device that
    isn't available) and NetworkError (a picture under the network's smallest size) at once;
    PaintingError while painting, when a loss stops being finite.
    """
    return Painting(content, styles, options, network, recipe)
