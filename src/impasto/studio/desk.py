"""The desk: where paintings and sheets are asked for, and what comes of them is kept.

It knows no Gradio. `ImpastoError` is what goes wrong.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from impasto import presets
from impasto.errors import OptionError
from impasto.jobs import sweep as sweeps
from impasto.options import Options
from impasto.studio import words
from impasto.studio.incoming import Incoming
from impasto.studio.job import Job, Sweep
from impasto.studio.kept import Kept
from impasto.studio.limits import Limits
from impasto.studio.order import Further, Order
from impasto.studio.registry import Registry
from impasto.studio.session import Session
from impasto.studio.workshop import Workshop


class Desk:
    """registry, workshop and incoming: whose pictures, who paints, what came in.

    limits: what may be asked for.
    """

    def __init__(
        self, registry: Registry, workshop: Workshop, incoming: Incoming, limits: Limits
    ) -> None:
        self.registry, self.workshop = registry, workshop
        self.incoming, self.limits = incoming, limits
        self._stopped: deque[tuple[Session, str]] = deque()
        self._lock = threading.Lock()

    def paint(self, session: Session, options: Options) -> Job:
        """Put a painting into the queue. Raises ImpastoError."""
        photograph, paintings = _given(session)
        options = options.changed(self.limits.machine)
        return self._go(session, Further(Order(photograph, paintings, options, {**session.drawn})))

    def further(self, session: Session) -> Job:
        """Go on with the picture that is shown: from where it was stopped, or refining it."""
        further = session.further
        if further is None:
            raise OptionError("no picture is shown that could go on; press Paint")
        return self._go(session, further, session.shown[0])

    def _go(self, session: Session, further: Further, key: str = "") -> Job:
        """key: of the picture that it goes on from, which still can while this waits."""
        order = further.order
        job = Job(session.owner, further.begin)
        job.losses, job.seconds = [*further.losses], further.seconds

        def finished(done: Job) -> None:
            painted = session.remember(done, order.photograph.view)
            if painted is None:
                return
            picture, painting = painted.picture, done.painting
            session.lighten([key])  # whose painting is this one
            done.painting, done.begin = None, order.begin  # what the history forgets is then gone
            with session.lock:
                if painting is not None:
                    losses = tuple(done.losses)
                    stopped = Further(order, painting, picture, losses, done.seconds)
                    session.furthers[picture.key] = stopped
                    self._lighten(session, picture.key)
                elif not done.error:
                    session.furthers[picture.key] = Further(order.after(picture))

        return self._submit(session, job, finished, key)

    def _lighten(self, session: Session, key: str) -> None:
        """Of paintings that were stopped the last few stay in memory."""
        with self._lock:
            self._stopped.append((session, key))
            while len(self._stopped) > self.limits.stopped:
                old, its = self._stopped.popleft()
                old.lighten([its])

    def sweep(
        self, session: Session, vary: Mapping[str, Sequence[Any]], given: Mapping[str, Any]
    ) -> Job:
        """Put a sheet into the queue. given: the preset and the options that don't vary."""
        photograph, paintings = _given(session)
        cells = 1
        for values in vary.values():
            cells *= len(values)
        if cells > self.limits.cells:
            raise OptionError(f"{cells} pictures on a sheet; {self.limits.cells} are the most")
        self.limits.check_names([*vary, *given])
        size = min(Options().size, self.limits.size)
        given = {"size": size, **given, **self.limits.machine}
        for values in itertools.product(*vary.values()):
            here = {**given, **dict(zip(vary, values, strict=True))}
            self.limits.check(presets.resolve(str(here.pop("preset", "default")), here))
        steering = session.masks()

        def begin() -> Sweep:
            styles = [painting.read() for painting in paintings]
            found = sweeps.begin(photograph.read(), styles, vary, given, steering)
            cells = [replace(cell, caption=_caption(cell.values)) for cell in found]
            return Sweep(cells, sweeps.columns(vary))

        def finished(done: Job) -> None:
            session.remember(done, b"")

        return self._submit(session, Job(session.owner, begin), finished)

    def _submit(
        self, session: Session, job: Job, finished: Callable[[Job], None], key: str = ""
    ) -> Job:
        job.finished = finished
        before, session.shown = session.shown, ()  # first: it may be over at once
        try:
            self.workshop.submit(job)
        except OptionError:
            session.shown = before
            raise
        session.job = job
        # Out of the memory that the painting needs.
        session.lighten([each for each in session.furthers if each != key])
        return job


def _given(session: Session) -> tuple[Kept, tuple[Kept, ...]]:
    if session.photograph is None:
        raise OptionError("choose a photograph first, or one of the examples")
    if not session.paintings:
        raise OptionError("choose a painting first, or one of the examples")
    return session.photograph, tuple(session.paintings)


def _caption(values: Mapping[str, Any]) -> str:
    """Of a cell: the options as the page calls them."""
    shown = {k: f"{v:.12g}" if isinstance(v, float) else str(v) for k, v in values.items()}
    return "\n".join(f"{words.label(k)} {words.choice(k, v)}" for k, v in shown.items())
