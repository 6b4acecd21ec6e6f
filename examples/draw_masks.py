"""Draw the masks of the examples: python examples/draw_masks.py [FOLDER].

What has the same colour in both belongs together: the cup is painted after the flower, the table
after the glass around it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw

PICTURES = Path(__file__).parent / "pictures"
RED, BLUE = (220, 50, 40), (40, 60, 200)
Box = tuple[int, int, int, int]
MASKS: dict[str, tuple[str, tuple[Box, ...]]] = {
    "cup.png": ("coffee.jpg", ((78, 98, 481, 390), (170, 14, 412, 240))),
    "flower.png": ("stained_glass.jpg", ((66, 62, 930, 935),)),
}


def mask(picture: Path, ellipses: tuple[Box, ...]) -> Image.Image:
    """As large as the picture: red inside the ellipses, blue outside."""
    drawing = Image.new("RGB", Image.open(picture).size, BLUE)
    for ellipse in ellipses:
        ImageDraw.Draw(drawing).ellipse(ellipse, fill=RED)
    return drawing


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    for name, (picture, ellipses) in MASKS.items():
        mask(PICTURES / picture, ellipses).save(folder / name, optimize=True)
