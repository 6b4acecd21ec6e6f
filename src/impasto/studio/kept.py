"""Kept: a picture in a session's folder, which goes when nothing needs it any more."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from impasto.io.files import read_picture
from impasto.picture import Picture
from impasto.studio import views


@dataclass(frozen=True)
class Kept:
    """A picture in a session's folder. key: known to nobody but its owner.

    path: the file as it came or was written; view, thumb: JPEGs of its pixels alone. example: which
    of the page's own it is.
    """

    key: str
    name: str
    path: Path
    size: tuple[int, int]
    view: bytes = field(repr=False)
    thumb: bytes = field(repr=False)
    recipe: Mapping[str, Any] | None = field(default=None, repr=False)
    example: str = ""

    def read(self) -> Picture:
        """The picture, as large as it is."""
        return replace(read_picture(self.path), name=self.name)


def keep(key: str, name: str, path: Path, picture: Picture, example: str = "") -> Kept:
    """A picture whose file is at the path. The file is deleted with the last that refers to it:
    a painting that waits still finds the photograph that was taken off the page.
    """
    kept = Kept(
        key,
        name,
        path,
        (picture.width, picture.height),
        views.jpeg(picture, 1024),
        views.jpeg(picture, views.THUMB),
        picture.recipe,
        example,
    )
    weakref.finalize(kept, path.unlink, missing_ok=True)
    return kept
