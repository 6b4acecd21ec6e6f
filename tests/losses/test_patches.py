"""Nearest patches against loops over all of them."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from impasto.losses import patches


def features(seed: int, channels: int = 2, height: int = 6, width: int = 7) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    shape = (1, channels, height, width)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def every(f: Tensor) -> list[list[float]]:
    height, width = f.shape[2:]
    return [
        f[0, :, y : y + 3, x : x + 3].flatten().tolist()
        for y in range(height - 2)
        for x in range(width - 2)
    ]


def likeness(one: list[float], other: list[float]) -> float:
    product = sum(a * b for a, b in zip(one, other, strict=True))
    return product / (math.hypot(*one) * math.hypot(*other))


def squared(one: list[float], other: list[float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def reference(one: Tensor, other: Tensor) -> list[float]:
    style = every(other)
    return [squared(p, max(style, key=lambda s: likeness(p, s))) for p in every(one)]


def distance(one: Tensor, other: Tensor, weights: Tensor | None = None) -> Tensor:
    return patches.compare(patches.gather(one, weights), patches.gather(other))


@pytest.mark.parametrize("block", [3, 2048])
def test_it_is_the_mean_over_patches(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patches, "BLOCK", block)
    # Lengths unlike each other, so that neither the product nor the distance alone would choose.
    one = features(0)
    other = features(1, width=9) * torch.linspace(0.2, 3, 9)
    wanted = reference(one, other)
    found = distance(one, other)
    torch.testing.assert_close(found, torch.tensor(sum(wanted) / 20).double())


def test_a_patch_weighs_what_its_least_position_does() -> None:
    one, other = features(0), features(1)
    w = torch.rand(1, 1, 6, 7, generator=torch.Generator().manual_seed(2)).double()
    least = [float(w[0, 0, y : y + 3, x : x + 3].min()) for y in range(4) for x in range(5)]
    wanted = sum(a * b for a, b in zip(least, reference(one, other), strict=True)) / sum(least)
    torch.testing.assert_close(distance(one, other, w), torch.tensor(wanted).double())
    ones = torch.ones(1, 1, 6, 7)
    torch.testing.assert_close(distance(one, other, ones), distance(one, other))
    ones[..., 5:] = 0
    torch.testing.assert_close(distance(one, other, ones), distance(one[..., :5], other))


def test_patches_outside_the_styles_mask_are_never_chosen() -> None:
    one, other = features(0), features(1)
    mask = torch.ones(1, 1, 6, 7)
    mask[:, :, 4:] = 0
    style = patches.gather(other, mask)
    found = patches.compare(patches.gather(one), style)
    torch.testing.assert_close(found, distance(one, other[:, :, :4]))
    assert (patches.nearest(patches.gather(one), patches.gather(other)) >= 10).any()


def test_a_styles_own_patches_are_no_distance_away_wherever_they_lie() -> None:
    other = features(1, width=9)
    assert distance(other[..., 2:8], other) == 0
    dark = other.clone()
    dark[:, :, :3] = 0  # the first row of patches has no direction
    torch.testing.assert_close(distance(features(0), dark), distance(features(0), dark[:, :, 1:]))


def test_tiles_that_overlap_by_two_add_up() -> None:
    one, style = features(0), patches.gather(features(1))
    tiles = patches.gather(one[..., :4]) + patches.gather(one[..., 2:])
    torch.testing.assert_close(patches.compare(tiles, style), distance(one, features(1)))


def test_its_gradient_is_exact() -> None:
    other, w = features(1), torch.linspace(0.5, 1, 16).reshape(1, 1, 4, 4).double()
    f = features(0, height=4, width=4).requires_grad_()
    assert torch.autograd.gradcheck(lambda f: distance(f, other, w), (f,))


def test_features_smaller_than_a_patch_are_refused() -> None:
    with pytest.raises(ValueError, match="7x2"):
        patches.gather(features(0, height=2))
