"""Paint the pictures of docs/tutorial.md and docs/howto.md, with the options that these pages name:

    python docs/tutorial.py [NAME ...]

Into docs/images, as JPEG: some three minutes on one core. NAME: weights, strokes, strength, blend,
protect, losses; all, unless some are named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from gallery import NETWORK, PICTURES, paint_all, pixels
from PIL import Image, ImageDraw, ImageFilter, ImageFont

import impasto
from impasto.jobs.plot import Plot

MOST = 95_000  # bytes of each picture
SIZE, GAP = 320, 10


def beside(panels: Mapping[str, Image.Image]) -> impasto.Picture:
    """Pictures of one size in a row, each above its name, which is read on a telephone too."""
    width, height = next(iter(panels.values())).size
    letters = 24 if len(panels) < 4 else 30
    sheet = Image.new("RGB", ((width + GAP) * len(panels) - GAP, height + 2 * letters), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(letters)
    for i, (name, image) in enumerate(panels.items()):
        left = i * (width + GAP)
        sheet.paste(image.resize((width, height), Image.Resampling.LANCZOS), (left, 0))
        middle = (left + width / 2, height + letters)
        pen.text(middle, name, fill="black", font=font, anchor="mm")
    return pixels(sheet)


def painted(content: Any, style: Any, **options: Any) -> Image.Image:
    return impasto.stylize(content, style, **{"size": SIZE, **NETWORK, **options}).to_pil()


def weights() -> impasto.Picture:
    """How much of the photograph is kept."""
    pair = PICTURES / "cat.png", PICTURES / "swirls.jpg"
    names = "faithful", "default", "bold"
    return beside({f"--preset {name}": painted(*pair, preset=name) for name in names})


def strokes() -> impasto.Picture:
    """The size of the strokes."""
    pair = PICTURES / "coffee.jpg", PICTURES / "flowers.jpg"
    scales = 0.5, 1, 2
    return beside({f"--style-scale {x:g}": painted(*pair, style_scale=x) for x in scales})


def strength() -> impasto.Picture:
    """How far to go."""
    pair = PICTURES / "coffee.jpg", PICTURES / "ink_wash.jpg"
    return beside({f"--strength {x:g}": painted(*pair, strength=x) for x in (0.25, 0.5, 1)})


def blend() -> impasto.Picture:
    """Two styles, and both."""
    styles = [PICTURES / "swirls.jpg", PICTURES / "mosaic.jpg"]
    shares: Mapping[str, tuple[float, ...]] = {"swirls": (1, 0), "both": (), "mosaic": (0, 1)}
    cat = PICTURES / "cat.png"
    return beside({k: painted(cat, styles, style_weights=x) for k, x in shares.items()})


def protect() -> impasto.Picture:
    """A face that stays, under a soft mask: the one that docs/tutorial.md draws."""
    photograph = Image.open(PICTURES / "astronaut.jpg")
    mask = Image.new("L", photograph.size)
    ImageDraw.Draw(mask).ellipse((168, 40, 282, 205), fill=200)
    mask = mask.filter(ImageFilter.GaussianBlur(16))
    style = PICTURES / "swirls.jpg"
    return beside(
        {
            "astronaut.jpg": photograph.resize((SIZE, SIZE), Image.Resampling.LANCZOS),
            "face.png": mask.convert("RGB"),
            "without": painted(photograph, style),
            "--protect face.png": painted(photograph, style, protect=mask),
        }
    )


def losses() -> impasto.Picture:
    """What --plot draws."""
    plot = Plot()
    for event in impasto.paint(PICTURES / "cat.png", PICTURES / "swirls.jpg", **NETWORK):
        if isinstance(event, impasto.Step):
            plot.step(event)
    image = plot.picture().to_pil()
    return pixels(image.resize((880, 880 * image.height // image.width), Image.Resampling.LANCZOS))


JOBS: dict[str, Callable[[], impasto.Picture]] = {
    job.__name__: job for job in (weights, strokes, strength, blend, protect, losses)
}

if __name__ == "__main__":
    paint_all(JOBS, sys.argv[1:], MOST)
