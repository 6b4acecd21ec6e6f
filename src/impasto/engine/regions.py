"""Regions: parts of the photograph, each painted in the style of parts of the paintings.

Masks say what belongs together: one for the photograph and one for each painting, in which the same
colour means the same region. A style layer's moments are then gathered once a region, with the
region's soft mask as weights, and compared with the same region's moments in the paintings: the
spatial control of Gatys et al. 2017 (Controlling Perceptual Factors in Neural Style Transfer,
section 4). They weigh features by their guidance, and so moments by its square; here moments are
weighed by the mask itself, so that what half belongs counts half. Without masks there is one
region, whose weight is 1 everywhere.

How a mask is read, in steps of 8-bit colour, transparency as black:

- Its regions are the colours of its flat parts (3x3 pixels that vary no more than noise does),
  the most frequent first; colours NEAR each other are one. Each covers SHARE of the mask at least.
  A colour that other colours mix to is a region only where it stands out from a soft edge, in which
  all colours on the way are as frequent: half of what is NEAR must be within a quarter of that.
- A pixel amid pixels of its colour, give or take NOISE, is that region's. Any other is a mixture of
  the two regions whose colours explain it best; regions that aren't within REACH of it explain it
  worse. So a red and blue edge doesn't turn purple, nor a red and cyan one grey.
- A mask of greys from black to white has these two regions, and its greys are partly of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional as F

from impasto.engine import canvas
from impasto.engine.canvas import Layered
from impasto.errors import OptionError, PictureError
from impasto.networks.vgg import depth
from impasto.picture import Picture

Colour = tuple[int, int, int]  # red, green, blue, each 0 to 255

NEAR = 40.0  # steps of 8 bits: colours no farther apart are one, within a mask and between masks
NOISE = 16.0  # what compression makes of a flat colour is no farther from it
SHARE = 0.001  # of a mask's pixels: in a painting of 512 pixels, a spot of 16
MOST = 16  # regions of a mask; more colours than that are a photograph's
REACH = 4  # pixels, about half the block in which JPEG smears an edge
# Positions of its own that a region must have at a layer: as many as the smallest picture that the
# network takes leaves there (two a side), so that a region is held to what a picture is held to.
ENOUGH = 4.0

BLACK, WHITE = (0, 0, 0), (255, 255, 255)
NAMES: dict[str, Colour] = {
    "black": BLACK,
    "white": WHITE,
    "grey": (128, 128, 128),
    "light grey": (192, 192, 192),
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "cyan": (0, 255, 255),
    "magenta": (255, 0, 255),
    "orange": (255, 165, 0),
    "pink": (255, 192, 203),
    "brown": (165, 42, 42),
    "purple": (128, 0, 128),
    "dark green": (0, 128, 0),
    "navy": (0, 0, 128),
    "dark red": (128, 0, 0),
    "olive": (128, 128, 0),
    "teal": (0, 128, 128),
}


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


@dataclass(frozen=True, eq=False)
class Parts:
    """What a mask shows: K colours, and how much of each a pixel is.

    colours:  those of the regions, the largest first.
    masks:    (K, H, W) in [0, 1]; they sum to 1 at each pixel.
    """

    colours: tuple[Colour, ...]
    masks: Tensor


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
    parts = split(content)
    served: list[list[Source]] = [[] for _ in parts.colours]
    theirs: list[Colour] = []
    notes: list[str] = []
    for i, (mask, share) in enumerate(zip(styles, shares, strict=True)):
        if mask is None or not share:
            continue
        own = split(mask)
        theirs += own.colours
        matches = [_nearest(colour, own.colours) for colour in parts.colours]
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
    regions = [
        Region(f"region {describe(c)}", parts.masks[None, k : k + 1], tuple(served[k] or whole))
        for k, c in enumerate(parts.colours)
    ]
    return tuple(regions), tuple(notes)


def at_layers(
    regions: Sequence[Region], content: Layered, styles: Sequence[Layered], layers: Iterable[str]
) -> tuple[dict[str, tuple[Region, ...]], tuple[str, ...]]:
    """The regions as each layer sees them, and notes of those left out, too small for a layer.

    content, styles: pictures as the network is shown them; only size and device of the pixels
    matter.

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
        here = _at_layers(region.mask, content, layers)
        there = [_at_layers(s.mask, styles[s.style], layers) for s in region.sources]
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
    mask: Tensor | None, picture: Layered, layers: Iterable[str]
) -> dict[str, Tensor | None]:
    """A mask times alpha at the layers where it has enough positions; None = 1 everywhere."""
    pixels, alpha = picture
    height, width = pixels.shape[2:]
    shown = alpha if mask is None else resized(mask, width, height).to(pixels.device)
    if mask is not None and shown is not None and alpha is not None:
        shown = shown * alpha
    found = {k: at_layer(shown, k) for k in layers}
    # Without a mask there is no other region to leave it to: whatever shows will do.
    least = torch.finfo(torch.float32).tiny if mask is None else ENOUGH - 1e-3
    return {k: w for k, w in found.items() if w is None or float(w.square().sum()) >= least}


