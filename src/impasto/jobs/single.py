"""One picture: files, arrays or Pictures in, a painting out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from impasto import presets
from impasto.engine import machine
from impasto.engine.control import Masks
from impasto.engine.paint import Painting
from impasto.engine.paint import paint as paint_pictures
from impasto.errors import PictureError, WeightsError
from impasto.io.files import read_picture
from impasto.io.memory import picture_from_array, picture_from_pil
from impasto.jobs import recipe
from impasto.networks import catalogue, weights
from impasto.networks.catalogue import Progress
from impasto.networks.layout import Weights
from impasto.networks.vgg import VGG
from impasto.options import Options
from impasto.picture import Picture
from impasto.version import __version__

Source = str | os.PathLike[str] | Picture | Image.Image | NDArray[Any]


def open_picture(source: Source) -> Picture:
    """A Picture of whatever was given: a path, a Pillow image, an array, or a Picture itself.

    Arrays are (H, W), (H, W, 3 or 4) of uint8, uint16 or floats in [0, 1], or floats (3, H, W).
    """
    if isinstance(source, Picture):
        return source
    if isinstance(source, Image.Image):
        return picture_from_pil(source)
    if isinstance(source, np.ndarray):
        return picture_from_array(source)
    if isinstance(source, (str, os.PathLike)):  # pyright: ignore[reportUnnecessaryIsInstance]
        return read_picture(os.fspath(source))
    raise PictureError(
        f"a {type(source).__name__} is no picture; "
        "give a path, a Pillow image, an array or a Picture"
    )


def load_network(options: Options, progress: Progress | None = None) -> VGG:
    """The network that the options name. `progress` hears of a download, where one is needed."""
    machine.choose_device(options.device)  # what isn't there is said before anything is fetched
    try:
        found = weights.load(options.network, progress=progress)
    except WeightsError as error:
        known = catalogue.CATALOGUE.get(options.network)
        if known is None or known.url is None:
            raise
        raise WeightsError(f"{error}; or paint with the bundled network, vgg19-lite") from error
    return _looking(found, options)


def outlined_network(options: Options) -> VGG:
    """A network of the shape of the published one that the options name, which sees nothing: to
    plan with, where its weights aren't on this machine. OptionError where they name no such one.
    """
    return _looking(weights.outline(options.network), options)


def _looking(found: Weights, options: Options) -> VGG:
    """The network of such weights, as the options have it look."""
    if options.preprocessing == "none":
        found = replace(found, order="rgb", scale=1.0, mean=(0.0,) * 3, std=(1.0,) * 3)
    return VGG(found, pooling=options.pooling, padding=options.padding, rounding=options.rounding)


def begin(
    content: Picture,
    styles: Sequence[Picture],
    options: Options,
    network: VGG,
    masks: Masks | None = None,
    job: Mapping[str, Any] | None = None,
) -> Painting:
    """A painting about to be made, whose pictures will carry their recipe, and in it the job."""
    masks = masks or Masks()
    made = recipe.make(__version__, network, options, content, styles, masks, job)
    return paint_pictures(content, styles, options, network, made, masks)


def open_masks(
    mask: Source | None,
    style_masks: Source | Sequence[Source | None] | None,
    protect: Source | None,
    start: Source | None = None,
) -> Masks:
    """Masks, and a picture to start from, of whatever was given."""
    several: Sequence[Source | None]
    if isinstance(style_masks, (list, tuple)):
        several = cast("Sequence[Source | None]", style_masks)
    else:
        several = () if style_masks is None else (cast("Source", style_masks),)
    return Masks(
        content=None if mask is None else open_picture(mask),
        styles=tuple(None if each is None else open_picture(each) for each in several),
        protect=None if protect is None else open_picture(protect),
        start=None if start is None else open_picture(start),
    )


def started(changes: Mapping[str, Any], given: bool) -> dict[str, Any]:
    """The changes of options; with a picture to start from given, that is what is started from,
    unless they say otherwise.
    """
    return {"start": "picture", **changes} if given else dict(changes)


def paint(
    content: Source,
    style: Source | Sequence[Source],
    *,
    preset: str = "default",
    mask: Source | None = None,
    style_mask: Source | Sequence[Source | None] | None = None,
    protect: Source | None = None,
    start_picture: Source | None = None,
    **options: Any,
) -> Painting:
    """Paint `content` in the style of `style`, step by step.

    Iterate over what is returned for its events: `Started`, a `Step` each, `Finished`. Stop
    whenever you like: its `picture` is the best so far.

    style: one painting, or a sequence of them to blend.
    mask: regions of the photograph, each a flat colour; style_mask: a painting's, or a sequence,
        one for each style, None for those without. A region is painted after those of its colour.
    protect: white where the photograph is to stay; greys are soft.
    start_picture: what to start from, such as an earlier result: options' start is "picture" then,
        unless it is given ("picture:2,noise:1"). Scaled until it covers the photograph.
    options: those of `impasto.Options`, on top of the preset's.
    Raises OptionError, PictureError, NetworkError before painting; PaintingError during it.
    """
    chosen = presets.resolve(preset, started(options, start_picture is not None))
    styles: Sequence[Source] = style if isinstance(style, (list, tuple)) else [style]  # pyright: ignore
    photograph, paintings = open_picture(content), [open_picture(s) for s in styles]
    masks = open_masks(mask, style_mask, protect, start_picture)
    return begin(photograph, paintings, chosen, load_network(chosen), masks)


def stylize(
    content: Source,
    style: Source | Sequence[Source],
    *,
    preset: str = "default",
    mask: Source | None = None,
    style_mask: Source | Sequence[Source | None] | None = None,
    protect: Source | None = None,
    start_picture: Source | None = None,
    **options: Any,
) -> Picture:
    """The finished painting of `content` in the style of `style`; see `paint` for the arguments."""
    painting = paint(
        content,
        style,
        preset=preset,
        mask=mask,
        style_mask=style_mask,
        protect=protect,
        start_picture=start_picture,
        **options,
    )
    return finished(painting)


def finished(painting: Painting) -> Picture:
    """The picture of a painting, once all its steps are made."""
    for _ in painting:
        pass
    return painting.picture
