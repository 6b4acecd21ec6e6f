"""The hand: what each event of the page does. Values are believed only once they are checked."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import gradio as gr

from impasto.errors import ImpastoError, OptionError
from impasto.jobs import recipe
from impasto.studio import controls, curves, display
from impasto.studio.desk import Desk
from impasto.studio.display import IDLE
from impasto.studio.door import owner_in
from impasto.studio.session import Painted, Session
from impasto.studio.work import Job

NO_CURVES = '<p class="nothing">Paint something, and how its losses fell is drawn here.</p>'


def owner(request: gr.Request) -> str:
    """Whose request it is: by the cookie of the page, or by a program's own session."""
    headers: dict[str, str] = {}
    if request.request is not None:
        headers = {"cookie": request.request.headers.get("cookie", "")}
    return owner_in(headers) or f"program {request.session_hash}"


class Hand:
    """What each event does. Values come from the page, and are believed only once checked."""

    def __init__(self, at: Desk) -> None:
        self.at = at
        self.names = controls.SHOWN

    def session(self, request: gr.Request) -> Session:
        return self.at.registry.of(owner(request))

    # The page comes and goes

    def opened(self, request: gr.Request) -> list[Any]:
        self.at.registry.opened(owner(request), request.session_hash or "")
        session = self.session(request)
        last = session.history[-1] if session.history else None
        running = session.job is not None and not session.job.over
        return [
            self.at.photograph(session),
            self.at.paintings(session),
            *self._drawn_over(session),
            *self._at_rest(session, display.result(last) if last else IDLE, last),
            running,
        ]

    def closed(self, request: gr.Request) -> None:
        self.at.registry.closed(owner(request), request.session_hash or "")

    def resumed(self, running: bool, request: gr.Request) -> Iterator[list[Any]]:
        """A page that was loaded again while something is painted goes on watching it."""
        session = self.session(request)
        if running and session.job is not None:
            yield from self._watched(session, session.job)

    # Pictures

    def photograph(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)
        said = ""
        try:
            for path in _texts(event, "paths")[:1]:
                session.set_photograph(self.at.bring(session, path))
        except ImpastoError as error:
            said = str(error)
        return [self.at.photograph(session, said), *self._drawn_over(session)]

    def photograph_example(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)
        session.set_photograph(self.at.example(session, _text(event, "name")))
        return [self.at.photograph(session), *self._drawn_over(session)]

    def no_photograph(self, request: gr.Request) -> list[Any]:
        session = self.session(request)
        session.set_photograph(None)
        return [self.at.photograph(session), *self._drawn_over(session)]

    def paintings(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)
        said = ""
        try:
            for path in _texts(event, "paths"):
                session.add_painting(self.at.bring(session, path))
        except ImpastoError as error:
            said = str(error)
        return [self.at.paintings(session, said), *self._drawn_over(session)]

    def painting_example(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)
        said = ""
        try:
            session.add_painting(self.at.example(session, _text(event, "name")))
        except ImpastoError as error:
            said = str(error)
        return [self.at.paintings(session, said), *self._drawn_over(session)]

    def no_painting(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)
        session.remove_painting(_text(event, "key"))
        return [self.at.paintings(session), *self._drawn_over(session)]

    # Settings

    def recipe(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)
        try:
            for path in _texts(event, "paths")[:1]:
                return self._filled(self.at.settings(session, path))
        except ImpastoError as error:
            return [{"said": str(error)}, *self._unchanged()]
        return [{}, *self._unchanged()]

    def preset(self, name: str) -> list[Any]:
        values = controls.options({"preset": name}, self.at.limits).to_dict()
        return controls.updates(values, self.names, self.at.limits)

    def _filled(self, found: Mapping[str, Any]) -> list[Any]:
        values, notes = controls.filled(found, self.at.limits)
        said = "; ".join(["The controls are set as it was painted", *notes])
        return [{"said": said}, *controls.updates(values, self.names, self.at.limits)]

    def _unchanged(self) -> list[Any]:
        return [gr.skip() for _ in self.names]

    # Masks

    def _drawn_over(self, session: Session) -> list[Any]:
        """The choice of what to draw over, and the board with the first of it."""
        targets = self.at.targets(session)
        first = targets[0][1] if targets else None
        radio = gr.update(choices=targets, value=first, visible=bool(targets))
        return [radio, self.at.board(session, first)]

    def board(self, target: str | None, request: gr.Request) -> Any:
        return self.at.board(self.session(request), target)

    def drawn(self, event: gr.EventData, request: gr.Request) -> None:
        self.at.draw(self.session(request), _text(event, "over"), _text(event, "url"))

    # Painting

    def paint(self, request: gr.Request, *values: Any) -> Iterator[list[Any]]:
        session = self.session(request)
        try:
            given = controls.changes(dict(zip(self.names, values, strict=True)))
            job = self.at.paint(session, controls.options(given, self.at.limits))
        except ImpastoError as error:
            yield self._refused(session, error)
            return
        yield from self._watched(session, job)

    def further(self, request: gr.Request) -> Iterator[list[Any]]:
        session = self.session(request)
        try:
            job = self.at.further(session)
        except ImpastoError as error:
            yield self._refused(session, error)
            return
        yield from self._watched(session, job)

    def sweep(
        self,
        request: gr.Request,
        first: str,
        first_values: str,
        second: str,
        second_values: str,
        *values: Any,
    ) -> Iterator[list[Any]]:
        session = self.session(request)
        try:
            vary = {first: controls.swept(first, first_values)}
            if second:
                if second == first:
                    raise OptionError("both directions vary the same option; choose another")
                vary[second] = controls.swept(second, second_values)
            given = controls.changes(dict(zip(self.names, values, strict=True)))
            rest = {name: value for name, value in given.items() if name not in vary}
            job = self.at.sweep(session, vary, rest)
        except ImpastoError as error:
            yield self._refused(session, error)
            return
        yield from self._watched(session, job)

    def stop(self, request: gr.Request) -> None:
        session = self.session(request)
        if session.job is not None:
            session.job.stop()

    def chosen(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        """Something of the history was chosen."""
        session = self.session(request)
        action, key = _text(event, "action"), _text(event, "key")
        try:
            found = self.at.painted(session, key)
            if action == "compare":
                shown = self.at.compared(session, _text(event, "other"), key)
                return [shown, _curves(found), gr.skip(), *self._unchanged()]
            if action == "settings":
                options = recipe.options_in(found.picture.recipe or {})
                return [gr.skip(), gr.skip(), *self._filled(options)]
            return [display.result(found), _curves(found), gr.skip(), *self._unchanged()]
        except ImpastoError as error:
            return [gr.skip(), gr.skip(), {"said": str(error)}, *self._unchanged()]

    def _watched(self, session: Session, job: Job) -> Iterator[list[Any]]:
        history: Any = self.at.history(session)
        for shown in self.at.watch(session, job):
            if not job.over:
                yield [shown, history, gr.skip(), *_buttons(busy=True)]
                history = gr.skip()
        last = session.history[-1] if session.history and job.picture is not None else None
        final = self.at.shown(job)
        if last is not None:
            notes = {name: final[name] for name in ("phase", "notes", "error")}
            final = {**display.result(last), **notes}
        yield self._at_rest(session, final, last)

    def _at_rest(self, session: Session, shown: Any, painted: Painted | None) -> list[Any]:
        going = session.further is not None
        curve = _curves(painted) if painted else gr.skip()
        return [shown, self.at.history(session), curve, *_buttons(busy=False, going=going)]

    def _refused(self, session: Session, error: ImpastoError) -> list[Any]:
        job = session.job
        busy = job is not None and not job.over
        shown = self.at.shown(job) if job and busy else IDLE
        going = session.further is not None
        value = {**shown, "error": str(error)}
        return [value, gr.skip(), gr.skip(), *_buttons(busy=busy, going=going)]


def _buttons(*, busy: bool, going: bool = False) -> list[Any]:
    """Paint, Paint the sheet, Stop, Continue."""
    return [
        gr.update(interactive=not busy),
        gr.update(interactive=not busy),
        gr.update(visible=busy),
        gr.update(visible=going and not busy),
    ]


def _curves(painted: Painted) -> str:
    return curves.svg(painted.losses) or NO_CURVES


def _text(event: gr.EventData, name: str) -> str:
    """A text of an event, "" for anything else."""
    found: object = getattr(event, name, "")
    return found if isinstance(found, str) else ""


def _texts(event: gr.EventData, name: str) -> list[str]:
    found: object = getattr(event, name, [])
    several = cast("list[object]", found) if isinstance(found, list) else []
    return [each for each in several if isinstance(each, str)]
