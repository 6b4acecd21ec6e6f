"""Sizes grow by no more than asked and end where asked; steps are shared out to the last one."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from impasto.engine.pyramid import fitted, paced, sizes, spread

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
    if total >= 10 * count:  # from the second on coarse sizes get more, but for rounding
        assert all(a >= b - 1 for a, b in pairwise(steps[1:]))


@pytest.mark.parametrize("growth", [2**0.5, 2, 3])
def test_steps_fall_by_64_percent_where_sizes_double(growth: float) -> None:
    climbing = sizes((2000, 1500), 100, 16, growth)
    paces = [*zip(climbing, spread(10_000, climbing), strict=True)]
    assert paces[0][1] == pytest.approx(0.64 * paces[1][1], abs=2)
    for coarse, fine in pairwise(paces[1:]):
        larger = max(fine[0]) / max(coarse[0])
        assert 1 < larger <= growth * 1.01
        assert fine[1] == pytest.approx(0.64 ** math.log2(larger) * coarse[1], abs=2)


@pytest.mark.parametrize("quality", ["draft", "normal", "best"])
def test_a_quality_never_paints_a_size_in_too_few_steps(quality: str) -> None:
    climbing = sizes((8000, 6000), 250, 16, 2)
    steps = paced(quality, climbing)
    assert steps[1] > steps[2] >= steps[3]
    assert steps[0] == round(0.64 * steps[1])
    assert paced(quality, climbing[:1]) == [round(1.4 * steps[1])]
    assert len({*steps[-2:]}) == 1 < steps[-1]
    totals = [sum(paced(q, climbing)) for q in ("draft", "normal", "best")]
    assert totals[0] < totals[1] / 2 and totals[1] < totals[2] / 2
