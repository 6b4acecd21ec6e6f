"""Watching a painting being made: what is shown of it, and Ctrl-C."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from types import FrameType

import click

from impasto.cli.progress import Bar
from impasto.engine.paint import Painting
from impasto.errors import ImpastoError
from impasto.events import Note, Started, Step


def watch(
    painting: Painting,
    signals: Sequence[int],
    *,
    quiet: bool,
    as_json: bool,
    preview: bool | None = None,
    each: Callable[[Step], None] | None = None,
) -> ImpastoError | None:
    """Run the painting to its end, to the end of the step in which Ctrl-C was pressed, or, when it
    was pressed again, to the step before. An error that ended it is returned: the picture made
    until then is still there to be saved. `each` is called with every step. preview:
    as `Bar` takes it.
    """
    bar = None if quiet or as_json else Bar(preview)
    try:
        for event in painting:
            if bar:
                bar.show(event)
            if as_json and isinstance(event, Started):
                for note in event.notes:
                    click.echo(f"note: {note}", err=True)
            if as_json and isinstance(event, Note):
                click.echo(f"note: {event.text}", err=True)
            if as_json and isinstance(event, Step):
                line = {
                    "size": [event.width, event.height],
                    "step": event.step,
                    "steps": event.steps,
                    "total": event.total,
                    "losses": dict(event.losses),
                    "seconds": round(event.seconds, 3),
                }
                click.echo(json.dumps(line))
            if each and isinstance(event, Step):
                each(event)
            if signals:
                if bar and isinstance(event, Step):
                    bar.last(event.picture)
                break
    except KeyboardInterrupt:
        pass  # what the steps before have made is there
    except ImpastoError as error:
        return error
    finally:
        painting.close()
        if bar:
            bar.close()
    return None


@contextmanager
def interruptible() -> Generator[list[int]]:
    """Ctrl-C, and a polite kill, once: noted. Again: raises KeyboardInterrupt at once."""
    noted: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        noted.append(number)
        if len(noted) > 1:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield noted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
