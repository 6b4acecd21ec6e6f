"""Checkpoints: a painting on its way, kept in a file, so that what ends it costs little.

A file holds the recipe that the painting was begun by, and the engine's state between two steps.
"""

from __future__ import annotations

import pickle
import time
import zipfile
from pathlib import Path
from typing import Any, cast

import torch

from impasto.engine.paint import Painting
from impasto.errors import PaintingError
from impasto.io.atomic import replacing

FORMAT = "impasto checkpoint 2"
SHARE = 0.05  # of the time that painting takes, which keeping it may take


def save(painting: Painting, path: Path) -> None:
    """Keep a painting, between two steps, at `path`; the file appears whole or not at all.

    PictureError if it can't be written.
    """
    with replacing(path) as file:
        whole = {"format": FORMAT, "of": identity(painting), "state": painting.state()}
        torch.save(whole, file)


def resume(painting: Painting, path: Path) -> None:
    """Have a painting that hasn't begun go on from the file at `path`.

    It then ends as if nothing had come between: on the same machine, with the same number of
    threads, with the very same pixels. PaintingError if the file is no checkpoint, or one of
    another painting: other pictures, options, network or version.
    """
    try:
        if not zipfile.is_zipfile(path):  # what follows reads anything else as an old pickle
            raise EOFError
        # weights_only: a stranger's file may hold tensors and numbers, and nothing that runs.
        found: Any = torch.load(path, map_location=painting.plan.device, weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise PaintingError(f"{path} can't be read as a checkpoint; delete it") from error
    kept = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    if kept.get("format") != FORMAT:
        raise PaintingError(f"{path} is no checkpoint that this impasto reads; delete it")
    mine = identity(painting)
    theirs = cast("dict[str, Any]", kept["of"])
    differing = [name for name in mine if mine[name] != theirs.get(name)]
    if differing:
        raise PaintingError(
            f"{path} is the checkpoint of another painting ({', '.join(differing)} differ); "
            "delete it, or name another"
        )
    painting.resume(kept["state"])


def identity(painting: Painting) -> dict[str, str]:
    """What decides how a painting goes, by name, as text."""
    recipe = painting.recipe or {}
    options = cast("dict[str, Any]", recipe.get("options", {}))
    plan = painting.plan
    return {
        **{name: repr(options[name]) for name in sorted(options)},
        **{k: repr(recipe[k]) for k in ("version", "torch", "network", "inputs") if k in recipe},
        "sizes": repr(plan.sizes),
        "device": plan.device.type,
        "precision": plan.precision,
    }


class Keeper:
    """Keeps a painting in a file while it is made: now and then, and never mostly."""

    def __init__(
        self,
        painting: Painting,
        path: Path,
        first: float,
        every: float = 60.0,
        worth: float = 0.0,
    ) -> None:
        """first: seconds until it is kept for the first time; every: from then on, at least.
        worth: seconds of painting from which on one that is stopped is kept.
        """
        self.painting, self.path, self.every, self.worth = painting, path, every, worth
        self.began = time.monotonic()
        self.next = self.began + first
        self.kept = False

    def step(self) -> None:
        """A step was made."""
        if time.monotonic() >= self.next:
            self.keep()

    def keep(self) -> None:
        """Keep it now."""
        began = time.monotonic()
        save(self.painting, self.path)
        ended = time.monotonic()
        self.kept = True
        self.next = ended + max(self.every, (ended - began) / SHARE)

    def stopped(self) -> None:
        """It was stopped, between two steps: kept as it is by then, unless that was soon made
        again. PictureError if it can't be; what was kept before stays.
        """
        if self.kept or time.monotonic() - self.began >= self.worth:
            self.keep()

    def done(self) -> None:
        """The picture is finished and written: what was kept on the way goes."""
        if self.kept:
            self.path.unlink(missing_ok=True)
            self.kept = False
