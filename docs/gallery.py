"""Paint the pictures of docs/methods.md: `python docs/gallery.py [NAME...]` (minutes, on one core).

All of them from examples/pictures, with the bundled network. NAME: presets, reconstruct, regions,
colours, tiles; all, unless some are named.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import impasto
from impasto.jobs.sheet import Panel, drawn

HERE = Path(__file__).parent
PICTURES = HERE.parent / "examples" / "pictures"
MOST = 300_000  # bytes of each picture
NETWORK: dict[str, Any] = {"network": "vgg19-lite"}
STEPS = {"article2025": 400}  # of the presets; 150 of others
# What methods for Caffe's VGG-19 need on a network whose features are far smaller and fewer: there
# the numbers that were printed leave nothing of the photograph, or of anything, from a grey start.
_FROM_CONTENT = {"start": "content", "tv_weight": 0}
_MMD = {"start": "content", "stop_change": 0, "content_weight": 2e4}
CHANGES: dict[str, dict[str, Any]] = {
    "johnson2015": _FROM_CONTENT,
    "neural-style-pt": _FROM_CONTENT,
    "demystifying2017-linear": {**_MMD, "style_weight": 1e3},
    "demystifying2017-poly": {**_MMD, "style_weight": 1e5},
    "demystifying2017-gaussian": {**_MMD, "style_weight": 1e-3},
    "demystifying2017-bn": {**_MMD, "style_weight": 1e3},
}


def shown(name: str, height: int, caption: str = "") -> Panel:
    """One of the examples, as high as the others of its row."""
    image = Image.open(PICTURES / name).convert("RGB")
    return small(caption or name, image, height)


def small(caption: str, image: Image.Image, height: int) -> Panel:
    width = round(image.width * height / image.height)
    small = image.resize((width, height), Image.Resampling.LANCZOS)
    return Panel.of(caption, pixels(small))


def pixels(image: Image.Image) -> impasto.Picture:
    planes = np.asarray(image.convert("RGB"), np.float32).transpose(2, 0, 1) / 255
    return impasto.Picture(np.ascontiguousarray(planes))


def presets() -> impasto.Picture:
    """Every preset on one pair. What is changed of them, above all the steps, is said."""
    panels = [shown("cat.png", 128), shown("swirls.jpg", 128)]
    for name in impasto.PRESETS:
        whole = impasto.PRESETS[name].options.get("steps", 0)  # ours: by quality
        steps = min(whole or 150, STEPS.get(name, 150))
        changes = CHANGES.get(name, {})
        painting = impasto.paint(
            PICTURES / "cat.png",
            PICTURES / "swirls.jpg",
            preset=name,
            size=128 if name == "article2025" else 192,  # it is square
            steps=steps,
            **NETWORK,
            **changes,
        )
        for _ in painting:
            pass
        cut = f" of {whole}" if painting.made == steps < whole else ""
        told = [
            f"{k.replace('_', '-')} {v if isinstance(v, str) else f'{v:g}'}"
            for k, v in changes.items()
            if k != "stop_change"
        ]
        caption = "\n".join([name, f"{painting.made}{cut} steps", *told])
        panels.append(Panel.of(caption, painting.picture))
    return drawn(panels, 4)


def reconstruct() -> impasto.Picture:
    """What each layer knows of a photograph, and sets of layers of a painting."""
    options: dict[str, Any] = {"size": 192, "steps": 150, **NETWORK}
    strips = [
        impasto.reconstruct_figure(PICTURES / "astronaut.jpg", "content", **options),
        impasto.reconstruct_figure(PICTURES / "mosaic.jpg", "style", **options),
    ]
    images = [strip.to_pil() for strip in strips]
    sheet = Image.new("RGB", (max(i.width for i in images), sum(i.height for i in images)), "white")
    for image, top in zip(images, (0, images[0].height), strict=True):
        sheet.paste(image, (0, top))
    return pixels(sheet)


def regions() -> impasto.Picture:
    """The cup after the flower, the table after the glass around it."""
    painted = impasto.stylize(
        PICTURES / "coffee.jpg",
        PICTURES / "stained_glass.jpg",
        mask=PICTURES / "cup.png",
        style_mask=PICTURES / "flower.png",
        size=400,
        **NETWORK,
    )
    height = 156
    inputs = [
        shown("coffee.jpg", height),
        shown("cup.png", height, "--mask"),
        shown("stained_glass.jpg", height),
        shown("flower.png", height, "--style-mask"),
    ]
    image, row = painted.to_pil(), drawn(inputs, 4).to_pil()
    sheet = Image.new("RGB", (max(image.width, row.width), row.height + image.height), "white")
    sheet.paste(row, ((sheet.width - row.width) // 2, 0))
    sheet.paste(image, ((sheet.width - image.width) // 2, row.height))
    return pixels(sheet)


def colours() -> impasto.Picture:
    """The same pair with each way to treat colour."""
    height = 171
    panels = [shown("coffee.jpg", height), shown("swirls.jpg", height)]
    for color in ("free", "keep", "match", "histogram"):
        painted = impasto.stylize(
            PICTURES / "coffee.jpg", PICTURES / "swirls.jpg", color=color, size=256, **NETWORK
        )
        panels.append(Panel.of(f"--color {color}", painted))
    return drawn(panels, 3)


def tiles() -> impasto.Picture:
    """A tileable texture laid two by two, and the same without: its seams show."""
    panels: list[Panel] = []
    for tileable, caption in ((True, "--tileable"), (False, "without: seams")):
        one = impasto.texture(
            PICTURES / "flowers.jpg", 256, tileable=tileable, style_scale=1.5, **NETWORK
        )
        laid = np.tile(one.pixels, (1, 2, 2))
        panels.append(Panel.of(f"texture, laid 2 x 2, {caption}", impasto.Picture(laid)))
    return drawn(panels, 2)


JOBS: dict[str, Callable[[], impasto.Picture]] = {
    job.__name__: job for job in (presets, reconstruct, regions, colours, tiles)
}


def save(picture: impasto.Picture, path: Path, most: int) -> None:
    """As JPEG, as good as fits."""
    image = picture.to_pil()
    for quality in (90, 85, 80, 75, 70, 60, 50):
        image.save(path, quality=quality, optimize=True)
        if path.stat().st_size < most:
            return


def paint_all(
    jobs: Mapping[str, Callable[[], impasto.Picture]], names: Sequence[str], most: int
) -> None:
    """Into docs/images, each under its name; all, unless some are named."""
    (HERE / "images").mkdir(exist_ok=True)
    for name in names or jobs:
        began = time.perf_counter()
        path = HERE / "images" / f"{name}.jpg"
        save(jobs[name](), path, most)
        print(f"{path.name}: {path.stat().st_size // 1000} kB, {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    paint_all(JOBS, sys.argv[1:], MOST)
