"""What programs call: paint(photograph, paintings, options) -> picture, recipe."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import gradio as gr

from impasto.errors import ImpastoError, OptionError
from impasto.studio import controls, pictures, stage
from impasto.studio.desk import Desk
from impasto.studio.hand import caller


def interface(at: Desk) -> None:
    """The one function, without anything to see."""

    def paint(
        request: gr.Request,
        photograph: str | None,
        paintings: list[str] | None,
        options: Any,
    ) -> Iterator[tuple[Any, Any]]:
        session = caller.session(at, request)
        try:
            if not isinstance(options, dict | None):
                raise OptionError('options is no object; give {"size": 512}, or nothing')
            given = controls.options(cast("dict[str, Any]", options or {}), at.limits)
            if not photograph or not paintings:
                raise OptionError("give a photograph, and a list of paintings")
            session.set_photograph(pictures.bring(at.incoming, session, str(photograph)))
            for painting in [*session.paintings]:
                session.remove_painting(painting.key)
            for path in paintings:
                session.add_painting(pictures.bring(at.incoming, session, str(path)))
            job = at.paint(session, given)
            for shown in stage.watch(at, session, job):
                state = {name: shown[name] for name in ("phase", "progress", "words", "notes")}
                if not job.over:
                    yield None, state
            if job.picture is None:
                raise ImpastoError(job.error or "it was stopped before anything was painted")
            made = at.incoming.lay(job.picture)
            yield str(made), dict(session.history[-1].picture.recipe or {})
        except ImpastoError as error:
            raise gr.Error(str(error), print_exception=False) from None

    with gr.Row(visible=False):
        photograph = gr.File(label="photograph", type="filepath")
        paintings = gr.File(label="paintings", type="filepath", file_count="multiple")
        options = gr.JSON(label="options")
        picture, recipe = gr.File(label="picture"), gr.JSON(label="recipe")
        gr.Button("paint").click(
            paint,
            [photograph, paintings, options],
            [picture, recipe],
            api_name="paint",
            api_description="Paint a photograph like one painting or more. options: as for "
            "impasto.stylize. While it is painted the second value says how far it is.",
            concurrency_limit=None,
        )
