"""`impasto describe`: the recipe in a picture."""

from __future__ import annotations

import json
from typing import Any

import click

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
    """Rows of the recipe. It comes from a file anyone may have written: nothing in it is trusted."""

    def part(of: Any, name: str) -> Any:
        return of.get(name, "") if isinstance(of, dict) else ""  # pyright: ignore

    painted, network, inputs = (part(recipe, k) for k in ("painted", "network", "inputs"))
    styles = part(inputs, "styles")
    rows = [
        ("picture", picture),
        ("impasto", f"{part(recipe, 'version')} with torch {part(recipe, 'torch')}"),
        ("network", f"{part(network, 'name')}  sha256 {part(network, 'sha256')}"),
        ("content", _input(part(inputs, "content"))),
        *(("style", _input(style)) for style in (styles if isinstance(styles, list) else [])),
        (
            "painted",
            f"{part(painted, 'steps')} of {part(painted, 'of')} steps on "
            f"{part(painted, 'device')}, {part(painted, 'precision')}",
        ),
    ]
    lines = [f"{name:<9} {value}" for name, value in rows]
    lines.append("options")
    options = part(recipe, "options")
    for name, value in options.items() if isinstance(options, dict) else ():  # pyright: ignore
        star = "*" if name in SPECS and str(value) != default(str(name)) else " "  # pyright: ignore
        lines.append(f"  {star} --{str(name).replace('_', '-'):<16} {value}")  # pyright: ignore
    return lines


def _input(found: Any) -> str:
    if not isinstance(found, dict):
        return ""
    name, digest = found.get("name", ""), found.get("sha256", "")  # pyright: ignore
    return f"{name or '(from memory)'}  sha256 {digest}"
