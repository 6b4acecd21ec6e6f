"""The objective: the weighted sum of losses that a picture is painted by, at one size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor

from impasto.engine import passes, shares
from impasto.engine import regions as guidance
from impasto.engine.canvas import Layered
from impasto.engine.distances import DISTANCES
from impasto.engine.look import Gather, Look, look
from impasto.engine.passes import WHOLE, Cut, Cuts
from impasto.engine.regions import Region
from impasto.engine.terms import ContentTerm, Layer, StyleTerm
from impasto.errors import PictureError
from impasto.losses import content as content_loss
from impasto.losses import moments, variation, wasserstein
from impasto.losses.moments import Moments
from impasto.networks.vgg import VGG, depth
from impasto.options import Options

_linalg = cast(Any, torch.linalg)  # which torch doesn't type

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
        cuts: Cuts = WHOLE,
    ) -> None:
        """regions: where which style goes; None = all styles everywhere. Their masks have any size.
        keep: (1, 1, h, w), what of the photograph is kept and so is no part of a style.
        cuts: how the network's blocks are gone through at each evaluation.

        PictureError when so little of a picture is visible that a layer sees none of it.
        """
        self.network, self.options = network, options
        self.generator = torch.Generator().manual_seed(options.seed)
        self.content_weights = shares.split(options.content_layers, options.content_weight)
        self.style_weights = shares.of_styles(options)
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
        self.masks = {k: guidance.at_layer(content[1], k, up=up) for k in self.layers}
        gathers = [DISTANCES[name].gather for _, name in self.style_weights]
        own = {k: [region.mask for region in here[k]] for k in self.layers}
        seen = look(network, content[0], own, gathers, self.content_weights)
        plain = network.unwrapped()  # a painting has borders, which say nothing of its style
        there = [
            look(plain, pixels, _masks(here, i), gathers) for i, (pixels, _) in enumerate(styles)
        ]
        self.terms = {k: self._layer(k, here[k], seen, there) for k in self.layers}
        self.cuts = self.possible(cuts)

    def possible(self, cuts: Cuts) -> Cuts:
        """Cuts with those blocks whole of which a loss wants all at once."""
        whole = {depth(k) + 1 for k, layer in self.terms.items() if not layer.adds_up}
        return passes.cuts(Cut() if b in whole else cut for b, cut in enumerate(cuts, 1))

    def __call__(self, picture: Tensor) -> Evaluation:
        """Losses and gradient at a picture (1, 3, H, W) in [0, 1]."""
        picture = picture.detach()
        for layer in self.terms.values():
            layer.begin()
        trace = passes.forward(self.network, picture, self.layers, self._see, self.cuts)
        losses = self._compared()
        gradient = passes.backward(trace, self._pull)
        if weight := self.options.tv_weight * self.options.strength:
            wraps = self.network.wraps
            losses["tv"] = variation.pull(
                picture, gradient, self.options.tv_loss, weight, wraps=wraps
            )
        # One stack, so that a GPU is waited for once.
        total = torch.stack(list(losses.values())).sum()
        slope = _linalg.vector_norm(gradient)
        told = torch.stack([total, slope.to(total), *losses.values()])
        whole, length, *values = cast("list[float]", told.tolist())  # pyright: ignore[reportUnknownMemberType]
        return Evaluation(whole, dict(zip(losses, values, strict=True)), gradient, length)

    def _see(self, layer: str, features: Tensor, rows: slice) -> None:
        self.terms[layer].see(features, rows)

    def _pull(self, layer: str, features: Tensor, rows: slice) -> Tensor:
        return self.terms[layer].pull(features, rows)

    def _compared(self) -> dict[str, Tensor]:
        """The losses of what was gathered. Each layer is left with their gradient in it."""
        leaves = {k: layer.leaves() for k, layer in self.terms.items()}
        several = len({name for _, name in self.style_weights}) > 1
        with torch.enable_grad():
            losses = {f"content {k}": self.terms[k].content_loss() for k in self.content_weights}
            for k, name in self.style_weights:
                shown = name if several else "style"
                losses[f"{shown} {k}"] = self.terms[k].style_loss(name)
            total = torch.stack(list(losses.values())).sum()
        every = [leaf for found in leaves.values() for leaf in found.values()]
        slopes = iter(torch.autograd.grad(total, every, materialize_grads=True))
        for k, found in leaves.items():
            self.terms[k].turn({name: next(slopes) for name in found})
        return {name: loss.detach() for name, loss in losses.items()}

    def _layer(
        self, name: str, regions: Sequence[Region], seen: Look, there: Sequence[Look]
    ) -> Layer:
        parts = self._parts(name, regions, seen, there)
        styles = {
            loss: self._styles(loss, weight, name, regions, parts, seen, there)
            for (layer, loss), weight in self.style_weights.items()
            if layer == name
        }
        content = self._content(name, seen, parts) if name in self.content_weights else None
        return Layer(name, [part.mask for part in parts], content, styles)

    def _parts(
        self, layer: str, regions: Sequence[Region], seen: Look, there: Sequence[Look]
    ) -> list[Part]:
        found: list[Part] = []
        own: Sequence[Moments] = seen.sums[layer, moments.gather]
        whole = sum(float(m.count) for m in own)
        painted = _blended(moments.gather, moments.blend, layer, regions, there)
        for region, mine, style in zip(regions, own, painted, strict=True):
            strength = self.options.strength
            wanted = style if strength == 1 else wasserstein.between(mine, style, strength)
            energy = ((mine.energy() + style.energy()) / 2).clamp(min=1e-12)
            found.append(Part(region.mask, float(mine.count) / whole, mine, wanted, energy))
        return found

    def _content(self, layer: str, seen: Look, parts: Sequence[Part]) -> ContentTerm:
        kind, weight = self.options.content_loss, self.content_weights[layer]
        # The energy of all regions together, each as its part of the positions.
        energy = torch.stack([part.energy * part.area for part in parts]).sum()
        features = seen.features[layer]
        compare = content_loss.compare
        if kind == "half-sum":
            compare = content_loss.half_sum
        elif kind == "mean":
            compare = partial(content_loss.mean_square, channels=features.shape[1])
        factor = weight / energy if kind in SHARES else torch.full_like(energy, weight)
        wanted = _restyled(features, parts) if kind == "restyled" else features
        return ContentTerm(wanted, self.masks[layer], compare, factor)

    def _styles(
        self,
        loss: str,
        weight: float,
        layer: str,
        regions: Sequence[Region],
        parts: Sequence[Part],
        seen: Look,
        there: Sequence[Look],
    ) -> list[StyleTerm]:
        """One style loss of a layer: a term for each region."""
        distance, strength = DISTANCES[loss], self.options.strength
        if shares.adds_up(loss):
            wanted: list[Any] = [part.wanted for part in parts]
        else:
            wanted = _blended(distance.gather, distance.blend, layer, regions, there)
            if strength != 1:
                own = seen.sums[layer, distance.gather]
                wanted = [
                    distance.blend([mine, style], [1 - strength, strength])
                    for mine, style in zip(own, wanted, strict=True)
                ]
        terms: list[StyleTerm] = []
        for i, (part, sums) in enumerate(zip(parts, wanted, strict=True)):
            factor = torch.full_like(part.energy, weight * part.area)
            if distance.degree is not None:
                factor = factor / part.energy ** (distance.degree / 2)
            terms.append(StyleTerm(distance, distance.prepare(sums, self.generator), i, factor))
        return terms


def _restyled(features: Tensor, parts: Sequence[Part]) -> Tensor:
    """The photograph's features (1, C, H, W), used up, with the statistics of its style in each
    region; plain where a position is in none.
    """
    if len(parts) == 1 and parts[0].mask is None:
        return _changed(features, parts[0], features)
    total, covered = torch.zeros_like(features), features.new_zeros(())
    for part in parts:
        assert part.mask is not None
        mask = part.mask.to(features)
        total.addcmul_(_changed(features, part, torch.empty_like(features)), mask)
        covered = covered + mask
    return torch.where(covered > 0, total / covered.clamp(min=1e-6), features)


def _changed(features: Tensor, part: Part, out: Tensor) -> Tensor:
    """Restyled as one region is, into `out`, some rows at a time, which are widened for it."""
    step = max(1, moments.ROOM // (features.shape[1] * features.shape[3]))
    for start in range(0, features.shape[2], step):
        rows = features[:, :, start : start + step]
        out[:, :, start : start + step] = content_loss.restyled(rows, part.here, part.wanted)
    return out


def _masks(here: Mapping[str, Sequence[Region]], style: int) -> dict[str, list[Tensor | None]]:
    """By layer: the masks of all sources that are of one style, in the order of the regions."""
    return {
        k: [s.mask for region in regions for s in region.sources if s.style == style]
        for k, regions in here.items()
    }


def _blended(
    gather: Gather,
    blend: Callable[[Sequence[Any], Sequence[float]], Any],
    layer: str,
    regions: Sequence[Region],
    there: Sequence[Look],
) -> list[Any]:
    """What each region's sources sum up to at a layer, blended by their shares."""
    rest = [iter(one.sums[layer, gather]) for one in there]  # in the order of `_masks`
    return [
        blend([next(rest[s.style]) for s in region.sources], [s.share for s in region.sources])
        for region in regions
    ]
