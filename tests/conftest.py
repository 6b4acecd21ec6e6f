"""Small pictures with forms and texture, the bundled network, and a browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from impasto.networks import weights
from impasto.networks.vgg import VGG
from impasto.networks.weights import Weights
from impasto.picture import Picture

Scene = Callable[..., Picture]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
)


@pytest.fixture(scope="session")
def scene() -> Scene:
    """Makes pictures: soft colours that vary over the whole, and `texture`: fine waves and grain.

    Of one seed they show the same at any size, but for the grain.
    """

    def make(width: int, height: int, seed: int = 0, *, texture: float = 0.3) -> Picture:
        random = np.random.default_rng(seed)
        angles, phases = random.uniform(0, 6.3, 5), random.uniform(0, 6.3, 5)
        y, x = (np.mgrid[0:height, 0:width] + 0.5) / max(width, height)
        waves = [
            np.sin(pitch * (x * np.cos(a) + y * np.sin(a)) + p)
            for pitch, a, p in zip((4, 5, 6, 30, 45), angles, phases, strict=True)
        ]
        fine = texture * (waves[3] + waves[4] + random.uniform(-1, 1, x.shape)) / 3
        planes = [0.5 + 0.3 * wave + fine for wave in waves[:3]]
        # Whole 8-bit steps, so that a PNG holds exactly this picture.
        levels = np.round(np.stack(planes).clip(0, 1) * 255)
        return Picture((levels / 255).astype(np.float32))

    return make


@pytest.fixture(scope="session")
def lite() -> Weights:
    return weights.load("vgg19-lite")


@pytest.fixture
def network(lite: Weights) -> VGG:
    """The bundled network, a fresh one each time: painting sets its precision."""
    return VGG(lite)


@pytest.fixture
def folder(tmp_path: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with photo.png (72x54) and painting.png (64x80) in it."""
    place = tmp_path / "work"
    place.mkdir()
    scene(72, 54, 1).save(place / "photo.png")
    scene(64, 80, 2, texture=1.0).save(place / "painting.png")
    monkeypatch.chdir(place)
    return place


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One for all: a second playwright beside a running one is refused."""
    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        pytest.skip("no browser is installed; apt-get install chromium has these tests run")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield started
        started.close()
