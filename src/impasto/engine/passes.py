"""Two passes through a network, block by block, so that no picture is too large.

Forward, each block (the convolutions between two poolings) is shown to whoever gathers sums;
backward, each takes the gradient in its features from whoever compared the sums, and passes on
that in what it was given. A block is gone through all at once, or in strips, which a processor's
cache can hold; and of each strip what autograd needs to go back is kept, or it is made again by the
second pass. Any way between the passes stands what each block was given, and the result is the
same: sums don't mind in which order they are added up, and a strip reads as far beyond itself as
its convolutions see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from impasto.engine import strips
from impasto.engine.pull import pulled
from impasto.engine.strips import Strip
from impasto.networks.vgg import VGG, Block

See = Callable[[str, Tensor, slice], None]
"""Is shown a layer's features (1, C, h, W), rows of all of them, without graph."""
Pull = Callable[[str, Tensor, slice], Tensor]
"""Gives the gradient in them, in their dtype."""


class Cut(NamedTuple):
    """How a block is gone through.

    positions:  of a strip, about; 0 = all at once.
    kept:       whether what autograd needs is kept for the way back, or made again.
    """

    positions: int = 0
    kept: bool = True

    def rows(self, width: int) -> int:
        """Of a strip of a block so wide; 0 = all."""
        return max(2, self.positions // width) if self.positions else 0


Cuts = tuple[Cut, Cut, Cut, Cut, Cut]
"""Of each block."""
WHOLE: Cuts = (Cut(), Cut(), Cut(), Cut(), Cut())
READING: Cuts = (Cut(2**18), Cut(2**17), Cut(2**17), Cut(2**17), Cut(2**17))
"""For looking at a picture once."""


def cuts(each: Iterable[tuple[int, bool]]) -> Cuts:
    """Of five blocks, each a Cut, or what a file holds of one."""
    first, second, third, fourth, fifth = (Cut(*one) for one in each)
    return first, second, third, fourth, fifth


@dataclass(frozen=True)
class Held:
    """What is kept of a strip for the way back: (1, C, H, W) each, with autograd's graph."""

    given: Tensor
    features: dict[str, Tensor]
    pooled: Tensor | None


@dataclass
class Trace:
    """What the forward pass leaves for the backward one.

    picture:  (1, 3, H, W).
    inputs:   of each block but the first, (1, C, H, W), in the network's dtype.
    held:     of each block of which something is kept, its strips, in order.
    """

    network: VGG
    picture: Tensor
    cuts: Cuts
    blocks: tuple[Block, ...]
    inputs: list[Tensor]
    held: dict[int, list[Held]]


@torch.no_grad()
def forward(
    network: VGG,
    picture: Tensor,
    layers: Sequence[str],
    see: See,
    cuts: Cuts = WHOLE,
    *,
    back: bool = True,
) -> Trace:
    """Show the layers' features of a picture (1, 3, H, W) in [0, 1] to `see`, strip by strip.

    back: whether there will be a way back; otherwise nothing is kept.
    """
    network.check(dict.fromkeys(layers, 2), picture.shape[3], picture.shape[2])
    trace = Trace(network, picture, cuts, network.blocks(layers), [], {})
    x = picture
    for block in trace.blocks:
        held: list[Held] = []
        keep = back and cuts[block.number - 1].kept
        after: Tensor | None = None
        for strip in _strips(network, block, x, cuts):
            with torch.set_grad_enabled(keep):
                shown = _run(network, block, x, strip)
            for layer, features in shown.features.items():
                see(layer, features.detach(), strip.rows)
            if shown.pooled is not None:
                after = _filled(after, shown.pooled.detach(), strip, network.pooled(x.shape[2]))
            if keep:
                held.append(shown)
        if keep:
            trace.held[block.number] = held
        if after is not None:
            x = after
            if back:
                trace.inputs.append(x)
    return trace


def _filled(whole: Tensor | None, pooled: Tensor, strip: Strip, height: int) -> Tensor:
    """What all strips leave after pooling, so many rows of it, with this one's in their place."""
    if pooled.shape[2] == height:
        return pooled
    if whole is None:
        shape = (1, pooled.shape[1], height, pooled.shape[3])
        whole = torch.empty(
            shape, dtype=pooled.dtype, device=pooled.device, memory_format=torch.channels_last
        )
    first = strip.start // 2
    whole[:, :, first : first + pooled.shape[2]] = pooled
    return whole


def backward(trace: Trace, pull: Pull) -> Tensor:
    """The gradient in the picture, (1, 3, H, W), of what has the gradients `pull` in the features.

    It uses up the trace.
    """
    network, picture = trace.network, trace.picture
    coming: Tensor | None = None  # in what the block gave to the next
    for block in reversed(trace.blocks):
        first = block.number == 1
        x = picture if first else trace.inputs.pop()
        held = trace.held.pop(block.number, None)
        whole: Tensor | None = None
        # The last strip was seen last, and is the likeliest to be in the cache.
        for strip in reversed(_strips(network, block, x, trace.cuts)):
            if held is None:
                with torch.enable_grad():
                    kept = _run(network, block, x, strip)
            else:
                kept = held.pop()
            g = _back(kept, pull, strip, coming)
            del kept
            if first:
                g = network.unshown(g, picture.dtype)
            if strip.stop - strip.start == x.shape[2]:
                whole = g
                break
            if whole is None:
                whole = torch.zeros_like(x)
            strip.add(whole, g)
        coming = whole
    assert coming is not None
    return coming


def _back(held: Held, pull: Pull, strip: Strip, coming: Tensor | None) -> Tensor:
    """The gradient in what a strip of a block was given."""
    outputs = [*held.features.values()]
    with torch.no_grad():
        pulls = [pull(k, features.detach(), strip.rows) for k, features in held.features.items()]
    if held.pooled is not None:
        assert coming is not None
        start = strip.start // 2
        outputs.append(held.pooled)
        pulls.append(coming[:, :, start : start + held.pooled.shape[2]])
    return pulled(outputs, held.given, pulls)


def _run(network: VGG, block: Block, x: Tensor, strip: Strip) -> Held:
    """A strip of a block, of what the block is given. Features are the strip's own."""
    given = strip.read(x)
    if block.number == 1:
        given = network.shown(given)
    given = given.detach().requires_grad_(torch.is_grad_enabled())
    features, out = network.run(block, given, strip.ends)
    features = {k: strip.own(x, block.reach(k)) for k, x in features.items()}
    if not block.goes_on:
        return Held(given, features, None)
    return Held(given, features, network.pool(block, strip.own(out, len(block.convs))))


def _strips(network: VGG, block: Block, x: Tensor, cuts: Cuts) -> list[Strip]:
    rows = cuts[block.number - 1].rows(x.shape[3])
    return strips.cut(x.shape[2], rows, len(block.convs), wraps=network.wraps)
