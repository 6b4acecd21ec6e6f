"""The desk: what people ask for at the page, done for their session. It knows no Gradio.

Methods give what `display` makes for the page's widgets. `ImpastoError` is what goes wrong.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from impasto import presets
from impasto.errors import ImpastoError, OptionError
from impasto.io.files import read_recipe
from impasto.jobs import recipe
from impasto.jobs import sweep as sweeps
from impasto.options import Options
from impasto.studio import display, masks, views, words
from impasto.studio.display import Shown
from impasto.studio.incoming import Incoming
from impasto.studio.kept import Kept
from impasto.studio.limits import Limits
from impasto.studio.order import Further, Order
from impasto.studio.session import Painted, Registry, Session
from impasto.studio.work import Job, Sweep, Workshop

WITH_IT = "The regions that were drawn on the one before are gone"
INSTEAD = "It is here instead of your own; tick Blend to have an example beside them"
POLL = 1.0  # seconds after which somebody who waits hears again


class Desk:
    """registry, workshop and incoming: whose pictures, who paints, what came in."""

    def __init__(
        self, registry: Registry, workshop: Workshop, incoming: Incoming, limits: Limits
    ) -> None:
        self.registry, self.workshop = registry, workshop
        self.incoming, self.limits = incoming, limits
        self._stopped: deque[tuple[Session, str]] = deque()
        self._lock = threading.Lock()

    # What is shown

    def photograph(self, session: Session, said: str = "", *, wrong: bool = False) -> Shown:
        own = session.photograph
        return display.drop([own] if own else [], views.PHOTOGRAPHS, said, wrong)

    def paintings(self, session: Session, said: str = "", *, wrong: bool = False) -> Shown:
        return display.drop(session.paintings, views.PAINTINGS, said, wrong)

    def growing(self, session: Session, seen: int) -> Shown:
        """What a page that watches is told: over, or how far the painting is, and what it looks
        like where that is another version than was seen.
        """
        job = session.job
        if job is None or job.over:
            return {"over": True}
        self.registry.touch(session.owner)
        version = job.version
        return {"over": False, "version": version, "shown": self.shown(job, version != seen)}

    def history(self, session: Session) -> list[Shown]:
        return [display.listed(painted) for painted in reversed(session.history)]

    # Pictures

    def bring(self, session: Session, path: str) -> Kept:
        """An upload into the session. Raises PictureError."""
        parcel = self.incoming.take(path, session.owner)
        try:
            return session.read(parcel.path, parcel.name)
        finally:
            self.incoming.drop(path)

    def example(self, session: Session, name: str) -> Kept:
        if name not in (*views.PHOTOGRAPHS, *views.PAINTINGS):
            raise OptionError(f"there is no example {name[:40]!r}")
        return session.read(views.EXAMPLES / f"{name}.webp", f"{name}.webp", name)

    def example_painting(self, session: Session, name: str, blend: bool) -> str:
        """An example instead of the paintings that are there, or beside them; or away again. What
        is to be said of it. Raises ImpastoError.
        """
        for own in [each for each in session.paintings if each.example == name]:
            if blend or len(session.paintings) == 1:
                return WITH_IT if session.remove_painting(own.key) else ""
        found = self.example(session, name)
        own = sum(not each.example for each in session.paintings)
        gone = False if blend else self._no_paintings(session)
        session.add_painting(found)
        said = [INSTEAD] if own and not blend else []
        return ". ".join([*said, WITH_IT] if gone else said)

    def bring_paintings(self, session: Session, paths: Sequence[str], blend: bool) -> str:
        """Uploads beside the paintings that are there; instead of them, where these are examples
        that were only tried and nobody asked to blend. As `example_painting`.
        """
        found = [self.bring(session, path) for path in paths]
        gone = False
        if found and not blend and all(each.example for each in session.paintings):
            gone = self._no_paintings(session)
        for each in found:
            session.add_painting(each)
        return WITH_IT if gone else ""

    def _no_paintings(self, session: Session) -> bool:
        """Whether something was drawn over one of them."""
        gone = [session.remove_painting(each.key) for each in session.paintings]
        return any(gone)

    def settings(
        self, session: Session, path: str, *, or_photograph: bool = False
    ) -> Mapping[str, Any] | None:
        """The options in the recipe of an upload; None where it has none, and then it becomes the
        photograph, if it may. Raises ImpastoError.
        """
        parcel = self.incoming.take(path, session.owner)
        try:
            found = read_recipe(parcel.path)
            if found is None and or_photograph:
                session.set_photograph(self.bring(session, path))
        finally:
            self.incoming.drop(path)
        return None if found is None else recipe.options_in(found)

    # Masks

    def targets(self, session: Session) -> list[tuple[str, str]]:
        """What can be drawn over: (label, name)."""
        if session.photograph is None:
            return []
        names = [("Photograph: regions", masks.REGIONS), ("Photograph: keep as it is", masks.KEEP)]
        many = len(session.paintings) > 1
        return names + [
            (f"Painting{f' {i + 1}' if many else ''}: regions", painting.key)
            for i, painting in enumerate(session.paintings)
        ]

    def board(self, session: Session, target: str | None) -> Shown:
        """The picture to draw over, and what is drawn there."""
        over_photograph = target in (masks.REGIONS, masks.KEEP)
        own = {painting.key: painting for painting in session.paintings}
        picture = session.photograph if over_photograph else own.get(target or "")
        if picture is None:
            return {}
        return display.board(target or "", picture, session.drawn.get(target or ""))

    def lacking(self, session: Session) -> str:
        """What is drawn that does nothing, in words; "" where all does something."""
        here = [each.key in session.drawn for each in session.paintings]
        over, without = any(here), [str(n) for n, drawn in enumerate(here, 1) if not drawn]
        if over and masks.REGIONS not in session.drawn:
            return (
                "This does nothing yet: draw with the same colour on the photograph too, "
                "where the painting's region should go."
            )
        if over and without:
            return (
                f"Nothing is drawn on painting {words.listed(without)}, "
                "and nothing is taken from there: draw on it too."
            )
        if masks.REGIONS in session.drawn and not over:
            return (
                "Now draw with the same colour on a painting, over what this region should be "
                "painted like. Until then each region takes after all of the painting."
            )
        return ""

    def draw(self, session: Session, target: str, url: str) -> None:
        """Remember what was drawn. Raises PictureError."""
        known = [name for _, name in self.targets(session)]
        if target not in known:
            raise OptionError("this picture isn't here any more")
        drawn = masks.drawing(url)
        with session.lock:
            if drawn is None:
                session.drawn.pop(target, None)
            else:
                session.drawn[target] = drawn

    # Painting

    def paint(self, session: Session, options: Options) -> Job:
        """Put a painting into the queue. Raises ImpastoError."""
        photograph, paintings = self._given(session)
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
        photograph, paintings = self._given(session)
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

    def watch(self, session: Session, job: Job) -> Iterator[Shown]:
        """What to show of a job, until it is over."""
        seen = -1
        while True:
            seen = job.wait(seen, POLL)
            self.registry.touch(session.owner)
            yield self.shown(job)
            if job.over:
                return

    def shown(self, job: Job, picture: bool = True) -> Shown:
        """A job as the stage has it. picture: whether with what it looks like."""
        ahead, until = self.workshop.position(job), self.workshop.ahead(job)
        found = display.growing(job, ahead, until)
        return {**found, "picture": display.grown(job)} if picture else found

    def at_rest(self, session: Session) -> Shown:
        """What the stage has while nothing is painted: what it had last, or the newest."""
        there = {each.picture.key: each for each in session.history}
        last = [there[key] for key in session.shown if key in there]
        if there and not last:
            last = [session.history[-1]]
            session.shown = () if session.busy else (last[0].picture.key,)
        if len(last) == 2:
            return display.compared(*last)
        return display.result(last[0]) if last else display.IDLE

    def restore(self, session: Session, key: str) -> bool:
        """The photograph and the paintings that a picture of the history was painted from, again;
        whether that changes anything.
        """
        further = session.furthers.get(key)
        if further is None:
            return False
        order = further.order
        before = session.photograph, tuple(session.paintings)
        if order.photograph is not session.photograph:
            session.set_photograph(order.photograph)
        if order.paintings != tuple(session.paintings):
            self._no_paintings(session)
            for painting in order.paintings:
                session.add_painting(painting)
        return before != (order.photograph, order.paintings)

    def painted(self, session: Session, key: str) -> Painted:
        try:
            return session.painted(key)
        except KeyError:
            raise OptionError("this picture isn't here any more") from None

    def _given(self, session: Session) -> tuple[Kept, tuple[Kept, ...]]:
        if session.photograph is None:
            raise OptionError("choose a photograph first, or one of the examples")
        if not session.paintings:
            raise OptionError("choose a painting first, or one of the examples")
        return session.photograph, tuple(session.paintings)

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


def _caption(values: Mapping[str, Any]) -> str:
    """Of a cell: the options as the page calls them."""
    shown = {k: f"{v:.12g}" if isinstance(v, float) else str(v) for k, v in values.items()}
    return "\n".join(f"{words.label(k)} {words.choice(k, v)}" for k, v in shown.items())


def outgoing(incoming: Incoming, job: Job) -> Path:
    """The file of a job's picture, for a program that asked for it. Raises ImpastoError."""
    if job.picture is None:
        raise ImpastoError(job.error or "it was stopped before anything was painted")
    return incoming.lay(job.picture)
