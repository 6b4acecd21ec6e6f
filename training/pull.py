"""How a network pulls at a picture: its gradient in the pixels, by which pictures are painted.

Features may agree and gradients not: Wasserstein's gradients at the deep layers live in directions
that hold little of the features' variance. So a student can be taught the teacher's gradients as
well (Czarnecki et al. 2017, "Sobolev training"): the same force at the features, pulled back to
the pixels by both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from impasto.losses import moments, wasserstein
from training.student import TAPS

DEEP = ("relu4_1", "relu5_1")  # where pulls differ; shallower ones agree of themselves
Look = Mapping[str, wasserstein.Target]


def look(features: Mapping[str, Tensor]) -> Look:
    """The style of a picture, from its features at TAPS."""
    return {k: wasserstein.target(moments.gather(features[k])) for k in TAPS}


def chosen(seed: int, number: int, looks: Sequence[Look]) -> tuple[tuple[str, ...], Look]:
    """(layers, look) of a step: all taps together now and then, else a deep one alone."""
    random = np.random.default_rng((seed, number, 1))
    style = looks[random.integers(len(looks))]
    return [TAPS, *((k,) for k in DEEP)][random.choice(3, p=(0.3, 0.3, 0.4))], style


def forces(features: Mapping[str, Tensor], layers: Sequence[str], style: Look) -> dict[str, Tensor]:
    """At each layer, the gradient of the painting's style loss in the features.

    The batch counts as one picture: a crop has fewer positions than a deep layer has channels.
    """
    found: dict[str, Tensor] = {}
    for k in layers:
        leaf = features[k].detach().float().requires_grad_()
        sums = moments.gather(leaf)
        loss = wasserstein.compare(sums, style[k]) / sums.energy().detach()
        (found[k],) = torch.autograd.grad(loss, leaf)
    return found


def apart(
    pictures: Tensor,
    mine: Mapping[str, Tensor],
    theirs: Mapping[str, Tensor],
    force: Mapping[str, Tensor],
) -> Tensor:
    """|J'v - K'v|² / |K'v|² for the two networks' Jacobians J and K at `pictures` and forces v.

    mine, theirs: features of `pictures`, which require a gradient. Differentiable in `mine`.
    """
    layers = list(force)
    (wanted,) = torch.autograd.grad(
        [theirs[k] for k in layers], pictures, [force[k].to(theirs[k]) for k in layers]
    )
    (got,) = torch.autograd.grad(
        [mine[k] for k in layers],
        pictures,
        [force[k].to(mine[k]) for k in layers],
        create_graph=True,
    )
    return (got - wanted).square().sum() / wanted.square().sum()
