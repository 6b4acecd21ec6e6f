"""The network that a command paints with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from impasto.options import Options

if TYPE_CHECKING:
    from impasto.networks.vgg import VGG


def load(options: Options, silent: bool) -> VGG:
    """The network that the options name, with a bar where it has to be fetched first."""
    from impasto.jobs import single

    if silent:
        return single.load_network(options)
    from impasto.cli.progress import Download

    with Download(options.network) as download:
        return single.load_network(options, download.update)
