"""Two passes through a network, block by block, so that no picture is too large.

Forward, each block (the convolutions between two poolings) is shown to whoever gathers sums;
backward, each takes the gradient in its features from whoever compared the sums, and passes on
that in what it was given. A block is either held, all of it at once, with what autograd needs to
go back; or cut into strips, of which nothing is kept: the second pass makes them again. Either
way between the passes stands what each block was given, and the result is the same: sums don't
mind in which order they are added up, and a strip reads as far beyond itself as its convolutions
see.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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

Cuts = tuple[int, int, int, int, int]
"""How many positions each block's strips have, about; 0 = the block is held."""
HELD: Cuts = (0, 0, 0, 0, 0)
READING: Cuts = (2**18, 2**17, 2**17, 2**17, 2**17)
"""For looking at a picture once."""


def cuts(sizes: Sequence[int]) -> Cuts:
    """Of five sizes."""
    first, second, third, fourth, fifth = sizes
    return first, second, third, fourth, fifth


@dataclass(frozen=True)
class Held:
    """What a held block keeps for the way back: (1, C, H, W) each, with autograd's graph."""

    given: Tensor
    features: dict[str, Tensor]
    pooled: Tensor | None


@dataclass
class Trace:
    """What the forward pass leaves for the backward one.

    picture:  (1, 3, H, W).
    inputs:   of each block but the first, (1, C, H, W), in the network's dtype.
    """

    network: VGG
    picture: Tensor
    cuts: Cuts
    blocks: tuple[Block, ...]
    inputs: list[Tensor]
    held: dict[int, Held]


@torch.no_grad()
def forward(
    network: VGG,
    picture: Tensor,
    layers: Sequence[str],
    see: See,
    cuts: Cuts = HELD,
    *,
    back: bool = True,
) -> Trace:
    """Show the layers' features of a picture (1, 3, H, W) in [0, 1] to `see`, strip by strip.

    back: whether there will be a way back; otherwise nothing is held.
    """
    network.check(layers, picture.shape[3], picture.shape[2])
    blocks = network.blocks(layers)
    trace = Trace(network, picture, cuts, blocks, [], {})
    x = picture
    for block in blocks:
        if back and not cuts[block.number - 1]:
            held = trace.held[block.number] = _hold(network, block, _given(network, block, x))
            for layer, features in held.features.items():
                see(layer, features.detach(), slice(0, features.shape[2]))
            after = None if held.pooled is None else held.pooled.detach()
        else:
            after = _look(network, block, x, cuts, see)
        if after is not None:
            x = after
            if back:
                trace.inputs.append(x)
    return trace


def _look(network: VGG, block: Block, x: Tensor, cuts: Cuts, see: See) -> Tensor | None:
    """Show a block strip by strip; what the next block is given."""
    after: Tensor | None = None
    for strip in _strips(network, block, x, cuts):
        given = _given(network, block, strip.read(x))
        features, out = network.run(block, given, strip.ends)
        for layer in block.taps:
            see(layer, strip.own(features[layer], block.reach(layer)), strip.rows)
        if not block.goes_on:
            continue
        pooled = network.pool(strip.own(out, len(block.convs)))
        if strip.stop - strip.start == x.shape[2]:
            return pooled
        if after is None:
            shape = (1, pooled.shape[1], network.pooled(x.shape[2]), pooled.shape[3])
            after = torch.empty(
                shape, dtype=pooled.dtype, device=pooled.device, memory_format=torch.channels_last
            )
        first = strip.start // 2
        after[:, :, first : first + pooled.shape[2]] = pooled
    return after


def backward(trace: Trace, pull: Pull) -> Tensor:
    """The gradient in the picture, (1, 3, H, W), of what has the gradients `pull` in the features.

    It uses up the trace.
    """
    network, picture = trace.network, trace.picture
    coming: Tensor | None = None  # in what the block gave to the next
    for block in reversed(trace.blocks):
        first = block.number == 1
        x = picture if first else trace.inputs.pop()
        whole: Tensor | None = None
        for strip in _strips(network, block, x, trace.cuts):
            held = trace.held.pop(block.number, None)
            if held is None:
                given = _given(network, block, strip.read(x))
                held = _hold(network, block, given, strip)
            g = _back(held, pull, strip, coming)
            del held
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


def _hold(network: VGG, block: Block, given: Tensor, strip: Strip | None = None) -> Held:
    """Run a block, or a strip of it, with autograd. Features are the strip's own."""
    with torch.enable_grad():
        given = given.detach().requires_grad_()
        features, out = network.run(block, given, strip.ends if strip else (True, True))
        if strip:
            features = {k: strip.own(x, block.reach(k)) for k, x in features.items()}
            out = strip.own(out, len(block.convs))
        return Held(given, features, network.pool(out) if block.goes_on else None)


def _given(network: VGG, block: Block, x: Tensor) -> Tensor:
    return network.shown(x) if block.number == 1 else x


def _strips(network: VGG, block: Block, x: Tensor, cuts: Cuts) -> list[Strip]:
    rows = cuts[block.number - 1] // x.shape[3]
    if cuts[block.number - 1]:
        rows = max(2, rows)
    return strips.cut(x.shape[2], rows, len(block.convs), wraps=network.wraps)
