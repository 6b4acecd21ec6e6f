"""Painting: it is begun, goes on, is stopped, and is over."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from impasto.errors import ImpastoError, OptionError
from impasto.studio import answers, controls, words
from impasto.studio.desk import Desk
from impasto.studio.hand import caller
from impasto.studio.hand.settings import Settings
from impasto.studio.job import Job
from impasto.studio.session import Session


class Painting:
    """settings: what reads the controls."""

    def __init__(self, at: Desk, settings: Settings) -> None:
        self.at, self.settings = at, settings

    def paint(self, request: gr.Request, *values: Any) -> list[Any]:
        def begin(session: Session) -> Job:
            given = self.settings.changes(session, values)
            options = controls.options(given, self.at.limits)
            session.settings = given
            return self.at.paint(session, options)

        return self._begun(request, begin)

    def further(self, request: gr.Request) -> list[Any]:
        return self._begun(request, self.at.further)

    def sweep(self, request: gr.Request, *values: Any) -> list[Any]:
        first, first_values, second, second_values = map(str, values[:4])

        def begin(session: Session) -> Job:
            for name in (first, second):
                if name and name not in controls.SHOWN:
                    raise OptionError(f"there is no option {name[:40]!r}")
            vary = {first: words.values(first, first_values)}
            if second:
                if second == first:
                    raise OptionError("rows and columns vary the same option; choose another")
                vary[second] = words.values(second, second_values)
            given = self.settings.changes(session, values[4:])
            rest = {name: value for name, value in given.items() if name not in vary}
            return self.at.sweep(session, vary, rest)

        return self._begun(request, begin, sheet=True)

    def _begun(
        self, request: gr.Request, begin: Callable[[Session], Job], *, sheet: bool = False
    ) -> list[Any]:
        """What has begun, which the page watches then; or, beside its button, why nothing does."""
        if caller.stale(self.at, request):
            anew = not caller.session(self.at, request).fresh
            session = caller.freshen(self.at, request)
            why = answers.ANEW if anew else answers.ELSEWHERE
            return [*answers.given(session), *answers.now(self.at, session, why)]
        session = caller.changing(self.at, request)
        try:
            begin(session)
        except ImpastoError as error:
            told: list[Any] = [answers.notice(session, str(error)), gr.skip()]
            said = told[::-1] if sheet else told
            still: list[Any] = [gr.skip(), gr.skip(), gr.skip()]
            buttons = answers.buttons(session)
            return [*answers.SAME_GIVEN, *still, *buttons, *said, gr.skip()]
        return [*answers.SAME_GIVEN, *answers.busy(self.at, session)]

    def over(self, request: gr.Request) -> list[Any]:
        """What was painted is done, or ended otherwise."""
        return answers.ended(self.at, caller.session(self.at, request))

    def back(self, request: gr.Request) -> Any:
        """From another picture back to what is being painted."""
        session = caller.session(self.at, request)
        session.shown = ()
        return answers.now(self.at, session)[0]

    def stop(self, request: gr.Request) -> None:
        session = caller.session(self.at, request)
        if session.job is not None:
            session.job.stop()
