"""Paint the pictures of the documentation: `python docs/pictures.py` (a few minutes)."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps

import impasto

HERE = Path(__file__).parent
PICTURES = HERE.parent / "examples" / "pictures"
PAPER = "white"


def fitted(image: Image.Image, width: int, height: int) -> Image.Image:
    """The middle of a picture, filling width and height."""
    return ImageOps.fit(image.convert("RGB"), (width, height), Image.Resampling.LANCZOS)


def first() -> Image.Image:
    """Photograph and painting at the left, what impasto made of them at the right."""
    photograph, style = PICTURES / "cat.png", PICTURES / "swirls.jpg"
    painted = impasto.stylize(photograph, style, size=768).to_pil()
    gap, height = 12, painted.height
    small = (height - gap) // 2
    sheet = Image.new("RGB", (round(small * 1.5) + gap + painted.width, height), PAPER)
    sheet.paste(fitted(Image.open(photograph), round(small * 1.5), small), (0, 0))
    sheet.paste(fitted(Image.open(style), round(small * 1.5), small), (0, small + gap))
    sheet.paste(painted, (round(small * 1.5) + gap, 0))
    return sheet


def others() -> Image.Image:
    """Three photographs, each in four styles; the style above each column."""
    photographs = ["cat.png", "astronaut.jpg", "coffee.jpg"]
    styles = ["flowers.jpg", "mosaic.jpg", "stained_glass.jpg", "ink_wash.jpg"]
    side, gap, head = 300, 8, 120
    size = (len(styles) * (side + gap) - gap, head + len(photographs) * (side + gap))
    sheet = Image.new("RGB", size, PAPER)
    for column, style in enumerate(styles):
        x = column * (side + gap)
        sheet.paste(fitted(Image.open(PICTURES / style), side, head), (x, 0))
        for row, photograph in enumerate(photographs):
            painted = impasto.stylize(PICTURES / photograph, PICTURES / style).to_pil()
            sheet.paste(fitted(painted, side, side), (x, head + gap + row * (side + gap)))
    return sheet


if __name__ == "__main__":
    (HERE / "images").mkdir(exist_ok=True)
    for name, make in (("first", first), ("styles", others)):
        make().save(HERE / "images" / f"{name}.jpg", quality=88, optimize=True)
