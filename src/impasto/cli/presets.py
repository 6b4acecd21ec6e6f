"""`impasto presets`: the named sets of options."""

from __future__ import annotations

import click

from impasto import presets as known
from impasto.cli.flags import Nearest


@click.group(cls=Nearest, invoke_without_command=True, short_help="List the presets.")
@click.pass_context
def presets(ctx: click.Context) -> None:
    """List the presets, or show what one of them sets."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@presets.command("list", short_help="List the presets, with their sources.")
def list_() -> None:
    """List the presets, each with what it does and where it is from."""
    width = max(map(len, known.PRESETS))
    for name, preset in known.PRESETS.items():
        click.echo(f"{name:<{width}}  {preset.summary}")
        click.echo(f"{'':<{width}}  {preset.source}")


@presets.command(short_help="Print every option of a preset.")
@click.argument("name", metavar="NAME")
def show(name: str) -> None:
    """Print every option of the preset NAME; those that it sets itself have a star."""
    for option, value in known.resolve(name).to_dict().items():
        star = "*" if option in known.PRESETS[name].options else " "
        click.echo(f"{star} --{option.replace('_', '-'):<16} {value}")
