"""A painting delivered: watched while it is made, kept on its way, and written in the end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from impasto.cli import along as beside
from impasto.cli.flags import Flag
from impasto.cli.output import Output
from impasto.errors import ImpastoError, PaintingError, PictureError

if TYPE_CHECKING:
    from impasto.engine.paint import Painting
    from impasto.events import Step
    from impasto.jobs.checkpoint import Keeper

# Seconds of painting after which it is kept without being asked to: while it goes on, and when it
# is stopped.
AUTOMATIC, WORTH = 120.0, 10.0


def checkpoint_flag() -> click.Parameter:
    """The flag that `deliver` takes as `checkpoint`."""
    return Flag(
        ["--checkpoint"],
        metavar="FILE",
        help="Keep the painting on its way here, each minute, and go on from it if it is there "
        "already. Without this, what takes longer than two minutes is kept beside the output, and "
        "what Ctrl-C stops after ten seconds.",
    )


def place(output: Output, checkpoint: str | None) -> Path:
    """Where a painting is kept on its way: where it is asked for, or beside the output."""
    return Path(checkpoint) if checkpoint else Path(f"{output.target}.checkpoint")


def _keeper(painting: Painting, output: Output, checkpoint: str | None) -> Keeper:
    """What keeps the painting, which goes on from what was kept of it before."""
    from impasto.jobs.checkpoint import Keeper, resume

    path = place(output, checkpoint)
    keeper = Keeper(painting, path, first=0.0 if checkpoint else AUTOMATIC, worth=WORTH)
    if path.exists():
        try:
            resume(painting, path)
        except PaintingError as error:
            if checkpoint:
                raise
            output.note(f"{error}; painting from the beginning")
            keeper.worth = AUTOMATIC  # a few seconds are no reason to replace it
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

    Ctrl-C, and an error on the way, keep the picture made until then; Ctrl-C, after a while, also
    what the same command goes on from. save_every: write the picture of each so many steps too,
    beside the output and named after it and the step. checkpoint: the file that `checkpoint_flag`
    names. along: what is made along with it.
    """
    from impasto.cli.main import INTERRUPTED
    from impasto.cli.watch import interruptible, watch

    output.check(size=painting.plan.sizes[-1], checkpoint=place(output, checkpoint))
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
    if interrupted:
        _leave(keeper, output, whole)
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


def _leave(keeper: Keeper, output: Output, whole: bool) -> None:
    """Keep a painting that was stopped, and say how to go on with it. whole: whether its last step
    is, without which only what was kept before can be gone on with.
    """
    if whole:
        try:
            keeper.stopped()
        except PictureError as error:  # the picture is written all the same
            output.note(str(error))
    if keeper.kept:
        output.note(
            f"the same command with --overwrite goes on from {keeper.path}; delete that to begin "
            "anew"
        )


def kept(failure: ImpastoError, target: Path) -> PaintingError:
    """What ended a painting, and that it isn't lost."""
    return PaintingError(f"{failure}; the last good picture is kept as {target}")


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
