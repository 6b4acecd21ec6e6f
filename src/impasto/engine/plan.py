"""The plan of a painting: all that is decided, and all that is checked, before the first step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from impasto.engine import machine, memory, pyramid, regions, shares, wrap
from impasto.engine.control import Masks
from impasto.engine.distances import DISTANCES
from impasto.engine.memory import Demand, Fit
from impasto.engine.pyramid import Size
from impasto.engine.regions import Region
from impasto.errors import OptionError, PictureError, counted
from impasto.networks.vgg import VGG, smallest
from impasto.options import Options
from impasto.picture import Picture
from impasto.spec import places

NONE = Masks()


@dataclass(frozen=True)
class Plan:
    """sizes:  (width, height) of each size painted, coarse to fine; the last is the result's.
    steps:     at each size.
    least:     side in pixels of the smallest picture that the layers asked for can see.
    fits:      how each size is gone through, and what memory it takes.
    room:      bytes that the process may take at its peak.
    device, dtype: where, and in which precision, the convolutions run.
    notes:     what a person should know.
    """

    sizes: tuple[Size, ...]
    steps: tuple[int, ...]
    least: int
    fits: tuple[Fit, ...]
    room: float
    demand: Demand
    device: torch.device
    dtype: torch.dtype
    notes: tuple[str, ...]
    regions: tuple[Region, ...]
    keep: Tensor | None
    square: bool

    @property
    def precision(self) -> str:
        return str(self.dtype).removeprefix("torch.")

    def style_size(self, style: Size, size: Size, scale: float) -> Size:
        """The size at which a style is read beside a picture; see `style_size`."""
        return style_size(style, size, scale, self.least, square=self.square)


def style_size(style: Size, size: Size, scale: float, least: int, *, square: bool) -> Size:
    """The size at which a style is read beside a picture: `scale` times as long a side.

    Never above the style's own, where there are no finer strokes to see, nor below what the network
    can see. square: the picture's own size, as some published programs do.
    """
    if square:
        return size
    long_side = max(least_long_side(style, least), round(max(size) * scale))
    return pyramid.fitted(*style, min(long_side, max(style)))


def least_long_side(picture: Size, least: int) -> int:
    """The long side at which a picture's short side is `least`."""
    return math.ceil(least * max(picture) / min(picture))


def make(
    content: Picture,
    styles: Sequence[Picture],
    options: Options,
    network: VGG,
    masks: Masks = NONE,
) -> Plan:
    """Check what is to be painted, and plan it. Errors are those of `engine.paint.paint`."""
    _check_styles(styles, options)
    masks.check(content, styles, options)
    guided, unused = regions.pair(masks.content, masks.of(len(styles)), options.style_weights)
    for picture in (content, *styles):
        _check_visible(picture)
    layers = _layers(options, network)
    square = options.fit == "square"
    shape = (1, 1) if square else (content.width, content.height)
    asked = pyramid.fitted(*shape, options.size)
    final = wrap.rounded(asked) if network.wraps else asked
    least = _least(layers, shape, final, styles, options, network)
    device = machine.choose_device(options.device)
    held = sum(16.0 * picture.width * picture.height for picture in (content, *styles))
    demand = Demand(
        network=network,
        layers=layers,
        content=tuple(shares.split(options.content_layers, options.content_weight)),
        whole=shares.whole_blocks(options),
        reads=lambda size: [
            style_size((s.width, s.height), size, options.style_scale, least, square=square)
            for s in styles
        ],
        masks=sum(region.mask is not None for region in guided) + (content.alpha is not None),
        base=memory.taken(device, held),
        device=device,
        dtype=machine.choose_precision(options.precision, device),
        options=options,
    )
    room = memory.room(device, demand.base, options.memory)
    keep = None if masks.protect is None else regions.protection(masks.protect)
    memory.check(lambda side: demand.least(pyramid.fitted(*shape, side)), options.size, room)
    sizes = _sizes(final, least, options, network)
    plan = Plan(
        sizes=sizes,
        steps=_steps(options, sizes),
        least=least,
        fits=tuple(demand.fit(size, memory.MARGIN * room) for size in sizes),
        room=room,
        demand=demand,
        device=device,
        dtype=demand.dtype,
        notes=(
            *([] if options.strength else ["strength is 0: this is the photograph as it was"]),
            *_notes(content, styles, max(final), options.style_scale),
            *_rounding(asked, final),
            *_covering(masks.start, content, square),
            *unused,
            *_unprotecting(masks.protect, keep),
        ),
        regions=guided,
        keep=keep,
        square=square,
    )
    plan = replace(plan, notes=(*plan.notes, *_unbounded(plan, options)))
    if masks.content is not None:
        small = _left_out(plan, styles, layers, options, network.rounds_up)
        plan = replace(plan, notes=(*plan.notes, *small))
    return plan


def _layers(options: Options, network: VGG) -> tuple[str, ...]:
    """Those that are looked at. OptionError if the network has no such layer, looked at or not."""
    own = [k for loss, _ in options.style_loss for k in places(loss)[1]]
    network.check_names(k for k, _ in (*options.content_layers, *options.style_layers, *own))
    content = shares.split(options.content_layers, options.content_weight)
    return (*content, *dict.fromkeys(k for k, _ in shares.of_styles(options)))


