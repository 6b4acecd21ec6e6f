"""Times as people read them."""

from __future__ import annotations

import pytest

from impasto.events import Step
from impasto.jobs.clock import clock


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1:00"),
        (65, "1:05"),
        (3599.6, "1:00:00"),
        (3723, "1:02:03"),
    ],
)
def test_clock(seconds: float, words: str) -> None:
    assert clock(seconds) == words


def test_what_is_left_takes_as_long_as_what_was_done() -> None:
    step = Step(1, 4, 8, 8, 1.0, {}, progress=0.25, seconds=10, picture=lambda: None)
    assert step.left == 30
