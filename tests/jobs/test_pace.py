"""How often a painting is looked at."""

from __future__ import annotations

from itertools import pairwise

from impasto.jobs.pace import LEAST, SHARE, Pace


class Day:
    """A clock that stands until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def looks(seconds: float, cost: float, sent: int, rate: float) -> list[float]:
    """When looks began, of a painting that takes so long in steps of a fiftieth of a second."""
    clock, began = Day(), list[float]()
    pace = Pace(rate, clock)

    def show() -> int:
        began.append(clock.now - 1000)
        clock.now += cost
        return sent

    while clock.now < 1000 + seconds:
        if pace.due():
            pace.look(show)
        clock.now += 0.02
    return began


def test_the_first_look_is_at_once_and_the_others_ever_more_seldom() -> None:
    began = looks(1000, cost=0, sent=0, rate=1e9)
    waits = [after - before for before, after in pairwise(began)]
    assert began[0] == 0 and LEAST <= waits[0] < LEAST + 0.1
    assert 40 < waits[-1] < 60
    assert 30 < len(began) < 130


def test_looking_takes_its_share_of_the_time_and_no_more() -> None:
    began = looks(100, cost=0.2, sent=0, rate=1e9)
    assert 0.8 * SHARE < 0.2 * len(began) / 100 <= SHARE + 0.2 / 100


def test_no_more_is_sent_than_the_rate() -> None:
    began = looks(100, cost=0, sent=1_000_000, rate=250_000)
    assert 0.5 < len(began) * 1_000_000 / (100 * 250_000) <= 1.05
