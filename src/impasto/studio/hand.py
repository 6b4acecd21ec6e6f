"""The hand: what each event of the page does. Values are believed only once they are checked."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, cast

import gradio as gr

from impasto.errors import ImpastoError, OptionError
from impasto.jobs import recipe
from impasto.studio import controls, curves, words
from impasto.studio.desk import WITH_IT, Desk
from impasto.studio.door import owner_in
from impasto.studio.session import Painted, Session
from impasto.studio.work import Job

NOTHING: Mapping[str, Any] = {}
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
        values: Mapping[str, Any] = {}
        if session.settings:
            values = controls.options(session.settings, self.at.limits).to_dict()
        return [
            self.at.photograph(session),
            self.at.paintings(session),
            *self._drawn_over(session),
            *(self._busy(session) if session.busy else self._at_rest(session)),
            *controls.updates(values, self.names, self.at.limits),
        ]

    def closed(self, request: gr.Request) -> None:
        self.at.registry.closed(owner(request), request.session_hash or "")

    # Pictures

    def photograph(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)

        def bring() -> str:
            for path in _texts(event, "paths")[:1]:
                if session.set_photograph(self.at.bring(session, path)):
                    return WITH_IT
            return ""

        return self._brought(session, self.at.photograph, bring)

    def photograph_example(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)

        def bring() -> str:
            found = self.at.example(session, _text(event, "name"))
            return WITH_IT if session.set_photograph(found) else ""

        return self._brought(session, self.at.photograph, bring)

    def no_photograph(self, request: gr.Request) -> list[Any]:
        session = self.session(request)
        session.set_photograph(None)
        return [self.at.photograph(session), *self._drawn_over(session)]

    def paintings(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)
        paths, blend = _texts(event, "paths"), _yes(event, "blend")
        return self._brought(
            session, self.at.paintings, lambda: self.at.bring_paintings(session, paths, blend)
        )

    def painting_example(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)
        name, blend = _text(event, "name"), _yes(event, "blend")
        return self._brought(
            session, self.at.paintings, lambda: self.at.example_painting(session, name, blend)
        )

    def no_painting(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)
        session.remove_painting(_text(event, "key"))
        return [self.at.paintings(session), *self._drawn_over(session)]

    def _brought(
        self, session: Session, shown: Callable[..., Any], bring: Callable[[], str]
    ) -> list[Any]:
        """What is there after pictures were brought, and what is to be said of them."""
        try:
            said, wrong = bring(), False
        except ImpastoError as error:
            said, wrong = words.told(str(error)), True
        return [shown(session, said, wrong=wrong), *self._drawn_over(session)]

    # Settings

    def recipe(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        """A picture came that may hold settings; beside all places, it may be a photograph too."""
        session = self.session(request)
        anywhere = _yes(event, "anywhere")
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

    def noted(self, request: gr.Request, *values: Any) -> list[Any]:
        """A control was turned: remembered for a page that is loaded again. What it can't have is
        put right, and said.
        """
        session = self.session(request)
        given = dict(zip(self.names, values, strict=True))
        before = controls.options(session.settings, self.at.limits).to_dict()
        changed, said = controls.mended(given, before, self.at.limits)
        wrong = self._note(session, {**given, **changed})
        if not (changed or wrong):
            return [gr.skip(), *self._unchanged()]
        told = self._notice(session, "; ".join([*said, wrong] if wrong else said))
        return [told, *controls.updates(changed, self.names, self.at.limits)]

    def _note(self, session: Session, values: Mapping[str, Any]) -> str:
        """Remember what the controls say; what is wrong with it, where it can't be."""
        try:
            found = controls.changes(values)
            controls.options(found, self.at.limits)
        except OptionError as error:
            return str(error)
        session.settings = found
        return ""

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

    def board(self, target: object, request: gr.Request) -> Any:
        return self.at.board(self.session(request), str(target))

    def drawn(self, event: gr.EventData, request: gr.Request) -> Any:
        session = self.session(request)
        self.at.draw(session, _text(event, "over"), _text(event, "url"))
        return {"said": self.at.lacking(session)}

    # Painting

    def paint(self, request: gr.Request, *values: Any) -> list[Any]:
        def begin(session: Session) -> Job:
            given = controls.changes(dict(zip(self.names, values, strict=True)))
            options = controls.options(given, self.at.limits)
            session.settings = given
            return self.at.paint(session, options)

        return self._begun(request, begin)

    def further(self, request: gr.Request) -> list[Any]:
        return self._begun(request, self.at.further)

    def sweep(
        self,
        request: gr.Request,
        *values: Any,
    ) -> list[Any]:
        first, first_values, second, second_values = map(str, values[:4])

        def begin(session: Session) -> Job:
            vary = {first: words.values(first, first_values)}
            if second:
                if second == first:
                    raise OptionError("rows and columns vary the same option; choose another")
                vary[second] = words.values(second, second_values)
            given = controls.changes(dict(zip(self.names, values[4:], strict=True)))
            rest = {name: value for name, value in given.items() if name not in vary}
            return self.at.sweep(session, vary, rest)

        return self._begun(request, begin, sheet=True)

    def _begun(
        self, request: gr.Request, begin: Callable[[Session], Job], *, sheet: bool = False
    ) -> list[Any]:
        """What has begun, which the page watches then; or, beside its button, why nothing does."""
        session = self.session(request)
        try:
            begin(session)
        except ImpastoError as error:
            told: list[Any] = [self._notice(session, str(error)), gr.skip()]
            said = told[::-1] if sheet else told
            still: list[Any] = [gr.skip(), gr.skip(), gr.skip()]
            return [*still, *self._buttons(session), *said, gr.skip()]
        return self._busy(session)

    def over(self, request: gr.Request) -> list[Any]:
        """What was painted is done, or ended otherwise."""
        session = self.session(request)
        if session.busy:  # another has begun
            return self._busy(session)
        job = session.job
        if job is None:
            return self._at_rest(session)
        final = self.at.shown(job)
        if job.picture is None and final["error"]:  # it never began: all stays as it was
            return self._at_rest(session, {}, final["error"])
        told = {name: final[name] for name in ("phase", "notes", "error")}
        return self._at_rest(session, {**told, "kept": job.picture is not None})

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
                if key in session.shown:
                    stage = self.at.at_rest(session)
                history, notice = self.at.history(session), self._notice(session)
            else:
                other = _text(event, "other")
                session.shown = (other, key) if action == "compare" else (key,)
                stage, curve = self.at.at_rest(session), _curves(found)
                notice = self._notice(session)
        except ImpastoError as error:
            notice = self._notice(session, str(error))
        return [stage, history, curve, notice, _more(session), *values]

    def _busy(self, session: Session) -> list[Any]:
        """Of `Parts.working`, while something is painted."""
        assert session.job is not None
        quiet: Any = {"said": "", "at": time.monotonic()}
        return [
            {**self.at.shown(session.job), "at": time.monotonic()},
            self.at.history(session),
            gr.skip(),
            *self._buttons(session),
            quiet,
            quiet,
            gr.update(selected="picture"),  # where it is seen
        ]

    def _at_rest(self, session: Session, told: Mapping[str, Any] = NOTHING, said: str = "") -> Any:
        """Of `Parts.working`, while nothing is. told: of what was painted, for the stage."""
        shown = {**self.at.at_rest(session), **told, "at": time.monotonic()}
        last = [each for each in session.history if (each.picture.key,) == session.shown]
        return [
            shown,
            self.at.history(session),
            _curves(last[0]) if last else gr.skip(),
            *self._buttons(session),
            self._notice(session, said),
            gr.skip(),
            gr.skip(),
        ]

    def _buttons(self, session: Session) -> list[Any]:
        """Paint, Paint the sheet, Stop, Continue."""
        return [
            gr.update(interactive=not session.busy),
            gr.update(interactive=not session.busy),
            gr.update(visible=session.busy),
            _more(session),
        ]


def _more(session: Session) -> Any:
    """The button that goes on with a picture, called as what it does."""
    name = _going(session)[0]
    return gr.update(value=name or "Continue", visible=bool(name) and not session.busy)


def _going(session: Session) -> tuple[str, str]:
    """What the button that goes on is called, and what it does; "" where nothing can."""
    further = session.further
    if further is None:
        return "", ""
    names = (each.title for each in session.history if (each.picture.key,) == session.shown)
    title = next(names, "the picture")
    if further.painting is not None:
        return f"Continue {title}", f"Continue: go on from where {title} was stopped."
    return f"Refine {title}", f"Refine: paint {title} once more over itself, as it was set."


def _curves(painted: Painted) -> str:
    return curves.svg(painted.losses) or NO_CURVES


def _yes(event: gr.EventData, name: str) -> bool:
    return getattr(event, name, False) is True


def _text(event: gr.EventData, name: str) -> str:
    """A text of an event, "" for anything else."""
    found: object = getattr(event, name, "")
    return found if isinstance(found, str) else ""


def _texts(event: gr.EventData, name: str) -> list[str]:
    found: object = getattr(event, name, [])
    several = cast("list[object]", found) if isinstance(found, list) else []
    return [each for each in several if isinstance(each, str)]
