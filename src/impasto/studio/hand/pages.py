"""Pages: they come, are looked at again, and go."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from impasto.studio import answers, controls
from impasto.studio.desk import Desk
from impasto.studio.hand import caller


class Pages:
    def __init__(self, at: Desk) -> None:
        self.at = at

    def opened(self, request: gr.Request) -> list[Any]:
        return self._all(request)

    def seen(self, request: gr.Request) -> Any:
        """A page is looked at again: it is set to what another of the same person's did."""
        if not caller.stale(self.at, request):
            return gr.skip()
        anew = not caller.session(self.at, request).fresh
        return self._all(request, answers.ANEW if anew else "")

    def closed(self, request: gr.Request) -> None:
        self.at.registry.closed(caller.owner(request), caller.page(request))

    def _all(self, request: gr.Request, said: str = "") -> list[Any]:
        """Of a whole page."""
        session = caller.freshen(self.at, request)
        values: Mapping[str, Any] = {}
        if session.settings:
            values = controls.options(session.settings, self.at.limits).to_dict()
        return [
            *answers.given(session),
            *answers.now(self.at, session, said),
            *controls.updates(values, controls.SHOWN, self.at.limits),
        ]
