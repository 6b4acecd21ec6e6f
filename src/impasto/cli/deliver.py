"""A painting on its way to a file: where to, whether that can work, watching it made, saving it."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from impasto.cli import along as beside
from impasto.cli.flags import Choice, Flag
from impasto.cli.opening import opened
from impasto.errors import ImpastoError, OptionError, PaintingError, PictureError
from impasto.options import Options

if TYPE_CHECKING:
    from impasto.engine.paint import Painting
    from impasto.events import Step
    from impasto.jobs.checkpoint import Keeper
    from impasto.networks.vgg import VGG
    from impasto.picture import Picture

AUTOMATIC = 120.0  # seconds of painting after which it is kept without being asked to


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
        checkpoint: str | None = None,
    ) -> None:
        """Whether it can be written, as far as that is known; ImpastoError where it can't.

        inputs: files that it must not replace. size: in pixels, once that is known. checkpoint: as
        for `deliver`, "" = beside the output, None = there is none.
        """
        from impasto.io.files import check_output

        beside = None if checkpoint is None else _place(self, checkpoint)
        if beside and beside.is_file() and self.target.is_file() and not self.overwrite:
            raise PictureError(
                f"{self.target} exists, and {beside} beside it: say --overwrite to go on from "
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
        import psutil

        seconds = time.time() - psutil.Process().create_time()  # as people wait for it
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


def checkpoint_flag() -> click.Parameter:
    """The flag that `deliver` takes as `checkpoint`."""
    return Flag(
        ["--checkpoint"],
        metavar="FILE",
        help="Keep the painting on its way here, each minute, and go on from it if it is there "
        "already. Without this, what takes longer than two minutes is kept beside the output.",
    )


def preview_flag() -> click.Parameter:
    """A flag that `Output.of` reads too, of commands that paint one picture."""
    return Flag(
        ["--preview/--no-preview"],
        default=None,
        help="Show the picture growing in the terminal, or don't.  [default where it is known to "
        "have the graphics of kitty, iTerm2 or sixel, and isn't inside tmux or screen]",
    )


def kept(failure: ImpastoError, target: Path) -> PaintingError:
    """What ended a painting, and that it isn't lost."""
    return PaintingError(f"{failure}; the last good picture is kept as {target}")


def _place(output: Output, checkpoint: str | None) -> Path:
    """Where a painting is kept on its way."""
    return Path(checkpoint) if checkpoint else Path(f"{output.target}.checkpoint")


def _keeper(painting: Painting, output: Output, checkpoint: str | None) -> Keeper:
    """What keeps the painting, which goes on from what was kept of it before."""
    from impasto.jobs.checkpoint import Keeper, resume

    path = _place(output, checkpoint)
    keeper = Keeper(painting, path, first=0.0 if checkpoint else AUTOMATIC)
    if path.exists():
        try:
            resume(painting, path)
        except PaintingError as error:
            if checkpoint:
                raise
            output.note(f"{error}; painting from the beginning")
        else:
            keeper.kept = True
            output.note(f"going on after step {painting.made}, kept in {path}")
    return keeper


def deliver(
    painting: Painting,
    output: Output,
    save_every: int = 0,
    checkpoint: str | None = None,
    along: Sequence[beside.Along] = (),
) -> int:
    """Paint it, show it being made, and write it; the exit code.

    Ctrl-C, and an error on the way, keep the picture made until then. save_every: write the picture
    of each so many steps too, beside the output and named after it and the step. checkpoint: the
    file that `checkpoint_flag` names. along: what is made along with it.
    """
    from impasto.cli.main import INTERRUPTED
    from impasto.cli.watch import interruptible, watch

    output.check(size=painting.plan.sizes[-1], checkpoint=checkpoint or "")
    keeper = _keeper(painting, output, checkpoint)
    saving = output.saving(save_every, sum(painting.plan.steps)) if save_every else None
    for one in along:
        one.begin(painting)

    def each(step: Step) -> None:
        keeper.step()
        if saving:
            saving(step)
        for one in along:
            one.step(step)

    with interruptible() as signals:
        failure = watch(
            painting,
            signals,
            quiet=output.quiet,
            as_json=output.as_json,
            preview=output.preview,
            each=each,
        )
        if not painting.made:  # nothing worth keeping
            raise failure or KeyboardInterrupt
        whole = len(signals) < 2  # or a step may have been cut in two
        signals.clear()  # one more Ctrl-C must not cost the picture
        picture = painting.picture
        output.save(picture)
        written, spoilt = beside.saved(along, picture, output)
    if failure:
        raise kept(failure, output.target)
    interrupted = painting.made < sum(painting.plan.steps)
    if interrupted and keeper.kept:
        if whole:
            keeper.keep()
        output.note(f"the same command with --overwrite goes on from {keeper.path}")
    else:
        keeper.done()
    output.tell(
        picture,
        painting.network,
        f"{painting.network.name} on {painting.plan.device}",
        {
            "steps": painting.made,
            "interrupted": interrupted,
            **{one.name: str(one.file) for one in written},
        },
        stopped(painting) if interrupted else "",
    )
    for one in written if not output.silent else ():
        click.echo(f"{one.file}  {one.words}")
    if spoilt:
        raise spoilt
    return INTERRUPTED if interrupted else 0


def load(options: Options, silent: bool) -> VGG:
    """The network that the options name, with a bar where it has to be fetched first."""
    from impasto.jobs import single

    if silent:
        return single.load_network(options)
    from impasto.cli.progress import Download

    with Download(options.network) as download:
        return single.load_network(options, download.update)


def stem(path: str) -> str:
    """A file's name without folder and extension, to name others after."""
    return Path(path).stem or "picture"


def stopped(painting: Painting) -> str:
    """How far a painting came; a size that isn't the last is said, for the picture is enlarged."""
    plan, left = painting.plan, painting.made
    words = f"stopped after {painting.made} of {sum(plan.steps)} steps"
    for size, steps in zip(plan.sizes, plan.steps, strict=True):
        left -= steps
        if left <= 0 and size != plan.sizes[-1]:
            return f"{words}, at {size[0]}x{size[1]}, and enlarged: finer sizes were not painted"
        if left <= 0:
            break
    return words
