"""BN statistics against numpy's means and deviations, and where a channel has no deviation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from impasto.losses.moments import Moments, gather
from impasto.losses.statistics import compare


def features(seed: int, channels: int = 3, height: int = 4, width: int = 5) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    shape = (1, channels, height, width)
    scale = torch.arange(1.0, channels + 1)[:, None, None]
    return scale.double() * torch.randn(shape, generator=generator, dtype=torch.float64) + 0.3


def distance(one: Tensor, other: Tensor) -> Tensor:
    return compare(gather(one), gather(other))


def test_it_is_the_papers_sum_over_channels() -> None:
    one, other = features(0), features(1, width=8)
    columns = [t.numpy().reshape(3, -1) for t in (one, other)]
    wanted = sum(
        (f.mean() - s.mean()) ** 2 + (f.std() - s.std()) ** 2 for f, s in zip(*columns, strict=True)
    )
    np.testing.assert_allclose(distance(one, other), wanted / 3)
    np.testing.assert_allclose(distance(one.float(), other.float()), wanted / 3, rtol=1e-4)


def test_masks_and_order() -> None:
    one, other = features(0), features(1)
    kept = torch.ones(1, 1, 4, 5).double()
    kept[..., 3:] = 0
    masked = compare(gather(one, kept), gather(other))
    torch.testing.assert_close(masked, distance(one[..., :3], other))
    assert distance(one.flip(2), one) < 1e-20
    torch.testing.assert_close(distance(one + 2, one), torch.tensor(4.0).double())


def test_its_gradient_is_exact() -> None:
    other = features(1)
    f = features(0, height=2, width=3).requires_grad_()
    assert torch.autograd.gradcheck(lambda f: distance(f, other), (f,))


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
@pytest.mark.parametrize("level", [0.0, 0.7, 1e3])
def test_a_flat_channel_is_measured_and_pulls_with_a_finite_gradient(
    level: float, kind: torch.dtype
) -> None:
    one, other = features(0).to(kind), features(1).to(kind)
    one[:, 1] = level
    f = one.clone().requires_grad_()
    loss = distance(f, other)
    loss.backward()
    wanted = [(t.double().mean((2, 3)), t.double().std((2, 3), correction=0)) for t in (one, other)]
    squares = sum((a - b).square() for a, b in zip(*wanted, strict=True))
    torch.testing.assert_close(loss.detach().double(), squares.mean(), rtol=2e-3, atol=0)
    # With nothing to spread, only the mean pulls: 2 (μ - μ') / (C N) at each position.
    assert f.grad is not None
    apart = 2 * (one[:, 1].mean() - other[:, 1].mean()) / (3 * 20)
    torch.testing.assert_close(f.grad[:, 1], apart.expand(1, 4, 5), rtol=5e-2, atol=2e-3)
    assert f.grad.isfinite().all()
    assert distance(one, one) < 1e-12


def test_a_variance_that_rounding_makes_negative_is_none() -> None:
    one = torch.ones(1)
    rounded = Moments(one[0], one, (one * (1 - 1e-5))[None])
    assert 0 <= compare(rounded, Moments(one[0], one, one[None])) < 1e-5