def at_layer(mask: Tensor | None, layer: str) -> Tensor | None:
    """(1, 1, H, W) at a layer's resolution: each value the mean of what a feature stands for.

    It drops the rows and columns that the network's poolings drop. None = 1 everywhere stays None.
    """
    return None if mask is None else F.avg_pool2d(mask, 2 ** depth(layer))


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


def check_shape(mask: Picture, picture: Picture) -> None:
    """OptionError if a mask's proportions are over 2% off its picture's: it would be bent."""
    across, down = mask.width * picture.height, mask.height * picture.width
    if abs(across - down) > 0.02 * max(across, down):
        name = f"the mask {mask.name}".rstrip()
        raise OptionError(
            f"{name} is {mask.width}x{mask.height} where its picture is "
            f"{picture.width}x{picture.height}; give a mask of the same proportions"
        )


def describe(colour: Colour) -> str:
    """A colour for people.

    >>> describe((254, 0, 0))
    '#fe0000 (red)'
    """
    names = list(NAMES)
    near = _nearest(colour, [NAMES[name] for name in names])
    return "#{:02x}{:02x}{:02x}".format(*colour) + (f" ({names[near]})" if near is not None else "")


def _nearest(colour: Colour, colours: Sequence[Colour]) -> int | None:
    """Which of the colours is nearest, the first of equals; None if none is near."""
    gaps = [sum((a - b) ** 2 for a, b in zip(colour, c, strict=True)) for c in colours]
    return gaps.index(min(gaps)) if gaps and min(gaps) <= NEAR**2 else None


def split(mask: Picture) -> Parts:
    """A mask's regions, by the rule at the head of this file.

    PictureError if they are more than MOST, or less than half of the mask is of their colours:
    then it is a photograph.
    """
    pixels, alpha = canvas.to_tensor(mask, torch.device("cpu"))
    seen = ((pixels if alpha is None else pixels * alpha)[0] * 255).round().clamp(0, 255).byte()
    packed = seen[0].int() << 16 | seen[1].int() << 8 | seen[2]
    codes, which = _distinct(packed)
    known = torch.stack([codes >> 16, codes >> 8 & 255, codes & 255], 1).double()
    counts = torch.bincount(which.flatten())
    least = SHARE * which.numel()
    grey = _is_grey(known, counts, least)
    colours = [BLACK, WHITE]
    if not grey:
        flat = torch.bincount(which[_flat(seen)], minlength=len(codes)).double()
        colours = _palette(known, flat, least)
    gaps = torch.stack([_gaps(known, known.new_tensor(c)) for c in colours or [BLACK]])
    covered = int(counts[gaps.amin(0) <= NEAR].sum()) / which.numel() if colours else 0.0
    if len(colours) > MOST or (covered < 0.5 and not grey):
        raise PictureError(
            f"{mask.name or 'a mask'} is not made of a few flat colours ({len(colours)} cover "
            f"{covered:.0%} of it); give one of {MOST} colours at most"
        )
    labels = gaps.argmin(0).where(gaps.amin(0) <= NOISE, len(colours)).byte()
    return Parts(tuple(colours), _memberships(seen, labels[which], torch.tensor(colours).float()))


def _distinct(codes: Tensor) -> tuple[Tensor, Tensor]:
    """The different values (N), rising, and which of them each is, in the shape of the codes."""
    found = cast(Any, torch).unique(codes, return_inverse=True)  # which torch doesn't type
    return cast("tuple[Tensor, Tensor]", found)


def _gaps(colours: Tensor, other: Tensor) -> Tensor:
    """(N): how far from another colour (3) each (N, 3) is."""
    return (colours - other).square().sum(1).sqrt()


def _flat(seen: Tensor) -> Tensor:
    """(H, W): where the 3x3 pixels about one of a mask (3, H, W) vary no more than noise does."""
    flat = torch.ones(seen.shape[1:], dtype=torch.bool)
    for plane in seen:
        flat &= _widest(plane, 1) - (255 - _widest(255 - plane, 1)) <= 2 * NOISE
    return flat


