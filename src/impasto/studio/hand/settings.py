"""Settings: controls are turned, set by a look, or by a picture that holds settings."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from impasto.errors import ImpastoError, OptionError
from impasto.studio import answers, controls, display, pictures
from impasto.studio.controls import SHOWN
from impasto.studio.desk import Desk
from impasto.studio.hand import caller
from impasto.studio.session import Session

UNCHANGED = [gr.skip()] * len(SHOWN)  # of `Parts.set`


class Settings:
    """Values of controls come in the order of `SHOWN`."""

    def __init__(self, at: Desk) -> None:
        self.at = at

    def recipe(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        """A picture came that may hold settings; beside all places, it may be a photograph too."""
        session = caller.changing(self.at, request)
        anywhere = caller.yes(event, "anywhere")
        said = ""
        try:
            for path in caller.texts(event, "paths")[:1]:
                found = pictures.settings(self.at.incoming, session, path, or_photograph=anywhere)
                if found is not None:
                    said = "The controls are as they were; its pictures are yours to choose"
                    return [*self.filled(session, found, said), *answers.SAME_GIVEN[1:]]
                said = "" if anywhere else "This picture holds no settings: impasto didn't paint it"
        except ImpastoError as error:
            said = str(error)
        shown = [display.photograph(session), *answers.drawn_over(session)]
        return [answers.notice(session, said), *UNCHANGED, *shown]

    def preset(self, request: gr.Request, *values: Any) -> list[Any]:
        """A look was chosen: it sets what is its own, and leaves all else as it is."""
        session = caller.session(self.at, request)
        given = dict(zip(SHOWN, values, strict=True))
        before = str(session.settings.get("preset", "default"))
        looked = controls.looked(given["preset"], before, self.at.limits)
        self._note(session, {**given, **looked})
        return controls.updates(looked, SHOWN, self.at.limits)

    def noted(self, request: gr.Request, *values: Any) -> list[Any]:
        """A control was turned: remembered for a page that is loaded again. What it can't have is
        put right, and said.
        """
        session = caller.session(self.at, request)
        given, changed, said = self._mended(session, values)
        wrong = self._note(session, given)
        if not (changed or wrong):
            return [gr.skip(), *UNCHANGED]
        told = answers.notice(session, "; ".join([*said, wrong] if wrong else said))
        return [told, *controls.updates(changed, SHOWN, self.at.limits)]

    def changes(self, session: Session, values: Sequence[Any]) -> dict[str, Any]:
        """What the controls say, put right: the preset, and what differs from it. Raises
        OptionError.
        """
        return controls.changes(self._mended(session, values)[0])

    def filled(self, session: Session, found: Mapping[str, Any], said: str) -> list[Any]:
        """The notice, and the controls set to a recipe's options. Raises OptionError."""
        values, notes = controls.filled(found, self.at.limits)
        self._note(session, values)
        told = answers.notice(session, "; ".join([said, *notes]), wrong=False)
        return [told, *controls.updates(values, SHOWN, self.at.limits)]

    def _mended(
        self, session: Session, values: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
        """The controls' values, put right; which of them, and what to say of it."""
        given = dict(zip(SHOWN, values, strict=True))
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
