"""A job: one painting or one sheet, painted step by step, and watched meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from impasto.engine.paint import Painting
from impasto.errors import ImpastoError
from impasto.events import Started, Step
from impasto.jobs import sheet
from impasto.jobs.curves import Best
from impasto.jobs.sheet import Cell
from impasto.picture import Picture
from impasto.studio import views

State = Literal["waiting", "painting", "done", "stopped", "failed"]
OVERTIME = "stopped by this studio's limit of time; what there is, is kept"
SHOWN = 0.4  # seconds between two views of a painting that grows


@dataclass
class Sweep:
    """The cells of a sheet, and how many stand in a row."""

    cells: Sequence[Cell]
    columns: int


Begin = Callable[[], Painting | Sweep]


@dataclass(eq=False)
class Job:
    """One painting, or one sheet, on its way. `begin` is called when its turn comes.

    view:      the picture so far, as a JPEG.
    progress:  0 to 1; left: seconds, None while unknown.
    painting:  kept when it was stopped, so that it can go on.
    reached:   where it was stopped, in words.
    finished:  told once it is over, whether anybody watches or not.
    """

    owner: str
    begin: Begin = field(repr=False)
    state: State = "waiting"
    view: bytes = field(default=b"", repr=False)
    size: tuple[int, int] = (0, 0)
    progress: float = 0.0
    left: float | None = None
    seconds: float = 0.0
    words: str = ""
    reached: str = ""
    notes: tuple[str, ...] = ()
    error: str = ""
    losses: list[Mapping[str, float]] = field(default_factory=list[Mapping[str, float]], repr=False)
    picture: Picture | None = field(default=None, repr=False)
    sheet: bool = False
    painting: Painting | None = field(default=None, repr=False)
    finished: Callable[[Job], None] | None = field(default=None, repr=False)
    version: int = 0
    stopping: bool = False
    _news: threading.Condition = field(default_factory=threading.Condition, repr=False)

    @property
    def over(self) -> bool:
        return self.state in ("done", "stopped", "failed")

    def stop(self) -> None:
        """Keep what there is, as soon as the step at hand is made."""
        self.stopping = True
        self.tell()

    def tell(self) -> None:
        with self._news:
            self.version += 1
            self._news.notify_all()

    def wait(self, seen: int, timeout: float) -> int:
        """The version after `seen`, or whatever it is when time is over."""
        with self._news:
            self._news.wait_for(lambda: self.version != seen or self.over, timeout)
            return self.version

    def run(self, minutes: float) -> None:
        """Paint it, in this thread."""
        if self.stopping:
            self.state = "stopped"
            self.tell()
            return
        self.state = "painting"
        self.tell()
        try:
            begun = self.begin()
            if isinstance(begun, Sweep):
                self._sweep(begun, time.monotonic() + minutes * 60)
            else:
                self._paint(begun, time.monotonic() + minutes * 60)
                self.picture = begun.picture
        except ImpastoError as error:
            self.error = str(error)
        if self.picture is not None:
            self.view = views.jpeg(self.picture, 1600)
            self.progress = 1.0 if self.painting is None else self.progress
        if self.finished is not None:
            self.finished(self)
        if self.picture is None:
            self.state = "stopped" if self.stopping and not self.error else "failed"
        else:
            self.state = "stopped" if self.stopping or self.error else "done"
        self.tell()

    def _paint(self, painting: Painting, until: float, cell: int = 0, cells: int = 1) -> None:
        """Make the steps. cell: which of so many paintings of the job it is, from 0."""
        shown, size, began = 0.0, (0, 0), time.monotonic()
        planned, first, paced, earlier = sum(painting.plan.steps), 0.0, began, self.seconds
        best = Best()
        try:
            for event in painting:
                if isinstance(event, Started):
                    self.notes = event.notes
                if not isinstance(event, Step):
                    continue
                self.losses.append(best.of(event))
                self.progress = (cell + event.progress) / cells
                now = time.monotonic()
                self.seconds = earlier + now - began
                if cells > 1:
                    self.left = self.seconds * (1 / self.progress - 1)
                elif first:  # the first step is slow, and one that goes on has more behind it
                    pace = (now - paced) / max(event.progress - first, 1e-9)
                    self.left = pace * (1 - event.progress)
                else:
                    first, paced = event.progress, now
                if (event.width, event.height) != size or now - shown > SHOWN:
                    size = event.width, event.height
                    shown = now
                    self.size = size
                    self.words = f"{size[0]} × {size[1]}, step {event.step} of {planned}"
                    if cells > 1:
                        self.words = f"Picture {cell + 1} of {cells}"
                    self.view = views.jpeg(event.picture(), quality=80)
                    self.tell()
                if now > until:
                    self.stopping = True
                    self.notes += (OVERTIME,)
                if self.stopping:
                    break
        except ImpastoError as error:
            if not painting.made:
                raise
            self.error = f"{error}; the last good picture is kept"
        if painting.made < planned and not self.error:
            self.painting = painting
        if 0 < painting.made < planned:
            self.reached = f"stopped at step {painting.made} of {planned}"
            if size != painting.plan.sizes[-1]:
                self.reached += f", painted to {max(size)} px and enlarged"
        self.size = painting.plan.sizes[-1]

    def _sweep(self, found: Sweep, until: float) -> None:
        cells, began = found.cells, time.monotonic()
        self.sheet = True
        for i, cell in enumerate(cells):
            self._paint(cell.painting, until, i, len(cells))
            self.painting = None
            cell.painting.close()
            self.seconds = time.monotonic() - began
            self.picture = sheet.of_cells(cells, (), found.columns, "sweep")
            self.size = self.picture.width, self.picture.height
            self.view = views.jpeg(self.picture, 1600, quality=80)
            self.words = f"{i + 1} of {len(cells)} pictures"
            self.tell()
            if self.stopping or self.error:
                break
        self.losses.clear()
