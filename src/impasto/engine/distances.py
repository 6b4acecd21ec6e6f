"""Style losses by name: how each is gathered, prepared, and brought to a scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from impasto.losses import (
    columns,
    gram,
    histogram,
    mmd,
    moments,
    patches,
    sliced,
    statistics,
    wasserstein,
)

Sums = Any  # Moments or Columns: what a distance's `gather` gives
Compare = Callable[[Sums], Tensor]

EXACT = 2048  # columns up to which a Gaussian kernel sees every pair


@dataclass(frozen=True)
class Distance:
    """How far a picture's features are from a style's.

    gather:   (features, weights) -> sums.
    blend:    (sums, shares) -> sums of the mixture.
    prepare:  (the style's sums, a generator of what is random) -> sums -> scalar.
    degree:   how it grows with the features: divided by the layer's energy to half this power it is
              a share of what there is. None for what a publication printed, which stays as it is.
    side:     how many positions a side the features must have.
    """

    gather: Callable[[Tensor, Tensor | None], Sums]
    blend: Callable[[Sequence[Any], Sequence[float]], Sums]
    prepare: Callable[[Any, torch.Generator], Compare]
    degree: int | None
    side: int = 2


def _of_moments(compare: Callable[[Any, Any], Tensor], degree: int | None) -> Distance:
    def prepare(style: Any, _: torch.Generator) -> Compare:
        return lambda sums: compare(sums, style)

    return Distance(moments.gather, moments.blend, prepare, degree)


def _wasserstein(style: moments.Moments, _: torch.Generator) -> Compare:
    target = wasserstein.target(style)
    return lambda sums: wasserstein.compare(sums, target)


def _crowson2021(style: moments.Moments, _: torch.Generator) -> Compare:
    """Means over channels, and 1e-4 more in every channel's variance."""
    noise = 1e-4 * torch.eye(len(style.first), device=style.first.device)

    def noisy(sums: moments.Moments) -> moments.Moments:
        second = sums.second + noise.to(sums.second) * sums.count
        return moments.Moments(sums.count, sums.first, second)

    target = wasserstein.target(noisy(style))
    return lambda sums: wasserstein.compare(noisy(sums), target) / len(sums.first)


def _gaussian(style: columns.Columns, generator: torch.Generator) -> Compare:
    def compare(sums: columns.Columns) -> Tensor:
        if max(len(sums.values), len(style.values)) > EXACT:
            return mmd.sampled(sums, style, generator)
        spread = mmd.bandwidth(_moments(sums), _moments(style))
        return mmd.compare(sums, mmd.target(style, mmd.Gaussian(max(spread, 1e-12))))

    return compare


def _moments(of: columns.Columns) -> moments.Moments:
    shares = of.shares().detach()
    values = of.values.detach()
    return moments.Moments(shares.sum(), shares @ values, (values * shares[:, None]).T @ values)


def _sliced(style: columns.Columns, generator: torch.Generator) -> Compare:
    channels = style.values.shape[1]

    def compare(sums: columns.Columns) -> Tensor:
        along = sliced.directions(channels, channels, generator)
        return sliced.compare(sums, style, along) * channels

    return compare


def _patches(style: columns.Columns, _: torch.Generator) -> Compare:
    return lambda sums: patches.compare(sums, style) / 9  # a patch has nine positions


def _histogram(style: columns.Columns, _: torch.Generator) -> Compare:
    target = histogram.target(style)
    return lambda sums: histogram.compare(sums, target)


def _summed_statistics(sums: moments.Moments, style: moments.Moments) -> Tensor:
    return statistics.compare(sums, style) * len(style.first)


def _sampled(style: columns.Columns, generator: torch.Generator) -> Compare:
    """The Gaussian kernel as Li et al.'s program has it: 2σ² is the mean squared distance."""
    channels = style.values.shape[1]
    return lambda sums: mmd.sampled(sums, style, generator, width=0.5) * (7.5e13 / channels)


def _demystifying(kind: Literal["linear", "poly", "bn"]) -> Distance:
    """Li et al.'s losses as their program weighs them, in gradients: by N positions, C channels."""

    def compare(sums: moments.Moments, style: moments.Moments) -> Tensor:
        count, channels = sums.count, len(sums.first)
        if kind == "linear":
            return mmd.linear(sums, style) * (1000 * count / channels)
        if kind == "poly":
            return mmd.quadratic(sums, style) * (0.1 * count / (4 * channels**2))
        return statistics.compare(sums, style) * (500 * count)

    return _of_moments(compare, None)


def _gram(normalisation: gram.Normalisation) -> Distance:
    return _of_moments(lambda sums, style: gram.compare(sums, style, normalisation), None)


DISTANCES: dict[str, Distance] = {
    "wasserstein": Distance(moments.gather, moments.blend, _wasserstein, 2),
    "gram": _of_moments(mmd.quadratic, 4),
    "statistics": _of_moments(_summed_statistics, 2),
    "mean": _of_moments(mmd.linear, 2),
    "gaussian": Distance(columns.gather, columns.blend, _gaussian, 0),
    "sliced": Distance(columns.gather, columns.blend, _sliced, 2),
    "patches": Distance(patches.gather, columns.blend, _patches, 2, side=3),
    "histogram": Distance(columns.gather, columns.blend, _histogram, 2),
    "gatys2016": _gram("gatys2016"),
    "johnson2015": _gram("neural-style"),
    "notebook2017": _gram("notebook"),
    "article2025": _gram("raw"),
    "crowson2021": Distance(moments.gather, moments.blend, _crowson2021, None),
    "demystifying2017-linear": _demystifying("linear"),
    "demystifying2017-poly": _demystifying("poly"),
    "demystifying2017-gaussian": Distance(columns.gather, columns.blend, _sampled, None),
    "demystifying2017-bn": _demystifying("bn"),
}
