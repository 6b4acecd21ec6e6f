"""`impasto reconstruct`: what a network's layers keep of a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from impasto.cli import cells, deliver, explain, steering
from impasto.cli.flags import (
    Flag,
    Grouped,
    Nearest,
    given,
    named_by_flags,
    painting_flags,
)
from impasto.cli.loading import loading
from impasto.cli.output import Output, output_flags, preview_flag, stem
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


def _content(picture: str, layer: str | None, **flags: Any) -> int:
    return _reconstruct("content", picture, layer, flags)


def _style(picture: str, layers: str | None, **flags: Any) -> int:
    return _reconstruct("style", picture, layers, flags)


def _reconstruct(kind: Kind, picture: str, layers: str | None, flags: dict[str, Any]) -> int:
    with loading():
        from impasto.jobs import reconstruct as job

    figure, start = flags.pop("figure"), flags.pop("start_picture")
    if figure and layers is not None:
        asked = "--layer" if kind == "content" else "--layers"
        raise OptionError(f"{asked} {layers} and --figure both say which layers; give one")
    default = CONTENT_LAYER if kind == "content" else STYLE_LAYERS
    output = Output.of(f"{stem(picture)}-{kind}.png", flags)
    if figure and output.preview:
        raise OptionError("--preview shows one picture, and --figure paints several; give one")
    explains: bool = flags.pop("explains")
    if figure and explains:
        raise OptionError("--explain tells of one picture, and --figure paints several; give one")
    steering.started(start, flags, {})
    changes = given(flags)
    with named_by_flags(flags):
        options = job.options_for(kind, default if layers is None else layers, changes)
    shown, beside, network = steering.begun(picture, start, output, options, explains=explains)
    if not figure:
        painting = job.begin(kind, shown, options, network, beside)
        return explain.explain(painting) if explains else deliver.deliver(painting, output)
    found, notes = job.begin_figure(kind, shown, changes, network, beside)
    for note in notes:
        output.note(note)
    leading = [job.original(shown, found[0].painting.plan.sizes[-1])]
    name = f"reconstruct {kind}"
    return cells.deliver(found, output, columns=len(found) + 1, job=name, leading=leading)


def _command(kind: Kind, callback: Callable[..., int], text: str, *own: Flag) -> Grouped:
    """own: which layers, and the figure of them."""
    # What help says: the job's own defaults, over those of the preset that it starts from.
    defaults = {**PRESETS[RECONSTRUCT["preset"]].options, **RECONSTRUCT}
    other = "content" if kind == "style" else "style"
    of = "one layer keeps of a picture" if kind == "content" else "layers keep of a texture"
    return Grouped(
        kind,
        callback=callback,
        help=text,
        short_help=f"Paint what {of}.",
        params=[
            click.Argument(["picture"], metavar="PICTURE"),
            *output_flags(f"PICTURE-{kind}.png"),
            preview_flag(),
            explain.flag(),
            *own,
            steering.start_flag(),
            *painting_flags((*NOT_THERE, f"{other}_loss"), defaults),
        ],
    )


def _flag(name: str, text: str, **more: Any) -> Flag:
    return Flag([name], group="Picture", help=text, **more)


reconstruct.add_command(
    _command(
        "content",
        _content,
        CONTENT_HELP,
        _flag(
            "--layer",
            f"The layer whose features are matched.  [default {CONTENT_LAYER}]",
            metavar="LAYER",
        ),
        _flag(
            "--figure",
            "The paper's strip: conv1_2, conv2_2, ... of those that the network has.",
            is_flag=True,
        ),
    )
)
reconstruct.add_command(
    _command(
        "style",
        _style,
        STYLE_HELP,
        _flag(
            "--layers",
            "The layers whose Gram matrices are matched, each with an optional weight.  "
            f"[default {STYLE_LAYERS}]",
            metavar="LAYER[:X],...",
        ),
        _flag(
            "--figure",
            "The paper's strip: conv1_1; conv1_1 and conv2_1; ... up to conv5_1.",
            is_flag=True,
        ),
    )
)
