"""`impasto sweep`: one option or two at several values, on one sheet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from impasto.cli import cells, inputs, network, steering
from impasto.cli.flags import LISTS, Flag, Grouped, named_by_flags, painting_flags
from impasto.cli.loading import loading
from impasto.cli.output import Output, output_flags, stem
from impasto.errors import OptionError
from impasto.options import SPECS

HELP = """\
Paint CONTENT in the style of STYLE with several values of one option or two, on one labelled sheet.

\b
  impasto sweep cat.png swirls.jpg --content-weight 0.03,0.07,0.15 --style-scale 0.5,1,2
  impasto sweep cat.png swirls.jpg --preset default,faithful,bold --save-cells looks

What has several values, by commas, is swept: the first such option down the sheet, the second
across. Options whose own values have commas (layers, weights, losses) can't be swept. Ctrl-C stops
early and keeps what is painted by then.
"""


def _sweep(
    content: str,
    styles: tuple[str, ...],
    save_cells: str | None,
    **flags: Any,
) -> int:
    inputs.check(content, styles)
    name = f"{stem(content)}-{stem(styles[0])}-sweep.png"
    output = Output.of(name, flags)
    beside = steering.Steering.of(flags)
    steering.started(beside.start, flags, {})
    vary, changes = _split(flags)
    with loading():
        from impasto.jobs import sweep as job

    # What costs least to look at comes first: values, pictures, where it goes to, networks.
    with named_by_flags(flags):
        job.chosen(vary, changes)
    photograph, paintings, masks = steering.opened(content, styles, beside)
    output.check((content, *styles, *beside.files()))
    with named_by_flags(flags):
        found = job.begin(
            photograph,
            paintings,
            vary,
            changes,
            masks,
            lambda options: network.load(options, output.silent),
        )
    folder = Path(save_cells) if save_cells else None
    return cells.deliver(found, output, columns=job.columns(vary), job="sweep", folder=folder)


sweep = Grouped(
    "sweep",
    callback=_sweep,
    help=HELP,
    short_help="Paint with several values of an option or two, on one sheet.",
    params=[
        click.Argument(["content"], metavar="CONTENT"),
        click.Argument(["styles"], nargs=-1, required=True, metavar="STYLE..."),
        *output_flags("CONTENT-STYLE-sweep.png"),
        Flag(
            ["--save-cells"],
            metavar="FOLDER",
            help="Save each painting by itself too, as PNG, in a folder that is made if need be.",
        ),
        *painting_flags(several=True),
        *steering.flags(),
    ],
)


def _split(flags: Mapping[str, Any]) -> tuple[dict[str, list[str]], dict[str, Any]]:
    """What is swept, with its values, in the order of the command line, and what isn't."""
    vary: dict[str, list[str]] = {}
    changes: dict[str, Any] = {}
    for name, given in flags.items():
        if given is None:
            continue
        several = [part.strip() for part in given.split(",") if part.strip()]
        if SPECS[name].kind in LISTS or len(several) < 2:
            changes[name] = given
        else:
            vary[name] = several
    if len(vary) > 2:
        told = ", ".join(_flag(name) for name in vary)
        raise OptionError(f"{told} have several values; sweep one option or two")
    if not vary:
        lists = [name for name in changes if SPECS[name].kind in LISTS]
        why = f" ({_flag(lists[0])} takes commas itself and can't be swept)" if lists else ""
        raise OptionError(
            f"nothing is swept{why}; give an option several values: --content-weight 0.03,0.15"
        )
    return vary, changes


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
