"""`impasto stylize`: one photograph, one or more paintings, one picture."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from impasto import presets
from impasto.cli.flags import Flag, Grouped, painting_flags
from impasto.cli.words import printable
from impasto.errors import OptionError, PaintingError, PictureError
from impasto.options import Options

if TYPE_CHECKING:
    from impasto.engine.paint import Painting
    from impasto.picture import Picture

HELP = """\
Paint CONTENT, a photograph, in the style of STYLE, a painting; several styles are blended.

\b
  impasto stylize cat.png swirls.jpg
  impasto stylize cat.png swirls.jpg mosaic.jpg --style-weights 2,1 --size 1024 -o cat.jpg

Ctrl-C stops early and keeps the picture as it is by then.
"""


def _stylize(
    content: str,
    styles: tuple[str, ...],
    output: str | None,
    overwrite: bool,
    bits: str,
    like: str | None,
    quiet: bool,
    as_json: bool,
    mask: str | None,
    style_mask: tuple[str, ...],
    protect: str | None,
    **flags: Any,
) -> int:
    from impasto.cli.main import INTERRUPTED
    from impasto.cli.watch import interruptible, watch
    from impasto.io.files import check_output

    began = time.perf_counter()
    recipe = _recipe(like) if like else None
    options = _options(flags, recipe)
    target = Path(output) if output else Path(f"{_stem(content)}-{_stem(styles[0])}.png")
    check_output(target, overwrite=overwrite, bits=int(bits))
    for source in (content, *styles, *filter(None, (mask, protect)), *style_mask):
        if target.exists() and Path(source).exists() and target.samefile(source):
            raise OptionError(f"the output {target} is also an input; choose another name")
    steering = (mask, style_mask, protect)
    painting = _prepared(content, styles, options, steering, quiet or as_json)
    if recipe is not None and not quiet:
        _compare_networks(recipe, painting)
    check_output(target, overwrite=overwrite, bits=int(bits), size=painting.plan.sizes[-1])
    with interruptible() as signals:
        failure = watch(painting, signals, quiet=quiet, as_json=as_json)
        if not painting.made:  # nothing worth keeping
            raise failure or KeyboardInterrupt
        signals.clear()  # one more Ctrl-C must not cost the picture
        picture = painting.picture
        _save(picture, target, overwrite=overwrite, bits=int(bits))
    if failure:
        raise PaintingError(f"{failure}; the last good picture is kept as {target}")
    interrupted = painting.made < sum(painting.plan.steps)
    seconds = time.perf_counter() - began
    if as_json:
        result = {
            "file": str(target),
            "seconds": round(seconds, 3),
            "network": painting.network.name,
            "network_sha256": painting.network.sha256,
            "size": [picture.width, picture.height],
            "steps": painting.made,
            "interrupted": interrupted,
        }
        click.echo(json.dumps(result))
    elif not quiet:
        if interrupted:
            click.echo(_stopped(painting), err=True)
        if picture.alpha is not None and target.suffix.lower() in (".jpg", ".jpeg"):
            click.echo("note: JPEG has no transparency; the picture is laid over white", err=True)
        click.echo(
            f"{target}  {picture.width}x{picture.height}, {seconds:.1f} s, "
            f"painted by {painting.network.name} on {painting.plan.device}"
        )
    return INTERRUPTED if interrupted else 0


stylize = Grouped(
    "stylize",
    callback=_stylize,
    help=HELP,
    short_help="Paint a photograph in the style of a painting.",
    params=[
        click.Argument(["content"], metavar="CONTENT"),
        click.Argument(["styles"], nargs=-1, required=True, metavar="STYLE..."),
        Flag(
            ["-o", "--output"],
            metavar="FILE",
            help="Where to write: .png, .jpg, .webp, .tif or .avif.  [default CONTENT-STYLE.png]",
        ),
        Flag(["--overwrite"], is_flag=True, help="Replace the output if it exists."),
        Flag(
            ["--bits"],
            type=click.Choice(["8", "16"]),
            default="8",
            help="Bits a channel; 16 for .png and .tif.  [default 8]",
        ),
        Flag(
            ["--like"],
            metavar="PICTURE",
            help="Take the options from a picture that impasto painted; flags given here win.",
        ),
        Flag(["--quiet"], is_flag=True, help="Say nothing but errors."),
        Flag(
            ["--json", "as_json"],
            is_flag=True,
            help="Print one JSON object a line: each step, then the result.",
        ),
        Flag(
            ["--mask"],
            group="Masks",
            metavar="FILE",
            help="Regions of CONTENT, each a flat colour; painted after the same colour's in the "
            "styles' masks.",
        ),
        Flag(
            ["--style-mask"],
            group="Masks",
            metavar="FILE",
            multiple=True,
            help="Regions of a STYLE; once for each, in their order, - for one without.",
        ),
        Flag(
            ["--protect"],
            group="Masks",
            metavar="FILE",
            help="White where the photograph stays as it is, black where it is painted.",
        ),
        *painting_flags(),
    ],
)


def _recipe(like: str) -> dict[str, Any]:
    """The recipe in a picture that impasto painted."""
    from impasto.io.files import read_recipe

    recipe = read_recipe(like)
    if recipe is None:
        raise OptionError(f"{like} holds no recipe; give a picture that impasto painted")
    return recipe


def _options(flags: Mapping[str, Any], recipe: Mapping[str, Any] | None) -> Options:
    """Options from the flags that were given, over those of a recipe, or over the preset's."""
    given = {name: value for name, value in flags.items() if value is not None}
    if recipe is None:
        try:
            return presets.resolve(given.pop("preset", "default"), given)
        except OptionError as error:  # on the command line options are called by their flags
            name, _, rest = str(error).partition(" ")
            if name.rstrip(":") not in flags:
                raise
            raise OptionError(f"--{name.replace('_', '-')} {rest}") from None
    from impasto.jobs.recipe import options_in

    if "preset" in given:
        raise OptionError("--preset and --like both say where options come from; give one")
    return Options.from_dict({**options_in(recipe), **given})


