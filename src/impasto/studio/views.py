"""Views: pictures as a page shows them, and the examples that it offers."""

from __future__ import annotations

import base64
import io as bytes_io
from functools import cache
from pathlib import Path

from PIL import Image

from impasto.picture import Picture

EXAMPLES = Path(__file__).with_name("examples")
PHOTOGRAPHS = ("cat", "astronaut", "coffee")
PAINTINGS = ("swirls", "flowers", "mosaic", "ink_wash", "stained_glass")
THUMB = 320  # pixels a side


def jpeg(picture: Picture, side: int = 0, quality: int = 88) -> bytes:
    """A JPEG of the pixels alone, without any metadata; transparency lies over white.

    side: the longest it may have, 0 = as it is.
    """
    image = picture.to_pil()
    if side:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
    if image.mode == "RGBA":
        paper = Image.new("RGB", image.size, (255, 255, 255))
        paper.paste(image, mask=image.getchannel("A"))
        image = paper
    out = bytes_io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def data_url(data: bytes, kind: str = "image/jpeg") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


@cache
def example(name: str) -> str:
    """A small view of an example, as a data URL."""
    if name not in (*PHOTOGRAPHS, *PAINTINGS):
        raise KeyError(name)
    with Image.open(EXAMPLES / f"{name}.webp") as image:
        image.thumbnail((112, 112), Image.Resampling.LANCZOS)
        out = bytes_io.BytesIO()
        image.convert("RGB").save(out, "JPEG", quality=80)
    return data_url(out.getvalue())


def words(name: str) -> str:
    """ink_wash -> Ink wash."""
    return name.replace("_", " ").capitalize()
