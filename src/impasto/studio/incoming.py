"""Incoming: files from people, kept under names of our own until they are taken or too old.

Nothing of a file's own name reaches a path; it is only shown again, shortened and printable.
"""

from __future__ import annotations

import re
import secrets
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path, PurePath, PureWindowsPath

from impasto.errors import PictureError
from impasto.io.files import read_recipe
from impasto.picture import Picture
from impasto.studio.limits import MEGA, Limits

FORGOTTEN = 3600.0  # seconds after which what nobody took is deleted
AT_ONCE = 400  # files that may lie here


@dataclass(frozen=True)
class Parcel:
    """A file that came in. owner: who may take it, "" for whoever knows its path."""

    path: Path
    name: str
    owner: str


class Incoming:
    """Where files come in. folder: must be there, and nobody else's."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder, self.limits = folder.resolve(), limits
        self._parcels: dict[str, Parcel] = {}
        self._lock = threading.Lock()

    def put(self, data: bytes, name: str, owner: str) -> Path:
        """Keep a file, and say where. PictureError for one that is no picture or too large."""
        if len(data) > self.limits.upload:
            raise PictureError(too_large(self.limits))
        place = self.folder / secrets.token_urlsafe(16)
        path = place / "picture"
        with self._lock:
            if len(self._parcels) >= AT_ONCE:
                raise PictureError("too many files are waiting here; try again in some minutes")
            place.mkdir(mode=0o700)
            path.write_bytes(data)
            self._parcels[str(path)] = Parcel(path, shown(name), owner)
        try:
            read_recipe(path)  # which decodes nothing, and fails where there is no picture
        except PictureError as error:
            self.drop(str(path))
            raise PictureError(str(error).replace(str(path), shown(name))) from None
        return path

    def take(self, path: str, owner: str) -> Parcel:
        """A file that `put` has kept, for who brought it. PictureError for any other."""
        parcel = self._parcels.get(path)
        if parcel is None or parcel.owner not in ("", owner):
            raise PictureError("this upload isn't there (any more); give the picture again")
        return parcel

    def lay(self, picture: Picture) -> Path:
        """A picture on its way out, as PNG with its recipe, until it is forgotten."""
        place = self.folder / secrets.token_urlsafe(16)
        place.mkdir(mode=0o700)
        return picture.save(place / "impasto.png")

    def sweep(self, now: float) -> None:
        """Delete what has lain here for too long, whoever put it here. now: as of time.time()."""
        with self._lock:
            for place in self.folder.iterdir():
                if now - place.stat().st_mtime > FORGOTTEN:
                    shutil.rmtree(place, ignore_errors=True)
            self._parcels = {k: v for k, v in self._parcels.items() if v.path.exists()}

    def drop(self, path: str) -> None:
        with self._lock:
            parcel = self._parcels.pop(path, None)
        if parcel is not None:
            shutil.rmtree(parcel.path.parent, ignore_errors=True)


def shown(name: str) -> str:
    """A file's name as it may be shown: no folder, nothing unprintable, not long."""
    bare = PureWindowsPath(name.replace("\0", "")).name
    return "".join(c for c in bare if c.isprintable())[:60] or "picture"


def stem(name: str) -> str:
    """A file's name without its ending, of letters, digits, - and _ alone, to name a file after."""
    bare = PurePath(shown(name)).stem
    return re.sub(r"[^\w-]+", "-", bare).strip("-")[:40] or "picture"


def too_large(limits: Limits) -> str:
    return f"the file is larger than {limits.upload / MEGA:g} MB, the limit here; reduce it first"