def _least(
    layers: Sequence[str],
    shape: Size,
    final: Size,
    styles: Sequence[Picture],
    options: Options,
    network: VGG,
) -> int:
    """Side of the smallest picture that the layers can see. NetworkError if one to look at isn't
    so large. shape: the photograph's own size; final: as it is painted.
    """
    sides = dict.fromkeys(layers, 2)  # of positions
    for layer, loss in shares.of_styles(options):
        sides[layer] = max(sides[layer], DISTANCES[loss].side)
    least = max(smallest([layer], side) for layer, side in sides.items())
    enough = math.ceil(least * max(shape) / min(shape))
    network.check(sides, *final, remedy=f"choose a size of {enough} or more, not {max(final)}")
    for style in styles:
        network.check(sides, style.width, style.height, f"the style {style.name}".rstrip())
    return least


def _sizes(final: Size, least: int, options: Options, network: VGG) -> tuple[Size, ...]:
    """Those that are painted, coarse to fine."""
    short = max(least, options.first_size // 2)
    sizes = pyramid.sizes(final, options.first_size, short, options.growth)
    return tuple(dict.fromkeys(wrap.rounded(s) if network.wraps else s for s in sizes))


def _steps(options: Options, sizes: Sequence[Size]) -> tuple[int, ...]:
    if not options.strength:  # which is the photograph: one step shows it, and moves nothing
        return tuple(pyramid.spread(1, sizes))
    if options.steps:
        return tuple(pyramid.spread(options.steps, sizes))
    return tuple(pyramid.paced(options.quality, sizes))


def _left_out(
    plan: Plan, styles: Sequence[Picture], layers: Sequence[str], options: Options, up: bool
) -> tuple[str, ...]:
    """Notes of the regions that are too small for a layer at the final size."""
    final = plan.sizes[-1]
    own = [(style.width, style.height) for style in styles]
    read = [plan.style_size(size, final, options.style_scale) for size in own]
    shapes = [(torch.empty(1, 1, 1, 1).expand(1, 3, h, w), None) for w, h in (final, *read)]
    return regions.at_layers(plan.regions, shapes[0], shapes[1:], dict.fromkeys(layers), up=up)[1]


def _check_visible(picture: Picture) -> None:
    """PictureError if a picture is transparent everywhere."""
    if picture.alpha is not None and not picture.alpha.any():
        raise PictureError(
            f"{picture.name or 'a picture'} is transparent everywhere; "
            "give one of which something is seen"
        )


def _check_styles(styles: Sequence[Picture], options: Options) -> None:
    if not styles:
        raise OptionError("no style was given; give one painting at least")
    given = len(options.style_weights)
    if given and given != len(styles):
        raise OptionError(
            f"style_weights has {counted(given, 'number')} for {counted(len(styles), 'style')}; "
            "give one each"
        )


def _unbounded(plan: Plan, options: Options) -> tuple[str, ...]:
    """A note of losses that strips can't serve, where there are strips."""
    if not plan.demand.whole or all(cut.kept for fit in plan.fits for cut in fit.cuts):
        return ()
    names = [k for k in shares.split(options.style_loss, 1.0) if not shares.adds_up(k)]
    return (f"{' and '.join(names)} look at all of a layer at once: its block is not cut",)


def _rounding(asked: Size, final: Size) -> tuple[str, ...]:
    if final == asked:
        return ()
    before, after = ("x".join(map(str, size)) for size in (asked, final))
    return (f"painted at {after}, not {before}: sides that wrap are multiples of {wrap.MULTIPLE}",)


def _unprotecting(given: Picture | None, keep: Tensor | None) -> tuple[str, ...]:
    """A note of a protection map that keeps nothing, as a picture of 8 bits would show it."""
    if given is None or keep is None or float(keep.max()) > 0.5 / 255:
        return ()
    name = given.name or "the protection map"
    return (f"{name} is black everywhere, which protects nothing; paint white what is to stay",)


def _covering(start: Picture | None, content: Picture, square: bool) -> tuple[str, ...]:
    if start is None or square or regions.alike(start, content):
        return ()
    name = f"the picture to start from {start.name}".rstrip()
    return (f"{name} has other proportions than the photograph: its middle is used",)


def _notes(content: Picture, styles: Sequence[Picture], size: int, style_scale: float) -> list[str]:
    wanted = round(size * style_scale)
    notes = [note for picture in (content, *styles) for note in picture.notes]
    if (own := max(content.width, content.height)) < 0.75 * size:
        notes.append(f"{content.name or 'the photograph'} is only {own} px, enlarged to {size}")
    small = [style for style in styles if max(style.width, style.height) < 0.75 * wanted]
    notes += [
        f"{style.name or 'the style'} is only {max(style.width, style.height)} px where {wanted} "
        "would match: its strokes come out smaller"
        for style in small
    ]
    return notes
