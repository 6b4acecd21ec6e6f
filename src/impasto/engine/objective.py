"""The objective: the weighted sum of losses that a picture is painted by, at one size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor

from impasto.engine import regions as guidance
from impasto.engine import wrap
from impasto.engine.canvas import Layered
from impasto.engine.distances import DISTANCES, Compare, Distance
from impasto.engine.regions import Region
from impasto.errors import PictureError
from impasto.losses import content as content_loss
from impasto.losses import moments, variation, wasserstein
from impasto.losses.moments import Moments
from impasto.networks.vgg import VGG
from impasto.options import Options
from impasto.spec import Parts, places

Features = Mapping[str, Tensor]

VARIATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "nine-point": variation.nine_point,
    "squared": variation.squared,
    "absolute": variation.absolute,
    "crowson2021": variation.crowson2021,
}
SHARES = ("restyled", "plain")  # content losses that are shares of the energy


@dataclass(frozen=True)
class Evaluation:
    """total and each weighted term of it; gradient (1, 3, H, W) of the total, and its length."""

    total: float
    losses: dict[str, float]
    gradient: Tensor
    slope: float


@dataclass(frozen=True)
class Part:
    """A region at a layer: its mask, and what of it is known before painting.

    mask:    (1, 1, H, W); None = 1 everywhere.
    area:    its share of the layer's positions, of those in any region.
    here:    the photograph's moments in it.
    wanted:  those that the picture is to have.
    energy:  the mean squared length of a column, in the two.
    """

    mask: Tensor | None
    area: float
    here: Moments
    wanted: Moments
    energy: Tensor


@dataclass(frozen=True)
class StyleTerm:
    """One style loss in one region of one layer."""

    gather: Callable[[Tensor, Tensor | None], Any]
    compare: Compare
    mask: Tensor | None
    factor: Tensor


@dataclass(frozen=True)
class ContentTerm:
    """target: (1, C, H, W). factor: a scalar, the weight in it."""

    target: Tensor
    mask: Tensor | None
    compare: Callable[[content_loss.SquaredError], Tensor]
    factor: Tensor


class Objective:
    """What the picture is asked to be, with everything that stays the same from step to step.

    Each layer's loss is divided by the layer's energy (the mean squared length of its feature
    columns in photograph and paintings), so that it is a share of what there is: weights mean the
    same at any size, on any network and at any scale of its features. Losses in the form that a
    publication printed are left as they are.
    """

    def __init__(
        self,
        network: VGG,
        content: Layered,
        styles: Sequence[Layered],
        options: Options,
        regions: Sequence[Region] | None = None,
        keep: Tensor | None = None,
    ) -> None:
        """regions: where which style goes; None = all styles everywhere. Their masks have any size.
        keep: (1, 1, h, w), what of the photograph is kept and so is no part of a style.

        PictureError when so little of a picture is visible that a layer sees none of it.
        """
        self.network, self.options = network, options
        self.generator = torch.Generator().manual_seed(options.seed)
        self.content_weights = shares(options.content_layers, options.content_weight)
        self.style_weights = style_shares(options)
        looked = {*self.content_weights, *(k for k, _ in self.style_weights)}
        self.layers = sorted(looked, key=network.layers().index)
        if regions is None:
            regions, _ = guidance.pair(None, [None] * len(styles), options.style_weights)
        painted = (content[0], guidance.unprotected(content, keep))
        up = network.rounds_up
        here, _ = guidance.at_layers(regions, painted, styles, self.layers, up=up)
        for k in self.layers:
            if not here[k]:
                raise PictureError(f"too little of the picture is visible for {k}; show more of it")
        with torch.no_grad():
            seen = network(content[0], self.layers)
            look = network.unwrapped()  # a painting has borders, which say nothing of its style
            there = [look(pixels, self.layers) for pixels, _ in styles]
            self.masks = {k: guidance.at_layer(content[1], k, up=up) for k in self.layers}
            parts = {k: self._parts(here[k], seen[k], [f[k] for f in there]) for k in self.layers}
            self.content_terms = {
                k: self._content(k, seen[k], parts[k]) for k in self.content_weights
            }
            self.style_terms = {
                (k, name): [
                    self._style(DISTANCES[name], weight, part, region, k, seen, there)
                    for part, region in zip(parts[k], here[k], strict=True)
                ]
                for (k, name), weight in self.style_weights.items()
            }

    def __call__(self, picture: Tensor) -> Evaluation:
        """Losses and gradient at a picture (1, 3, H, W) in [0, 1]."""
        picture = picture.detach().requires_grad_()
        features = self.network(picture, self.layers)
        terms: dict[str, Tensor] = {}
        for k, term in self.content_terms.items():
            sums = content_loss.gather(features[k], term.target, term.mask)
            terms[f"content {k}"] = term.compare(sums) * term.factor
        several = len({name for _, name in self.style_terms}) > 1
        for (k, name), parts in self.style_terms.items():
            losses = [p.compare(p.gather(features[k], p.mask)) * p.factor for p in parts]
            terms[f"{name if several else 'style'} {k}"] = torch.stack(losses).sum()
        if weight := self.options.tv_weight * self.options.strength:
            kind = self.options.tv_loss
            wraps = self.network.wraps
            terms["tv"] = weight * (
                wrap.variation(picture, kind) if wraps else VARIATIONS[kind](picture)
            )
        total = torch.stack(list(terms.values())).sum()
        (gradient,) = torch.autograd.grad(total, picture)
        # One stack, so that a GPU is waited for once.
        slope = gradient.square().sum().sqrt()
        told = torch.stack([total.detach(), slope, *(t.detach() for t in terms.values())])
        whole, length, *values = cast("list[float]", told.tolist())  # pyright: ignore[reportUnknownMemberType]
        return Evaluation(whole, dict(zip(terms, values, strict=True)), gradient, length)

    def _parts(
        self, regions: Sequence[Region], seen: Tensor, there: Sequence[Tensor]
    ) -> list[Part]:
        found: list[Part] = []
        own = [moments.gather(seen, region.mask) for region in regions]
        whole = sum(float(m.count) for m in own)
        for region, mine in zip(regions, own, strict=True):
            theirs = [moments.gather(there[s.style], s.mask) for s in region.sources]
            painted = moments.blend(theirs, [s.share for s in region.sources])
            strength = self.options.strength
            wanted = painted if strength == 1 else wasserstein.between(mine, painted, strength)
            energy = ((mine.energy() + painted.energy()) / 2).clamp(min=1e-12)
            found.append(Part(region.mask, float(mine.count) / whole, mine, wanted, energy))
        return found

    def _content(self, layer: str, seen: Tensor, parts: Sequence[Part]) -> ContentTerm:
        kind, weight = self.options.content_loss, self.content_weights[layer]
        mask, channels = self.masks[layer], seen.shape[1]
        # The energy of all regions together, each as its part of the positions.
        energy = torch.stack([part.energy * part.area for part in parts]).sum()
        target = content_loss.widened(seen)
        if kind == "restyled":
            target = self._restyled(target, parts)
        compare = content_loss.compare
        if kind == "half-sum":
            compare = content_loss.half_sum
        elif kind == "mean":
            compare = partial(content_loss.mean_square, channels=channels)
        factor = weight / energy if kind in SHARES else torch.full_like(energy, weight)
        return ContentTerm(target, mask, compare, factor)

    def _restyled(self, seen: Tensor, parts: Sequence[Part]) -> Tensor:
        """Each position restyled as its regions are, and plain where it is in none."""
        if all(part.mask is None for part in parts):
            return content_loss.restyled(seen, parts[0].here, parts[0].wanted)
        total = torch.zeros_like(seen)
        covered = seen.new_zeros(1, 1, *seen.shape[2:])
        for part in parts:
            assert part.mask is not None
            total += part.mask * content_loss.restyled(seen, part.here, part.wanted)
            covered += part.mask
        return torch.where(covered > 0, total / covered.clamp(min=1e-6), seen)

    def _style(
        self,
        distance: Distance,
        weight: float,
        part: Part,
        region: Region,
        layer: str,
        seen: Features,
        there: Sequence[Features],
    ) -> StyleTerm:
        if distance.gather is moments.gather:
            wanted = part.wanted
        else:
            theirs = [distance.gather(there[s.style][layer], s.mask) for s in region.sources]
            painted = distance.blend(theirs, [s.share for s in region.sources])
            wanted = painted
            if (strength := self.options.strength) != 1:
                own = distance.gather(seen[layer], part.mask)
                wanted = distance.blend([own, painted], [1 - strength, strength])
        factor = torch.full_like(part.energy, weight * part.area)
        if distance.degree is not None:
            factor = factor / part.energy ** (distance.degree / 2)
        compare = distance.prepare(wanted, self.generator)
        return StyleTerm(distance.gather, compare, part.mask, factor)


def style_shares(options: Options) -> dict[tuple[str, str], float]:
    """The weight of each style loss at each layer, (layer, loss): its share of the losses, times
    the layer's of the layers, which are the loss's own where it has some.
    """
    found: dict[tuple[str, str], float] = {}
    for part, weight in shares(options.style_loss, options.style_weight).items():
        loss, own = places(part)
        for layer, share in shares(own or options.style_layers, weight).items():
            found[layer, loss] = share
    return found


def shares(layers: Parts, weight: float) -> dict[str, float]:
    """Each one's part of a weight; those of no weight are left out and cost nothing."""
    whole = sum(w for _, w in layers)
    return {k: weight * w / whole for k, w in layers if w and weight}
