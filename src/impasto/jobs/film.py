"""The film of a painting: from the photograph, step by step, to the picture."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from impasto.engine.paint import Painting
from impasto.engine.pyramid import Size
from impasto.events import Step
from impasto.io import film as films
from impasto.io.atomic import replace_file
from impasto.io.encode import samples
from impasto.io.files import check_place
from impasto.picture import Picture

FRAMES = 60  # at most
SIDE = 720  # pixels of the long side, at most


def check(path: Path, *, overwrite: bool = False) -> None:
    """Whether a film can be written to `path`, as far as that is known. Raises PictureError."""
    films.check(path)
    check_place(path, overwrite=overwrite)


class Film:
    """Gathers the frames of a painting while it is made, evenly over its progress.

    frames: RGB, of one size: the picture's, or smaller. They take 93 MB at most.
    """

    def __init__(self, painting: Painting) -> None:
        """The first frame is the painting before it goes on: the photograph, if it is new."""
        width, height = painting.plan.sizes[-1]
        scale = min(1.0, SIDE / max(width, height))
        self.size: Size = max(1, round(width * scale)), max(1, round(height * scale))
        self.frames = [self._frame(painting.picture)]
        self._taken = 0  # of FRAMES - 1 equal parts of the progress, those that are over

    def step(self, step: Step) -> None:
        """A step was made; its picture is taken if one is due."""
        over = int(step.progress * (FRAMES - 1))
        if self._taken < over < FRAMES - 1:  # the last is the picture itself
            self._taken = over
            self.frames.append(self._frame(step.picture()))

    def save(self, picture: Picture, path: Path) -> None:
        """Write the film, which ends with `picture`; whole or not at all. Raises PictureError."""
        replace_file(path, films.encode([*self.frames, self._frame(picture)], path))

    def _frame(self, picture: Picture) -> Image.Image:
        image = Image.fromarray(samples(picture, 8, alpha=False))
        return image.resize(self.size, Image.Resampling.LANCZOS)
