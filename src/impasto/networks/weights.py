"""Weights by name or path: found, fetched, verified, read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from impasto.errors import OptionError, WeightsError, nearest
from impasto.networks import catalogue
from impasto.networks.catalogue import Entry, Kept, Progress
from impasto.networks.checkpoint import PREPROCESSING, read
from impasto.networks.layout import Weights, save_weights
from impasto.networks.vgg import CONVS, depth

WIDTHS: Final = (64, 128, 256, 512, 512)  # channels of VGG-19's blocks, as published


def load(
    name_or_path: str,
    *,
    preprocessing: str | None = None,
    progress: Progress | None = None,
) -> Weights:
    """The weights called so in the catalogue, else those in the file at that path.

    A published file that isn't on this machine is downloaded; `progress` hears of it as
    (bytes done, bytes in all). For a file, `preprocessing` ("torchvision" or "caffe") overrules
    what its keys suggest; a path may carry it as well, as in "vgg19.pth:caffe".

    Raises OptionError: no such name; WeightsError: no such file, not a VGG-19, damaged, can't be
    downloaded.
    """
    if name_or_path in catalogue.CATALOGUE:
        if preprocessing is not None:
            raise WeightsError(
                f"{name_or_path} has its own preprocessing; leave out {preprocessing!r}"
            )
        entry = catalogue.entry(name_or_path)
        if entry.url is not None:
            return _published(entry, progress)[0]
        path = Path(__file__).with_name(entry.file)
        return read(path, entry.name, catalogue.check(entry, path))

    path = Path(name_or_path).expanduser()
    stem, colon, suffix = name_or_path.rpartition(":")
    if colon and suffix in PREPROCESSING and not path.exists():
        path, preprocessing = Path(stem).expanduser(), preprocessing or suffix
    if not path.exists():
        # A bare word is a name mistyped; what has a folder or an extension, a file that is missing.
        kind = WeightsError if path.suffix or len(path.parts) > 1 else OptionError
        raise kind(
            f"no file and no known weights are called {name_or_path!r}; "
            f"{nearest(name_or_path, catalogue.CATALOGUE)}"
        )
    if not path.is_file():
        raise WeightsError(f"{path} is a folder; give the file of weights in it")
    if path.stat().st_size == 0:
        raise WeightsError(f"{path} is empty; fetch or copy it again")
    return read(path, path.name, catalogue.digest(path), preprocessing)


def outline(name: str) -> Weights:
    """Weights of the shape that a published file called `name` has, all 0: to plan with, where it
    isn't on this machine. `sha256` is as much as its publisher gives. OptionError: no such name.
    """
    known = catalogue.entry(name)
    tensors: dict[str, Tensor] = {}
    before = 3
    for conv in CONVS:
        width = WIDTHS[depth(conv)]
        tensors[f"{conv}.weight"] = torch.zeros(width, before, 3, 3)
        tensors[f"{conv}.bias"] = torch.zeros(width)
        before = width
    p = PREPROCESSING["torchvision"]
    return Weights(
        known.name, known.sha256, tensors, p.order, p.scale, p.mean, p.std, "max", "zeros"
    )


def fetch(name: str, *, progress: Progress | None = None) -> Path:
    """The path of the weights called `name`, verified, downloaded if need be, ready for `load`."""
    entry = catalogue.entry(name)
    if entry.url is not None:
        return _published(entry, progress)[1]
    path = Path(__file__).with_name(entry.file)
    catalogue.check(entry, path)
    return path


def _published(entry: Entry, progress: Progress | None) -> tuple[Weights, Path]:
    """A published file's weights, and the path that they will be read from the next time.

    After the first use only the convolutions are kept: VGG-19's are 80 of its 574 MB. A file that
    a person or torch put on this machine stays; one that was downloaded here goes.
    """
    from impasto.networks import fetch as fetching  # a twentieth of a second, seldom needed

    folder, kept = catalogue.folder(), Kept(entry)
    if (source := kept.source()) is not None:
        return read(kept.path, entry.name, source), kept.path
    with fetching.lock(folder / f"{entry.name}.lock"):
        if (source := kept.source()) is not None:  # another process was faster
            return read(kept.path, entry.name, source), kept.path
        found = catalogue.original(entry)
        path = found.path or fetching.download(entry, folder, progress=progress)
        source = catalogue.check(entry, path)
        weights = read(path, entry.name, source)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            save_weights(kept.path, weights)
            kept.write_record(source)
        except OSError:  # a full disk or a read-only folder: slower next time, that is all
            return weights, path
        if found.path is None:
            path.unlink()
        return weights, kept.path
