"""The Gram loss against each source's formula, written with loops over entries."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import torch
from torch import Tensor

from impasto.losses.gram import Normalisation, compare
from impasto.losses.moments import blend, gather


def features(seed: int, channels: int = 3, height: int = 4, width: int = 5) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    shape = (1, channels, height, width)
    return torch.randn(shape, generator=generator, dtype=torch.float64) + 0.3


def published(one: Tensor, other: Tensor, normalisation: str) -> float:
    f, s = (t.numpy().reshape(t.shape[1], -1) for t in (one, other))
    (channels, positions), others = f.shape, s.shape[1]
    total = 0.0
    for i in range(channels):
        for j in range(channels):
            mine, its = float(f[i] @ f[j]), float(s[i] @ s[j])
            if normalisation == "gatys2016" and positions == others:
                total += (mine - its) ** 2 / (4 * channels**2 * positions**2)
            elif normalisation == "gatys2016":
                total += (mine / positions - its / others) ** 2 / (4 * channels**2)
            elif normalisation == "neural-style":
                mine, its = mine / (channels * positions), its / (channels * others)
                total += (mine - its) ** 2 / channels**2
            elif normalisation == "notebook":
                total += (mine / positions - its / others) ** 2 / channels**2
            else:
                total += (mine - its * positions / others) ** 2 / channels**2
    return total


@pytest.mark.parametrize("normalisation", get_args(Normalisation))
@pytest.mark.parametrize("width", [5, 8])
def test_it_is_what_the_source_prints(normalisation: Normalisation, width: int) -> None:
    one, other = features(0), features(1, width=width)
    found = compare(gather(one), gather(other), normalisation)
    np.testing.assert_allclose(found, published(one, other, normalisation))


@pytest.mark.parametrize("normalisation", get_args(Normalisation))
def test_order_and_equal_statistics_and_masks(normalisation: Normalisation) -> None:
    one, style = features(0), gather(features(1))
    wanted = compare(gather(one), style, normalisation)
    torch.testing.assert_close(compare(gather(one.flip(2, 3)), style, normalisation), wanted)
    ones = torch.ones(1, 1, 4, 5).double()
    torch.testing.assert_close(compare(gather(one, ones), style, normalisation), wanted)
    assert compare(gather(one.flip(3)), gather(one), normalisation) < 1e-20
    ones[..., 3:] = 0
    cropped = compare(gather(one[..., :3]), style, normalisation)
    torch.testing.assert_close(compare(gather(one, ones), style, normalisation), cropped)
    halved = gather(one[:, :, :1]) + gather(one[:, :, 1:])
    torch.testing.assert_close(compare(halved, style, normalisation), wanted)


def test_raw_sees_a_blend_at_the_pictures_size() -> None:
    one, other = features(0), features(1)
    alone = compare(gather(one), gather(other), "raw")
    torch.testing.assert_close(compare(gather(one), blend([gather(other)], [2]), "raw"), alone)


@pytest.mark.parametrize("normalisation", get_args(Normalisation))
def test_its_gradient_is_exact(normalisation: Normalisation) -> None:
    style = gather(features(1))
    f = features(0, height=2, width=3).requires_grad_()
    assert torch.autograd.gradcheck(lambda f: compare(gather(f), style, normalisation), (f,))


def test_a_name_that_is_none_is_refused() -> None:
    style = gather(features(1))
    with pytest.raises(ValueError, match="'gatys'"):
        compare(style, style, "gatys")  # pyright: ignore[reportArgumentType]
