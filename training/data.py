"""Pictures to learn from: a folder's, cropped and disturbed towards what painting visits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor
from torch.nn import functional as F

SHORT = 288  # pixels: longer short sides are shrunk to it
HOLD_OUT = 20  # one file in so many, by name, is kept from training


def split(folders: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """(to train on, held out): the files of each folder in order of name, every 20th held out."""
    train: list[Path] = []
    held: list[Path] = []
    for folder in folders:
        files = sorted(path for path in folder.iterdir() if path.is_file())
        for i, path in enumerate(files):
            (train if i % HOLD_OUT else held).append(path)
    return train, held


def read(path: Path) -> Tensor | None:
    """uint8 (3, H, W), its short side at most SHORT; None for a file that is no picture."""
    try:
        with Image.open(path) as file:
            image = ImageOps.exif_transpose(file).convert("RGB")
    except (UnidentifiedImageError, OSError):
        return None
    shrink = SHORT / min(image.size)
    if shrink < 1:
        size = (round(image.width * shrink), round(image.height * shrink))
        image = image.resize(size, Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)


@dataclass(frozen=True)
class Crops:
    """Batches of crops of pictures, (batch, 3, side, side) in [0, 1].

    A batch depends on the seed and on its number alone, so that training resumes where it stopped.
    """

    pictures: list[Tensor]
    side: int = 128
    seed: int = 0

    @classmethod
    def of(cls, files: Iterable[Path], side: int = 128, seed: int = 0) -> Crops:
        """Of the files that are pictures of at least `side` pixels; ValueError if none is."""
        read_all = (read(path) for path in files)
        pictures = [p for p in read_all if p is not None and min(p.shape[1:]) >= side]
        if not pictures:
            raise ValueError(f"no picture of at least {side} pixels to learn from")
        return cls(pictures, side, seed)

    def batch(self, number: int, count: int) -> Tensor:
        random = np.random.default_rng((self.seed, number))
        crops = torch.stack([self._crop(random) for _ in range(count)])
        if random.random() < 0.2:  # two pictures over one another
            share = random.uniform(0.3, 0.7)
            crops = share * crops + (1 - share) * crops.roll(1, 0)
        return crops.clamp_(0, 1).contiguous(memory_format=torch.channels_last)

    def _crop(self, random: np.random.Generator) -> Tensor:
        picture = self.pictures[random.integers(len(self.pictures))]
        height, width = picture.shape[1:]
        zoom = random.uniform(0.5, 1) if random.random() < 0.7 else 1.0
        window = min(round(self.side / zoom), height, width)
        y, x = random.integers(height - window + 1), random.integers(width - window + 1)
        crop = picture[:, y : y + window, x : x + window].float() / 255
        if window != self.side:
            size = (self.side, self.side)
            crop = F.interpolate(crop[None], size, mode="bilinear", antialias=True)[0]
        return _disturb(crop, random)


def _disturb(crop: Tensor, random: np.random.Generator) -> Tensor:
    """Turned, recoloured, noisy: each now and then."""
    side = crop.shape[1]
    chance = random.random(8)
    if chance[0] < 0.5:
        crop = crop.flip(2)
    if chance[1] < 0.1:
        crop = crop.flip(1)
    if chance[2] < 0.1:
        crop = crop.transpose(1, 2)
    if chance[3] < 0.5:  # contrast and brightness
        mean = crop.mean()
        crop = (crop - mean) * random.uniform(0.5, 1.5) + mean + random.uniform(-0.1, 0.1)
    if chance[4] < 0.3:  # a cast
        crop = crop * _tensor(random.uniform(0.7, 1.3, (3, 1, 1)))
    if chance[5] < 0.1:
        crop = crop[random.permutation(3).tolist()]
    if chance[6] < 0.4:
        crop = crop + _tensor(random.standard_normal(crop.shape)) * random.uniform(0, 0.15)
    if chance[7] < 0.1:
        coarse = _tensor(random.standard_normal((1, 3, side // 4, side // 4)))
        crop = crop + 0.2 * F.interpolate(coarse, (side, side), mode="bicubic")[0]
    return crop


def _tensor(values: np.ndarray) -> Tensor:
    return torch.from_numpy(values.astype(np.float32))
