"""Answers: what the page is told, in the order of `page.Parts`."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import gradio as gr

from impasto.studio import curves, display, drawings, stage, words
from impasto.studio.desk import Desk
from impasto.studio.session import Painted, Session

NO_CURVES = '<p class="nothing">Paint something, and how its losses fell is drawn here.</p>'
ANEW = "The studio was started anew: what was here before is gone"
ELSEWHERE = "Another page of yours changed this; here is how it stands. Press again to paint"
NOTHING: Mapping[str, Any] = {}
SAME_GIVEN = [gr.skip()] * 5  # of `Parts.given`


def given(session: Session) -> list[Any]:
    """Of `Parts.given`."""
    return [display.photograph(session), display.paintings(session), *drawn_over(session)]


def drawn_over(session: Session) -> list[Any]:
    """Of `Parts.drawn_over`: what can be drawn over, and the board with the first of it."""
    targets = drawings.targets(session)
    first = targets[0][1] if targets else None
    radio = gr.update(choices=targets, value=first, visible=bool(targets))
    return [radio, drawings.board(session, first), lacking(session)]


def lacking(session: Session) -> Any:
    """What stands beside the board."""
    return {"said": drawings.lacking(session), "at": time.monotonic()}


def now(at: Desk, session: Session, said: str = "") -> list[Any]:
    """Of `Parts.working`, as things stand."""
    return busy(at, session, said) if session.busy else at_rest(session, said=said)


def ended(at: Desk, session: Session) -> list[Any]:
    """Of `Parts.working`, when something is done, with how it ended."""
    job = session.job
    if job is None:
        return at_rest(session, said=ANEW)
    if session.busy:  # another has begun
        return busy(at, session)
    final = stage.shown(at, job)
    if job.picture is None and final["error"]:  # it never began: all stays as it was
        return at_rest(session, said=final["error"])
    last = session.history[-1] if session.history else None
    if last and job.picture is not None and (last.picture.key,) != session.shown:
        # Somebody looks at another picture, and isn't disturbed.
        how = "is done" if job.state == "done" else "was stopped"
        said = ". ".join(part for part in (f"{last.title} {how}", final["error"]) if part)
        return at_rest(session, said=said, wrong=bool(final["error"]))
    told = {name: final[name] for name in ("phase", "notes", "error")}
    return at_rest(session, {**told, "kept": job.picture is not None})


def busy(at: Desk, session: Session, said: str = "") -> list[Any]:
    """Of `Parts.working`, while something is painted."""
    assert session.job is not None
    quiet: Any = {"said": "", "at": time.monotonic()}
    return [
        {**stage.shown(at, session.job), "at": time.monotonic()},
        display.history(session),
        gr.skip(),
        *buttons(session),
        notice(session, said),
        quiet,
        gr.update(selected="picture"),  # where it is seen
    ]


def at_rest(
    session: Session,
    told: Mapping[str, Any] = NOTHING,
    said: str = "",
    *,
    wrong: bool = True,
) -> list[Any]:
    """Of `Parts.working`, while nothing is. told: of what was painted, for the stage."""
    shown = {**stage.at_rest(session), **told, "at": time.monotonic()}
    last = [each for each in session.history if (each.picture.key,) == session.shown]
    return [
        shown,
        display.history(session),
        drawn(last[0]) if last else gr.skip(),
        *buttons(session),
        notice(session, said, wrong=wrong),
        gr.skip(),
        gr.skip(),
    ]


def buttons(session: Session) -> list[Any]:
    """Paint, Paint the sheet, Stop, Continue."""
    return [
        gr.update(interactive=not session.busy),
        gr.update(interactive=not session.busy),
        gr.update(visible=session.busy),
        more(session),
    ]


def notice(session: Session, said: str = "", *, wrong: bool = True) -> Any:
    """What stands beside Paint: something that was said, or what Continue would do."""
    # Said twice, it is shown twice: the page clears it once something is done about it.
    return {
        "said": words.told(said),
        "wrong": wrong,
        "hint": _going(session)[1],
        "at": time.monotonic(),
    }


def more(session: Session) -> Any:
    """The button that goes on with a picture, called as what it does."""
    name = _going(session)[0]
    return gr.update(value=name or "Continue", visible=bool(name))


def _going(session: Session) -> tuple[str, str]:
    """What the button that goes on is called, and what it does; "" where nothing can."""
    further = session.further
    if further is None or session.busy:
        return "", ""
    names = (each.title for each in session.history if (each.picture.key,) == session.shown)
    title = next(names, "the picture")
    if further.painting is not None:
        return f"Continue {title}", "Continue: go on from where it was stopped."
    return f"Refine {title}", "Refine: once more over itself, as it was set."


def drawn(painted: Painted) -> str:
    """How its losses fell."""
    return curves.svg(painted.losses) or NO_CURVES
