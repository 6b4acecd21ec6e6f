"""The network that a command paints with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from impasto.options import Options

if TYPE_CHECKING:
    from impasto.cli.output import Output
    from impasto.networks.vgg import VGG


def load(options: Options, silent: bool) -> VGG:
    """The network that the options name, with a bar where it has to be fetched first."""
    from impasto.jobs import single

    if silent:
        return single.load_network(options)
    from impasto.cli.progress import Download

    with Download(options.network) as download:
        return single.load_network(options, download.update)


def planned(options: Options, output: Output) -> VGG:
    """The network to plan with, for which nothing is fetched: where it isn't on this machine, an
    outline of it, and a note.
    """
    from impasto.jobs import single
    from impasto.networks import catalogue

    known = catalogue.CATALOGUE.get(options.network)
    if known is None or catalogue.locate(known.name).path is not None:
        return load(options, output.silent)
    size = f", {known.bytes / 1e6:.0f} MB" if known.bytes else ""
    output.note(
        f"{known.name} isn't on this machine; painting fetches it first "
        f"(impasto weights fetch {known.name}{size})"
    )
    return single.outlined_network(options)
