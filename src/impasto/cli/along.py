"""What is made along with a painting, in files of its own: a plot of its losses, a film of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from impasto.cli.flags import Flag
from impasto.errors import OptionError, PictureError

if TYPE_CHECKING:
    from impasto.cli.output import Output
    from impasto.engine.paint import Painting
    from impasto.events import Step
    from impasto.jobs.film import Film
    from impasto.picture import Picture


def flags() -> list[click.Parameter]:
    """The flags that `of` reads."""
    return [
        Flag(
            ["--plot"],
            metavar="FILE",
            help="Also draw how the losses fell, by term, layer and size: .png, .jpg, .webp, ...",
        ),
        Flag(
            ["--timelapse"],
            metavar="FILE",
            help="Also make a film of it being painted: .gif, .webp, or .mp4 with impasto[video].",
        ),
    ]


class Along(Protocol):
    """Something that goes along. name: what JSON calls its file. words: what it is."""

    name: str
    words: str
    file: Path

    def begin(self, painting: Painting) -> None: ...

    def step(self, step: Step) -> None: ...

    def save(self, picture: Picture, output: Output) -> None:
        """Write the file. picture: what was painted."""
        ...


class Plotted:
    """A plot of the losses."""

    name, words = "plot", "how the losses fell"

    def __init__(self, file: Path, output: Output) -> None:
        from impasto.io.files import check_output
        from impasto.jobs.plot import SIZE, Plot

        self.file = check_output(file, overwrite=output.overwrite, size=SIZE)
        self.plot = Plot()

    def begin(self, painting: Painting) -> None:
        pass  # nothing is to be seen of it yet

    def step(self, step: Step) -> None:
        self.plot.step(step)

    def save(self, picture: Picture, output: Output) -> None:
        self.plot.picture(picture.recipe).save(self.file, overwrite=output.overwrite)


class Filmed:
    """A film of its making."""

    name, words = "timelapse", "how it was painted"

    def __init__(self, file: Path, output: Output) -> None:
        from impasto.jobs import film

        film.check(file, overwrite=output.overwrite)
        self.file = file
        self.film: Film | None = None

    def begin(self, painting: Painting) -> None:
        from impasto.jobs.film import Film

        self.film = Film(painting)

    def step(self, step: Step) -> None:
        assert self.film is not None
        self.film.step(step)

    def save(self, picture: Picture, output: Output) -> None:
        assert self.film is not None
        self.film.save(picture, self.file)


KINDS: dict[str, Callable[[Path, Output], Along]] = {"plot": Plotted, "timelapse": Filmed}


def files(flags: dict[str, Any]) -> dict[str, Path]:
    """The files that the flags name, which are taken out of `flags`."""
    return {name: Path(file) for name in KINDS if (file := flags.pop(name)) is not None}


def of(files: Mapping[str, Path], output: Output, inputs: Iterable[str]) -> list[Along]:
    """What goes into such files, checked as far as that can be known before painting.

    inputs: files that must not be replaced.
    """
    taken = [output.target.resolve(), *(Path(path).resolve() for path in inputs)]
    for name, file in files.items():
        if file.resolve() in taken:
            raise OptionError(
                f"--{name} {file} is also an input or another output; choose another name"
            )
        taken.append(file.resolve())
    return [KINDS[name](file, output) for name, file in files.items()]


def saved(
    along: Sequence[Along], picture: Picture, output: Output
) -> tuple[list[Along], PictureError | None]:
    """Write them all. Those that were written, and the error of one that wasn't."""
    failures = [_failure(one, picture, output) for one in along]
    written = [one for one, failure in zip(along, failures, strict=True) if failure is None]
    return written, next((failure for failure in failures if failure), None)


def _failure(one: Along, picture: Picture, output: Output) -> PictureError | None:
    try:
        one.save(picture, output)
    except PictureError as error:
        return error
    return None
