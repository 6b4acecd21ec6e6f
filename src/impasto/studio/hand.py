"""The hand: what each event of the page does. Values are believed only once they are checked."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import gradio as gr

from impasto.errors import ImpastoError, OptionError
from impasto.jobs import recipe
from impasto.studio import answers, controls, words
from impasto.studio.desk import WITH_IT, Desk
from impasto.studio.door import owner_in
from impasto.studio.session import Session
from impasto.studio.work import Job

SAME_GIVEN = [gr.skip()] * 5  # of `Parts.given`


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

    def changing(self, request: gr.Request) -> Session:
        """The session, whose other pages show no longer what there is."""
        session = self.session(request)
        session.fresh &= {request.session_hash or ""}
        return session

    # The page comes and goes

    def opened(self, request: gr.Request) -> list[Any]:
        return self._all(request)

    def seen(self, request: gr.Request) -> Any:
        """A page is looked at again: it is set to what another of the same person's did."""
        if not self._stale(request):
            return gr.skip()
        return self._all(request, "" if self.session(request).fresh else answers.ANEW)

    def _fresh(self, session: Session, request: gr.Request) -> None:
        """This page is there, and is shown all that there is."""
        self.at.registry.opened(session.owner, request.session_hash or "")
        session.fresh.add(request.session_hash or "")

    def _stale(self, request: gr.Request) -> bool:
        """Whether another page of the same person changed what this one doesn't show."""
        return (request.session_hash or "") not in self.session(request).fresh

    def _all(self, request: gr.Request, said: str = "") -> list[Any]:
        """Of a whole page."""
        session = self.session(request)
        self._fresh(session, request)
        values: Mapping[str, Any] = {}
        if session.settings:
            values = controls.options(session.settings, self.at.limits).to_dict()
        return [
            *self._given(session),
            *answers.now(self.at, session, said),
            *controls.updates(values, self.names, self.at.limits),
        ]

    def closed(self, request: gr.Request) -> None:
        self.at.registry.closed(owner(request), request.session_hash or "")

    def _given(self, session: Session) -> list[Any]:
        """Of `Parts.given`."""
        return [
            self.at.photograph(session),
            self.at.paintings(session),
            *self._drawn_over(session),
        ]

    # Pictures

    def photograph(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.changing(request)

        def bring() -> str:
            for path in _texts(event, "paths")[:1]:
                if session.set_photograph(self.at.bring(session, path)):
                    return WITH_IT
            return ""

        return self._brought(session, self.at.photograph, bring)

    def photograph_example(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.changing(request)

        def bring() -> str:
            found = self.at.example(session, _text(event, "name"))
            return WITH_IT if session.set_photograph(found) else ""

        return self._brought(session, self.at.photograph, bring)

    def no_photograph(self, request: gr.Request) -> list[Any]:
        session = self.changing(request)
        session.set_photograph(None)
        return [self.at.photograph(session), *self._drawn_over(session)]

    def paintings(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.changing(request)
        paths, blend = _texts(event, "paths"), _yes(event, "blend")
        return self._brought(
            session, self.at.paintings, lambda: self.at.bring_paintings(session, paths, blend)
        )

    def painting_example(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.changing(request)
        name, blend = _text(event, "name"), _yes(event, "blend")
        return self._brought(
            session, self.at.paintings, lambda: self.at.example_painting(session, name, blend)
        )

    def no_painting(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.changing(request)
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
        session = self.changing(request)
        anywhere = _yes(event, "anywhere")
        said = ""
        try:
            for path in _texts(event, "paths")[:1]:
                found = self.at.settings(session, path, or_photograph=anywhere)
                if found is not None:
                    said = "The controls are as they were; its pictures are yours to choose"
                    return [*self._filled(session, found, said), *SAME_GIVEN[1:]]
                said = "" if anywhere else "This picture holds no settings: impasto didn't paint it"
        except ImpastoError as error:
            said = str(error)
        shown = [self.at.photograph(session), *self._drawn_over(session)]
        return [answers.notice(session, said), *self._unchanged(), *shown]

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
        given, changed, said = self._mended(session, values)
        wrong = self._note(session, given)
        if not (changed or wrong):
            return [gr.skip(), *self._unchanged()]
        told = answers.notice(session, "; ".join([*said, wrong] if wrong else said))
        return [told, *controls.updates(changed, self.names, self.at.limits)]

    def _mended(
        self, session: Session, values: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
        """The controls' values, put right; which of them, and what to say of it."""
        given = dict(zip(self.names, values, strict=True))
        before = controls.options(session.settings, self.at.limits).to_dict()
        changed, said = controls.mended(given, before, self.at.limits)
        return {**given, **changed}, changed, said

    def _note(self, session: Session, values: Mapping[str, Any]) -> str:
        """Remember what the controls say; what is wrong with it, where it can't be."""
        try:
            found = controls.changes(values)
            controls.options(found, self.at.limits)
        except OptionError as error:
            return str(error)
        session.settings = found
        return ""

    def _filled(self, session: Session, found: Mapping[str, Any], said: str) -> list[Any]:
        values, notes = controls.filled(found, self.at.limits)
        self._note(session, values)
        told = answers.notice(session, "; ".join([said, *notes]), wrong=False)
        return [told, *controls.updates(values, self.names, self.at.limits)]

    def _unchanged(self) -> list[Any]:
        return [gr.skip() for _ in self.names]

    # Masks

    def _drawn_over(self, session: Session) -> list[Any]:
        """The choice of what to draw over, and the board with the first of it."""
        targets = self.at.targets(session)
        first = targets[0][1] if targets else None
        radio = gr.update(choices=targets, value=first, visible=bool(targets))
        return [radio, self.at.board(session, first), self._lacking(session)]

    def _lacking(self, session: Session) -> Any:
        return {"said": self.at.lacking(session), "at": time.monotonic()}

    def board(self, target: object, request: gr.Request) -> Any:
        return self.at.board(self.session(request), str(target))

    def drawn(self, event: gr.EventData, request: gr.Request) -> Any:
        session = self.changing(request)
        try:
            self.at.draw(session, _text(event, "over"), _text(event, "url"))
        except ImpastoError as error:
            return {"said": words.told(str(error)), "wrong": True, "at": time.monotonic()}
        return self._lacking(session)

    # Painting

    def paint(self, request: gr.Request, *values: Any) -> list[Any]:
        def begin(session: Session) -> Job:
            given = controls.changes(self._mended(session, values)[0])
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
            for name in (first, second):
                if name and name not in self.names:
                    raise OptionError(f"there is no option {name[:40]!r}")
            vary = {first: words.values(first, first_values)}
            if second:
                if second == first:
                    raise OptionError("rows and columns vary the same option; choose another")
                vary[second] = words.values(second, second_values)
            given = controls.changes(self._mended(session, values[4:])[0])
            rest = {name: value for name, value in given.items() if name not in vary}
            return self.at.sweep(session, vary, rest)

        return self._begun(request, begin, sheet=True)

    def _begun(
        self, request: gr.Request, begin: Callable[[Session], Job], *, sheet: bool = False
    ) -> list[Any]:
        """What has begun, which the page watches then; or, beside its button, why nothing does."""
        if self._stale(request):
            session = self.session(request)
            why = answers.ELSEWHERE if session.fresh else answers.ANEW
            self._fresh(session, request)
            return [*self._given(session), *answers.now(self.at, session, why)]
        session = self.changing(request)
        try:
            begin(session)
        except ImpastoError as error:
            told: list[Any] = [answers.notice(session, str(error)), gr.skip()]
            said = told[::-1] if sheet else told
            still: list[Any] = [gr.skip(), gr.skip(), gr.skip()]
            return [*SAME_GIVEN, *still, *answers.buttons(session), *said, gr.skip()]
        return [*SAME_GIVEN, *answers.busy(self.at, session)]

    def over(self, request: gr.Request) -> list[Any]:
        """What was painted is done, or ended otherwise."""
        return answers.ended(self.at, self.session(request))

    def back(self, request: gr.Request) -> Any:
        """From another picture back to what is being painted."""
        session = self.session(request)
        session.shown = ()
        return answers.now(self.at, session)[0]

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
        given = SAME_GIVEN
        try:
            found = self.at.painted(session, key)
            if action == "settings":
                options = recipe.options_in(found.picture.recipe or {})
                restored = self.at.restore(session, key)
                what = "controls and the pictures" if restored else "controls"
                notice, *values = self._filled(session, options, f"The {what} are as they were")
                if restored:
                    given = self._given(self.changing(request))
            elif action == "delete":
                self.changing(request)
                seen = key in session.shown
                session.forget(key)
                if seen:
                    stage = answers.now(self.at, session)[0]
                history, notice = self.at.history(session), answers.notice(session)
            else:
                self.changing(request)  # of what is shown, the button beside Paint goes on
                other = _text(event, "other")
                session.shown = (other, key) if action == "compare" else (key,)
                stage, curve = self.at.at_rest(session), answers.drawn(found)
                notice = answers.notice(session)
        except ImpastoError as error:
            notice = answers.notice(session, str(error))
        return [stage, history, curve, notice, answers.more(session), *values, *given]


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
