"""The content loss against its definition; AdaIN against the statistics it promises."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from impasto.losses import content
from impasto.losses.moments import gather


def features(seed: int, channels: int = 4, height: int = 5, width: int = 6) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, channels, height, width, generator=generator, dtype=torch.float64)


def test_mean_over_positions_of_the_squared_distance_of_columns() -> None:
    f, p = features(0), features(1)
    pairs = [
        sum((f[0, c, y, x] - p[0, c, y, x]) ** 2 for c in range(4))
        for y in range(5)
        for x in range(6)
    ]
    torch.testing.assert_close(content.compare(content.gather(f, p)), sum(pairs) / 30)


def test_half_the_sum_and_the_mean_of_squares() -> None:
    f, p = features(0), features(1)
    squares = [float(x) ** 2 for x in (f - p).flatten()]
    sums = content.gather(f, p)
    torch.testing.assert_close(content.half_sum(sums), torch.tensor(sum(squares) / 2).double())
    mean = torch.tensor(sum(squares) / (4 * 5 * 6)).double()
    torch.testing.assert_close(content.mean_square(sums, channels=4), mean)
    crop = content.gather(f[..., :3], p[..., :3])
    weights = torch.ones(1, 1, 5, 6).double()
    weights[..., 3:] = 0
    masked = content.gather(f, p, weights)
    torch.testing.assert_close(content.half_sum(masked), content.half_sum(crop))
    torch.testing.assert_close(content.mean_square(masked, 4), content.mean_square(crop, 4))


@pytest.mark.parametrize("weighted", [False, True])
def test_its_gradient_is_exact(weighted: bool) -> None:
    f, p = features(0), features(1)
    weights = torch.rand(1, 1, 5, 6, generator=torch.Generator().manual_seed(2)).double()

    def loss(x: Tensor) -> Tensor:
        return content.compare(content.gather(x, p, weights if weighted else None))

    assert torch.autograd.gradcheck(loss, f.requires_grad_())


def test_weights_are_shares_of_positions_and_tiles_add_up() -> None:
    f, p = features(0), features(1)
    weights = torch.rand(1, 1, 5, 6, generator=torch.Generator().manual_seed(2)).double()
    squares = (f - p).square().sum(1, keepdim=True)
    wanted = (squares * weights).sum() / weights.sum()
    whole = content.gather(f, p, weights)
    torch.testing.assert_close(content.compare(whole), wanted)
    top, bottom = (
        content.gather(f[:, :, s], p[:, :, s], weights[:, :, s]) for s in (slice(0, 2), slice(2, 5))
    )
    torch.testing.assert_close(content.compare(top + bottom), wanted)
    ones = content.gather(f, p, torch.ones_like(weights))
    torch.testing.assert_close(content.compare(ones), content.compare(content.gather(f, p)))


def test_half_precision_is_summed_in_float32() -> None:
    f = torch.full((1, 1, 15, 20), 3.0, dtype=torch.bfloat16)
    sums = content.gather(f, torch.zeros_like(f))
    assert (sums.error.dtype, float(sums.error)) == (torch.float32, 2700)


def test_restyled_has_the_styles_mean_and_deviation_and_the_contents_pattern() -> None:
    p, s = features(0) * 2 + 1, features(1, height=9) * 0.5 - 3
    restyled = content.restyled(p, gather(p), gather(s))
    torch.testing.assert_close(restyled.mean((2, 3)), s.mean((2, 3)))
    deviations = [t.std((2, 3), unbiased=False) for t in (restyled, s)]
    torch.testing.assert_close(*deviations, rtol=1e-4, atol=0)  # what keeps dead channels finite
    pattern = [(t - t.mean((2, 3), keepdim=True))[0].flatten(1) for t in (restyled, p)]
    torch.testing.assert_close(
        torch.cosine_similarity(*pattern), torch.ones(4, dtype=torch.float64)
    )


def test_restyled_blows_up_no_channel_that_is_silent_in_the_photograph() -> None:
    p, s = features(0), features(1)
    p[:, 0], p[:, 1] = 0, 0.5 + 1e-5 * p[:, 1]
    restyled = content.restyled(p.float(), gather(p.float()), gather(s.float()))
    assert restyled.isfinite().all()
    torch.testing.assert_close(restyled.mean((2, 3)), s.float().mean((2, 3)))
    assert (restyled[0, :2].std((1, 2)) <= 1e-4).all()
    black = torch.zeros(1, 4, 5, 6)
    assert content.restyled(black, gather(black), gather(black)).isfinite().all()
    assert content.restyled(p.float(), gather(p.float()), gather(black)).isfinite().all()


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_restyled_keeps_the_precision_it_is_given(kind: torch.dtype) -> None:
    p = features(0).to(kind)
    itself = content.restyled(p, gather(p), gather(p))
    assert itself.dtype == kind and torch.equal(itself, p)
