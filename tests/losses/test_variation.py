"""Total variations against loops over pixels."""

from __future__ import annotations

import torch

from impasto.losses.variation import variation


def picture(*shape: int) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_it_is_what_loops_over_pixels_give() -> None:
    x = picture(1, 2, 4, 5)

    def at(c: int, i: int, j: int) -> torch.Tensor:
        return x[0, c, min(i, 3), min(j, 4)]

    wanted = torch.zeros((), dtype=torch.float64)
    for c in range(2):
        for i in range(4):
            for j in range(5):
                straight = (at(c, i, j + 1) - at(c, i, j)) ** 2 + (
                    at(c, i + 1, j) - at(c, i, j)
                ) ** 2
                falling = (at(c, i + 1, j + 1) - at(c, i, j)) ** 2
                rising = (at(c, i + 1, j) - at(c, i, j + 1)) ** 2
                wanted += straight / 3 + (falling + rising) / 12
    torch.testing.assert_close(variation(x), 2 * wanted / (2 * 4 * 5))


def test_a_constant_picture_has_none_and_an_edge_counts_by_its_square() -> None:
    assert variation(torch.full((1, 3, 6, 6), 0.3)) == 0
    edge = torch.zeros(1, 1, 8, 8)
    edge[..., 4:] = 1
    torch.testing.assert_close(variation(3 * edge), 9 * variation(edge))


def test_its_gradient_is_exact() -> None:
    x = picture(1, 2, 3, 4).requires_grad_()
    assert torch.autograd.gradcheck(variation, (x,))


def test_squared_has_the_gradient_that_neural_style_adds() -> None:
    x = picture(1, 2, 4, 5).requires_grad_()
    loss = variation(x, "squared")
    loss.backward()
    # Each pixel but the last row's and column's pulls on itself, and on those right of and below.
    wanted, total = torch.zeros_like(x), 0.0
    for c in range(2):
        for i in range(3):
            for j in range(4):
                for y, z in ((i, j + 1), (i + 1, j)):
                    apart = float((x[0, c, i, j] - x[0, c, y, z]).detach())
                    wanted[0, c, i, j] += apart
                    wanted[0, c, y, z] -= apart
                    total += apart**2 / 2
    torch.testing.assert_close(x.grad, wanted)
    torch.testing.assert_close(loss.detach(), torch.tensor(total).double())


def test_absolute_is_what_loops_over_pixels_give() -> None:
    x = picture(1, 2, 4, 5)
    across = sum(
        abs(x[0, c, i, j + 1] - x[0, c, i, j]) for c in (0, 1) for i in range(4) for j in range(4)
    )
    down = sum(
        abs(x[0, c, i + 1, j] - x[0, c, i, j]) for c in (0, 1) for i in range(3) for j in range(5)
    )
    torch.testing.assert_close(variation(x, "absolute"), across + down)
    assert torch.autograd.gradcheck(lambda x: variation(x, "absolute"), (x.requires_grad_(),))
    assert variation(torch.full((1, 3, 6, 6), 0.3), "absolute") == 0


def test_scaled_is_the_same_for_the_same_forms_beyond_512_pixels() -> None:
    def waves(side: int) -> torch.Tensor:
        at = (torch.arange(side, dtype=torch.float64) + 0.5) / side
        return (torch.sin(9 * at)[:, None] * torch.cos(7 * at[: side // 2]))[None, None]

    full, twice, half = (variation(waves(side)) for side in (512, 1024, 256))
    torch.testing.assert_close(twice, full, rtol=2e-3, atol=0)
    torch.testing.assert_close(half, variation(waves(256), "nine-point"))
    torch.testing.assert_close(full, variation(waves(512), "nine-point"))
