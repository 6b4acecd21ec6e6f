"""Pictures in the escape sequences that terminals take them in. Each is drawn at the cursor."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
from PIL import Image

CHUNK = 4096  # bytes of base64 in one of kitty's sequences


def kitty(image: Image.Image, columns: int, rows: int, number: int) -> str:
    """Kitty's graphics protocol: a PNG, scaled to so many cells; the cursor stays.

    number: of the picture, from 1 to 2**32 - 1; one of the same number is replaced.
    https://sw.kovidgoyal.net/kitty/graphics-protocol
    """
    text = base64.b64encode(_encoded(image, "PNG", compress_level=1)).decode("ascii")
    parts = [text[i : i + CHUNK] for i in range(0, len(text), CHUNK)]
    # q=2: no answers, which nobody here would read.
    keys = f"a=T,f=100,i={number},p=1,c={columns},r={rows},C=1,q=2,"
    sequences: list[str] = []
    for i, part in enumerate(parts):
        more = int(i + 1 < len(parts))
        sequences.append(f"\x1b_G{keys if i == 0 else 'q=2,'}m={more};{part}\x1b\\")
    return "".join(sequences)


def iterm2(image: Image.Image, columns: int, rows: int) -> str:
    """iTerm2's inline images: a JPEG, scaled to fit so many cells.

    https://iterm2.com/documentation-images.html
    """
    data = _encoded(image, "JPEG", quality=85)
    text = base64.b64encode(data).decode("ascii")
    keys = f"inline=1;size={len(data)};width={columns};height={rows};preserveAspectRatio=1"
    return f"\x1b]1337;File={keys}:{text}\a"


def sixel(image: Image.Image) -> str:
    """Sixels, DEC's graphics: pixel by pixel, in 256 colours of the image's own.

    VT330/VT340 Programmer Reference Manual, volume 2, chapter 14.
    """
    # The octree takes milliseconds, where the median cut takes a tenth of a second.
    reduced = image.quantize(256, Image.Quantize.FASTOCTREE)
    index = np.asarray(reduced)
    height, width = index.shape
    palette = reduced.getpalette() or []
    colours = "".join(
        f"#{i};2;{';'.join(str(round(v / 2.55)) for v in palette[3 * i : 3 * i + 3])}"
        for i in np.unique(index).tolist()
    )
    bands = b"-".join(_band(index[top : top + 6]) for top in range(0, height, 6))
    # Most of a colour's line is empty, and that alone is worth counting; "????" is sought quickly.
    runs = re.sub(rb"\?\?\?\?+", lambda run: b"!%d?" % len(run[0]), bands)
    # 0;1: pixels of a square, and what isn't drawn stays; then the size.
    return f'\x1bP0;1q"1;1;{width};{height}{colours}{runs.decode("ascii")}\x1b\\'


def _band(index: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    """Six rows of pixels, or the last that there are: a line of sixels for each colour in them."""
    used = np.unique(index)
    line_of = np.zeros(256, np.intp)
    line_of[used] = np.arange(len(used))
    bits = np.zeros((len(used), index.shape[1]), np.uint8)
    columns = np.arange(index.shape[1])
    for row, colours in enumerate(index):
        bits[line_of[colours], columns] |= 1 << row
    lines = (
        b"#%d%s" % (colour, line.tobytes().rstrip(b"?"))
        for colour, line in zip(used.tolist(), bits + 63, strict=True)
    )
    return b"$".join(lines)


def _encoded(image: Image.Image, kind: str, **settings: int) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **settings)
    return out.getvalue()