def _is_grey(colours: Tensor, counts: Tensor, least: float) -> bool:
    """Whether a mask's colours (N, 3), each so many times, are greys from black to white."""
    low, high = colours.amin(1), colours.amax(1)
    coloured, black, white = high - low > NOISE, high <= NEAR, low >= 255 - NEAR
    ends = min(int(counts[black].sum()), int(counts[white].sum()))
    return int(counts[coloured].sum()) < least <= ends


def _palette(colours: Tensor, counts: Tensor, least: float) -> list[Colour]:
    """The dominant of the colours (N, 3), each so many times in flat parts; most frequent first."""
    order = counts.argsort(descending=True, stable=True)
    colours, counts = colours[order], counts[order]
    free = counts > 0
    found: list[tuple[Tensor, bool]] = []  # a colour, and whether it stands out
    while float(counts[free].sum()) >= least:
        colour = colours[int(free.int().argmax())]
        gaps = _gaps(colours, colour)
        near = gaps <= NEAR
        if float(counts[near & free].sum()) >= least:
            core = counts[gaps <= NEAR / 4].sum()
            found.append((colour, float(core) >= float(counts[near].sum()) / 2))
        free = free & ~near
    regions = [c for c, stands_out in found if stands_out or not _is_mixture(c, found)]
    return [(int(c[0]), int(c[1]), int(c[2])) for c in regions]


def _is_mixture(colour: Tensor, found: Sequence[tuple[Tensor, bool]]) -> bool:
    """Whether a colour (3) lies between two of the others, give or take noise."""
    others = [c for c, _ in found if not torch.equal(c, colour)]
    return any(float(_along(colour[None], a, b)[1]) <= NOISE for a, b in combinations(others, 2))


def _along(pixels: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """How far from a to b the nearest mixture of them is to each pixel (N, 3), and how far off it.

    (N) from 0 to 1, and (N) in steps of colour.
    """
    way = b - a
    share = ((pixels - a) @ way / way.square().sum()).clamp(0, 1)
    return share, _gaps(pixels - share[:, None] * way, a)


def _memberships(seen: Tensor, labels: Tensor, colours: Tensor) -> Tensor:
    """(K, H, W): how much of each colour (K, 3) the pixels (3, H, W) are; sums to 1.

    labels: (H, W), which colour a pixel is, give or take noise; K = none.
    """
    count, shape = len(colours), labels.shape
    if count == 1:
        return colours.new_ones(1, *shape)
    masks, near = colours.new_zeros(count, *shape), torch.zeros(count, *shape, dtype=torch.bool)
    amid = _widest(labels, 1) == 255 - _widest(255 - labels, 1)
    for k in range(count):
        inner = amid & (labels == k)
        masks[k] = inner
        near[k] = _widest(inner, REACH)
    columns, flat, near = seen.flatten(1), masks.flatten(1), near.flatten(1)
    unsure = (~amid | (labels == count)).flatten().nonzero()[:, 0]
    for start in range(0, len(unsure), 1 << 16):  # so many at once stay in a processor's cache
        where = unsure[start : start + (1 << 16)]
        pixels, absent = columns[:, where].T.float(), (~near[:, where]).float()
        best = pixels.new_full((len(pixels),), float("inf"))
        first, second, part = torch.zeros_like(where), torch.zeros_like(where), best.clone()
        for i, j in combinations(range(count), 2):
            share, off = _along(pixels, colours[i], colours[j])
            off += NEAR * (absent[i] + absent[j])
            # Nearer to one than noise is that one: the ramp between is the steeper for it.
            dead = NOISE / _gaps(colours[i][None], colours[j])
            share = ((share - dead) / (1 - 2 * dead)).clamp(0, 1)
            better = off < best
            best = torch.where(better, off, best)
            part = torch.where(better, share, part)
            first, second = first.where(~better, i), second.where(~better, j)
        flat[first, where] = 1 - part
        flat[second, where] = part
    return masks


def _widest(plane: Tensor, reach: int) -> Tensor:
    """(H, W): the largest value within `reach` rows and columns of each."""
    for axis in (0, 1):
        out, length = plane.clone(), plane.shape[axis]
        for step in range(1, min(reach, length - 1) + 1):
            for to, back in ((0, step), (step, 0)):
                there = out.narrow(axis, to, length - step)
                torch.maximum(there, plane.narrow(axis, back, length - step), out=there)
        plane = out
    return plane
