"""MMD² against its double sums, its identities, and the estimate that samples pairs."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from impasto.losses import columns, gram, mmd, moments
from impasto.losses.columns import Columns


def features(seed: int, channels: int = 3, height: int = 4, width: int = 5) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    shape = (1, channels, height, width)
    return torch.randn(shape, generator=generator, dtype=torch.float64) + 0.3


def mask(seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 1, 4, 5, generator=generator, dtype=torch.float64)


def scalar_kernel(name: str, x: list[float], y: list[float]) -> float:
    product = sum(a * b for a, b in zip(x, y, strict=True))
    if name == "linear":
        return product
    if name == "gaussian":
        return math.exp(-sum((a - b) ** 2 for a, b in zip(x, y, strict=True)) / (2 * 1.7))
    degree, constant = {"quadratic": (2, 0.6), "cubic": (3, 0.5)}[name]
    return (product + constant) ** degree


def double_sums(name: str, one: Tensor, other: Tensor, weights: Tensor | None = None) -> float:
    f, s = (t[0].flatten(1).T.tolist() for t in (one, other))
    w = [1.0] * len(f) if weights is None else weights.flatten().tolist()
    w = [x / sum(w) for x in w]
    v = [1 / len(s)] * len(s)

    def mean(x: list[list[float]], p: list[float], y: list[list[float]], q: list[float]) -> float:
        return sum(
            a * b * scalar_kernel(name, i, j)
            for i, a in zip(x, p, strict=True)
            for j, b in zip(y, q, strict=True)
        )

    return mean(f, w, f, w) + mean(s, v, s, v) - 2 * mean(f, w, s, v)


KERNELS = {"quadratic": mmd.Polynomial(2, 0.6), "cubic": mmd.Polynomial(3, 0.5)}
KERNELS |= {"linear": mmd.Polynomial(1), "gaussian": mmd.Gaussian(1.7)}


def exact(name: str, one: Tensor, other: Tensor, weights: Tensor | None = None) -> Tensor:
    style = mmd.target(columns.gather(other), KERNELS[name])
    return mmd.compare(columns.gather(one, weights), style)


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("block", [7, 2048])
def test_all_pairs_are_the_double_sums(
    name: str, weighted: bool, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mmd, "BLOCK", block)
    one, other, w = features(0), features(1, width=8), mask(2) if weighted else None
    wanted = torch.tensor(double_sums(name, one, other, w)).double()
    torch.testing.assert_close(exact(name, one, other, w), wanted)


@pytest.mark.parametrize("weighted", [False, True])
def test_moments_give_the_linear_and_the_quadratic_kernels(weighted: bool) -> None:
    one, other, w = features(0), features(1, width=8), mask(2) if weighted else None
    sums, style = moments.gather(one, w), moments.gather(other)
    wanted = {k: torch.tensor(double_sums(k, one, other, w)).double() for k in KERNELS}
    torch.testing.assert_close(mmd.linear(sums, style), wanted["linear"])
    torch.testing.assert_close(mmd.quadratic(sums, style, 0.6), wanted["quadratic"])


def test_the_quadratic_kernel_is_the_gram_loss_up_to_the_papers_factor() -> None:
    one, other = features(0), features(1, width=8)
    sums, style = moments.gather(one), moments.gather(other)
    wanted = gram.compare(sums, style, "gatys2016")
    torch.testing.assert_close(mmd.quadratic(sums, style) / (4 * 3**2), wanted)
    pairs = mmd.target(columns.gather(other), mmd.Polynomial(2))
    torch.testing.assert_close(mmd.compare(columns.gather(one), pairs) / 36, wanted)


@pytest.mark.parametrize("name", KERNELS)
def test_its_gradient_is_exact(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mmd, "BLOCK", 4)
    other, w = features(1), mask(2)[..., :2, :3]
    f = features(0, height=2, width=3).requires_grad_()
    assert torch.autograd.gradcheck(lambda f: exact(name, f, other, w), (f,))


@pytest.mark.parametrize("name", KERNELS)
def test_order_equal_sets_and_masks(name: str) -> None:
    one, other = features(0), features(1)
    wanted = exact(name, one, other)
    torch.testing.assert_close(exact(name, one.flip(2, 3), other.flip(3)), wanted)
    torch.testing.assert_close(exact(name, one, other, torch.ones(1, 1, 4, 5)), wanted)
    assert abs(float(exact(name, one.flip(3), one))) < 1e-12
    swapped = mmd.compare(
        columns.gather(other), mmd.target(columns.gather(one, mask(2)), KERNELS[name])
    )
    torch.testing.assert_close(swapped, exact(name, one, other, mask(2)))
    kept = torch.ones(1, 1, 4, 5)
    kept[..., 3:] = 0
    torch.testing.assert_close(exact(name, one, other, kept), exact(name, one[..., :3], other))


def test_far_from_the_origin_the_gaussian_kernel_keeps_its_precision() -> None:
    one, other = features(0), features(1)
    shifted = exact("gaussian", (one + 1000).float(), (other + 1000).float())
    torch.testing.assert_close(shifted.double(), exact("gaussian", one, other), rtol=1e-3, atol=0)


def test_the_bandwidth_is_the_mean_of_squared_distances_within_and_across() -> None:
    one, other = features(0), features(1, width=8)
    f, s = (t[0].flatten(1).T for t in (one, other))
    pairs = [(f, f), (s, s), (f, s), (s, f)]
    wanted = sum(float(torch.cdist(x, y).square().mean()) for x, y in pairs) / 4
    assert mmd.bandwidth(moments.gather(one), moments.gather(other)) == pytest.approx(wanted)


def estimates(one: Columns, other: Columns, number: int) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.stack([mmd.sampled(one, other, generator, variance=1.7) for _ in range(number)])


def test_the_sampled_estimate_is_right_on_average_without_pairs_of_one_column() -> None:
    one, other = features(0), features(1, width=8) * 1.5
    found = estimates(columns.gather(one), columns.gather(other), 1500)
    # The double sums without i = j, of N (N - 1) pairs.
    wanted = 0.0
    for t, sign in ((one, 1), (other, 1)):
        c = t[0].flatten(1).T.tolist()
        pairs = [
            scalar_kernel("gaussian", x, y)
            for i, x in enumerate(c)
            for j, y in enumerate(c)
            if i != j
        ]
        wanted += sign * sum(pairs) / len(pairs)
    f, s = (t[0].flatten(1).T.tolist() for t in (one, other))
    across = [scalar_kernel("gaussian", x, y) for x in f for y in s]
    wanted -= 2 * sum(across) / len(across)
    error = float(found.std()) / math.sqrt(len(found))
    assert abs(float(found.mean()) - wanted) < 4 * error < 0.2 * wanted


def test_with_weights_the_sampled_estimate_is_on_average_that_of_all_pairs() -> None:
    one, other, w = features(0), features(1, width=8) * 1.5, mask(2).square()
    found = estimates(columns.gather(one, w), columns.gather(other, torch.ones(1, 1, 4, 8)), 1500)
    wanted = float(exact("gaussian", one, other, w))
    error = float(found.std()) / math.sqrt(len(found))
    assert abs(float(found.mean()) - wanted) < 4 * error < 0.2 * wanted


@pytest.mark.parametrize("width", [1.0, 0.5])
def test_the_sampled_estimate_is_grettons_sum_with_the_papers_variance(width: float) -> None:
    # Two columns on either side are one pair, whichever way they are drawn.
    one, other = features(0, width=2, height=1), features(1, width=2, height=1)
    (a, b), (c, d) = (t[0].flatten(1).T for t in (one, other))
    both = columns.gather(one), columns.gather(other)
    seeds = [torch.Generator().manual_seed(k) for k in range(20)]
    draws = [float(mmd.sampled(*both, seed, width=width)) for seed in seeds]

    def of(crossing: list[tuple[Tensor, Tensor]]) -> float:
        squares = [float((x - y).square().sum()) for x, y in [(a, b), (c, d), *crossing]]
        variance = width * sum(squares) / 4
        first, second, third, fourth = (math.exp(-x / (2 * variance)) for x in squares)
        return first + second - third - fourth

    wanted = {of([(a, c), (b, d)]), of([(a, d), (b, c)])}
    assert {round(x, 12) for x in draws} == {round(x, 12) for x in wanted}


def test_the_sampled_estimates_gradient_is_exact_and_finite_where_all_is_alike() -> None:
    other = columns.gather(features(1))

    def estimate(f: Tensor) -> Tensor:
        generator = torch.Generator().manual_seed(3)
        return mmd.sampled(columns.gather(f), other, generator, pairs=5, variance=1.7)

    f = features(0).requires_grad_()
    assert torch.autograd.gradcheck(estimate, (f,))
    flat = torch.full((1, 3, 4, 5), 0.5).requires_grad_()
    same = columns.gather(flat.detach())
    loss = mmd.sampled(columns.gather(flat), same, torch.Generator().manual_seed(0))
    loss.backward()
    assert float(loss.detach()) == 0 and flat.grad is not None and flat.grad.isfinite().all()


def test_one_column_makes_no_pair() -> None:
    one = columns.gather(features(0, height=1, width=1))
    with pytest.raises(ValueError, match="0 pairs"):
        mmd.sampled(one, columns.gather(features(1)), torch.Generator())
