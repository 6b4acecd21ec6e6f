"""Photograph and paintings: they are brought, chosen of the examples, and taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from impasto.errors import ImpastoError
from impasto.studio import answers, display, pictures, words
from impasto.studio.desk import Desk
from impasto.studio.hand import caller
from impasto.studio.session import Session


class Pictures:
    def __init__(self, at: Desk) -> None:
        self.at = at

    def photograph(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = caller.changing(self.at, request)

        def bring() -> str:
            for path in caller.texts(event, "paths")[:1]:
                if session.set_photograph(pictures.bring(self.at.incoming, session, path)):
                    return pictures.WITH_IT
            return ""

        return _brought(session, display.photograph, bring)

    def photograph_example(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = caller.changing(self.at, request)

        def bring() -> str:
            found = pictures.example(session, caller.text(event, "name"))
            return pictures.WITH_IT if session.set_photograph(found) else ""

        return _brought(session, display.photograph, bring)

    def no_photograph(self, request: gr.Request) -> list[Any]:
        session = caller.changing(self.at, request)
        session.set_photograph(None)
        return [display.photograph(session), *answers.drawn_over(session)]

    def paintings(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = caller.changing(self.at, request)
        paths, blend = caller.texts(event, "paths"), caller.yes(event, "blend")

        def bring() -> str:
            return pictures.bring_paintings(self.at.incoming, session, paths, blend)

        return _brought(session, display.paintings, bring)

    def painting_example(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = caller.changing(self.at, request)
        name, blend = caller.text(event, "name"), caller.yes(event, "blend")
        return _brought(
            session, display.paintings, lambda: pictures.example_painting(session, name, blend)
        )

    def no_painting(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = caller.changing(self.at, request)
        session.remove_painting(caller.text(event, "key"))
        return [display.paintings(session), *answers.drawn_over(session)]


def _brought(session: Session, shown: Callable[..., Any], bring: Callable[[], str]) -> list[Any]:
    """What is there after pictures were brought, and what is to be said of them."""
    try:
        said, wrong = bring(), False
    except ImpastoError as error:
        said, wrong = words.told(str(error)), True
    return [shown(session, said, wrong=wrong), *answers.drawn_over(session)]
