"""What is seen of a painting on its way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from impasto.studio import stage
from impasto.studio.desk import Desk

from .conftest import SMALL, over, somebody


def test_who_watches_is_told_what_is_new_until_it_is_over(
    desk: Desk, tmp_path: Path, scene: Any
) -> None:
    anna, bert = (somebody(desk, name, tmp_path, scene) for name in ("anna", "bert"))
    assert stage.growing(desk, anna, 0) == {"over": True}
    job = desk.paint(anna, SMALL.changed({"steps": 100_000}))
    while not job.view:
        job.wait(job.version, 10)
    first = stage.growing(desk, anna, 0)
    assert first["shown"]["picture"].startswith("data:image/jpeg") and not first["over"]
    while "picture" in (again := stage.growing(desk, anna, first["version"])):  # it has grown
        first = again
    assert again["shown"]["phase"] == "painting"
    assert stage.growing(desk, bert, 0) == {"over": True}
    job.stop()
    over(job)
    assert stage.growing(desk, anna, 0) == {"over": True}
