"""Moments against numpy's sums, and the ways in which they add up."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from impasto.losses.moments import Moments, blend, gather, pull


def features(seed: int, channels: int = 5, height: int = 6, width: int = 7) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    shape = (1, channels, height, width)
    return torch.randn(shape, generator=generator, dtype=torch.float64) + 0.7


def mask(seed: int, height: int = 6, width: int = 7) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 1, height, width, generator=generator, dtype=torch.float64)


def same(one: Moments, other: Moments) -> None:
    for name in ("count", "first", "second"):
        torch.testing.assert_close(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("weighted", [False, True])
def test_sums_mean_covariance_and_energy_are_numpys(weighted: bool) -> None:
    f, w = features(0), mask(1) if weighted else None
    columns = f.numpy().reshape(5, -1)
    weights = None if w is None else w.numpy().ravel()
    moments = gather(f, w)
    share = np.ones(42) if weights is None else weights
    np.testing.assert_allclose(moments.count, share.sum())
    np.testing.assert_allclose(moments.first, (columns * share).sum(1))
    np.testing.assert_allclose(moments.second, np.einsum("in,jn,n->ij", columns, columns, share))
    np.testing.assert_allclose(moments.mean(), np.average(columns, axis=1, weights=weights))
    wanted = np.cov(columns, ddof=0, aweights=weights)
    np.testing.assert_allclose(moments.covariance(), wanted, atol=1e-12)
    lengths = (columns**2).sum(0)
    np.testing.assert_allclose(moments.energy(), np.average(lengths, weights=weights))


@pytest.mark.parametrize("weighted", [False, True])
def test_tiles_add_up_to_the_whole(weighted: bool) -> None:
    f, w = features(0), mask(1) if weighted else None
    left, right = (gather(f[..., s], None if w is None else w[..., s]) for s in HALVES)
    same(left + right, gather(f, w))


HALVES = (slice(0, 3), slice(3, 7))


def test_a_mask_of_zeros_and_ones_selects_columns() -> None:
    f, chosen = features(0), mask(1) > 0.4
    selected = f.flatten(2)[..., chosen.flatten()]
    same(gather(f, chosen.double()), gather(selected[..., None]))


def test_order_of_positions_and_memory_layout_do_not_matter() -> None:
    f, w = features(0), mask(1)
    order = torch.randperm(42, generator=torch.Generator().manual_seed(2))
    shuffled, weights = (t.flatten(2)[..., order].reshape(t.shape) for t in (f, w))
    same(gather(shuffled, weights), gather(f, w))
    same(gather(f.contiguous(memory_format=torch.channels_last)), gather(f))


@pytest.mark.parametrize("weighted", [False, True])
def test_half_precision_is_summed_in_float32(weighted: bool) -> None:
    # 300 squares of 3 are 2700, which bfloat16 can't hold; float32 has every partial sum exactly.
    f = torch.full((1, 2, 15, 20), 3.0, dtype=torch.bfloat16)
    moments = gather(f, torch.ones(1, 1, 15, 20) if weighted else None)
    assert {moments.count.dtype, moments.first.dtype, moments.second.dtype} == {torch.float32}
    assert (moments.count, moments.first[0], moments.second[0, 1]) == (300, 900, 2700)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_gradient_is_exact_in_every_sum_and_in_half_precision_near(weighted: bool) -> None:
    f, w = features(0, height=2, width=3).requires_grad_(), mask(1, 2, 3) if weighted else None

    def sums(f: Tensor) -> tuple[Tensor, ...]:
        moments = gather(f, w)
        return moments.first, moments.second

    assert torch.autograd.gradcheck(sums, (f,))

    def gradient(kind: torch.dtype) -> Tensor:
        leaf = f.detach().to(kind).requires_grad_()
        gather(leaf, None if w is None else w.float()).covariance().square().sum().backward()
        assert leaf.grad is not None and leaf.grad.dtype == kind
        return leaf.grad.float()

    exact, rough = gradient(torch.float32), gradient(torch.bfloat16)
    assert (exact - rough).norm() < 0.02 * exact.norm()


def test_a_blend_of_equal_counts_has_the_moments_of_all_columns_together() -> None:
    one, other = features(0), features(1)
    together = gather(torch.cat([one, other], dim=3))
    blended = blend([gather(one), gather(other)], [1, 1])
    torch.testing.assert_close(blended.mean(), together.mean())
    torch.testing.assert_close(blended.covariance(), together.covariance())


def test_shares_count_by_their_ratio_and_not_by_the_styles_sizes() -> None:
    small, large = gather(features(0, height=2)), gather(features(1, height=30))
    blended = blend([small, large], [6, 2])
    same(blended, blend([small, large], [0.75, 0.25]))
    torch.testing.assert_close(blended.count, torch.tensor(1.0, dtype=torch.float64))
    torch.testing.assert_close(blended.mean(), 0.75 * small.mean() + 0.25 * large.mean())
    alone = blend([small, large], [0, 5])
    torch.testing.assert_close(alone.covariance(), large.covariance())


def test_a_blend_takes_a_share_for_each() -> None:
    with pytest.raises(ValueError):
        blend([gather(features(0)), gather(features(1))], [1.0])


def test_in_half_precision_a_matrix_that_is_huge_where_features_are_not_keeps_its_other_parts() -> (
    None
):
    # As the Wasserstein distance's is: rounded to bfloat16 it would say nothing of the rest.
    generator = torch.Generator().manual_seed(3)
    axis = torch.nn.functional.normalize(torch.randn(16, generator=generator), dim=0)
    f = torch.randn(1, 16, 20, 30, generator=generator)
    f = f - (f * axis.view(1, 16, 1, 1)).sum(1, keepdim=True) * axis.view(1, 16, 1, 1)
    f = f.bfloat16().contiguous(memory_format=torch.channels_last)
    small = torch.randn(16, 16, generator=generator)
    matrix = (small + small.T) / 20 + 300 * torch.outer(axis, axis)
    exact = torch.einsum("ij,njhw->nihw", matrix.double(), f.double())
    pulled = pull(f, torch.zeros(16), matrix / 2)
    assert pulled.dtype == torch.bfloat16
    assert (pulled - exact).norm() < 0.01 * exact.norm()
    wide = pull(f.double(), torch.zeros(16).double(), matrix.double() / 2)
    torch.testing.assert_close(wide, exact)


def test_several_pictures_are_all_columns_together() -> None:
    one, other = features(0), features(1)
    both, beside = torch.cat([one, other]), torch.cat([one, other], dim=3)
    same(gather(both), gather(beside))
    slopes = torch.arange(5.0).double(), torch.eye(5).double() + 0.1
    found = torch.cat([*pull(both, *slopes)[:, None]], dim=3)
    torch.testing.assert_close(found, pull(beside, *slopes))
