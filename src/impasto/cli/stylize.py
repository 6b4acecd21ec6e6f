"""`impasto stylize`: one photograph, one or more paintings, one picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import click

from impasto.cli import along, deliver, explain, inputs, network, steering
from impasto.cli.flags import (
    Flag,
    Grouped,
    chosen,
    given,
    named_by_flags,
    painting_flags,
)
from impasto.cli.loading import loading
from impasto.cli.output import Output, output_flags, preview_flag, stem
from impasto.cli.words import printable
from impasto.errors import OptionError, PictureError
from impasto.options import Options

if TYPE_CHECKING:
    from impasto.engine.paint import Painting

HELP = """\
Paint CONTENT, a photograph, in the style of STYLE, a painting; several styles are blended. One
photograph is painted at a time (for a folder see docs/howto.md, Many pictures).

\b
  impasto stylize cat.png swirls.jpg
  impasto stylize cat.png swirls.jpg mosaic.jpg --style-weights 2,1 --size 1024 -o cat.jpg

Most people need --preset, --size, --content-weight and --style-scale, and no more; what stands
last, for experts, can be left alone. Ctrl-C stops early and keeps the picture as it is by then.
"""


def _stylize(
    content: str,
    styles: tuple[str, ...],
    like: str | None,
    save_every: int,
    checkpoint: str | None,
    explains: bool,
    **flags: Any,
) -> int:
    inputs.check(content, styles)
    with loading():
        from impasto.jobs import single

    output = Output.of(f"{stem(content)}-{stem(styles[0])}.png", flags)
    recipe = _recipe(like) if like else None
    beside = steering.Steering.of(flags)
    files = along.files(flags)
    options = _options(flags, recipe, beside)
    taken = content, *styles, *beside.files()
    if recipe is not None:
        _miss_pictures(recipe, beside, output)
    # Pictures first: a mistyped name shows at once, before a network is fetched.
    photograph, paintings, masks = steering.opened(content, styles, beside)
    if not explains:
        output.check(taken, checkpoint=deliver.place(output, checkpoint))
    going_along = along.of(files, output, taken)
    if len(styles) > 1 and not output.silent:
        output.note(
            f"{content} is the photograph, and {len(styles)} paintings are blended: "
            + ", ".join(styles)
        )
    looking = network.planned(options, output) if explains else network.load(options, output.silent)
    with named_by_flags(flags):
        painting = single.begin(photograph, paintings, options, looking, masks)
    if recipe is not None and not output.quiet:
        _compare_networks(recipe, painting)
    if explains:
        return explain.explain(painting)
    return deliver.deliver(painting, output, save_every, checkpoint, going_along)


stylize = Grouped(
    "stylize",
    callback=_stylize,
    help=HELP,
    short_help="Paint a photograph in the style of a painting.",
    params=[
        click.Argument(["content"], metavar="CONTENT"),
        click.Argument(["styles"], nargs=-1, required=True, metavar="STYLE..."),
        *output_flags("CONTENT-STYLE.png"),
        preview_flag(),
        Flag(
            ["--like"],
            metavar="PICTURE",
            help="Take the options from a picture that impasto painted; flags given here win.",
        ),
        Flag(
            ["--save-every"],
            type=click.IntRange(min=0),
            default=0,
            metavar="N",
            help="Also write the picture of every N steps, beside the output: out-100.png.",
        ),
        *along.flags(),
        deliver.checkpoint_flag(),
        explain.flag(),
        *painting_flags(),
        *steering.flags(),
    ],
)


def _recipe(like: str) -> dict[str, Any]:
    """The recipe in a picture that impasto painted."""
    from impasto.io.files import read_recipe

    recipe = read_recipe(like)
    if recipe is None:
        raise PictureError(f"{like} holds no recipe; give a picture that impasto painted")
    return recipe


def _options(
    flags: dict[str, Any], recipe: Mapping[str, Any] | None, beside: steering.Steering
) -> Options:
    """Options from the flags that were given, over those of a recipe, or over the preset's."""
    if recipe is None:
        steering.started(beside.start, flags, {})
        return chosen(flags)
    from impasto.jobs.recipe import options_in

    before = options_in(recipe)
    steering.started(beside.start, flags, before)
    changes = given(flags)
    if "preset" in changes:
        raise OptionError("--preset and --like both say where options come from; give one")
    with named_by_flags(flags):
        return Options.from_dict({**before, **changes})


def _miss_pictures(recipe: Mapping[str, Any], beside: steering.Steering, output: Output) -> None:
    """Say so where a recipe's picture was steered by pictures, which are no part of a recipe."""
    inputs = recipe.get("inputs")
    given = {
        "mask": ("--mask", beside.mask),
        "style_masks": ("--style-mask", beside.style_masks),
        "protect": ("--protect", beside.protect),
        "start_picture": ("--start-picture", beside.start),
    }
    used = [
        flag
        for name, (flag, now) in given.items()
        if isinstance(inputs, dict) and name in inputs and not now
    ]
    if used:
        output.note(f"--like was painted with {', '.join(used)}: give them again to have the same")


def _compare_networks(recipe: Mapping[str, Any], painting: Painting) -> None:
    """Say so where a recipe's options are used with another network than its own."""
    before = recipe.get("network")
    found = cast("dict[str, Any]", before) if isinstance(before, dict) else {}
    # One that is only planned with has as much of its digest as its publisher gives.
    if not str(found.get("sha256")).startswith(painting.network.sha256):
        note = f"note: --like was painted by another {found.get('name')}; the pictures will differ"
        click.echo(printable(note), err=True)
