"""Control: pictures that steer a painting beside its content and styles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.engine import canvas, colour, regions
from impasto.engine.canvas import Layered
from impasto.errors import OptionError, counted
from impasto.options import Options
from impasto.picture import Picture
from impasto.spec import typed


@dataclass(frozen=True)
class Masks:
    """Pictures beside content and styles: those that lie over them, of their proportions, and one
    to start from.

    content:  regions of the photograph, by colour; None = one region.
    styles:   regions of each style; () or None in it = the whole painting.
    protect:  white where the photograph is kept; None = nowhere.
    start:    what painting starts from, where options.start has "picture"; of any proportions.
    """

    content: Picture | None = None
    styles: tuple[Picture | None, ...] = ()
    protect: Picture | None = None
    start: Picture | None = None

    def given(self) -> Iterator[Picture]:
        """The masks that are there."""
        for mask in (self.content, *self.styles, self.protect):
            if mask is not None:
                yield mask

    def check(self, content: Picture, styles: Sequence[Picture], options: Options) -> None:
        """OptionError where they don't go with the pictures, or with what painting starts from."""
        asked = "picture" in dict(options.start)
        if asked and self.start is None:
            raise OptionError(
                "start has picture, and none was given to start from; give one (--start-picture, "
                "start_picture=), or start from something else"
            )
        if self.start is not None and not asked:
            raise OptionError(
                f"start is {typed(options.start)}, which leaves the picture to start from unused; "
                "add picture to it, or leave it out"
            )
        if len(self.styles) > len(styles):
            raise OptionError(
                f"{counted(len(self.styles), 'style mask')} given for "
                f"{counted(len(styles), 'style')}; give one each at most"
            )
        for mask, picture in (
            (self.content, content),
            (self.protect, content),
            *zip(self.styles, styles, strict=False),
        ):
            if mask is not None:
                regions.check_shape(mask, picture)

    def of(self, styles: int) -> list[Picture | None]:
        """A mask, or None, for each of so many styles."""
        return [*self.styles, *[None] * (styles - len(self.styles))]


def beginning(given: Layered, content: Tensor, options: Options) -> Tensor:
    """The picture that was given to start from, as large as the photograph (1, 3, H, W).

    One of other proportions is scaled until it covers the photograph, and its middle taken; where
    pictures are squashed, it is too. The photograph shows where it is transparent.
    """
    height, width = content.shape[2:]
    fit = canvas.resized if options.fit == "square" else canvas.covering
    pixels = fit(given[0], width, height)
    if given[1] is not None:
        pixels = torch.lerp(content, pixels, fit(given[1], width, height))
    return colour.grey(pixels) if options.color == "keep" else pixels


def coloured(
    content: Layered, styles: Sequence[Layered], options: Options
) -> tuple[Layered, list[Layered]]:
    """Photograph and styles as they are painted from, in the colours that `options.color` asks for.

    free: as they are. keep: in grey, each style's luminance as the photograph's; the photograph's
    colours come back with `colour.keep`. match, histogram: the styles in the photograph's colours.
    """
    if options.color == "free":
        return content, [*styles]
    if options.color == "keep":
        grey = (colour.grey(content[0]), content[1])
        return grey, [(colour.luminance(style, content), style[1]) for style in styles]
    if options.color == "histogram":
        return content, [(colour.histogram(style, content), style[1]) for style in styles]
    how: colour.How = "cholesky" if options.color_match == "cholesky" else "pca"
    return content, [(colour.match(style, content, how), style[1]) for style in styles]
