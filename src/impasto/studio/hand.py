"""The hand: what each event of the page does. Values are believed only once they are checked."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import gradio as gr

from impasto.errors import ImpastoError, OptionError
from impasto.jobs import recipe
from impasto.studio import controls, curves, words
from impasto.studio.desk import Desk
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
        values: Mapping[str, Any] = {}
        if session.settings:
            values = controls.options(session.settings, self.at.limits).to_dict()
        return [
            self.at.photograph(session),
            self.at.paintings(session),
            *self._drawn_over(session),
            *self._at_rest(session, self.at.at_rest(session), last),
            running,
            *controls.updates(values, self.names, self.at.limits),
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
            said = words.told(str(error))
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
            said = words.told(str(error))
        return [self.at.paintings(session, said), *self._drawn_over(session)]

    def painting_example(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)
        said = ""
        try:
            blend = getattr(event, "blend", False) is True
            self.at.example_painting(session, _text(event, "name"), blend)
        except ImpastoError as error:
            said = words.told(str(error))
        return [self.at.paintings(session, said), *self._drawn_over(session)]

    def no_painting(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)
        session.remove_painting(_text(event, "key"))
        return [self.at.paintings(session), *self._drawn_over(session)]

    # Settings

    def recipe(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        """A picture came that may hold settings; beside all places, it may be a photograph too."""
        session = self.session(request)
        anywhere = getattr(event, "anywhere", False) is True
        said = ""
        try:
            for path in _texts(event, "paths")[:1]:
                found = self.at.settings(session, path, or_photograph=anywhere)
                if found is not None:
                    return [*self._filled(session, found), gr.skip(), gr.skip(), gr.skip()]
                said = "" if anywhere else "This picture holds no settings: impasto didn't paint it"
        except ImpastoError as error:
            said = str(error)
        shown = [self.at.photograph(session), *self._drawn_over(session)]
        return [self._notice(session, said), *self._unchanged(), *shown]

    def preset(self, request: gr.Request, *values: Any) -> list[Any]:
        """A look was chosen: it sets what is its own, and leaves all else as it is."""
        session = self.session(request)
        given = dict(zip(self.names, values, strict=True))
        before = str(session.settings.get("preset", "default"))
        looked = controls.looked(given["preset"], before, self.at.limits)
        self._note(session, {**given, **looked})
        return controls.updates(looked, self.names, self.at.limits)

    def noted(self, request: gr.Request, *values: Any) -> None:
        """A control was turned: remembered for a page that is loaded again."""
        self._note(self.session(request), dict(zip(self.names, values, strict=True)))

    def _note(self, session: Session, values: Mapping[str, Any]) -> None:
        try:
            found = controls.changes(values)
            controls.options(found, self.at.limits)
        except OptionError:
            return  # on its way to a value; Paint says so where it stays like this
        session.settings = found

    def _filled(self, session: Session, found: Mapping[str, Any]) -> list[Any]:
        values, notes = controls.filled(found, self.at.limits)
        self._note(session, values)
        said = "; ".join(["The controls are set as it was painted", *notes])
        told = self._notice(session, said, wrong=False)
        return [told, *controls.updates(values, self.names, self.at.limits)]

    def _unchanged(self) -> list[Any]:
        return [gr.skip() for _ in self.names]

    def _notice(self, session: Session, said: str = "", *, wrong: bool = True) -> Any:
        """What stands beside Paint: something that was said, or what Continue would do."""
        # Said twice, it is shown twice: the page clears it once something is done about it.
        return {
            "said": words.told(said),
            "wrong": wrong,
            "hint": _going(session)[1],
            "at": time.monotonic(),
        }

    # Masks

    def _drawn_over(self, session: Session) -> list[Any]:
        """The choice of what to draw over, and the board with the first of it."""
        targets = self.at.targets(session)
        first = targets[0][1] if targets else None
        radio = gr.update(choices=targets, value=first, visible=bool(targets))
        return [radio, self.at.board(session, first)]

    def board(self, target: str | None, request: gr.Request) -> Any:
        return self.at.board(self.session(request), target)

    def drawn(self, event: gr.EventData, request: gr.Request) -> Any:
        session = self.session(request)
        self.at.draw(session, _text(event, "over"), _text(event, "url"))
        return {"said": self.at.lacking(session)}

    # Painting

    def paint(self, request: gr.Request, *values: Any) -> Iterator[list[Any]]:
        def begin(session: Session) -> Job:
            given = controls.changes(dict(zip(self.names, values, strict=True)))
            options = controls.options(given, self.at.limits)
            session.settings = given
            return self.at.paint(session, options)

        yield from self._begun(request, begin)

    def further(self, request: gr.Request) -> Iterator[list[Any]]:
        yield from self._begun(request, self.at.further)

    def sweep(
        self,
        request: gr.Request,
        first: str,
        first_values: str,
        second: str,
        second_values: str,
        *values: Any,
    ) -> Iterator[list[Any]]:
        def begin(session: Session) -> Job:
            vary = {first: words.values(first, first_values)}
            if second:
                if second == first:
                    raise OptionError("rows and columns vary the same option; choose another")
                vary[second] = words.values(second, second_values)
            given = controls.changes(dict(zip(self.names, values, strict=True)))
            rest = {name: value for name, value in given.items() if name not in vary}
            return self.at.sweep(session, vary, rest)

        yield from self._begun(request, begin, sheet=True)

    def _begun(
        self, request: gr.Request, begin: Callable[[Session], Job], *, sheet: bool = False
    ) -> Iterator[list[Any]]:
        """Watch what begins, or say beside its button why it doesn't; all else stays as it is."""
        session = self.session(request)
        try:
            job = begin(session)
        except ImpastoError as error:
            busy = session.job is not None and not session.job.over
            told: list[Any] = [self._notice(session, str(error)), gr.skip()]
            said = told[::-1] if sheet else told
            still: list[Any] = [gr.skip(), gr.skip(), gr.skip()]
            yield [*still, *self._buttons(session, busy=busy), *said, gr.skip()]
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
        stage: Any = gr.skip()
        history: Any = gr.skip()
        curve: Any = gr.skip()
        notice: Any = gr.skip()
        values = self._unchanged()
        try:
            found = self.at.painted(session, key)
            if action == "settings":
                options = recipe.options_in(found.picture.recipe or {})
                notice, *values = self._filled(session, options)
            elif action == "delete":
                session.forget(key)
                history, notice = self.at.history(session), self._notice(session)
                if key in session.shown:
                    stage = self.at.at_rest(session)
            else:
                other = _text(event, "other")
                session.shown = (other, key) if action == "compare" else (key,)
                stage, curve = self.at.at_rest(session), _curves(found)
        except ImpastoError as error:
            notice = self._notice(session, str(error))
        return [stage, history, curve, notice, _more(session), *values]

    def _watched(self, session: Session, job: Job) -> Iterator[list[Any]]:
        history: Any = self.at.history(session)
        tab: Any = gr.update(selected="picture")  # where it is seen
        quiet: Any = {"said": ""}
        for shown in self.at.watch(session, job):
            if not job.over:
                buttons = self._buttons(session, busy=True)
                yield [shown, history, gr.skip(), *buttons, quiet, quiet, tab]
                history = tab = quiet = gr.skip()
        last = session.history[-1] if session.history and job.picture is not None else None
        if last is not None:
            session.shown = (last.picture.key,)
        final = self.at.shown(job)
        if job.picture is None and final["error"]:  # it never began: all stays as it was
            yield self._at_rest(session, self.at.at_rest(session), None, final["error"])
            return
        told = {name: final[name] for name in ("phase", "notes", "error")}
        told["kept"] = job.picture is not None
        yield self._at_rest(session, {**self.at.at_rest(session), **told}, last)

    def _at_rest(
        self, session: Session, shown: Any, painted: Painted | None, said: str = ""
    ) -> list[Any]:
        curve = _curves(painted) if painted else gr.skip()
        buttons = self._buttons(session, busy=False)
        told = [self._notice(session, said), gr.skip(), gr.skip()]
        return [shown, self.at.history(session), curve, *buttons, *told]

    def _buttons(self, session: Session, *, busy: bool) -> list[Any]:
        """Paint, Paint the sheet, Stop, Continue."""
        return [
            gr.update(interactive=not busy),
            gr.update(interactive=not busy),
            gr.update(visible=busy),
            _more(session, busy=busy),
        ]


def _more(session: Session, *, busy: bool | None = None) -> Any:
    """The button that goes on with a picture, called as what it does."""
    if busy is None:
        busy = session.job is not None and not session.job.over
    name = _going(session)[0]
    return gr.update(value=name or "Continue", visible=bool(name) and not busy)


def _going(session: Session) -> tuple[str, str]:
    """What the button that goes on is called, and what it does; "" where nothing can."""
    further = session.further
    if further is None:
        return "", ""
    names = (each.title for each in session.history if each.picture is further.picture)
    title = next(names, "the picture")
    if further.painting is not None:
        return f"Continue {title}", f"Continue: go on from where {title} was stopped."
    return f"Refine {title}", f"Refine: paint {title} once more over itself, as it was set."


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
