"""Textures: pictures of any size made of what a style is made of, with no photograph.

Gatys, Ecker and Bethge, Texture Synthesis Using Convolutional Neural Networks (2015), with any of
impasto's style losses. A tileable one wraps around wherever the engine looks: see `engine.wrap`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import torch

from impasto import presets
from impasto.engine import canvas, wrap
from impasto.engine.control import Masks
from impasto.engine.paint import Painting
from impasto.engine.pyramid import Size
from impasto.errors import OptionError
from impasto.jobs import bases, single
from impasto.jobs.single import Source
from impasto.networks.vgg import VGG
from impasto.options import SPECS, Options
from impasto.picture import Picture


def read_size(given: Any) -> Size:
    """Width and height of "1024x512", (1024, 512), or of "512" or 512, a square's."""
    parts: Sequence[Any]
    if isinstance(given, str):
        parts = given.lower().split("x")
    else:
        parts = cast("Sequence[Any]", given) if isinstance(given, (tuple, list)) else (given,)
    try:
        sides = [int(part) for part in parts]
    except (TypeError, ValueError):
        sides = []
    if len(sides) not in (1, 2):
        raise OptionError(f"size is {given!r}; it takes WIDTHxHEIGHT, or one number for a square")
    spec = SPECS["size"]
    for side in sides:
        if not spec.low <= side <= spec.high:
            raise OptionError(f"size is {given}; sides take {spec.range}")
    return sides[0], sides[-1]


def options_for(size: Size, tileable: bool, changes: Mapping[str, Any]) -> Options:
    """The options of a texture. OptionError for a size that can't be tiled, where it is to be."""
    given: dict[str, Any] = {**bases.TEXTURE, **changes}
    preset = presets.PRESETS.get(given.get("preset", "default"))
    if preset and "first_size" in preset.options and "first_size" not in changes:
        del given["first_size"]  # a preset that says where to start knows better than the job
    given |= {"size": max(size), "content_weight": 0.0}
    if tileable and given.setdefault("padding", "circular") != "circular":
        raise OptionError(f"padding is {given['padding']}; a tileable texture needs circular")
    made = presets.resolve(given.pop("preset", "default"), given)
    if made.padding == "circular" and (near := wrap.rounded(size)) != size:
        raise OptionError(
            f"size is {size[0]}x{size[1]}; sides of a tileable texture are multiples of "
            f"{wrap.MULTIPLE}: try {near[0]}x{near[1]}"
        )
    return made


def begin(
    style: Picture, size: Size, options: Options, network: VGG, masks: Masks | None = None
) -> Painting:
    """A texture about to be made. masks: what it starts from, where that is a picture.

    The style is read no larger than it is, at the finest size and so, in proportion, at all: a
    small style fills a large texture with more of the same, not with the same enlarged.
    """
    own = max(style.width, style.height) / max(size)
    options = options.changed({"style_scale": min(options.style_scale, own)})
    # The engine paints on the proportions of a photograph, and weighs layers by what it sees there.
    pixels, _ = canvas.to_tensor(style, torch.device("cpu"))
    ground = Picture(
        canvas.to_pixels(canvas.covering(pixels, *size)), name=style.name, sha256=style.sha256
    )
    job = {"name": "texture", "size": f"{size[0]}x{size[1]}"}
    return single.begin(ground, [style], options, network, masks, job)


def texture(
    style: Source,
    size: Any = (512, 512),
    *,
    tileable: bool = False,
    start_picture: Source | None = None,
    **options: Any,
) -> Picture:
    """A texture after a style, from noise.

    size: (width, height), "1024x512", or one number for a square. tileable: whether it repeats
    without a seam; sides are multiples of 16 then. start_picture: as for `paint`. options: those of
    `impasto.Options`. Raises as `paint` does.
    """
    sides = read_size(size)
    made = options_for(sides, tileable, single.started(options, start_picture is not None))
    masks = single.open_masks(None, None, None, start_picture)
    shown = single.open_picture(style)
    return single.finished(begin(shown, sides, made, single.load_network(made), masks))
