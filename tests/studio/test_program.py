"""The example of docs/studio.md, run as it stands but for its size."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from impasto.io.files import read_picture

pytest.importorskip("gradio", reason="the studio is an extra: pip install 'impasto[studio]'")
pytestmark = pytest.mark.slow

from impasto.studio.server import Address, Studio  # noqa: E402

from .conftest import serving  # noqa: E402

ROOT = Path(__file__).parents[2]


def test_the_example_paints(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cat.png", "swirls.jpg", "mosaic.jpg"):
        shutil.copy(ROOT / "examples" / "pictures" / name, tmp_path)
    (tmp_path / "swirls.jpg").write_bytes((tmp_path / "cat.png").read_bytes())  # within the limit
    (tmp_path / "mosaic.jpg").write_bytes((tmp_path / "cat.png").read_bytes())
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs" / "studio.md").read_text(), flags=re.S
    )
    code = code.replace("http://127.0.0.1:7860", studio.address.url)
    code = code.replace('"size": 512', '"size": 64, "steps": 3')
    found: dict[str, Any] = {}
    exec(code, found)
    made = read_picture(found["picture"])
    assert (made.width, made.height) == (64, 43)
    assert made.recipe == found["recipe"] and made.recipe["options"]["color"] == "keep"
    assert len(made.recipe["inputs"]["styles"]) == 2


def test_a_program_gives_the_password_and_is_told_what_is_wrong(tmp_path: Path) -> None:
    from gradio_client import Client, handle_file
    from gradio_client.exceptions import AppError

    auth = ("anna", "a long password")
    with serving(address=Address(port=0, auth=auth)) as guarded:
        with pytest.raises(Exception, match="credentials were not provided"):
            Client(guarded.address.url, verbose=False)
        client = Client(guarded.address.url, httpx_kwargs={"auth": auth}, verbose=False)
        cat = handle_file(ROOT / "examples" / "pictures" / "cat.png")
        for options, why in (({"size": 4096}, "up to 256 px"), ({"sice": 64}, "did you mean size")):
            with pytest.raises(AppError, match=why):
                client.predict(cat, [cat], options, api_name="/paint")
        with pytest.raises(AppError, match="give a photograph"):
            client.predict(None, [], {}, api_name="/paint")
