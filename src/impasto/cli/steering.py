"""Pictures that steer a painting beside what is painted and its styles: masks, and a start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from impasto.cli.flags import Flag
from impasto.cli.network import load, planned
from impasto.cli.output import Output
from impasto.options import Options

if TYPE_CHECKING:
    from impasto.engine.control import Masks
    from impasto.networks.vgg import VGG
    from impasto.picture import Picture


def flags() -> list[click.Parameter]:
    """Flags for the pictures that steer a painting."""
    return [
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
            help="Regions of a STYLE; once for each, in their order. One without (-, or none left) "
            "serves the regions that no other has.",
        ),
        Flag(
            ["--protect"],
            group="Masks",
            metavar="FILE",
            help="White where the photograph stays as it is, black where it is painted.",
        ),
        start_flag(),
    ]


def start_flag() -> Flag:
    return Flag(
        ["--start-picture"],
        group="Picture",
        metavar="FILE",
        help="A picture to start from, such as an earlier result (--start picture, or a mixture "
        "with it). Of other proportions than what is painted, its middle is used.",
    )


@dataclass(frozen=True)
class Steering:
    """Files of the pictures that steer a painting."""

    mask: str | None
    style_masks: tuple[str, ...]
    protect: str | None
    start: str | None

    @staticmethod
    def of(flags: dict[str, Any]) -> Steering:
        """What the flags name, which are taken out of `flags`."""
        return Steering(*(flags.pop(k) for k in STEERING))

    def files(self) -> list[str]:
        return [one for one in (self.mask, *self.style_masks, self.protect, self.start) if one]


STEERING = ("mask", "style_mask", "protect", "start_picture")


def started(start: str | None, flags: dict[str, Any], before: Mapping[str, Any]) -> None:
    """A picture to start from is what the flag `start` is, unless it was given, or the options
    before the flags make something of it.
    """
    if start and flags["start"] is None and "picture" not in str(before.get("start")):
        flags["start"] = "picture"


def opened(
    content: str, styles: Sequence[str], steering: Steering
) -> tuple[Picture, list[Picture], Masks]:
    """What is painted, after what, and what steers it."""
    from impasto.jobs import single

    photograph, paintings = single.open_picture(content), [single.open_picture(s) for s in styles]
    style_masks = [m if m != "-" else None for m in steering.style_masks]
    masks = single.open_masks(steering.mask, style_masks, steering.protect, steering.start)
    return photograph, paintings, masks


def begun(
    picture: str, start: str | None, output: Output, options: Options, *, explains: bool
) -> tuple[Picture, Masks, VGG]:
    """The one picture that a job paints from, what it starts from, and the network that looks.

    Pictures first: a mistyped name shows at once, before a network is fetched. explains: nothing
    is painted, so that no output can be in the way, and nothing is fetched.
    """
    shown, _, steering = opened(picture, (), Steering(None, (), None, start))
    if explains:
        return shown, steering, planned(options, output)
    output.check([picture, *([start] if start else [])])
    return shown, steering, load(options, output.silent)
