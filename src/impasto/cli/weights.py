"""`impasto weights`: the networks' weights on this machine."""

from __future__ import annotations

import click

from impasto.cli.flags import Nearest
from impasto.networks import catalogue


@click.group(
    cls=Nearest, invoke_without_command=True, short_help="List, fetch and verify networks' weights."
)
@click.pass_context
def weights(ctx: click.Context) -> None:
    """The networks' weights: which there are, and where they are on this machine.

    IMPASTO_CACHE sets the folder that they are kept in, IMPASTO_MIRROR a base address to fetch them
    from instead of their publisher's, and IMPASTO_OFFLINE=1 forbids fetching.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@weights.command("list", short_help="List the weights and where they are.")
def list_() -> None:
    """List every network's weights, their licence, and where they are on this machine."""
    for found in catalogue.status():
        entry = found.entry
        known = found.bytes or entry.bytes
        size = f"{known / 1e6:.1f} MB" if known else ""
        click.echo(f"{entry.name:<12} {size:>9}  {found.place:<8} {entry.description}")
        click.echo(f"{'':<12} licence: {entry.licence}")
        click.echo(f"{'':<12} {found.path or f'fetch with: impasto weights fetch {entry.name}'}")


@weights.command(short_help="Download a network's weights.")
@click.argument("name", metavar="NAME")
def fetch(name: str) -> None:
    """Download the weights called NAME, verify them, and keep what painting needs of them.

    An interrupted download goes on where it stopped.
    """
    from impasto.cli.progress import Download
    from impasto.networks.weights import fetch as fetch_weights

    with Download(name) as download:
        path = fetch_weights(name, progress=download.update)
    click.echo(f"{name} is ready: {path}")


@weights.command(short_help="Check weights against their SHA-256.")
@click.argument("name", metavar="[NAME]", required=False)
def verify(name: str | None) -> None:
    """Read the weights called NAME, or all that are here, and check them against their SHA-256."""
    names = [name] if name else list(catalogue.CATALOGUE)
    for one in names:
        if not name and catalogue.locate(one).path is None:
            click.echo(f"{one}: not on this machine")
            continue
        click.echo(f"{one}: verified, {catalogue.verify(one).path}")