def _stopped(painting: Painting) -> str:
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


def _compare_networks(recipe: Mapping[str, Any], painting: Painting) -> None:
    """Say so where a recipe's options are used with another network than its own."""
    before = recipe.get("network")
    found = cast("dict[str, Any]", before) if isinstance(before, dict) else {}
    if found.get("sha256") != painting.network.sha256:
        note = f"note: --like was painted by another {found.get('name')}; the pictures will differ"
        click.echo(printable(note), err=True)


def _stem(path: str) -> str:
    return Path(path).stem or "picture"


def _prepared(
    content: str,
    styles: tuple[str, ...],
    options: Options,
    steering: tuple[str | None, tuple[str, ...], str | None],
    silent: bool,
) -> Painting:
    from impasto.jobs import single

    if len(styles) > 1 and not Path(styles[-1]).exists():
        raise OptionError(f"{styles[-1]} isn't there; if it is to be written, say -o {styles[-1]}")
    # Pictures first: a mistyped name shows at once, before a network is fetched.
    photograph, paintings = single.open_picture(content), [single.open_picture(s) for s in styles]
    mask, style_masks, protect = steering
    masks = single.open_masks(mask, [m if m != "-" else None for m in style_masks], protect)
    if silent:
        return single.begin(photograph, paintings, options, single.load_network(options), masks)
    from impasto.cli.progress import Download

    with Download(options.network) as download:
        network = single.load_network(options, download.update)
    return single.begin(photograph, paintings, options, network, masks)


def _save(picture: Picture, target: Path, *, overwrite: bool, bits: int) -> None:
    """Write the picture. What can't be written where it should go is not lost."""
    try:
        picture.save(target, overwrite=overwrite, bits=bits)
    except PictureError as error:
        folder: Path | None = None
        try:
            folder = Path(tempfile.mkdtemp(prefix="impasto-"))
            rescue = picture.save(folder / f"{target.stem}.png", bits=bits)
        except (PictureError, OSError):
            if folder is not None:
                folder.rmdir()
            raise error from None
        raise PictureError(f"{error}; the picture is kept as {rescue}") from error
