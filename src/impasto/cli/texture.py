"""`impasto texture`: a picture of any size made of what a style is made of."""

from __future__ import annotations

from typing import Any

import click

from impasto.cli import deliver, explain, steering
from impasto.cli.flags import Flag, Grouped, given, named_by_flags, painting_flags
from impasto.cli.loading import loading
from impasto.cli.output import Output, output_flags, preview_flag, stem
from impasto.jobs.bases import TEXTURE

HELP = """\
Make a texture after STYLE, from noise, with no photograph.

\b
  impasto texture swirls.jpg --size 1024x512
  impasto texture mosaic.jpg --size 512 --tileable

Ctrl-C stops early and keeps the picture as it is by then.
"""
NOT_THERE = (  # what is of photographs, and the size, which takes two numbers here
    *("size", "content_weight", "content_layers", "content_loss", "strength", "fit"),
    *("color", "color_match", "style_weights"),
)


def _texture(
    style: str,
    size: str,
    tileable: bool,
    start_picture: str | None,
    explains: bool,
    **flags: Any,
) -> int:
    with loading():
        from impasto.jobs import texture as job

    output = Output.of(f"{stem(style)}-texture.png", flags)
    steering.started(start_picture, flags, {})
    with named_by_flags(("size", *flags)):
        sides = job.read_size(size)
        options = job.options_for(sides, tileable, given(flags))
    shown, beside, network = steering.begun(
        style, start_picture, output, options, explains=explains
    )
    painting = job.begin(shown, sides, options, network, beside)
    return explain.explain(painting) if explains else deliver.deliver(painting, output)


texture = Grouped(
    "texture",
    callback=_texture,
    help=HELP,
    short_help="Make a texture of any size after a style; one that tiles, too.",
    params=[
        click.Argument(["style"], metavar="STYLE"),
        *output_flags("STYLE-texture.png"),
        preview_flag(),
        explain.flag(),
        Flag(
            ["--size"],
            group="Picture",
            metavar="WxH",
            default="512",
            help="Width and height of the texture, or one number for a square.  [default 512; "
            "16..32768 px]",
        ),
        Flag(
            ["--tileable"],
            group="Picture",
            is_flag=True,
            help="Make it repeat without a seam (--padding circular); sides are multiples of 16.",
        ),
        steering.start_flag(),
        *painting_flags(NOT_THERE, TEXTURE),
    ],
)
