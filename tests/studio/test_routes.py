"""What is answered beside the page: uploads, pictures, and what grows."""

from __future__ import annotations

from typing import Any

import pytest

from impasto.studio.door import COOKIE
from impasto.studio.server import Studio

from .conftest import png

pytest.importorskip("gradio", reason="the studio is an extra: pip install 'impasto[studio]'")
pytestmark = pytest.mark.slow


def test_uploads_lie_under_names_of_our_own_and_are_pictures(ask: Any, studio: Studio) -> None:
    name = "../../etc/<b>cat</b>.png"
    answer = ask("/gradio_api/upload", files={"files": (name, png())})
    (path,) = answer.json()
    assert path.startswith(str(studio.incoming.folder)) and path.endswith("/picture")
    assert "cat" not in path
    for data, why in (
        (b"<script>alert(1)</script>", "not a picture"),
        (b"", "empty"),
        (png(2000, 1500), "too big: 3 million pixels, the limit is 2 million"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n", "can't be used"),
    ):
        answer = ask("/gradio_api/upload", files={"files": ("cat.png", data)})
        assert answer.status_code == 400 and why in answer.text, answer.text
        assert str(studio.folder) not in answer.text
    large = ask("/gradio_api/upload", files={"files": ("x.png", bytes(studio.limits.upload * 2))})
    assert large.status_code == 413 and "0.4 MB" in large.text


def test_what_grows_is_told_to_who_paints_it_alone(ask: Any) -> None:
    for seen in ("0", "9" * 5000, "x", "%C3%A9"):
        answer = ask(f"/studio/growing/{seen}", cookies={COOKIE: "nobody"})
        assert answer.status_code == 200 and answer.json() == {"over": True}
    assert ask("/studio/view/%C3%A9", cookies={COOKIE: "nobody"}).status_code == 404
