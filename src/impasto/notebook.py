"""Watching a painting being made in a Jupyter notebook: the picture as it grows, and a bar.

>>> import impasto
>>> from impasto.notebook import watch
>>> picture = watch(impasto.paint("cat.png", "swirls.jpg"))  # doctest: +SKIP
"""

from __future__ import annotations

import base64
import html
import importlib
import io
import sys
from typing import Any

from PIL import Image

from impasto.engine.paint import Painting
from impasto.errors import ImpastoError
from impasto.events import Event, Note, Started, Step
from impasto.io.encode import samples
from impasto.jobs.clock import clock
from impasto.jobs.pace import Pace
from impasto.picture import Picture

SIDE = 640  # pixels of the long side that are shown, at most; the picture that is returned has all
RATE = 250_000  # bytes a second, at most: the server of a notebook stops what sends much more


def watch(painting: Painting) -> Picture:
    """Make the painting, showing it below the cell, and return its picture.

    painting: what `impasto.paint` returned. Interrupt the kernel to stop early: the picture so far
    is kept, and returned. Where there is no notebook nothing is shown.

    Raises what painting raises (PaintingError), when `painting.picture` is the last good one, and
    KeyboardInterrupt when it was interrupted before the first step.
    """
    view = View(painting) if in_notebook() else None
    ended = "stopped"
    try:
        for event in painting:
            if view:
                view.show(event)
        ended = "painted"
    except KeyboardInterrupt:
        if not painting.made:
            raise
    except ImpastoError:
        ended = "failed"
        raise
    finally:
        painting.close()
        if view:
            view.end(ended)
    return painting.picture


def in_notebook() -> bool:
    """Whether this runs in a kernel (Jupyter's, Colab's, an editor's), which shows pictures."""
    found: Any = sys.modules.get("IPython")
    return getattr(found and found.get_ipython(), "kernel", None) is not None


class View:
    """What is shown of a painting: its picture, and below it a bar and words."""

    def __init__(self, painting: Painting) -> None:
        self.painting = painting
        self.pace = Pace(RATE)
        width, height = painting.plan.sizes[-1]
        scale = min(1.0, SIDE / max(width, height))
        self.size = max(1, round(width * scale)), max(1, round(height * scale))
        self.notes: list[str] = []
        self.seconds = 0.0
        self._picture = Display()
        self._bar = Display()

    def show(self, event: Event) -> None:
        if isinstance(event, Started):
            self.notes += event.notes
            self.pace.look(lambda: self._draw(self.painting.picture))
            self._say(f"beginning, with {event.network} on {event.device}", 0.0)
        elif isinstance(event, Note):
            self.notes.append(event.text)
        elif isinstance(event, Step):
            self._step(event)

    def end(self, how: str) -> None:
        """The picture and the words that stay. how: it ended, in a word."""
        made, planned = self.painting.made, sum(self.painting.plan.steps)
        if made:
            self._draw(self.painting.picture)
        size = "x".join(map(str, self.painting.plan.sizes[-1]))
        self._say(f"{how}: {size}, {made} of {planned} steps, {clock(self.seconds)}", None)

    def _step(self, step: Step) -> None:
        self.seconds = step.seconds
        if self.pace.due():
            self.pace.look(lambda: self._draw(step.picture()))
        words = (
            f"{step.width}x{step.height}, step {step.step} of {step.steps}, {clock(step.left)} left"
        )
        self._say(words, step.progress)

    def _draw(self, picture: Picture) -> int:
        image = Image.fromarray(samples(picture, 8, alpha=False))
        out = io.BytesIO()
        image.resize(self.size, Image.Resampling.LANCZOS).save(out, "JPEG", quality=85)
        data = base64.b64encode(out.getvalue()).decode("ascii")
        self._picture.show({"image/jpeg": data, "text/plain": "the picture so far"})
        return len(data)

    def _say(self, words: str, progress: float | None) -> None:
        bar = "" if progress is None else f'<progress value="{progress:.3f}"></progress> '
        lines = [f"{bar}{html.escape(words)}", *(f"note: {html.escape(n)}" for n in self.notes)]
        self._bar.show({"text/html": "<br>".join(lines), "text/plain": words})


class Display:
    """A place below the cell; what is shown there replaces what was."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, data: dict[str, str]) -> None:
        """data: of one thing, by media type; pictures in base64."""
        if self._handle is None:
            display: Any = importlib.import_module("IPython.display")
            self._handle = display.display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)
