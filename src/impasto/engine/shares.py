"""Shares: which part of a loss's weight each of its layers and names has."""

from __future__ import annotations

from impasto.engine.distances import DISTANCES
from impasto.losses import moments
from impasto.networks.vgg import depth
from impasto.options import Options
from impasto.spec import Parts, places


def of_styles(options: Options) -> dict[tuple[str, str], float]:
    """The weight of each style loss at each layer, (layer, loss): its share of the losses, times
    the layer's of the layers, which are the loss's own where it has some.
    """
    found: dict[tuple[str, str], float] = {}
    for part, weight in split(options.style_loss, options.style_weight).items():
        loss, own = places(part)
        for layer, share in split(own or options.style_layers, weight).items():
            found[layer, loss] = share
    return found


def adds_up(loss: str) -> bool:
    """Whether a style loss, by its name, is a function of sums over positions."""
    return DISTANCES[loss].gather is moments.gather


def whole_blocks(options: Options) -> frozenset[int]:
    """Blocks of the network of which a loss wants all at once, since no sums stand in for it."""
    return frozenset(depth(k) + 1 for k, name in of_styles(options) if not adds_up(name))


def split(layers: Parts, weight: float) -> dict[str, float]:
    """Each one's part of a weight; those of no weight are left out and cost nothing."""
    whole = sum(w for _, w in layers)
    return {k: weight * w / whole for k, w in layers if w and weight}
