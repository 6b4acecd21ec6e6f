"""What is seen while a network is fetched and a picture is painted. All of it goes to stderr."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from types import TracebackType
from typing import IO, cast

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TransferSpeedColumn,
)

from impasto.cli import terminal
from impasto.cli.preview import Preview
from impasto.events import Event, Finished, Note, Started, Step
from impasto.jobs.clock import clock
from impasto.picture import Picture


class Screen:
    """stderr as it is, but that nothing written there can end a painting, as rich would have it.

    Once it is gone (a broken pipe, a closed terminal), what is written goes nowhere.
    """

    def __init__(self) -> None:
        # None where it was closed before we began.
        self._stream = sys.stderr or io.StringIO()

    def write(self, text: str) -> int:
        self._kept(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        self._kept(self._stream.flush)

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    @property
    def encoding(self) -> str:
        return self._stream.encoding

    def _kept(self, act: Callable[[], object]) -> None:
        try:
            act()
        except BlockingIOError:
            pass  # it doesn't wait, and has no room now
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


class Bar:
    """A bar of the painting: size, time left, step. Without a terminal, a line a size.

    preview: whether the picture is shown above it; None = where the terminal is known to show it.
    """

    def __init__(self, preview: bool | None = None) -> None:
        # File names may hold what rich would take for markup.
        self.console = Console(
            file=cast("IO[str]", Screen()),
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
        )
        self.asked = preview
        self.preview: Preview | None = None
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[tail]}"),
            console=self.console,
            transient=True,
        )
        self.task: TaskID | None = None
        self.size: tuple[int, int] | None = None

    def show(self, event: Event) -> None:
        if isinstance(event, Started):
            self._start(event)
        elif isinstance(event, Note):
            self._note(event.text)
        elif isinstance(event, Finished):
            self.last(lambda: event.picture)
        else:
            self._step(event)

    def _start(self, event: Started) -> None:
        for note in event.notes:
            self._note(note)
        self.preview = self._previewed(event.sizes[-1])
        self.console.print(
            f"painting {'x'.join(map(str, event.sizes[-1]))} with {event.network} "
            f"({event.network_sha256[:8]}) on {event.device}, {event.precision}"
        )
        if self.console.is_terminal:
            self.task = self.progress.add_task("", total=1.0, tail="")
            self.progress.start()

    def _previewed(self, size: tuple[int, int]) -> Preview | None:
        """What shows the picture, where that is wanted and possible."""
        if self.asked is False:
            return None
        found = None
        if self.console.is_interactive:
            found = terminal.find(self.console.file, asked=bool(self.asked))
        if found:
            return Preview(self.console, found, size)
        if self.asked:
            self._note(
                "no preview: this isn't known to have the graphics of kitty, iTerm2 or sixel"
            )
        return None

    def _note(self, text: str) -> None:
        self.console.print(f"note: {text}")
        if self.preview:
            self.preview.moved()

    def _step(self, event: Step) -> None:
        if self.console.is_terminal:
            self._update(event)
        elif (event.width, event.height) != self.size:
            self.size = event.width, event.height
            self.console.print(
                f"after {clock(event.seconds)}: step {event.step} of {event.steps}, "
                f"now {event.width}x{event.height}"
            )
        if self.preview:
            self.preview.step(event.picture)

    def _update(self, event: Step) -> None:
        assert self.task is not None
        self.progress.update(
            self.task,
            completed=event.progress,
            description=f"{event.width}x{event.height}",
            tail=self._fitting(
                f"{clock(event.left)} left",
                f"step {event.step}/{event.steps}",
            ),
        )

    def _fitting(self, *parts: str) -> str:
        """As many of the parts as the terminal has room for, beside size and bar."""
        room = self.console.width - 38
        tail = ""
        for part in parts:
            if len(tail) + len(part) > room:
                break
            tail += part + "  "
        return tail.rstrip()

    def last(self, picture: Callable[[], Picture]) -> None:
        """Show the picture as it stays."""
        if self.preview:
            self.preview.last(picture)

    def close(self) -> None:
        if self.task is not None:
            self.progress.stop()


class Download:
    """A bar for a network that is being fetched; shows nothing when nothing is."""

    def __init__(self, name: str) -> None:
        self.progress = Progress(
            TextColumn(f"fetching {name}"),
            BarColumn(bar_width=24),
            DownloadColumn(),
            TransferSpeedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.task: TaskID | None = None

    def __enter__(self) -> Download:
        return self

    def update(self, done: int, total: int) -> None:
        if self.task is None:
            self.task = self.progress.add_task("", total=total, completed=done)
            self.progress.start()
        self.progress.update(self.task, completed=done)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.task is not None:
            self.progress.stop()
