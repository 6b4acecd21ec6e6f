"""Regions: parts of the photograph, each painted in the style of parts of the paintings.

Masks say what belongs together: one for the photograph and one for each painting, in which the same
colour means the same region. A style layer's moments are then gathered once a region, with the
region's soft mask as weights, and compared with the same region's moments in the paintings: the
spatial control of Gatys et al. 2017 (Controlling Perceptual Factors in Neural Style Transfer,
section 4). They weigh features by their guidance, and so moments by its square; here moments are
weighed by the mask itself, so that what half belongs counts half. Without masks there is one
region, whose weight is 1 everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from impasto.engine import canvas, palette
from impasto.engine.canvas import Layered
from impasto.engine.palette import Colour, describe
from impasto.errors import OptionError, PictureError
from impasto.networks.vgg import depth
from impasto.picture import Picture

# Positions of its own that a region must have at a layer: as many as the smallest picture that the
# network takes leaves there (two a side), so that a region is held to what a picture is held to.
ENOUGH = 4.0


@dataclass(frozen=True, eq=False)
class Source:
    """Where a region's style comes from.

    style:  which of the styles, from 0.
    share:  its weight in the region's blend, more than 0; those of a region sum to anything.
    mask:   (1, 1, H, W) in [0, 1]; None = 1 everywhere.
    """

    style: int
    share: float
    mask: Tensor | None


@dataclass(frozen=True, eq=False)
class Region:
    """A part of the photograph, and what it is painted after. At a layer or at a mask's own size.

    name:     as texts for people have it.
    mask:     (1, 1, H, W) in [0, 1]; None = 1 everywhere.
    sources:  one at least.
    """

    name: str
    mask: Tensor | None
    sources: tuple[Source, ...]


def pair(
    content: Picture | None, styles: Sequence[Picture | None], weights: Sequence[float] = ()
) -> tuple[tuple[Region, ...], tuple[str, ...]]:
    """The regions that masks ask for, and notes of what in them is used nowhere.

    content: the photograph's mask; None = one region, all of it.
    styles:  a mask for each style. A style without one gives the whole painting to all regions that
             no style with a mask serves.
    weights: the styles' weights, () = all equal. A style of weight 0 serves no region. Styles that
             share a region are blended there by their weights.

    Raises OptionError for a region that no style serves, and for a style's mask where the
    photograph has none; PictureError for a mask that isn't made of a few flat colours.
    """
    shares = [*(weights or [1.0] * len(styles))]
    if content is None:
        if any(mask is not None for mask in styles):
            raise OptionError(
                "a style has a mask and the photograph has none; give the photograph one too"
            )
        sources = [Source(i, share, None) for i, share in enumerate(shares) if share]
        return (Region("the whole picture", None, tuple(sources)),), ()
    parts = palette.split(content)
    served: list[list[Source]] = [[] for _ in parts.colours]
    theirs: list[Colour] = []
    notes: list[str] = []
    for i, (mask, share) in enumerate(zip(styles, shares, strict=True)):
        if mask is None or not share:
            continue
        own = palette.split(mask)
        theirs += own.colours
        matches = [palette.nearest(colour, own.colours) for colour in parts.colours]
        for sources, match in zip(served, matches, strict=True):
            if match is not None:
                sources.append(Source(i, share, own.masks[None, match : match + 1]))
        notes += [
            f"region {describe(colour)} of style {i + 1} is not in the photograph's mask: unused"
            for k, colour in enumerate(own.colours)
            if k not in matches
        ]
    whole = [
        Source(i, share, None)
        for i, (mask, share) in enumerate(zip(styles, shares, strict=True))
        if mask is None and share
    ]
    bare = [c for c, sources in zip(parts.colours, served, strict=True) if not sources]
    if bare and not whole:
        raise OptionError(
            f"the mask has a region {describe(bare[0])} that no style mask has (they have "
            f"{', '.join(dict.fromkeys(map(describe, theirs))) or 'none'}): paint it into one, or "
            "give a style without a mask, which serves all regions left over"
        )
    if whole and not bare:
        notes += [
            f"style {s.style + 1} has no mask, and styles with masks serve all regions: unused"
            for s in whole
        ]
    if all(mask is None for mask in styles):
        notes.append("no style has a mask: each region is painted after all of every style")
    regions = [
        Region(f"region {describe(c)}", parts.masks[None, k : k + 1], tuple(served[k] or whole))
        for k, c in enumerate(parts.colours)
    ]
    return tuple(regions), tuple(notes)


def at_layers(
    regions: Sequence[Region],
    content: Layered,
    styles: Sequence[Layered],
    layers: Iterable[str],
    *,
    up: bool = False,
) -> tuple[dict[str, tuple[Region, ...]], tuple[str, ...]]:
    """The regions as each layer sees them, and notes of those left out, too small for a layer.

    content, styles: pictures as the network is shown them; only size and device of the pixels
    matter. up: whether the network's poolings round up.

    A mask's values at a layer are the mean, over the pixels that a feature stands for, of mask
    times alpha. A region, or one of its sources, stays where it has ENOUGH positions of its own,
    counted as Σw²: the strictest of the counts that a soft mask has, Σw² <= Σw <= (Σw)² / Σw², so
    that there are enough of it, neither faint nor mostly others'. A region that loses all sources
    goes. Where there is no mask, any part of a position will do.
    """
    layers = list(layers)
    kept: dict[str, list[Region]] = {k: [] for k in layers}
    notes: list[str] = []
    for region in regions:
        here = _at_layers(region.mask, content, layers, up)
        there = [_at_layers(s.mask, styles[s.style], layers, up) for s in region.sources]
        for k in layers:
            found = [
                Source(s.style, s.share, seen[k])
                for s, seen in zip(region.sources, there, strict=True)
                if k in seen
            ]
            if k in here and found:
                kept[k].append(Region(region.name, here[k], tuple(found)))
        notes += _too_small(region.name, [k for k in layers if k not in here], layers)
        for s, seen in zip(region.sources, there, strict=True):
            missing = [k for k in layers if k in here and k not in seen]
            notes += _too_small(f"{region.name} of style {s.style + 1}", missing, layers)
    return {k: tuple(found) for k, found in kept.items()}, tuple(notes)


def _too_small(name: str, missing: Sequence[str], layers: Sequence[str]) -> list[str]:
    if not missing:
        return []
    if len(missing) == len(layers):
        return [f"{name} is too small at every layer: left out"]
    return [f"{name} is too small at {', '.join(missing)}: left out there"]


def _at_layers(
    mask: Tensor | None, picture: Layered, layers: Iterable[str], up: bool
) -> dict[str, Tensor | None]:
    """A mask times alpha at the layers where it has enough positions; None = 1 everywhere."""
    pixels, alpha = picture
    height, width = pixels.shape[2:]
    shown = alpha if mask is None else resized(mask, width, height).to(pixels.device)
    if mask is not None and shown is not None and alpha is not None:
        shown = shown * alpha
    found = {k: at_layer(shown, k, up=up) for k in layers}
    # Without a mask there is no other region to leave it to: whatever shows will do.
    least = torch.finfo(torch.float32).tiny if mask is None else ENOUGH - 1e-3
    return {k: w for k, w in found.items() if w is None or float(w.square().sum()) >= least}


def at_layer(mask: Tensor | None, layer: str, *, up: bool = False) -> Tensor | None:
    """(1, 1, H, W) at a layer's resolution: each value the mean of what a feature stands for.

    It drops the rows and columns that the network's poolings drop, none where they round up. None
    = 1 everywhere stays None.
    """
    return None if mask is None else F.avg_pool2d(mask, 2 ** depth(layer), ceil_mode=up)


def resized(mask: Tensor, width: int, height: int) -> Tensor:
    """(1, K, height, width), bilinear, antialiased when it shrinks.

    What sums to 1 still does, and nothing leaves [0, 1]: bicubic would overshoot at edges.
    """
    if mask.shape[2:] == (height, width):
        return mask
    return F.interpolate(mask, (height, width), mode="bilinear", antialias=True)


def protection(picture: Picture) -> Tensor:
    """(1, 1, H, W) in [0, 1] of a protection map: 1, white, keeps the photograph; 0, black, paints.

    Colours count by their luma (Rec. 709), transparency as black. PictureError if all is kept.
    """
    pixels, alpha = canvas.to_tensor(picture, torch.device("cpu"))
    luma = (pixels * pixels.new_tensor([0.2126, 0.7152, 0.0722])[:, None, None]).sum(1, True)
    keep = (luma if alpha is None else luma * alpha).clamp(0, 1)
    if float(keep.min()) > 254.5 / 255:
        raise PictureError(
            f"{picture.name or 'the protection map'} is white everywhere, which keeps all of the "
            "photograph; paint black what is to be painted"
        )
    return keep


def unprotected(picture: Layered, keep: Tensor | None) -> Tensor | None:
    """(1, 1, H, W): alpha times what is not kept, to be given in alpha's place where styles are
    gathered: kept parts then are no part of what is matched. None = 1 everywhere.
    """
    pixels, alpha = picture
    if keep is None:
        return alpha
    free = 1 - resized(keep, pixels.shape[3], pixels.shape[2]).to(pixels.device)
    return free if alpha is None else free * alpha


def protect(painted: Tensor, photograph: Tensor, keep: Tensor | None) -> Tensor:
    """(1, 3, H, W): the photograph where it is kept, the painted picture, of its size, elsewhere.

    Greys of the map mix the two in proportion, in sRGB as all else is: a map's edge is as soft as
    it was drawn. Exactly the one or the other where the map is white or black.
    """
    if keep is None:
        return painted
    share = resized(keep, painted.shape[3], painted.shape[2]).to(painted)
    return torch.lerp(painted, photograph, share)


def alike(one: Picture, other: Picture) -> bool:
    """Whether two pictures have the same proportions, to 2%."""
    across, down = one.width * other.height, one.height * other.width
    return abs(across - down) <= 0.02 * max(across, down)


def check_shape(mask: Picture, picture: Picture) -> None:
    """OptionError if a mask's proportions are over 2% off its picture's: it would be bent."""
    if not alike(mask, picture):
        name = f"the mask {mask.name}".rstrip()
        raise OptionError(
            f"{name} is {mask.width}x{mask.height} where its picture is "
            f"{picture.width}x{picture.height}; give a mask of the same proportions"
        )
