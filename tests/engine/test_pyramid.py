"""Sizes grow by no more than √2 and end where asked; steps are shared out to the last one."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from impasto.engine.pyramid import fitted, sizes, spread

SHAPES = [((512, 384), 128), ((97, 301), 48), ((1000, 333), 64), ((130, 129), 128), ((31, 31), 16)]


@pytest.mark.parametrize(("final", "first"), SHAPES)
def test_sizes_climb_to_the_final_one_by_root_two_at_most(
    final: tuple[int, int], first: int
) -> None:
    found = sizes(final, first, 16)
    assert found[-1] == final
    assert (
        abs(max(found[0]) - first) <= 1
        or min(fitted(*final, first)) < 16
        or first * 1.1 > max(final)
    )
    for small, large in pairwise(found):
        assert max(small) < max(large) <= math.sqrt(2) * (max(small) + 0.5) + 0.5
    for width, height in found:  # the same proportions, but for rounding to whole pixels
        assert abs(width * final[1] - height * final[0]) <= max(final)


def test_one_size_is_enough_when_the_first_is_no_smaller() -> None:
    assert sizes((64, 48), 64, 16) == [(64, 48)]
    assert sizes((64, 48), 512, 16) == [(64, 48)]


def test_sizes_too_narrow_for_the_network_are_left_out() -> None:
    found = sizes((1200, 40), 128, 16)
    assert found[-1] == (1200, 40)
    assert found[0][1] >= 16
    assert found[0][0] / 1.5 * 40 / 1200 < 16  # and no others
    assert sizes((1200, 12), 128, 16) == [(1200, 12)]


@pytest.mark.parametrize("final", [(300, 100), (7, 4000), (1, 1), (641, 479)])
@pytest.mark.parametrize("side", [16, 97, 1024])
def test_the_long_side_is_exactly_as_asked(final: tuple[int, int], side: int) -> None:
    width, height = fitted(*final, side)
    assert max(width, height) == side
    assert min(width, height) == max(1, round(side * min(final) / max(final)))


@pytest.mark.parametrize("count", [1, 2, 5, 9])
@pytest.mark.parametrize("total", [1, 2, 3, 5, 6, 9, 10, 37, 300])
def test_steps_are_shared_out(total: int, count: int) -> None:
    steps = spread(total, [(16 + i, 16 + i) for i in range(count)])
    assert len(steps) == count
    assert sum(steps) == total
    assert steps[-1] >= 1  # the result is painted at its own size, however few steps there are
    if total >= count:
        assert min(steps) >= 1
    if total >= 10 * count:  # coarse sizes get more, but for rounding
        assert all(a >= b - 1 for a, b in pairwise(steps))


def test_a_size_gets_four_fifths_of_the_steps_of_the_one_before() -> None:
    for count in (2, 4, 6):
        for coarse, fine in pairwise(spread(10_000, [(64, 64)] * count)):
            assert fine == pytest.approx(0.8 * coarse, abs=2)
