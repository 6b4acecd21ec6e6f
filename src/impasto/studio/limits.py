"""What strangers may ask of the machine, and the words that refuse more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from impasto.errors import OptionError
from impasto.networks import catalogue
from impasto.options import SPECS, Options

MEGA = 1_000_000
# What is for whoever runs the studio to say, by flags of its own, and not for who paints there.
MACHINE = tuple(name for name, spec in SPECS.items() if spec.group == "Machine")


@dataclass(frozen=True)
class Limits:
    """upload:   bytes of one picture's file.
    pixels:   of one picture, before it is decoded.
    size:     long side of what is painted.
    minutes:  that one painting may take.
    waiting:  paintings in the queue, beside those being painted.
    own:      paintings of one session, waiting or painted.
    styles, cells, history, sessions: how many of each.
    stopped:  paintings that are kept in memory to go on, of all sessions.
    machine:  options of MACHINE, for every painting.
    """

    upload: int = 25 * MEGA
    pixels: int = 40 * MEGA
    size: int = 2048
    minutes: float = 30
    waiting: int = 8
    own: int = 2
    styles: int = 4
    cells: int = 16
    history: int = 30
    sessions: int = 200
    stopped: int = 4
    machine: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def check_names(self, names: Iterable[str]) -> None:
        """OptionError where one of the options is not for who paints here to choose."""
        for name in names:
            if name in MACHINE:
                raise OptionError(
                    f"{name} is for whoever runs this studio (--{name}); leave it out"
                )

    def check(self, options: Options) -> None:
        """OptionError where a painting would be more than is allowed here."""
        if options.size > self.size:
            raise OptionError(f"size is {options.size}; this studio paints up to {self.size} px")
        if options.network not in (there := networks()):
            raise OptionError(
                f"network is {options.network!r}; this studio paints with {', '.join(there)}"
            )


def networks() -> tuple[str, ...]:
    """Networks by name that are on this machine: the page neither fetches nor opens files."""
    return tuple(found.entry.name for found in catalogue.status() if found.place != "missing")
