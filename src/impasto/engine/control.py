"""Control: pictures that steer a painting beside its content and styles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from impasto.engine import colour, regions
from impasto.engine.canvas import Layered
from impasto.errors import OptionError
from impasto.options import Options
from impasto.picture import Picture


@dataclass(frozen=True)
class Masks:
    """Pictures of the proportions of those that they lie over.

    content:  regions of the photograph, by colour; None = one region.
    styles:   regions of each style; () or None in it = the whole painting.
    protect:  white where the photograph is kept; None = nowhere.
    """

    content: Picture | None = None
    styles: tuple[Picture | None, ...] = ()
    protect: Picture | None = None

    def given(self) -> Iterator[Picture]:
        """Those that are there."""
        for mask in (self.content, *self.styles, self.protect):
            if mask is not None:
                yield mask

    def check(self, content: Picture, styles: Sequence[Picture]) -> None:
        """OptionError where they don't go with the pictures."""
        if len(self.styles) > len(styles):
            raise OptionError(
                f"there are {len(self.styles)} style masks for {len(styles)} styles; "
                "give one each at most"
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
