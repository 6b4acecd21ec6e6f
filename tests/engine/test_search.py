"""L-BFGS with a line search, against the dense formula, and on functions with known minima."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import Tensor

from impasto.engine import curvature
from impasto.engine.scales import smoothed
from impasto.engine.search import Search

SHAPE = (1, 1, 17, 20)


def random(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, dtype=torch.float64, generator=generator)


def dense(shape: tuple[int, ...] = SHAPE) -> Tensor:
    """The preconditioner as a matrix."""
    units = torch.eye(torch.Size(shape).numel(), dtype=torch.float64)
    return torch.stack([smoothed(unit.view(shape)).flatten() for unit in units])


def test_the_preconditioner_is_symmetric_positive_and_leaves_what_varies_fast() -> None:
    matrix = dense()
    torch.testing.assert_close(matrix, matrix.T)
    assert torch.linalg.eigvalsh(matrix).min() > 0.999  # it is the identity, and more
    flat = torch.ones(1, 3, 32, 48, dtype=torch.float64)
    fast = flat.clone()
    fast[..., ::2] = -1
    assert smoothed(flat).mean() > 4 * smoothed(fast).abs().mean()


def test_a_picture_too_small_to_shrink_is_left_alone() -> None:
    tiny = random(1, 3, 15, 40)
    torch.testing.assert_close(smoothed(tiny), tiny)
    assert smoothed(tiny).data_ptr() != tiny.data_ptr()


def bowl(scale: Tensor, target: Tensor, x: Tensor) -> tuple[float, Tensor]:
    """A quadratic bowl: its value and its gradient."""
    away = x - target
    return float((scale * away.square()).sum()) / 2, scale * away


@pytest.mark.parametrize("large", [2**22, 0], ids=["whole", "colour by colour"])
def test_directions_are_those_of_the_dense_formula(
    large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H_{k+1} = (I - ρ s yᵀ) H_k (I - ρ y sᵀ) + ρ s sᵀ, from the scaled preconditioner."""
    monkeypatch.setattr(curvature, "LARGE", large)
    shape = (1, 2, 17, 20)
    scale = torch.logspace(-1, 1, 680, dtype=torch.float64).view(shape)
    target, x = random(*shape), random(*shape, seed=1)
    search, preconditioner = Search(20, bounded=False), dense(shape)
    points: list[Tensor] = []
    slopes: list[Tensor] = []
    for _ in range(9):
        loss, gradient = bowl(scale, target, x)
        points.append(x.flatten().clone())
        slopes.append(gradient.flatten().clone())
        before = x.clone()
        search.step(x, gradient, loss, 0.05)
        moves = [b - a for a, b in pairwise(points)]
        changes = [b - a for a, b in pairwise(slopes)]
        if not moves:
            moved = -(preconditioner @ slopes[0])
            moved *= 0.05 / moved.abs().mean()
        else:
            s, y = moves[-1], changes[-1]
            inverse = preconditioner * (s @ y) / (y @ preconditioner @ y)
            for s, y in zip(moves, changes, strict=True):
                rho, eye = 1 / (s @ y), torch.eye(len(s), dtype=torch.float64)
                left = eye - rho * torch.outer(s, y)
                inverse = left @ inverse @ left.T + rho * torch.outer(s, s)
            moved = -(inverse @ slopes[-1])
        torch.testing.assert_close((x - before).flatten(), moved, rtol=1e-7, atol=1e-10)


def test_it_finds_the_bottom_and_what_it_takes_only_falls() -> None:
    target = random(1, 3, 24, 24)
    scale = random(1, 3, 24, 24, seed=2).exp()
    x, search = torch.zeros_like(target), Search(10, bounded=False)
    taken: list[float] = []
    for _ in range(60):
        loss, gradient = bowl(scale, target, x)
        search.step(x, gradient, loss, 0.03)
        taken.append(bowl(scale, target, search.taken(x))[0])
    assert all(b <= a * (1 + 1e-12) for a, b in pairwise(taken))
    assert taken[-1] < 1e-4 * taken[0]


def test_a_point_that_is_worse_is_given_up() -> None:
    """Steps far too long at first, on a valley with a wall: |x|⁴."""
    x = torch.full((1, 1, 4, 4), 1.0, dtype=torch.float64)
    search, losses = Search(5, bounded=False), []
    for _ in range(40):
        loss = float(x.pow(4).sum())
        losses.append(loss)
        search.step(x, 4 * x.pow(3), loss, 50.0)
    assert losses[1] > 1e6 * losses[0]
    assert float(search.taken(x).pow(4).sum()) < 1e-6 * losses[0]


def test_where_the_slope_lies_the_curvature_is_forgotten() -> None:
    """Gradients that don't belong to the loss: no point is ever better than the first."""
    x = torch.zeros(1, 1, 4, 4, dtype=torch.float64)
    search = Search(5, bounded=False)
    for i in range(60):
        search.step(x, random(1, 1, 4, 4, seed=i), float(i > 0), 0.1)
        assert x.isfinite().all()
    assert search.taken(x).abs().max() < 1e-12


def test_a_state_goes_on_as_if_nothing_had_been() -> None:
    target, scale = random(1, 3, 16, 16), random(1, 3, 16, 16, seed=2).exp()

    def go(x: Tensor, search: Search, steps: int) -> None:
        for _ in range(steps):
            loss, gradient = bowl(scale, target, x)
            search.step(x, gradient, loss, 0.03)

    whole, search = torch.zeros_like(target), Search(4, bounded=False)
    go(whole, search, 12)
    half, first = torch.zeros_like(target), Search(4, bounded=False)
    go(half, first, 5)
    second = Search(4, bounded=False)
    second.restore(first.state())
    go(half, second, 7)
    assert torch.equal(half, whole)


@pytest.mark.parametrize("kept", [torch.bfloat16, None])
def test_what_is_kept_in_bfloat16_still_leads_down(kept: torch.dtype | None) -> None:
    target = random(1, 3, 24, 24).float()
    scale = random(1, 3, 24, 24, seed=2).exp().float()
    x, search = torch.zeros_like(target), Search(20, kept, bounded=False)
    first = bowl(scale, target, x)[0]
    for _ in range(40):
        loss, gradient = bowl(scale, target, x)
        search.step(x, gradient, loss, 0.03)
    assert bowl(scale, target, search.taken(x))[0] < 2e-4 * first


def test_within_bounds_it_finds_the_least_there_is() -> None:
    """A bowl whose values hang together, with its bottom outside: checked by what a minimum within
    bounds is (Karush, Kuhn and Tucker), the slope nought inside, and outwards at the bounds.
    """
    target = 0.5 + random(1, 3, 16, 16)
    scale = random(1, 3, 16, 16, seed=2).exp()

    def at(x: Tensor) -> tuple[float, Tensor]:
        loss, gradient = bowl(scale, target, x)
        apart = x.diff(dim=3)
        pulled = torch.zeros_like(x)
        pulled[..., 1:] += apart
        pulled[..., :-1] -= apart
        return loss + float(apart.square().sum()) / 2, gradient + pulled

    x, search = torch.full_like(target, 0.5), Search(20)
    for _ in range(150):
        loss, gradient = at(x)
        assert x.min() >= 0 and x.max() <= 1
        search.step(x, gradient, loss, 0.03)
    best = search.taken(x)
    slope = at(best)[1]
    inside = (best > 0) & (best < 1)
    assert 0.2 < inside.double().mean() < 0.9
    assert slope[inside].abs().max() < 1e-3
    assert slope[best <= 0].min() > -1e-3 and slope[best >= 1].max() < 1e-3
