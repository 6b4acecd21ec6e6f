"""A studio of its own for each module, and a browser to look at it with."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from impasto.studio import server
from impasto.studio.limits import Limits
from impasto.studio.server import Address, Studio

LIMITS = Limits(upload=400_000, pixels=2_000_000, size=256, minutes=5, cells=4)


@contextmanager
def serving(limits: Limits = LIMITS, **more: Any) -> Generator[Studio]:
    """A studio that answers, in a thread, at a port that is free."""
    before = Image.MAX_IMAGE_PIXELS
    kept = {name: os.environ.get(name) for name in server.ENVIRONMENT}
    with Studio(more.pop("address", Address(port=0)), limits, **more) as studio:
        served = studio.server()
        thread = threading.Thread(target=served.run, kwargs={"sockets": studio.sockets})
        thread.start()
        while not served.started:
            time.sleep(0.02)
        yield studio
        served.should_exit = True
        thread.join()
    Image.MAX_IMAGE_PIXELS = before
    for name, value in kept.items():
        os.environ.pop(name, None) if value is None else os.environ.update({name: value})


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with serving() as found:
        yield found


Visit = Callable[..., Any]


@pytest.fixture
def visit(browser: Any) -> Iterator[Visit]:
    """Opens a studio as a person of its own; fails where the page has an error of its own."""
    contexts: list[Any] = []
    wrong: list[str] = []

    def open_page(studio: Studio, **more: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **more})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(studio.address.url)
        page.get_by_role("button", name="Photograph: Cat (example)").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


@pytest.fixture
def pictures(tmp_path: Path, scene: Any) -> Path:
    scene(72, 54, 1).save(tmp_path / "photo.png")
    scene(64, 80, 2, texture=1.0).save(tmp_path / "painting.png")
    return tmp_path
