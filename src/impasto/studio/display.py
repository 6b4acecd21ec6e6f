"""What the page's widgets show of pictures, jobs and drawings: plain values of JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from impasto.jobs.clock import clock
from impasto.picture import Picture
from impasto.studio import masks, views, words
from impasto.studio.job import Job
from impasto.studio.kept import Kept
from impasto.studio.session import Painted, Session

Shown = dict[str, Any]
IDLE: Shown = {"phase": "idle"}


def photograph(session: Session, said: str = "", *, wrong: bool = False) -> Shown:
    """Where the photograph is dropped. said: of what was brought; wrong: that it isn't taken."""
    own = session.photograph
    return _drop([own] if own else [], views.PHOTOGRAPHS, said, wrong)


def paintings(session: Session, said: str = "", *, wrong: bool = False) -> Shown:
    """Where the paintings are dropped. As `photograph`."""
    return _drop(session.paintings, views.PAINTINGS, said, wrong)


def _drop(items: Sequence[Kept], examples: Sequence[str], said: str, wrong: bool) -> Shown:
    return {
        "items": [
            {
                "key": item.key,
                "name": item.name,
                "url": views.data_url(item.thumb),
                "example": bool(item.example),
            }
            for item in items
        ],
        "examples": [
            {
                "name": name,
                "words": views.words(name),
                "url": views.example(name),
                "chosen": any(item.example == name for item in items),
            }
            for name in examples
        ],
        "said": said,
        "wrong": wrong,
    }


def board(target: str, picture: Kept, drawn: Picture | None) -> Shown:
    """A picture to draw over, and what is drawn there."""
    colours = [(name, f"rgb{rgb}") for name, rgb in masks.COLOURS.items()]
    return {
        "target": target,
        "url": views.data_url(picture.view),
        "alt": picture.name,
        "width": picture.size[0],
        "height": picture.size[1],
        "colours": [("keep", "rgb(255, 255, 255)")] if target == masks.KEEP else colours,
        "drawn": None if drawn is None else masks.url(drawn),
    }


def growing(job: Job, ahead: int, until: float | None) -> Shown:
    """A job on its way, as the stage has it. ahead: how many are painted before it; until: seconds
    until its turn, where that is known.
    """
    return {
        "phase": job.state,
        "alt": "The picture so far",
        "progress": job.progress,
        "words": _words(job, ahead, until),
        "notes": [words.told(note) for note in job.notes],
        "error": words.told(job.error),
    }


def grown(job: Job) -> str:
    """What a job looks like so far, "" as long as there is nothing to see."""
    return views.data_url(job.view) if job.view else ""


def result(painted: Painted) -> Shown:
    """A picture of the history, as the stage has it: under a slider with the photograph."""
    value: Shown = {
        "phase": "done",
        "picture": address(painted.picture),
        "alt": f"{painted.title}: {painted.of}",
        "words": " · ".join([painted.title, painted.of, *_details(painted)]),
        "file": address(painted.picture, "file"),
        "name": painted.picture.name,
    }
    if painted.before:
        value |= {"before": views.data_url(painted.before), "names": ["Photograph", "Painted"]}
    return value


def compared(one: Painted, two: Painted) -> Shown:
    """Two of the history under one slider."""
    titles = [one.title, two.title]
    return {
        "phase": "done",
        "picture": address(two.picture),
        "before": address(one.picture),
        "names": titles,
        "alt": " and ".join(titles),
        "words": f"{titles[0]} at the left, {titles[1]} at the right",
    }


def history(session: Session) -> list[Shown]:
    """The session's pictures, the newest first."""
    return [_listed(painted) for painted in reversed(session.history)]


def _listed(painted: Painted) -> Shown:
    """One of the history."""
    return {
        "key": painted.picture.key,
        "url": views.data_url(painted.picture.thumb),
        "title": painted.title,
        "of": painted.of,
        "details": [part for part in (painted.of, *_details(painted)) if part],
        "file": address(painted.picture, "file"),
        "name": painted.picture.name,
    }


def address(picture: Kept, what: str = "view") -> str:
    return f"studio/{what}/{picture.key}"


def _details(painted: Painted) -> list[str]:
    width, height = painted.picture.size
    size = f"{width} × {height} · {painted.seconds:.1f} s"
    return [p for p in (size, words.settings(painted.picture.recipe or {}), painted.told) if p]


def _words(job: Job, ahead: int, until: float | None) -> str:
    if job.state == "waiting":
        then = "" if until is None else f" · its turn in {clock(until)}"
        return f"Next in the queue{then}" if ahead <= 1 else f"Number {ahead} in the queue"
    if job.state == "painting":
        if not job.view:
            return "Getting ready"
        left = "" if job.left is None else f" · {clock(job.left)} left"
        return f"{job.words}{left}"
    return ""
