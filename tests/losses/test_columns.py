"""Columns: which they are, how they add, mix and are drawn, and sums whose memory is bounded."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from impasto.losses.columns import Columns, blend, gather, ranked, sample, summed


def features(seed: int, channels: int = 3, height: int = 4, width: int = 5) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    shape = (1, channels, height, width)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def mask(seed: int, height: int = 4, width: int = 5) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 1, height, width, generator=generator, dtype=torch.float64)


def test_each_column_stands_beside_its_positions_weight() -> None:
    f, w = features(0), mask(1)
    columns = gather(f, w)
    assert columns.weights is not None
    for y in range(4):
        for x in range(5):
            assert torch.equal(columns.values[5 * y + x], f[0, :, y, x])
            assert columns.weights[5 * y + x] == w[0, 0, y, x]
    torch.testing.assert_close(columns.shares(), w.flatten() / w.sum())
    torch.testing.assert_close(gather(f).shares(), torch.full((20,), 0.05).double())
    assert gather(f.bfloat16(), w.bfloat16()).values.dtype == torch.float32


def test_tiles_add_up_to_the_whole_with_weights_on_either_side_or_none() -> None:
    f, w = features(0), mask(1)
    top, bottom = slice(0, 2), slice(2, 4)
    both = gather(f[:, :, top], w[:, :, top]) + gather(f[:, :, bottom], w[:, :, bottom])
    assert torch.equal(both.values, gather(f).values)
    assert both.weights is not None and torch.equal(both.weights, w.flatten())
    one = gather(f[:, :, top]) + gather(f[:, :, bottom], w[:, :, bottom])
    assert one.weights is not None
    assert torch.equal(one.weights, torch.cat([torch.ones(10), w[:, :, bottom].flatten()]))
    assert (gather(f[:, :, top]) + gather(f[:, :, bottom])).weights is None


def test_in_a_blend_each_style_weighs_its_share_however_large() -> None:
    small, large, left_out = (gather(features(k, width=n)) for k, n in ((0, 2), (1, 9), (2, 3)))
    blended = blend([small, large, left_out], [6, 2, 0])
    assert blended.weights is not None and len(blended.values) == 8 + 36
    torch.testing.assert_close(blended.shares()[:8].sum(), torch.tensor(0.75).double())
    mean = blended.shares() @ blended.values
    torch.testing.assert_close(mean, 0.75 * small.values.mean(0) + 0.25 * large.values.mean(0))
    assert blend([small, large], [0, 5]) is large
    with pytest.raises(ValueError):
        blend([small, large], [1.0])


def test_a_sample_without_weights_draws_none_twice_and_the_same_again_from_a_seed() -> None:
    columns = gather(features(0))
    drawn = [sample(columns, 12, torch.Generator().manual_seed(k)).values for k in (0, 0, 1)]
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])
    assert len({tuple(column.tolist()) for column in drawn[0]}) == 12
    every = sample(columns, 99, torch.Generator().manual_seed(0)).values
    assert torch.equal(every.sort(0).values, columns.values.sort(0).values)


def test_a_sample_with_weights_draws_by_them() -> None:
    values = torch.arange(4.0).repeat(5000)[:, None]
    weights = torch.tensor([0.0, 1, 0, 3]).repeat(5000)
    drawn = sample(Columns(values, weights), 10000, torch.Generator().manual_seed(0)).values
    assert set(drawn.flatten().tolist()) == {1.0, 3.0}
    assert abs(float((drawn == 3).float().mean()) - 0.75) < 0.02


def test_ranks_are_the_weight_at_or_below() -> None:
    rows = torch.tensor([[3.0, 1, 2], [5, 6, 4]])
    rising, heights = ranked(rows, torch.tensor([1.0, 1, 2]))
    assert rising.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert heights.tolist() == [[0.25, 0.75, 1], [0.5, 0.75, 1]]
    assert ranked(rows, None)[1].tolist() == [[1 / 3, 2 / 3, 1]]


def test_a_sum_of_parts_and_its_gradient_are_those_of_the_whole() -> None:
    x = torch.randn(7, 2, generator=torch.Generator().manual_seed(0)).double().requires_grad_()

    def part(values: Tensor, start: int) -> Tensor:
        return values[start : start + 3].square().sum() * values.sum()

    found, wanted = summed(x, part, (0, 3, 6)), x.square().sum() * x.sum()
    torch.testing.assert_close(found, wanted)
    gradients = [torch.autograd.grad(2 * y, x)[0] for y in (found, wanted)]
    torch.testing.assert_close(*gradients)
    torch.testing.assert_close(summed(x.detach(), part, (0, 3, 6)), wanted.detach())
