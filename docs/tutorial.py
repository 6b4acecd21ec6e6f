"""Paint the pictures of docs/tutorial.md and docs/howto.md, with the options that these pages name:

    python docs/tutorial.py [NAME ...]

Into docs/images, as JPEG: some three minutes on one core. NAME: weights, strokes, strength, blend,
protect, losses; all, unless some are named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gallery import NETWORK, PICTURES, paint_all, pixels, shown, small
from PIL import Image, ImageDraw, ImageFilter

import impasto
from impasto.jobs.plot import Plot
from impasto.jobs.sheet import Panel, drawn

MOST = 95_000  # bytes of each picture
SIZE = 320


def row(content: str, style: str, looks: Mapping[str, Mapping[str, Any]]) -> list[Panel]:
    """The same pair painted with each look's options, under its name."""
    panels: list[Panel] = []
    for caption, options in looks.items():
        given = {"size": SIZE, **NETWORK, **options}
        painted = impasto.stylize(PICTURES / content, PICTURES / style, **given)
        panels.append(Panel.of(caption, painted))
    return panels


def weights() -> impasto.Picture:
    """How much of the photograph is kept."""
    looks = {f"--preset {name}": {"preset": name} for name in ("faithful", "default", "bold")}
    return drawn(row("cat.png", "swirls.jpg", looks), 3)


def strokes() -> impasto.Picture:
    """The size of the strokes."""
    looks = {f"--style-scale {scale:g}": {"style_scale": scale} for scale in (0.5, 1, 2)}
    return drawn(row("coffee.jpg", "flowers.jpg", looks), 3)


def strength() -> impasto.Picture:
    """How far to go."""
    looks = {f"--strength {share:g}": {"strength": share} for share in (0.25, 0.5, 1)}
    return drawn(row("coffee.jpg", "ink_wash.jpg", looks), 3)


def blend() -> impasto.Picture:
    """Two styles, and both."""
    one, other = PICTURES / "swirls.jpg", PICTURES / "mosaic.jpg"
    shares: Mapping[str, tuple[float, ...]] = {"swirls": (1, 0), "both": (), "mosaic": (0, 1)}
    panels = [
        Panel.of(
            caption,
            impasto.stylize(
                PICTURES / "cat.png", [one, other], size=SIZE, style_weights=given, **NETWORK
            ),
        )
        for caption, given in shares.items()
    ]
    return drawn(panels, 3)


def protect() -> impasto.Picture:
    """A face that stays, under a soft mask: the one that docs/tutorial.md draws."""
    photograph = Image.open(PICTURES / "astronaut.jpg")
    mask = Image.new("L", photograph.size)
    ImageDraw.Draw(mask).ellipse((168, 40, 282, 205), fill=200)
    mask = mask.filter(ImageFilter.GaussianBlur(16))
    panels = [shown("astronaut.jpg", SIZE), small("face.png", mask, SIZE)]
    looks: Sequence[tuple[str, dict[str, Any]]] = (
        ("without", {}),
        ("--protect face.png", {"protect": mask}),
    )
    for caption, given in looks:
        painted = impasto.stylize(
            photograph, PICTURES / "swirls.jpg", size=SIZE, **NETWORK, **given
        )
        panels.append(Panel.of(caption, painted))
    return drawn(panels, 4)


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
