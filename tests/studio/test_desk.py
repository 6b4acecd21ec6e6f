"""What is asked for at the desk, without a browser or a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from impasto.errors import OptionError
from impasto.studio.desk import Desk
from impasto.studio.limits import Limits

from .conftest import SMALL, over, somebody


def total(row: Any) -> float:
    return sum(row.values())


def test_continue_refines_the_finished_picture(desk: Desk, tmp_path: Path, scene: Any) -> None:
    session = somebody(desk, "anna", tmp_path, scene)
    with pytest.raises(OptionError, match="no picture is shown"):
        desk.further(session)
    straight = over(desk.paint(session, SMALL.changed({"first_size": 64})))
    first = over(desk.paint(session, SMALL))
    painted = session.history[-1].picture
    session.set_photograph(None)  # what it was painted from is its own
    again = over(desk.further(session))
    made = session.history[-1].picture.recipe
    assert made is not None
    assert made["options"]["start"] == "picture" and made["options"]["precision"] == "float32"
    assert made["inputs"]["start_picture"] == {
        "name": painted.name,
        "sha256": painted.read().sha256,
    }
    # From where the first ended, far below where the photograph begins; and on from there.
    begun, ended = total(again.losses[0]), total(first.losses[-1])
    assert begun == pytest.approx(ended, rel=0.1) and begun < 0.5 * total(straight.losses[0])
    assert total(again.losses[-1]) < begun
    over(desk.further(session))
    made = session.history[-1].picture.recipe
    assert made is not None and made["inputs"]["start_picture"]["name"] == "1-2-3.png"


def test_files_stay_while_a_painting_needs_them(desk: Desk, tmp_path: Path, scene: Any) -> None:
    session = somebody(desk, "anna", tmp_path, scene)
    assert session.photograph is not None
    path = session.photograph.path
    job = desk.paint(session, SMALL)
    session.set_photograph(None)
    over(job)
    assert path.exists()  # Continue needs it
    other = somebody(desk, "bert", tmp_path, scene)
    assert other.photograph is not None
    unused = other.photograph.path
    other.set_photograph(None)
    assert not unused.exists()


def test_few_stopped_paintings_stay_in_memory(desk: Desk, tmp_path: Path, scene: Any) -> None:
    desk.limits = Limits(stopped=1)
    sessions = [somebody(desk, name, tmp_path, scene) for name in ("anna", "bert")]
    for session in sessions:
        job = desk.paint(session, SMALL.changed({"steps": 100_000}))
        while not job.losses:
            job.wait(job.version, 10)
        job.stop()
        over(job)
    old, new = (session.further for session in sessions)
    assert old is not None and new is not None
    assert old.painting is None and new.painting is not None
    assert old.order.start is sessions[0].history[-1].picture  # and may go on all the same
    for session in sessions:  # nothing else holds on to them
        assert session.job is not None and session.job.painting is None
    key = sessions[1].shown[0]
    sessions[1].forget(key)
    assert sessions[1].further is None and sessions[1].shown == ()


def test_the_machine_is_not_for_those_who_paint(desk: Desk, tmp_path: Path, scene: Any) -> None:
    session = somebody(desk, "anna", tmp_path, scene)
    for vary, given in (({"memory": ["1MB"]}, {}), ({"size": ["32"]}, {"device": "cpu"})):
        with pytest.raises(OptionError, match="for whoever runs this studio"):
            desk.sweep(session, vary, given)


def test_two_painters_paint_as_one_does(desk: Desk, tmp_path: Path, scene: Any) -> None:
    sessions = [somebody(desk, name, tmp_path, scene) for name in ("anna", "bert")]
    jobs = [desk.paint(session, SMALL) for session in sessions]
    for job in jobs:
        over(job)
    alone = over(desk.paint(sessions[0], SMALL))
    for job in jobs:
        assert job.picture is not None and alone.picture is not None
        assert job.picture.sha256 == alone.picture.sha256
