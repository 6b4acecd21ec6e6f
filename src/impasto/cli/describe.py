"""`impasto describe`: the recipe in a picture."""

from __future__ import annotations

import json
from typing import Any, cast

import click

from impasto.cli.words import printable
from impasto.options import SPECS, default


@click.command(short_help="Say how a picture was painted.")
@click.argument("picture")
@click.option("--json", "as_json", is_flag=True, help="Print the recipe as JSON.")
def describe(picture: str, as_json: bool) -> None:
    """Print the recipe that PICTURE carries: network, options, seed, inputs.

    Options that differ from their defaults are marked with a star. To paint again with the same
    options: impasto stylize CONTENT STYLE --like PICTURE.
    """
    from impasto.errors import PictureError
    from impasto.io.files import read_recipe

    recipe = read_recipe(picture)
    if recipe is None:
        raise PictureError(f"{picture} holds no recipe; only pictures painted by impasto carry one")
    click.echo(json.dumps(recipe, indent=2) if as_json else "\n".join(_lines(picture, recipe)))


def _lines(picture: str, recipe: dict[str, Any]) -> list[str]:
    """Rows of the recipe. It comes from a file anyone may have written: nothing in it is trusted.

    What is missing or of another kind shows as nothing; what a terminal would obey, as "?".
    """
    painted, network, inputs = (_part(recipe, k) for k in ("painted", "network", "inputs"))
    found: Any = _part(inputs, "styles")
    styles = cast("list[Any]", found) if isinstance(found, list) else []
    found = _part(recipe, "options")
    options = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    job = _part(recipe, "job")
    rows = [
        ("picture", picture),
        *([("job", f"{_part(job, 'name')} {_part(job, 'size')}".rstrip())] if job else []),
        ("impasto", f"{_part(recipe, 'version')} with torch {_part(recipe, 'torch')}"),
        ("network", f"{_part(network, 'name')}  sha256 {_part(network, 'sha256')}"),
        ("content", _input(_part(inputs, "content"))),
        *(("style", _input(style)) for style in styles),
        *((name, _input(mask)) for name, mask in _masks(inputs)),
        *([("start", _input(start))] if (start := _part(inputs, "start_picture")) else []),
    ]
    if painted or not job:
        made = f"{_part(painted, 'steps')} of {_part(painted, 'of')} steps"
        where = f"{_part(painted, 'device')}, {_part(painted, 'precision')}"
        rows.append(("painted", f"{made} on {where}"))
    lines = [f"{name:<10} {value}" for name, value in rows]
    lines.append("options")
    for name, value in options.items():
        star = "*" if name in SPECS and str(value) != default(name) else " "
        shown = "(none)" if value == "" else value
        lines.append(f"  {star} --{name.replace('_', '-'):<16} {shown}")
    return [printable(line) for line in lines]


def _masks(inputs: Any) -> list[tuple[str, Any]]:
    """The masks that steered it, by the names of their flags; a style's may be none."""
    several: Any = _part(inputs, "style_masks")
    masks = cast("list[Any]", several) if isinstance(several, list) else []
    found = [("mask", _part(inputs, "mask")), *(("style mask", mask) for mask in masks)]
    return [(name, mask) for name, mask in (*found, ("protect", _part(inputs, "protect"))) if mask]


def _part(of: Any, name: str) -> Any:
    return cast("dict[str, Any]", of).get(name, "") if isinstance(of, dict) else ""


def _input(found: Any) -> str:
    return f"{_part(found, 'name') or '(from memory)'}  sha256 {_part(found, 'sha256')}"
