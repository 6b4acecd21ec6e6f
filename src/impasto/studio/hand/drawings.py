"""Drawings: another picture is drawn over, or something is drawn there."""

from __future__ import annotations

import time
from typing import Any

import gradio as gr

from impasto.errors import ImpastoError
from impasto.studio import answers, drawings, words
from impasto.studio.desk import Desk
from impasto.studio.hand import caller


class Drawings:
    def __init__(self, at: Desk) -> None:
        self.at = at

    def board(self, target: object, request: gr.Request) -> Any:
        return drawings.board(caller.session(self.at, request), str(target))

    def drawn(self, event: gr.EventData, request: gr.Request) -> Any:
        session = caller.changing(self.at, request)
        try:
            drawings.draw(session, caller.text(event, "over"), caller.text(event, "url"))
        except ImpastoError as error:
            return {"said": words.told(str(error)), "wrong": True, "at": time.monotonic()}
        return answers.lacking(session)
