"""A look at a picture: what is summed up of its features once, before anything is painted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from impasto.engine import passes
from impasto.losses import moments
from impasto.networks.vgg import VGG

Gather = Callable[[Tensor, Tensor | None], Any]  # (features, weights) -> sums
Masks = Mapping[str, Sequence[Tensor | None]]
"""Of each layer, masks (1, 1, H, W) at its resolution; None = 1 everywhere."""


@dataclass(frozen=True)
class Look:
    """sums:     by layer and way of gathering, one for each mask.
    features: of the layers that were to be kept, (1, C, H, W) in the network's dtype.
    """

    sums: Mapping[tuple[str, Gather], Sequence[Any]]
    features: Mapping[str, Tensor]


@torch.no_grad()
def look(
    network: VGG,
    picture: Tensor,
    masks: Masks,
    gathers: Sequence[Gather],
    kept: Collection[str] = (),
) -> Look:
    """Look at a picture (1, 3, H, W) in [0, 1], strip by strip where sums add up.

    masks: also says which layers. gathers: in which ways; moments at all events.
    """
    sums: dict[tuple[str, Gather], list[Any]] = {}
    features: dict[str, Tensor] = {}
    height, width = picture.shape[2:]

    def see(layer: str, found: Tensor, rows: slice) -> None:
        for gather in {moments.gather: None, **dict.fromkeys(gathers)}:
            parts = [gather(found, m if m is None else m[:, :, rows]) for m in masks[layer]]
            before = sums.get((layer, gather))
            sums[layer, gather] = (
                parts if before is None else [a + b for a, b in zip(before, parts, strict=True)]
            )
        if layer not in kept:
            return
        if layer not in features:
            shape = network.shape(layer, height, width)
            features[layer] = torch.empty(
                shape, dtype=found.dtype, device=found.device, memory_format=torch.channels_last
            )
        features[layer][:, :, rows] = found

    whole = any(gather is not moments.gather for gather in gathers)
    cuts = passes.WHOLE if whole else passes.READING
    if not any(masks.values()):  # it is no source of anything
        none: Sequence[Any] = ()
        return Look({(k, g): none for k in masks for g in [moments.gather, *gathers]}, {})
    passes.forward(network, picture, list(masks), see, cuts, back=False)
    return Look(sums, features)
