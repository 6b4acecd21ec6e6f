"""The palette of a mask: the flat colours that it is made of, and how much of each a pixel is.

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

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, cast

import torch
from torch import Tensor

from impasto.engine import canvas
from impasto.errors import PictureError
from impasto.picture import Picture

Colour = tuple[int, int, int]  # red, green, blue, each 0 to 255

NEAR = 40.0  # steps of 8 bits: colours no farther apart are one, within a mask and between masks
NOISE = 16.0  # what compression makes of a flat colour is no farther from it
SHARE = 0.001  # of a mask's pixels: in a painting of 512 pixels, a spot of 16
MOST = 16  # regions of a mask; more colours than that are a photograph's
REACH = 4  # pixels, about half the block in which JPEG smears an edge

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
class Parts:
    """What a mask shows: K colours, and how much of each a pixel is.

    colours:  those of the regions, the largest first.
    masks:    (K, H, W) in [0, 1]; they sum to 1 at each pixel.
    """

    colours: tuple[Colour, ...]
    masks: Tensor


def describe(colour: Colour) -> str:
    """A colour for people.

    >>> describe((254, 0, 0))
    '#fe0000 (red)'
    """
    names = list(NAMES)
    near = nearest(colour, [NAMES[name] for name in names])
    return "#{:02x}{:02x}{:02x}".format(*colour) + (f" ({names[near]})" if near is not None else "")


def nearest(colour: Colour, colours: Sequence[Colour]) -> int | None:
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
