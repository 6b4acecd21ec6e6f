"""The Gaussian Wasserstein distance: closed forms, an independent formula, its gradient."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from impasto.losses.moments import Moments, gather
from impasto.losses.wasserstein import between, compare, target


def features(seed: int, channels: int = 4, side: int = 6) -> Tensor:
    """Correlated channels of unlike sizes and means, float64."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(channels, side * side, generator=generator, dtype=torch.float64)
    mixing = torch.randn(channels, channels, generator=generator, dtype=torch.float64)
    shift = torch.randn(channels, 1, generator=generator, dtype=torch.float64)
    return (mixing @ noise + shift).reshape(1, channels, side, side)


def reference(one: Tensor, other: Tensor) -> Tensor:
    """W2² by another road: tr (Σ Σ')^½ from the eigenvalues of the product, not symmetric."""
    columns = [f[0].flatten(1) for f in (one, other)]
    means = [c.mean(1) for c in columns]
    spreads = [torch.cov(c, correction=0) for c in columns]
    shared = torch.linalg.eigvals(spreads[0] @ spreads[1]).real.clamp(min=0).sqrt().sum()
    traces = spreads[0].trace() + spreads[1].trace()
    return (means[0] - means[1]).square().sum() + traces - 2 * shared


def distance(one: Tensor, other: Tensor) -> Tensor:
    return compare(gather(one), target(gather(other)))


@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_independent_formula_both_ways_round(seed: int) -> None:
    one, other = features(seed), features(seed + 10, side=7)
    wanted = reference(one, other)
    torch.testing.assert_close(distance(one, other), wanted)
    torch.testing.assert_close(distance(other, one), wanted)
    single = distance(one.float(), other.float())
    torch.testing.assert_close(single.double(), wanted, rtol=1e-4, atol=0)


def gaussian(mean: Tensor, deviation: Tensor) -> Moments:
    """The moments of a Gaussian of independent channels."""
    second = torch.diag(deviation**2) + torch.outer(mean, mean)
    return Moments(torch.tensor(5.0).double(), 5 * mean, 5 * second)


def test_diagonal_gaussians_differ_by_their_means_and_deviations() -> None:
    means = torch.tensor([[1.0, -2, 0], [0, 1, 4]]).double()
    deviations = torch.tensor([[3.0, 1, 0.5], [1, 2, 0]]).double()
    found = compare(gaussian(means[0], deviations[0]), target(gaussian(means[1], deviations[1])))
    wanted = (means[0] - means[1]).square().sum() + (deviations[0] - deviations[1]).square().sum()
    torch.testing.assert_close(found, wanted)


def test_equal_statistics_are_no_distance_apart_and_a_shift_is_its_square() -> None:
    f = features(0)
    shift = torch.tensor([1.0, -2, 0, 3]).double()
    energy = float(gather(f).energy())
    assert abs(float(distance(f, f))) < 1e-12 * energy
    assert abs(float(distance(f.flip(3), f))) < 1e-12 * energy
    shifted = f + shift[None, :, None, None]
    torch.testing.assert_close(distance(shifted, f), torch.tensor(14.0).double())


def test_scaling_all_features_scales_the_distance_by_the_square() -> None:
    one, other = features(0), features(1)
    torch.testing.assert_close(distance(3 * one, 3 * other), 9 * distance(one, other))


def test_its_gradient_is_that_of_finite_differences() -> None:
    style = target(gather(features(1)))
    f = features(0, side=3).requires_grad_()
    assert torch.autograd.gradcheck(lambda f: compare(gather(f), style), (f,))


def test_its_gradient_is_autograds_of_the_independent_formula() -> None:
    one, other = features(0), features(1)
    found, wanted = one.clone().requires_grad_(), one.clone().requires_grad_()
    distance(found, other).backward()
    reference(wanted, other).backward()
    torch.testing.assert_close(found.grad, wanted.grad)


def test_a_step_down_the_gradient_comes_nearer() -> None:
    one, other = features(0).float(), features(1).float()
    f = one.clone().requires_grad_()
    loss = distance(f, other)
    loss.backward()
    assert f.grad is not None
    step = 0.1 * f.grad * one[0, 0].numel()
    assert distance(one - step, other) < 0.9 * loss


def test_a_deviation_under_a_thousandth_is_pulled_as_if_it_were_one() -> None:
    # d/dσ² of (σ - 1)² is 1 - 1/σ, which knows no bound: 0 for 1, -99 for 0.01, -999 and no more.
    zeros, ones = torch.zeros(4).double(), torch.ones(4).double()
    sums = gaussian(zeros, torch.tensor([1, 1e-2, 1e-4, 0]).double())
    covariance = (sums.second / sums.count).requires_grad_()
    compare(Moments(ones[0], zeros, covariance), target(gaussian(zeros, ones))).backward()
    assert covariance.grad is not None
    wanted = torch.tensor([0.0, -99, -999, -999]).double()
    torch.testing.assert_close(covariance.grad.diagonal(), wanted)


def rank_deficient() -> dict[str, tuple[Tensor, Tensor]]:
    one, other = features(0, channels=8).float(), features(1, channels=8).float()
    dead = other.clone()
    dead[:, 2:] = 0
    return {
        "dead channels in the style": (one, dead),
        "dead channels in the picture": (dead, other),
        "dead channels in both": (dead, dead.flip(3) * 1.5),
        "fewer positions than channels": (one[..., :2, :2], other[..., :2, :2]),
        "a flat picture": (torch.full_like(one, 0.5), other),
        "a flat style": (one, torch.full_like(one, 0.5)),
        "both black": (torch.zeros_like(one), torch.zeros_like(one)),
        "one position": (one[..., :1, :1], other),
    }


@pytest.mark.parametrize("case", rank_deficient())
def test_statistics_without_full_rank_give_finite_gradients(case: str) -> None:
    one, other = rank_deficient()[case]
    f = one.clone().requires_grad_()
    loss = distance(f, other)
    loss.backward()
    assert f.grad is not None and f.grad.isfinite().all()
    wanted = reference(one.double(), other.double())
    scale = float(gather(one).energy() + gather(other).energy())
    assert abs(float(loss.detach().double() - wanted)) < 1e-2 * scale + 1e-12
    # No position is pulled harder than a few times as far as the two lie apart.
    assert float(f.grad.abs().max()) * one[0, 0].numel() < 100 * (scale + 1e-12) ** 0.5


def test_what_is_not_a_number_stays_so_and_stops_no_linear_algebra() -> None:
    one, other = features(0), features(1)
    one[0, 0, 0, 0] = torch.inf
    assert distance(one, other).isnan()
    assert distance(other, one).isnan()


def test_the_way_between_two_gaussians_is_straight() -> None:
    """Its ends are the two, and a share of the way is that share of the distance."""
    random = torch.Generator().manual_seed(3)
    both: list[Moments] = []
    for _ in range(2):
        mixing = torch.randn(5, 5, generator=random, dtype=torch.float64)
        columns = mixing @ torch.randn(5, 400, generator=random, dtype=torch.float64)
        both.append(gather((columns + torch.randn(5, 1, generator=random)).view(1, 5, 20, 20)))
    one, other = both
    whole = compare(one, target(other)).sqrt().item()
    for share in (0.0, 0.3, 1.0):
        here = between(one, other, share)
        gone, left = (compare(here, target(end)).clamp(min=0).sqrt().item() for end in both)
        assert gone == pytest.approx(share * whole, abs=1e-3 * whole)
        assert left == pytest.approx((1 - share) * whole, abs=1e-3 * whole)
