"""History: one of its pictures is shown, compared, deleted, or what it was painted with is used."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from typing import Any

import gradio as gr

from impasto.errors import ImpastoError, OptionError
from impasto.jobs import recipe
from impasto.studio import answers, display, pictures, stage
from impasto.studio.desk import Desk
from impasto.studio.hand import caller
from impasto.studio.hand.settings import UNCHANGED, Settings
from impasto.studio.session import Painted, Session


class History:
    """settings: what sets the controls."""

    def __init__(self, at: Desk, settings: Settings) -> None:
        self.at, self.settings = at, settings

    def chosen(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        """Something of the history was chosen."""
        session = caller.session(self.at, request)
        action, key = caller.text(event, "action"), caller.text(event, "key")
        shown: Any = gr.skip()
        listed: Any = gr.skip()
        curve: Any = gr.skip()
        notice: Any = gr.skip()
        values = UNCHANGED
        given = answers.SAME_GIVEN
        try:
            found = _painted(session, key)
            if action == "settings":
                options = recipe.options_in(found.picture.recipe or {})
                restored = pictures.restore(session, key)
                what = "controls and the pictures" if restored else "controls"
                said = f"The {what} are as they were"
                notice, *values = self.settings.filled(session, options, said)
                if restored:
                    given = answers.given(caller.changing(self.at, request))
            elif action == "delete":
                caller.changing(self.at, request)
                seen = key in session.shown
                session.forget(key)
                if seen:
                    shown = answers.now(self.at, session)[0]
                listed, notice = display.history(session), answers.notice(session)
            else:
                caller.changing(self.at, request)  # of what is shown, Continue goes on
                other = caller.text(event, "other")
                session.shown = (other, key) if action == "compare" else (key,)
                shown, curve = stage.at_rest(session), answers.drawn(found)
                notice = answers.notice(session)
        except ImpastoError as error:
            notice = answers.notice(session, str(error))
        return [shown, listed, curve, notice, answers.more(session), *values, *given]


def _painted(session: Session, key: str) -> Painted:
    try:
        return session.painted(key)
    except KeyError:
        raise OptionError("this picture isn't here any more") from None
