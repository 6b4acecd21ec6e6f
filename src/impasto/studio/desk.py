"""The desk: what people ask for at the page, done for their session. It knows no Gradio.

Methods give what the page's widgets show: plain values of JSON. `ImpastoError` is what goes wrong.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from impasto import presets
from impasto.engine.control import Masks
from impasto.engine.paint import Painting
from impasto.errors import ImpastoError, OptionError
from impasto.io.files import read_recipe
from impasto.jobs import recipe, single
from impasto.jobs import sweep as sweeps
from impasto.options import Options
from impasto.studio import masks, views, work
from impasto.studio.incoming import Incoming
from impasto.studio.limits import Limits
from impasto.studio.session import Kept, Painted, Registry, Session
from impasto.studio.work import Job, Sweep, Workshop

Shown = dict[str, Any]
IDLE: Shown = {"phase": "idle"}
POLL = 1.0  # seconds after which somebody who waits hears again


class Desk:
    """registry, workshop and incoming: whose pictures, who paints, what came in."""

    def __init__(
        self, registry: Registry, workshop: Workshop, incoming: Incoming, limits: Limits
    ) -> None:
        self.registry, self.workshop = registry, workshop
        self.incoming, self.limits = incoming, limits

    # What is shown

    def photograph(self, session: Session, said: str = "") -> Shown:
        own = session.photograph
        return _drop([own] if own else [], views.PHOTOGRAPHS, said)

    def paintings(self, session: Session, said: str = "") -> Shown:
        return _drop(session.paintings, views.PAINTINGS, said)

    def history(self, session: Session) -> list[Shown]:
        return [_listed(painted) for painted in reversed(session.history)]

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
        return session.read(views.EXAMPLES / f"{name}.webp", f"{name}.webp")

    def settings(self, session: Session, path: str) -> Mapping[str, Any]:
        """The options in the recipe of an upload, which is not kept. Raises ImpastoError."""
        parcel = self.incoming.take(path, session.owner)
        try:
            found = read_recipe(parcel.path)
        finally:
            self.incoming.drop(path)
        if found is None:
            raise OptionError(f"{parcel.name} holds no recipe; give a picture that impasto painted")
        return recipe.options_in(found)

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
        colours = [(name, f"rgb{rgb}") for name, rgb in masks.COLOURS.items()]
        drawn = session.drawn.get(target or "")
        return {
            "target": target,
            "url": views.data_url(picture.view),
            "alt": picture.name,
            "width": picture.size[0],
            "height": picture.size[1],
            "colours": [("keep", "rgb(255, 255, 255)")] if target == masks.KEEP else colours,
            "drawn": None if drawn is None else masks.url(drawn),
        }

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
        steering = session.masks()
        begin = partial(_begin, photograph, paintings, options, steering)
        return self._submit(session, Job(session.owner, begin), photograph.view)

    def further(self, session: Session) -> Job:
        """Go on with the painting that was stopped last."""
        if session.unfinished is None:
            raise OptionError("nothing was stopped that could go on; press Paint")
        painting, losses, before, seconds = session.unfinished
        job = Job(session.owner, work.further(painting), losses=[*losses], seconds=seconds)
        return self._submit(session, job, before)

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
        given = {"size": min(Options().size, self.limits.size), **given}
        for values in itertools.product(*vary.values()):
            here = {**given, **dict(zip(vary, values, strict=True))}
            self.limits.check(presets.resolve(str(here.pop("preset", "default")), here))
        steering = session.masks()

        def begin() -> Sweep:
            styles = [painting.read() for painting in paintings]
            found = sweeps.begin(photograph.read(), styles, vary, given, steering)
            return Sweep(found, sweeps.columns(vary))

        return self._submit(session, Job(session.owner, begin), b"")

    def watch(self, session: Session, job: Job) -> Iterator[Shown]:
        """What to show of a job, until it is over."""
        seen = -1
        while True:
            seen = job.wait(seen, POLL)
            self.registry.touch(session.owner)
            yield self.shown(job)
            if job.over:
                return

    def shown(self, job: Job) -> Shown:
        """A job as the stage has it."""
        value: Shown = {
            "phase": job.state,
            "picture": views.data_url(job.view) if job.view else "",
            "alt": "The picture so far",
            "progress": job.progress,
            "words": _words(job, self.workshop.position(job)),
            "notes": list(job.notes),
            "error": job.error,
        }
        return value

    def result(self, painted: Painted) -> Shown:
        """A picture of the history as the stage has it: under a slider with the photograph."""
        value: Shown = {
            "phase": "done",
            "picture": address(painted.picture),
            "alt": f"{painted.title}, {painted.told}",
            "words": _detail(painted),
        }
        if painted.before:
            value |= {"before": views.data_url(painted.before), "names": ["Photograph", "Painted"]}
        return value

    def compared(self, session: Session, left: str, right: str) -> Shown:
        """Two of the history under one slider. Raises OptionError."""
        one, two = self.painted(session, left), self.painted(session, right)
        titles = [one.title, two.title]
        return {
            "phase": "done",
            "picture": address(two.picture),
            "before": address(one.picture),
            "names": titles,
            "alt": " and ".join(titles),
            "words": f"{titles[0]} at the left, {titles[1]} at the right",
        }

    def painted(self, session: Session, key: str) -> Painted:
        try:
            return session.painted(key)
        except KeyError:
            raise OptionError("this picture isn't here any more") from None

    def _given(self, session: Session) -> tuple[Kept, list[Kept]]:
        if session.photograph is None:
            raise OptionError("choose a photograph first, or one of the examples")
        if not session.paintings:
            raise OptionError("choose a painting first, or one of the examples")
        return session.photograph, [*session.paintings]

    def _submit(self, session: Session, job: Job, before: bytes) -> Job:
        def finished(done: Job) -> None:
            if done.picture is not None:
                session.remember(done, before)
            if done.painting is not None:
                session.unfinished = (done.painting, tuple(done.losses), before, done.seconds)

        job.finished = finished
        self.workshop.submit(job)
        session.job, session.unfinished = job, None
        return job


def _begin(
    photograph: Kept, paintings: Sequence[Kept], options: Options, steering: Masks
) -> Painting:
    styles = [painting.read() for painting in paintings]
    network = single.load_network(options)
    return single.begin(photograph.read(), styles, options, network, steering)


def address(picture: Kept, what: str = "view") -> str:
    return f"studio/{what}/{picture.key}"


def _drop(items: Sequence[Kept], examples: Sequence[str], said: str) -> Shown:
    return {
        "items": [
            {"key": item.key, "name": item.name, "url": views.data_url(item.thumb)}
            for item in items
        ],
        "examples": [
            {"name": name, "words": views.words(name), "url": views.example(name)}
            for name in examples
        ],
        "said": said,
    }


def _listed(painted: Painted) -> Shown:
    return {
        "key": painted.picture.key,
        "url": views.data_url(painted.picture.thumb),
        "title": painted.title,
        "detail": _detail(painted),
        "file": address(painted.picture, "file"),
        "name": painted.picture.name,
    }


def _detail(painted: Painted) -> str:
    width, height = painted.picture.size
    return f"{width} × {height} · {painted.seconds:.1f} s · {painted.told}"


def _words(job: Job, ahead: int) -> str:
    if job.state == "waiting":
        return "Next in the queue" if ahead <= 1 else f"Number {ahead} in the queue"
    if job.state == "painting":
        if not job.view:
            return "Getting ready"
        left = "" if job.left is None else f" · {clock(job.left)} left"
        return f"{job.words}{left}"
    return ""


def clock(seconds: float) -> str:
    """4 s, 1:05."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60}:{whole % 60:02}"


def outgoing(incoming: Incoming, job: Job) -> Path:
    """The file of a job's picture, for a program that asked for it. Raises ImpastoError."""
    if job.picture is None:
        raise ImpastoError(job.error or "it was stopped before anything was painted")
    return incoming.lay(job.picture)
