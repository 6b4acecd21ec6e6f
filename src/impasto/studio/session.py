"""A session: one person's pictures, drawings, history and paintings."""

from __future__ import annotations

import itertools
import secrets
import shutil
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from impasto.engine.control import Masks
from impasto.errors import OptionError, PictureError
from impasto.io.files import read_picture
from impasto.picture import Picture
from impasto.studio import incoming, masks, words
from impasto.studio.job import Job
from impasto.studio.kept import Kept, keep
from impasto.studio.limits import Limits
from impasto.studio.order import Further


@dataclass(frozen=True)
class Painted:
    """A picture of the history, the photograph it was painted from (JPEG), and how losses fell.

    of: what was painted like what. told: how far it came, where it was stopped; of a sheet, how
    many pictures it has.
    """

    title: str
    of: str
    picture: Kept
    before: bytes = field(repr=False)
    seconds: float
    losses: tuple[Mapping[str, float], ...] = field(repr=False)
    told: str


class Session:
    """What one person has here. folder: its own, made by `Registry`."""

    def __init__(self, owner: str, folder: Path, limits: Limits) -> None:
        self.owner, self.folder, self.limits = owner, folder, limits
        self.photograph: Kept | None = None
        self.paintings: list[Kept] = []
        self.history: list[Painted] = []
        self.drawn: dict[str, Picture] = {}
        self.job: Job | None = None
        self.furthers: dict[str, Further] = {}  # what goes on from a picture of the history
        # Of the controls, the preset and what differs from it.
        self.settings: Mapping[str, Any] = {}
        # What of the history the stage has; () = what is painted.
        self.shown: tuple[str, ...] = ()
        # Pages that show the photograph, paintings, drawings and picture that there are.
        self.fresh: set[str] = set()
        self._count = 0
        self.pages: set[str] = set()
        self.left = 0.0
        self.lock = threading.RLock()

    @property
    def busy(self) -> bool:
        """Whether something is painted here, or waits for it."""
        return self.job is not None and not self.job.over

    @property
    def further(self) -> Further | None:
        """What goes on from the picture that is shown; None where nothing does, where two are
        shown, or what is painted is.
        """
        return self.furthers.get(self.shown[0]) if len(self.shown) == 1 else None

    def lighten(self, keys: Iterable[str]) -> None:
        """Let go of stopped paintings, which take memory. Going on from them refines."""
        with self.lock:
            for key in keys:
                if key in self.furthers:
                    self.furthers[key] = self.furthers[key].lighter()

    def read(self, path: Path, name: str, example: str = "") -> Kept:
        """A picture into the session's folder. Raises PictureError."""
        key = secrets.token_urlsafe(16)
        own = self.folder / key
        shutil.copyfile(path, own)
        try:
            picture = read_picture(own)
        except PictureError as error:
            own.unlink()
            raise PictureError(str(error).replace(str(own), name)) from None
        return keep(key, name, own, picture, example)

    def set_photograph(self, picture: Kept | None) -> bool:
        """Whether something was drawn over the one before, which goes with it."""
        with self.lock:
            self.photograph = picture
            gone = [self.drawn.pop(name, None) for name in (masks.REGIONS, masks.KEEP)]
            return any(each is not None for each in gone)

    def add_painting(self, picture: Kept) -> None:
        with self.lock:
            if len(self.paintings) >= self.limits.styles:
                raise OptionError(f"{self.limits.styles} paintings are the most; remove one first")
            self.paintings.append(picture)

    def remove_painting(self, key: str) -> bool:
        """Whether something was drawn over it, which goes with it."""
        with self.lock:
            self.paintings = [each for each in self.paintings if each.key != key]
            return self.drawn.pop(key, None) is not None

    def masks(self) -> Masks:
        return masks.of(self.drawn, [painting.key for painting in self.paintings])

    def remember(self, job: Job, before: bytes) -> Painted | None:
        """A job's picture into the history, as PNG with its recipe; None where it has none."""
        if job.picture is None or not self.folder.exists():
            return None
        key = secrets.token_urlsafe(16)
        written = job.picture.save(self.folder / f"{key}.png")
        recipe = job.picture.recipe or {}
        with self.lock:
            kept = keep(key, self._name(recipe, job.sheet), written, job.picture)
            self._count += 1
            title = f"{'Sheet' if job.sheet else 'Picture'} {self._count}"
            of, told = words.inputs(recipe), job.words if job.sheet else job.reached
            painted = Painted(title, of, kept, before, job.seconds, tuple(job.losses), told)
            self.history.append(painted)
            self.shown = self.shown or (key,)  # unless another picture is looked at
            for old in self.history[: -self.limits.history]:
                self.forget(old.picture.key)
        return painted

    def _name(self, recipe: Mapping[str, Any], sheet: bool) -> str:
        """What a picture's file is called when it is downloaded: photograph-painting.png, with a
        number where the history has one of that name.
        """
        inputs: Mapping[str, Any] = recipe.get("inputs") or {}
        both = [inputs.get("content"), *inputs.get("styles", ())][:2]
        bare = "-".join(incoming.stem(each["name"]) for each in both if each) or "picture"
        bare += "-sweep" if sheet else ""
        taken = {each.picture.name for each in self.history}
        names = (f"{bare}{f'-{n}' if n > 1 else ''}.png" for n in itertools.count(1))
        return next(name for name in names if name not in taken)

    def forget(self, key: str) -> None:
        """Delete one of the history. KeyError where it isn't there."""
        with self.lock:
            found = self.painted(key)
            self.history.remove(found)
            self.furthers.pop(key, None)
            if key in self.shown:
                self.shown = ()

    def painted(self, key: str) -> Painted:
        """One of the history. KeyError for any other."""
        for each in self.history:
            if each.picture.key == key:
                return each
        raise KeyError(key)

    def find(self, key: str) -> Kept:
        """Any picture of this session. KeyError for any other."""
        with self.lock:
            own = [*self.paintings, *(each.picture for each in self.history)]
            for picture in (self.photograph, *own):
                if picture is not None and secrets.compare_digest(
                    picture.key.encode(), key.encode()
                ):
                    return picture
        raise KeyError(key)

    def end(self) -> None:
        """Stop its painting and delete everything."""
        with self.lock:
            if self.job is not None:
                self.job.stop()
                self.job = None
            self.furthers.clear()
            self.history.clear()
            self.paintings.clear()
            self.photograph = None
            shutil.rmtree(self.folder, ignore_errors=True)
