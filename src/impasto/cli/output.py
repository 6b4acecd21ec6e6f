"""An output: the file that a picture goes to, whether it can, and what is said of it."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from impasto.cli import BEGAN
from impasto.cli.flags import Choice, Flag
from impasto.cli.opening import opened
from impasto.errors import OptionError, PictureError

if TYPE_CHECKING:
    from impasto.events import Step
    from impasto.networks.vgg import VGG
    from impasto.picture import Picture


def output_flags(default: str) -> list[click.Parameter]:
    """The flags that `Output.of` reads. default: what is written to unless a name is given."""
    return [
        Flag(
            ["-o", "--output"],
            metavar="FILE",
            help=f"Where to write: .png, .jpg, .webp, .tif or .avif.  [default {default}]",
        ),
        Flag(["--overwrite"], is_flag=True, help="Replace the output if it exists."),
        Flag(
            ["--bits"],
            type=Choice(["8", "16"]),
            default="8",
            help="Bits a channel; 16 for .png and .tif.  [default 8]",
        ),
        Flag(["--quiet"], is_flag=True, help="Say nothing but errors."),
        Flag(
            ["--json", "as_json"],
            is_flag=True,
            help="Print one JSON object a line: each step, then the result.",
        ),
        Flag(["--open", "opens"], is_flag=True, help="Show the picture when it is done."),
    ]


def preview_flag() -> click.Parameter:
    """A flag that `Output.of` reads too, of commands that paint one picture."""
    return Flag(
        ["--preview/--no-preview"],
        default=None,
        help="Show the picture growing in the terminal, or don't.  [default where it is known to "
        "have the graphics of kitty, iTerm2 or sixel, and isn't inside tmux or screen]",
    )


@dataclass(frozen=True)
class Output:
    """Where a picture goes and what is said of it.

    opens: whether it is shown in the system's viewer.
    preview: whether it is shown in the terminal while it is painted; None = where that can be.
    """

    target: Path
    overwrite: bool
    bits: int
    quiet: bool
    as_json: bool
    opens: bool = False
    preview: bool | None = None

    @staticmethod
    def of(default: str, flags: dict[str, Any]) -> Output:
        """The output that the flags ask for, which are taken out of `flags`."""
        output, bits = flags.pop("output"), int(flags.pop("bits"))
        overwrite, quiet, as_json = (flags.pop(k) for k in ("overwrite", "quiet", "as_json"))
        opens, preview = flags.pop("opens"), flags.pop("preview", None)
        target = Path(output or default)
        return Output(target, overwrite, bits, quiet, as_json, opens, preview)

    @property
    def silent(self) -> bool:
        """Whether nothing is shown to people."""
        return self.quiet or self.as_json

    def check(
        self,
        inputs: Iterable[str] = (),
        size: tuple[int, int] | None = None,
        checkpoint: Path | None = None,
    ) -> None:
        """Whether it can be written, as far as that is known; ImpastoError where it can't.

        inputs: files that it must not replace. size: in pixels, once that is known. checkpoint:
        where the painting is kept on its way, if it is.
        """
        from impasto.io.files import check_output

        begun = checkpoint is not None and checkpoint.is_file()
        if begun and self.target.is_file() and not self.overwrite:
            raise PictureError(
                f"{self.target} exists, and {checkpoint} beside it: say --overwrite to go on from "
                "there, or choose another name"
            )
        check_output(self.target, overwrite=self.overwrite, bits=self.bits, size=size)
        for source in inputs:
            same = self.target.exists() and Path(source).exists()
            if same and self.target.samefile(source):
                raise OptionError(f"the output {self.target} is also an input; choose another name")

    def note(self, text: str) -> None:
        """Tell people something, unless they want to hear nothing."""
        if not self.quiet:
            click.echo(f"note: {text}", err=True)

    def save(self, picture: Picture) -> None:
        """Write the picture. What can't be written where it should go is not lost."""
        try:
            picture.save(self.target, overwrite=self.overwrite, bits=self.bits)
        except PictureError as error:
            folder: Path | None = None
            try:
                folder = Path(tempfile.mkdtemp(prefix="impasto-"))
                rescue = picture.save(folder / f"{self.target.stem}.png", bits=self.bits)
            except (PictureError, OSError):
                if folder is not None:
                    folder.rmdir()
                raise error from None
            raise PictureError(f"{error}; the picture is kept as {rescue}") from error

    def saving(self, every: int, steps: int) -> Callable[[Step], None]:
        """What saves each so many of that many steps' pictures, as they are then."""

        def save(step: Step) -> None:
            if step.step % every == 0:
                name = f"{self.target.stem}-{step.step:0{len(str(steps))}}{self.target.suffix}"
                beside = self.target.with_name(name)
                step.picture().save(beside, overwrite=self.overwrite, bits=self.bits)

        return save

    def tell(
        self, picture: Picture, network: VGG, by: str, facts: dict[str, Any], last: str = ""
    ) -> None:
        """Say what was written: the file, then whatever else there is to know.

        by: who painted it, in words. facts: for JSON. last: said before it, of how it ended.
        """
        seconds = time.perf_counter() - BEGAN  # as people wait for it
        if self.as_json:
            result = {
                "file": str(self.target),
                "seconds": round(seconds, 3),
                "network": network.name,
                "network_sha256": network.sha256,
                "size": [picture.width, picture.height],
                **facts,
            }
            click.echo(json.dumps(result))
        elif not self.quiet:
            if last:
                click.echo(last, err=True)
            if picture.alpha is not None and self.target.suffix.lower() in (".jpg", ".jpeg"):
                self.note("JPEG has no transparency; the picture is laid over white")
            click.echo(
                f"{self.target}  {picture.width}x{picture.height}, {seconds:.1f} s, painted by {by}"
            )
        if self.opens and not opened(str(self.target.resolve())):
            self.note(f"nothing here shows pictures; {self.target} is there all the same")


def stem(path: str) -> str:
    """A file's name without folder and extension, to name others after."""
    return Path(path).stem or "picture"
