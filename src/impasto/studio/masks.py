"""Masks by brush: what was drawn over a picture becomes regions and protection.

A drawing is a PNG of the picture's proportions, clear where nothing was drawn. Regions are made
flat: each pixel is one of the brush's colours, or REST. What has the same colour on the photograph
and on a painting belongs together; what is left of both belongs together too.
"""

from __future__ import annotations

import base64
import binascii
import io as bytes_io
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from impasto.engine.control import Masks
from impasto.errors import PictureError
from impasto.io.color import unit
from impasto.picture import Picture

COLOURS = {
    "blue": (48, 96, 224),
    "orange": (240, 128, 16),
    "green": (32, 160, 64),
    "pink": (224, 48, 160),
}
REST = (0, 0, 0)
SIDE = 1024  # of a drawing, at most
BYTES = 2_000_000
PREFIX = "data:image/png;base64,"

REGIONS, KEEP = "photo", "keep"  # drawings over the photograph; paintings' are called 0, 1, ...


def drawing(url: str) -> Picture | None:
    """The drawing in a data URL, None for one with nothing on it. Raises PictureError."""
    if not url.startswith(PREFIX) or len(url) > BYTES:
        raise PictureError("the drawing is no small PNG; clear it and draw it again")
    try:
        data = base64.b64decode(url[len(PREFIX) :], validate=True)
        with Image.open(bytes_io.BytesIO(data), formats=("PNG",)) as image:
            if max(image.size) > SIDE:
                raise PictureError(f"the drawing is {image.size}; {SIDE} a side is the most")
            planes = unit(np.asarray(image.convert("RGBA"), np.uint8), 255)
    except (OSError, ValueError, SyntaxError, binascii.Error) as error:
        raise PictureError("the drawing can't be read; clear it and draw it again") from error
    if planes[..., 3].max() < 0.5:
        return None
    pixels = np.ascontiguousarray(np.moveaxis(planes[..., :3], -1, 0))
    return Picture(pixels, np.ascontiguousarray(planes[..., 3]))


def url(drawn: Picture) -> str:
    """A drawing as `drawing` reads it."""
    out = bytes_io.BytesIO()
    drawn.to_pil().save(out, "PNG")
    return PREFIX + base64.b64encode(out.getvalue()).decode("ascii")


def regions(drawn: Picture) -> Picture:
    """The drawing in flat colours: of the brush where it covers, REST elsewhere."""
    palette = unit(np.array([*COLOURS.values()], np.uint8), 255)
    apart = ((drawn.pixels[None] - palette[:, :, None, None]) ** 2).sum(1)
    flat = palette[apart.argmin(0)]
    assert drawn.alpha is not None
    flat[drawn.alpha < 0.5] = unit(np.array(REST, np.uint8), 255)
    return Picture(np.ascontiguousarray(np.moveaxis(flat, -1, 0)))


def protection(drawn: Picture) -> Picture:
    """White where the drawing covers, black elsewhere; its soft edge stays."""
    assert drawn.alpha is not None
    return Picture(np.ascontiguousarray(np.repeat(drawn.alpha[None], 3, 0)))


def of(drawn: Mapping[str, Picture], styles: Sequence[str]) -> Masks:
    """Masks from drawings by what they lie over.

    styles: the names of the paintings' drawings, in order. Drawings over paintings do nothing
    until the photograph has regions too.
    """
    keep = drawn.get(KEEP)
    photograph = drawn.get(REGIONS)
    if photograph is None:
        return Masks(protect=None if keep is None else protection(keep))
    own = [drawn.get(name) for name in styles]
    return Masks(
        content=regions(photograph),
        styles=tuple(None if each is None else regions(each) for each in own),
        protect=None if keep is None else protection(keep),
    )
