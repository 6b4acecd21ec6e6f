"""Sliced Wasserstein against repeated and sorted projections, and closed forms."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from impasto.losses import sliced
from impasto.losses.columns import Columns, gather


def features(seed: int, channels: int = 3, height: int = 4, width: int = 5) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    shape = (1, channels, height, width)
    return torch.randn(shape, generator=generator, dtype=torch.float64) + 0.3 * seed


def along(number: int = 6, channels: int = 3, seed: int = 0) -> Tensor:
    return sliced.directions(number, channels, torch.Generator().manual_seed(seed)).double()


def reference(one: Tensor, other: Tensor, directions: Tensor) -> Tensor:
    """Columns (N, C) and (M, C), repeated to N M each, projected and sorted, one by one."""
    one, other = one.repeat(len(other), 1), other.repeat(len(one), 1)
    total = torch.zeros(()).double()
    for v in directions:
        x, y = sorted((one @ v).tolist()), sorted((other @ v).tolist())
        total += sum((a - b) ** 2 for a, b in zip(x, y, strict=True)) / len(x)
    return total / len(directions)


@pytest.mark.parametrize("width", [5, 3, 8])
@pytest.mark.parametrize("room", [1, 80, 2**22])
def test_it_is_the_mean_of_sorted_differences_whatever_the_numbers(
    width: int, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sliced, "ROOM", room)
    one, other, v = gather(features(0)), gather(features(1, width=width)), along()
    wanted = reference(one.values, other.values, v)
    torch.testing.assert_close(sliced.compare(one, other, v), wanted)
    torch.testing.assert_close(sliced.compare(other, one, v), wanted)


def test_weights_are_repetitions() -> None:
    one, other, v = gather(features(0)), gather(features(1, width=3)), along()
    times = torch.tensor([0, 1, 2, 3, 1] * 4), torch.tensor([2, 1, 0] * 4)
    repeated = [c.values.repeat_interleave(n, 0) for c, n in zip((one, other), times, strict=True)]
    wanted = reference(repeated[0], repeated[1], v)
    weighted = [Columns(c.values, n * 0.37) for c, n in zip((one, other), times, strict=True)]
    torch.testing.assert_close(sliced.compare(weighted[0], weighted[1], v), wanted)
    less = Columns(other.values, times[0][:12] * 0.37)
    wanted = reference(other.values.repeat_interleave(times[0][:12], 0), other.values, v)
    torch.testing.assert_close(sliced.compare(less, other, v), wanted)
    alike = Columns(one.values, torch.full((20,), 3.0))
    torch.testing.assert_close(sliced.compare(alike, other, v), sliced.compare(one, other, v))
    equal = Columns(other.values, torch.ones(12))
    torch.testing.assert_close(sliced.compare(one, equal, v), sliced.compare(one, other, v))


def test_directions_are_unit_vectors_of_all_kinds_and_from_a_seed() -> None:
    v = along(4000, 3)
    torch.testing.assert_close(v.square().sum(1), torch.ones(4000).double(), rtol=1e-5, atol=0)
    torch.testing.assert_close(v.T @ v / 4000, torch.eye(3).double() / 3, rtol=0, atol=0.02)
    assert v.mean(0).abs().max() < 0.05
    assert torch.equal(along(seed=5), along(seed=5)) and not torch.equal(along(), along(seed=5))


def test_order_does_not_matter_and_a_shift_is_its_square_along_each_direction() -> None:
    f, v = features(0), along()
    shift = torch.tensor([1.0, -2, 3]).double()
    moved = gather(f.flip(2, 3) + shift[:, None, None])
    torch.testing.assert_close(sliced.compare(moved, gather(f), v), (v @ shift).square().mean())
    assert sliced.compare(gather(f.flip(3)), gather(f), v) < 1e-20


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("width", [3, 4])
def test_its_gradient_is_exact(weighted: bool, width: int) -> None:
    generator = torch.Generator().manual_seed(2)
    w = torch.rand(1, 1, 2, 3, generator=generator).double() if weighted else None
    other = gather(features(1, height=2, width=width))
    f = features(0, height=2, width=3).requires_grad_()
    assert torch.autograd.gradcheck(lambda f: sliced.compare(gather(f, w), other, along()), (f,))
