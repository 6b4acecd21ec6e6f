"""The histogram loss against sorting by hand and numpy's interpolation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from impasto.losses import histogram, sliced
from impasto.losses.columns import Columns, gather


def features(seed: int, channels: int = 3, height: int = 4, width: int = 5) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    shape = (1, channels, height, width)
    return torch.randn(shape, generator=generator, dtype=torch.float64) + 0.3 * seed


def remapped(one: Columns, other: Columns) -> np.ndarray:
    """R(f) channel by channel: quantiles as shares below plus half of those equal."""
    w, v = (np.asarray(c.shares()) for c in (one, other))
    result = np.zeros(one.values.shape)
    for c in range(result.shape[1]):
        f, s = np.asarray(one.values[:, c]), np.asarray(other.values[:, c])
        at = [w[f < x].sum() + w[f == x].sum() / 2 for x in f]
        order = np.argsort(s)
        result[:, c] = np.interp(at, np.cumsum(v[order]) - v[order] / 2, s[order])
    return result


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("width", [5, 3, 8])
@pytest.mark.parametrize("room", [1, 2**22])
def test_each_channel_is_pulled_to_the_styles_values_at_its_quantiles(
    weighted: bool, width: int, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histogram, "ROOM", room)
    one, other = gather(features(0)), gather(features(1, width=width))
    if weighted:
        generator = torch.Generator().manual_seed(2)
        one, other = (
            Columns(c.values, torch.rand(len(c.values), generator=generator, dtype=torch.float64))
            for c in (one, other)
        )
    target, wanted = histogram.target(other), remapped(one, other)
    np.testing.assert_allclose(histogram.remapped(one, target), wanted)
    squares = ((one.values.numpy() - wanted) ** 2).sum(1)
    mean = np.average(squares, weights=np.asarray(one.shares()))
    np.testing.assert_allclose(histogram.compare(one, target), mean)


def test_with_equal_numbers_it_is_sorting_and_the_sliced_distance_along_the_axes() -> None:
    one, other = gather(features(0)), gather(features(1))
    found = histogram.remapped(one, histogram.target(other))
    torch.testing.assert_close(found.sort(0).values, other.values.sort(0).values)
    assert torch.equal(found.argsort(0), one.values.argsort(0))
    axes = 3 * sliced.compare(one, other, torch.eye(3))
    torch.testing.assert_close(histogram.compare(one, histogram.target(other)), axes)


def test_equal_values_stay_equal() -> None:
    one, other = features(0).relu(), features(1).relu()
    found = histogram.remapped(gather(one), histogram.target(gather(other)))
    zeros = one[0].flatten(1).T == 0
    for c in range(3):
        assert len(found[:, c][zeros[:, c]].unique()) == 1
    same = histogram.compare(gather(one.flip(2, 3)), histogram.target(gather(one)))
    assert same < 1e-20


def test_masks_are_crops() -> None:
    one, other = features(0), features(1)
    kept = torch.ones(1, 1, 4, 5).double()
    style = histogram.target(gather(other))
    wanted = histogram.compare(gather(one), style)
    torch.testing.assert_close(histogram.compare(gather(one, kept), style), wanted)
    kept[..., 3:] = 0
    cropped = histogram.compare(gather(one[..., :3]), style)
    torch.testing.assert_close(histogram.compare(gather(one, kept), style), cropped)
    cropped = histogram.compare(gather(one), histogram.target(gather(other[..., :3])))
    masked = histogram.target(gather(other, kept))
    torch.testing.assert_close(histogram.compare(gather(one), masked), cropped)


def test_what_is_remapped_is_held_constant() -> None:
    one, style = features(0), histogram.target(gather(features(1, width=8)))
    f = one.clone().requires_grad_()
    histogram.compare(gather(f), style).backward()
    assert f.grad is not None
    values = histogram.remapped(gather(one), style)
    wanted = 2 * (gather(one).values - values) / 20
    torch.testing.assert_close(gather(f.grad).values, wanted)
    small = features(0, height=2, width=3).requires_grad_()  # where no rank changes
    assert torch.autograd.gradcheck(lambda f: histogram.compare(gather(f), style), (small,))
