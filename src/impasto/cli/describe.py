"""`impasto describe`: the recipe in a picture."""

from __future__ import annotations

import json
import shlex
from typing import Any, cast

import click

from impasto.cli.words import printable
from impasto.presets import PRESETS, resolve


@click.command(short_help="Say how a picture was painted.")
@click.argument("picture")
@click.option("--all", "whole", is_flag=True, help="List every option, not only what was changed.")
@click.option("--json", "as_json", is_flag=True, help="Print the recipe as JSON.")
def describe(picture: str, whole: bool, as_json: bool) -> None:
    """Print the recipe that PICTURE carries: inputs, the options that were changed, network.

    Options are shown as flags, its preset first, then what differs from that preset. To paint again
    with all of them: impasto stylize CONTENT STYLE --like PICTURE.
    """
    from impasto.errors import PictureError
    from impasto.io.files import read_recipe

    recipe = read_recipe(picture)
    if recipe is None:
        raise PictureError(f"{picture} holds no recipe; only pictures painted by impasto carry one")
    if as_json:
        click.echo(json.dumps(recipe, indent=2))
    else:
        click.echo("\n".join(map(printable, _lines(picture, recipe, whole))))


def _lines(picture: str, recipe: dict[str, Any], whole: bool) -> list[str]:
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
        ("options", _changed(options)),
        *([("job", f"{_part(job, 'name')} {_part(job, 'size')}".rstrip())] if job else []),
        ("content", _input(_part(inputs, "content"))),
        *(("style", _input(style)) for style in styles),
        *((name, _input(mask)) for name, mask in _masks(inputs)),
        *([("start", _input(start))] if (start := _part(inputs, "start_picture")) else []),
        ("network", f"{_part(network, 'name')}  sha256 {_part(network, 'sha256')}"),
        ("impasto", f"{_part(recipe, 'version')} with torch {_part(recipe, 'torch')}"),
    ]
    if painted or not job:
        made = f"{_part(painted, 'steps')} of {_part(painted, 'of')} steps"
        where = f"{_part(painted, 'device')}, {_part(painted, 'precision')}"
        rows.append(("painted", f"{made} on {where}"))
    lines = [f"{name:<10} {value}" for name, value in rows]
    if whole:
        lines.append("all options")
        for name, value in options.items():
            lines.append(f"  --{name.replace('_', '-'):<16} {'(none)' if value == '' else value}")
    return lines


def _changed(options: dict[str, Any]) -> str:
    """As flags: the preset, where it isn't the default, then what differs from the preset."""
    name = options.get("preset")
    known = name if isinstance(name, str) and name in PRESETS else "default"
    usual = {**resolve(known).to_dict(), "preset": "default"}
    changed = [
        f"--{option.replace('_', '-')} {shlex.quote(str(value))}"
        for option, value in options.items()
        if option not in usual or usual[option] != value
    ]
    return " ".join(changed) or "the defaults"


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
