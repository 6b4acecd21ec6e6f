"""What is drawn over pictures, and what is said of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from impasto.studio import drawings, masks, pictures
from impasto.studio.desk import Desk
from impasto.studio.pictures import INSTEAD, WITH_IT

from .conftest import somebody


def test_a_region_on_the_painting_alone_is_said_to_do_nothing(
    desk: Desk, tmp_path: Path, scene: Any
) -> None:
    session = somebody(desk, "anna", tmp_path, scene)
    assert session.photograph is not None
    picture = session.photograph.read()
    session.drawn[session.paintings[0].key] = picture
    assert "does nothing" in drawings.lacking(session)
    session.drawn[masks.REGIONS] = picture
    assert not drawings.lacking(session)
    assert pictures.example_painting(session, "swirls", blend=False) == f"{INSTEAD}. {WITH_IT}"
    assert "on a painting" in drawings.lacking(session)
    assert pictures.example_painting(session, "mosaic", blend=False) == ""
