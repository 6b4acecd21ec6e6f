"""Maximum mean discrepancy: how far apart two sets of feature columns are, as a kernel sees them.

    MMD² = 1/N² ΣΣ k(f_i, f_j) + 1/M² ΣΣ k(s_i, s_j) - 2/(NM) ΣΣ k(f_i, s_j)

Li, Wang, Liu and Hou, Demystifying Neural Style Transfer (2017); Gretton et al., A Kernel
Two-Sample Test (2012). Weights, made to sum to 1, take the place of 1/N and 1/M. The factor 1/Z
that Li et al. give each kernel is left to the caller.

The linear kernel and the polynomial one of degree 2 need no columns, only moments; for others
`compare` takes every pair, and `sampled` as many pairs as there are columns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.losses.columns import Columns, sample, summed
from impasto.losses.moments import Moments

BLOCK = 2048  # columns: the kernel of BLOCK x BLOCK pairs is what memory holds at once

Kernel = Callable[[Tensor, Tensor], Tensor]  # k of columns (N, C) and (M, C), all pairs: (N, M)


def linear(sums: Moments, style: Moments) -> Tensor:
    """MMD² with k = xᵀy, a scalar: |μ - μ'|²."""
    return (sums.mean() - style.mean()).square().sum()


def quadratic(sums: Moments, style: Moments, constant: float = 0.0) -> Tensor:
    """MMD² with k = (xᵀy + c)², a scalar: Σ (G/N - G'/M)² + 2c |μ - μ'|², G the Gram matrices.

    c = 0 is 4 C² times the Gram loss of Gatys et al. 2016, as Li et al. prove.
    """
    grams = (sums.second / sums.count - style.second / style.count).square().sum()
    return grams + 2 * constant * linear(sums, style)


@dataclass(frozen=True)
class Polynomial:
    """k = (xᵀy + c)^d, for c >= 0 and d >= 1."""

    degree: int
    constant: float = 0.0

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        return (x @ y.T + self.constant) ** self.degree


@dataclass(frozen=True)
class Gaussian:
    """k = exp(-|x - y|² / 2σ²), for the variance σ² > 0; `bandwidth` proposes one."""

    variance: float

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        # Distances don't change with the origin; near it, less is lost where squares cancel.
        origin = y.detach().mean(0)
        x, y = x - origin, y - origin
        squares = x.square().sum(1)[:, None] + y.square().sum(1) - 2 * x @ y.T
        return (squares.clamp(min=0) / (-2 * self.variance)).exp()


def bandwidth(sums: Moments, style: Moments) -> float:
    """σ² as Li et al. choose it: the mean of |f_i - f_j|², |s_i - s_j|² and, twice, |f_i - s_j|².

    They take it over the sampled pairs; here it is over all of them.
    """
    midway = (sums.mean() + style.mean()).square().sum() / 2
    return float((sums.energy() + style.energy() - midway).detach())


@dataclass(frozen=True)
class Target:
    """A style's side: its columns, the kernel, and Σ w_i w_j k(s_i, s_j), a scalar."""

    columns: Columns
    kernel: Kernel
    itself: Tensor


def target(style: Columns, kernel: Kernel) -> Target:
    """A style's columns, prepared to be compared with."""
    fixed = Columns(style.values.detach(), style.weights)
    return Target(fixed, kernel, _within(fixed, kernel))


def compare(sums: Columns, style: Target) -> Tensor:
    """MMD² over all pairs, a scalar >= 0 up to rounding: N (N + M) C operations, in blocks."""
    across = _across(sums, style.columns, style.kernel)
    return _within(sums, style.kernel) + style.itself - 2 * across


def sampled(
    sums: Columns,
    style: Columns,
    generator: torch.Generator,
    pairs: int | None = None,
    variance: float | None = None,
    width: float = 1.0,
) -> Tensor:
    """An unbiased estimate of the Gaussian kernel's MMD² from random pairs, a scalar of any sign.

        1/n Σ k(f_i, f_j) + k(s_i, s_j) - k(f_i, s_j) - k(f_j, s_i)

    over n disjoint pairs (i, j) of columns (Gretton et al. 2012, lemma 14, which Li et al. use).

    pairs:     n; None = as many as the smaller of the two has (half its columns).
    variance:  σ²; None = the mean of the |x - y|² that appear in it, held constant, times `width`:
               1 in Li et al.'s paper, 1/2 in their program.

    Unbiased for the distributions the columns are draws of: pairs of a column with itself, which
    `compare` counts, don't occur. With weights they do, since columns are then drawn with
    replacement, by weight; the expectation is that of `compare`.
    """
    most = min(len(sums.values), len(style.values)) // 2
    number = most if pairs is None else min(pairs, most)
    if number < 1:
        raise ValueError(f"{number} pairs to compare; it takes one, of two columns on either side")
    ours = sample(sums, 2 * number, generator).values
    theirs = sample(style, 2 * number, generator).values.detach()
    (first, second), (third, fourth) = ((each[::2], each[1::2]) for each in (ours, theirs))
    squares = torch.stack(
        [
            (x - y).square().sum(1)
            for x, y in ((first, second), (third, fourth), (first, fourth), (second, third))
        ]
    )
    # Where all columns are the same there is no spread, and any will do.
    mean = squares.detach().mean().clamp(min=1e-12)
    spread = mean * width if variance is None else variance
    kernels = (squares / (-2 * spread)).exp().mean(1)
    return kernels[0] + kernels[1] - kernels[2] - kernels[3]


Block = tuple[int, int]  # where its rows and its columns begin


def _within(columns: Columns, kernel: Kernel) -> Tensor:
    shares = columns.shares()

    def part(values: Tensor, block: Block) -> Tensor:
        a, b = (slice(start, start + BLOCK) for start in block)
        once = shares[a] @ kernel(values[a], values[b]) @ shares[b]
        return once if a == b else 2 * once  # for the block across the diagonal

    starts = range(0, len(columns.values), BLOCK)
    return summed(columns.values, part, [(i, j) for i in starts for j in starts if i <= j])


def _across(columns: Columns, style: Columns, kernel: Kernel) -> Tensor:
    shares, others = columns.shares(), style.shares()

    def part(values: Tensor, block: Block) -> Tensor:
        a, b = (slice(start, start + BLOCK) for start in block)
        return shares[a] @ kernel(values[a], style.values[b]) @ others[b]

    blocks = [
        (i, j)
        for i in range(0, len(columns.values), BLOCK)
        for j in range(0, len(style.values), BLOCK)
    ]
    return summed(columns.values, part, blocks)
