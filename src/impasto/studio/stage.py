"""The stage: what is seen of a painting on its way, and of the pictures that are there."""

from __future__ import annotations

from collections.abc import Iterator

from impasto.studio import display
from impasto.studio.desk import Desk
from impasto.studio.display import Shown
from impasto.studio.job import Job
from impasto.studio.session import Session

POLL = 1.0  # seconds after which somebody who waits hears again


def growing(at: Desk, session: Session, seen: int) -> Shown:
    """What a page that watches is told: over, or how far the painting is, and what it looks
    like where that is another version than was seen.
    """
    job = session.job
    if job is None or job.over:
        return {"over": True}
    at.registry.touch(session.owner)
    version = job.version
    return {"over": False, "version": version, "shown": shown(at, job, version != seen)}


def watch(at: Desk, session: Session, job: Job) -> Iterator[Shown]:
    """What to show of a job, until it is over."""
    seen = -1
    while True:
        seen = job.wait(seen, POLL)
        at.registry.touch(session.owner)
        yield shown(at, job)
        if job.over:
            return


def shown(at: Desk, job: Job, picture: bool = True) -> Shown:
    """A job as the stage has it. picture: whether with what it looks like."""
    ahead, until = at.workshop.position(job), at.workshop.ahead(job)
    found = display.growing(job, ahead, until)
    return {**found, "picture": display.grown(job)} if picture else found


def at_rest(session: Session) -> Shown:
    """What the stage has while nothing is painted: what it had last, or the newest."""
    there = {each.picture.key: each for each in session.history}
    last = [there[key] for key in session.shown if key in there]
    if there and not last:
        last = [session.history[-1]]
        session.shown = () if session.busy else (last[0].picture.key,)
    if len(last) == 2:
        return display.compared(*last)
    return display.result(last[0]) if last else display.IDLE
