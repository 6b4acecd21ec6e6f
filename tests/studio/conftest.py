"""A studio of its own for each module, a browser to look at it with, and a desk without either."""

from __future__ import annotations

import io as bytes_io
import os
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from impasto.options import Options
from impasto.studio import server
from impasto.studio.desk import Desk
from impasto.studio.incoming import Incoming
from impasto.studio.job import Job
from impasto.studio.limits import Limits
from impasto.studio.registry import Registry
from impasto.studio.server import Address, Studio
from impasto.studio.session import Session
from impasto.studio.workshop import Workshop

LIMITS = Limits(upload=400_000, pixels=2_000_000, size=256, minutes=5, cells=4)
SMALL = Options(size=64, first_size=32, steps=24)


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
def ask(studio: Studio) -> Any:
    """GET, or POST where there is JSON, files or data; with or without a session's cookie."""

    def call(path: str, **more: Any) -> requests.Response:
        method = "POST" if {"json", "files", "data"} & set(more) else "GET"
        return requests.request(
            method, studio.address.url + path, timeout=20, allow_redirects=False, **more
        )

    return call


def png(width: int = 20, height: int = 10) -> bytes:
    out = bytes_io.BytesIO()
    Image.new("RGB", (width, height)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def pictures(tmp_path: Path, scene: Any) -> Path:
    scene(72, 54, 1).save(tmp_path / "photo.png")
    scene(64, 80, 2, texture=1.0).save(tmp_path / "painting.png")
    return tmp_path


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    allowed = Limits(machine={"precision": "float32"})
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    workshop = Workshop(allowed, workers=2)
    registry = Registry(tmp_path / "out", allowed, 0, time.monotonic)
    yield Desk(registry, workshop, Incoming(tmp_path / "in", allowed), allowed)
    workshop.close()
    registry.end()


def somebody(desk: Desk, name: str, folder: Path, scene: Any) -> Session:
    session = desk.registry.of(name)
    photograph, painting = (
        session.read(scene(64, 48, seed).save(folder / f"{name}{seed}.png"), f"{seed}.png")
        for seed in (1, 2)
    )
    session.set_photograph(photograph)
    session.add_painting(painting)
    return session


def over(job: Job) -> Job:
    while not job.over:
        job.wait(job.version, 10)
    assert not job.error
    return job
