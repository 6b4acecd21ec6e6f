"""The objective: the weighted sum of losses that a picture is painted by, at one size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional as F

from impasto.errors import PictureError
from impasto.losses import content as content_loss
from impasto.losses import moments, variation, wasserstein
from impasto.losses.moments import Moments
from impasto.networks.vgg import VGG, depth
from impasto.options import Options
from impasto.spec import Parts

Layered = tuple[Tensor, Tensor | None]  # pixels (1, 3, H, W) and alpha (1, 1, H, W)


@dataclass(frozen=True)
class Evaluation:
    """total and each weighted term of it; gradient (1, 3, H, W) of the total, and its length."""

    total: float
    losses: dict[str, float]
    gradient: Tensor
    slope: float


class Objective:
    """What the picture is asked to be, with everything that stays the same from step to step.

    Each layer's loss is divided by the layer's energy (the mean squared length of its feature
    columns in photograph and paintings), so that it is a share of what there is: weights mean the
    same at any size, on any network and at any scale of its features.
    """

    def __init__(
        self, network: VGG, content: Layered, styles: Sequence[Layered], options: Options
    ) -> None:
        self.network = network
        self.tv_weight = options.tv_weight
        self.content_weights = shares(options.content_layers, options.content_weight)
        self.style_weights = shares(options.style_layers, 1.0)
        self.layers = sorted(
            {*self.content_weights, *self.style_weights}, key=network.layers().index
        )
        self.alpha = content[1]
        with torch.no_grad():
            seen = network(content[0], self.layers)
            masks = self._masks()
            there = {k: moments.gather(f, masks.get(k)) for k, f in seen.items()}
            wanted = self._style(styles, options.style_weights or (1.0,) * len(styles))
            energy = {k: (there[k].energy() + wanted[k].energy()) / 2 for k in self.layers}
            self.energy = {k: e.clamp(min=1e-12) for k, e in energy.items()}
            self.content_targets = {
                k: content_loss.restyled(seen[k], there[k], wanted[k]) for k in self.content_weights
            }
            self.style_targets = {k: wasserstein.target(wanted[k]) for k in self.style_weights}
        self.masks = masks

    def __call__(self, picture: Tensor) -> Evaluation:
        """Losses and gradient at a picture (1, 3, H, W) in [0, 1]."""
        picture = picture.detach().requires_grad_()
        features = self.network(picture, self.layers)
        terms: dict[str, Tensor] = {}
        for k, weight in self.content_weights.items():
            sums = content_loss.gather(features[k], self.content_targets[k], self.masks.get(k))
            terms[f"content {k}"] = weight * content_loss.compare(sums) / self.energy[k]
        for k, weight in self.style_weights.items():
            gathered = moments.gather(features[k], self.masks.get(k))
            distance = wasserstein.compare(gathered, self.style_targets[k])
            terms[f"style {k}"] = weight * distance / self.energy[k]
        if self.tv_weight:
            terms["tv"] = self.tv_weight * variation.nine_point(picture)
        total = torch.stack(list(terms.values())).sum()
        (gradient,) = torch.autograd.grad(total, picture)
        # One stack, so that a GPU is waited for once.
        slope = gradient.square().sum().sqrt()
        told = torch.stack([total.detach(), slope, *(t.detach() for t in terms.values())])
        whole, length, *values = cast("list[float]", told.tolist())  # pyright: ignore[reportUnknownMemberType]
        return Evaluation(whole, dict(zip(terms, values, strict=True)), gradient, length)

    def _style(self, styles: Sequence[Layered], shares: Sequence[float]) -> dict[str, Moments]:
        """The blend's moments at every layer."""
        gathered: list[dict[str, Moments]] = []
        for pixels, alpha in styles:
            features = self.network(pixels, self.layers)
            gathered.append({k: moments.gather(f, _mask(alpha, k)) for k, f in features.items()})
        return {k: moments.blend([g[k] for g in gathered], shares) for k in self.layers}

    def _masks(self) -> dict[str, Tensor]:
        masks = {k: _mask(self.alpha, k) for k in self.layers}
        return {k: m for k, m in masks.items() if m is not None}


def shares(layers: Parts, weight: float) -> dict[str, float]:
    """Each layer's part of a weight; layers of no weight are left out and cost nothing."""
    whole = sum(w for _, w in layers)
    return {k: weight * w / whole for k, w in layers if w and weight}


def _mask(alpha: Tensor | None, layer: str) -> Tensor | None:
    """alpha (1, 1, H, W) at a layer's resolution: each value the mean of what a feature stands for.

    It drops the rows and columns that the network's poolings drop. PictureError if only they show.
    """
    if alpha is None:
        return None
    mask = F.avg_pool2d(alpha, 2 ** depth(layer))
    if not mask.any():
        raise PictureError(f"too little of the picture is visible for {layer}; show more of it")
    return mask
