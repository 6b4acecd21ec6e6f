"""`impasto reconstruct`: what a network's layers keep of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from impasto.cli import cells, deliver
from impasto.cli.flags import Flag, Grouped, Nearest, named_by_flags, painting_flags
from impasto.errors import OptionError
from impasto.jobs.bases import CONTENT_LAYER, RECONSTRUCT, STYLE_LAYERS
from impasto.presets import PRESETS

if TYPE_CHECKING:
    from impasto.jobs.reconstruct import Kind

CONTENT_HELP = """\
Paint, from noise, a picture that one layer can't tell from PICTURE: what the layer knows of it.

\b
  impasto reconstruct content cat.png --layer conv4_2
  impasto reconstruct content cat.png --figure

As in figure 1 of Gatys, Ecker and Bethge, Image Style Transfer Using Convolutional Neural Networks
(CVPR 2016). Ctrl-C stops early and keeps what is painted by then.
"""
STYLE_HELP = """\
Paint, from noise, a picture with the texture that layers find in PICTURE: their Gram matrices.

\b
  impasto reconstruct style swirls.jpg --layers conv1_1,conv2_1
  impasto reconstruct style swirls.jpg --figure

As in figure 1 of Gatys, Ecker and Bethge, Image Style Transfer Using Convolutional Neural Networks
(CVPR 2016). Ctrl-C stops early and keeps what is painted by then.
"""
NOT_THERE = (  # what the job decides, and what is of two pictures
    *("preset", "content_weight", "content_layers", "style_layers", "style_weight", "strength"),
    *("color", "color_match", "style_scale", "style_weights"),
)


@click.group(cls=Nearest, short_help="Show what a network's layers keep of a picture.")
def reconstruct() -> None:
    """Paint what a network's layers keep of a picture: its content, or its style."""


def _content(picture: str, layer: str | None, figure: bool, **flags: Any) -> int:
    return _reconstruct("content", picture, layer, figure, flags)


def _style(picture: str, layers: str | None, figure: bool, **flags: Any) -> int:
    return _reconstruct("style", picture, layers, figure, flags)


def _reconstruct(
    kind: Kind, picture: str, layers: str | None, figure: bool, flags: dict[str, Any]
) -> int:
    from impasto.jobs import reconstruct as job
    from impasto.jobs import single

    if figure and layers is not None:
        asked = "--layer" if kind == "content" else "--layers"
        raise OptionError(f"{asked} {layers} and --figure both say which layers; give one")
    default = CONTENT_LAYER if kind == "content" else STYLE_LAYERS
    output = deliver.Output.of(f"{deliver.stem(picture)}-{kind}.png", flags)
    given = {name: value for name, value in flags.items() if value is not None}
    with named_by_flags(flags):
        options = job.options_for(kind, default if layers is None else layers, given)
    output.check([picture])
    shown = single.open_picture(picture)
    network = deliver.load(options, output.silent)
    if not figure:
        return deliver.deliver(job.begin(kind, shown, options, network), output)
    found, notes = job.begin_figure(kind, shown, given, network)
    for note in notes:
        output.note(note)
    leading = [job.original(shown, found[0].painting.plan.sizes[-1])]
    name = f"reconstruct {kind}"
    return cells.deliver(found, output, columns=len(found) + 1, job=name, leading=leading)


def _defaults() -> dict[str, Any]:
    """What help says: the job's own defaults, over those of the preset that it starts from."""
    return {**PRESETS[RECONSTRUCT["preset"]].options, **RECONSTRUCT}


def _figure(text: str) -> Flag:
    return Flag(["--figure"], group="Picture", is_flag=True, help=text)


reconstruct.add_command(
    Grouped(
        "content",
        callback=_content,
        help=CONTENT_HELP,
        short_help="Paint what one layer keeps of a picture.",
        params=[
            click.Argument(["picture"], metavar="PICTURE"),
            *deliver.output_flags("PICTURE-content.png"),
            Flag(
                ["--layer"],
                group="Picture",
                metavar="LAYER",
                help=f"The layer whose features are matched.  [default {CONTENT_LAYER}]",
            ),
            _figure("The paper's strip: conv1_2, conv2_2, ... of those that the network has."),
            *painting_flags((*NOT_THERE, "style_loss"), _defaults()),
        ],
    )
)
reconstruct.add_command(
    Grouped(
        "style",
        callback=_style,
        help=STYLE_HELP,
        short_help="Paint what layers keep of a picture's texture.",
        params=[
            click.Argument(["picture"], metavar="PICTURE"),
            *deliver.output_flags("PICTURE-style.png"),
            Flag(
                ["--layers"],
                group="Picture",
                metavar="LAYER[:X],...",
                help="The layers whose Gram matrices are matched, each with an optional weight.  "
                f"[default {STYLE_LAYERS}]",
            ),
            _figure("The paper's strip: conv1_1; conv1_1 and conv2_1; ... up to conv5_1."),
            *painting_flags((*NOT_THERE, "content_loss"), _defaults()),
        ],
    )
)
