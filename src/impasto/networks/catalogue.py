"""The weights that impasto knows by name: what they are, and where they are on this machine.

Nothing here imports torch, so that listing the weights is instant.

A published file is looked for in this order: its convolutions alone, kept by impasto after the
first verified use; the file itself in impasto's folder, put there by hand; torch's own cache of
downloads. Every file is verified (size and SHA-256) before it is read.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import platformdirs

from impasto.errors import OptionError, WeightsError, nearest

LAYOUT: Final = "impasto-vgg/1"  # of the safetensors files that impasto writes

Place = Literal["bundled", "kept", "file", "torch", "missing"]
Progress = Callable[[int, int], None]  # (bytes done, bytes in all)


@dataclass(frozen=True)
class Entry:
    """A file of weights: its identity, its terms and where it comes from.

    `sha256` is the whole digest, or as much of its beginning as its publisher gives: eight digits
    tell a damaged file from a whole one, and not a forged one (nothing in a checkpoint is run).
    `url` is None for a file that is part of impasto, `bytes` 0 where its publisher gives none.
    """

    name: str
    version: str
    file: str
    url: str | None
    sha256: str
    bytes: int
    licence: str
    source: str
    description: str


@dataclass(frozen=True)
class Status:
    """Where an entry's weights are; see `status` and `verify`.

    place     "bundled": part of impasto; "kept": the convolutions alone, in impasto's folder;
              "file": the published file in impasto's folder; "torch": in torch's cache
    bytes     its size on disk; 0 when missing
    verified  whether it is known to be the right file: from its digest, or, for "kept" in
              `status`, from the record made when it was verified
    """

    entry: Entry
    path: Path | None
    place: Place
    bytes: int
    verified: bool


CATALOGUE: Final[dict[str, Entry]] = {
    entry.name: entry
    for entry in (
        Entry(
            name="vgg19-lite",
            version="4",
            file="lite.safetensors",
            url=None,
            sha256="d50b461ce82c2a799ac337c31809875d0a14e65416851728456f3ac6be246181",
            bytes=2_625_660,
            licence="MIT",
            source="trained by the impasto developers; see lite.md beside the file",
            description="a thin VGG-19, up to conv5_1: bundled, fast, approximate",
        ),
        Entry(
            name="vgg19",
            version="1",
            file="vgg19-dcbb9e9d.pth",
            url="https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
            sha256="dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
            bytes=574_673_361,
            licence=(
                "BSD-3-Clause (torchvision); trained on ImageNet, "
                "whose terms are for non-commercial research"
            ),
            source="torchvision, VGG19_Weights.IMAGENET1K_V1 (Simonyan & Zisserman, 2015)",
            description="the network of the literature: best pictures, downloaded at first use",
        ),
        Entry(
            name="vgg19-caffe",
            version="1",
            file="vgg19-d01eb7cb.pth",
            url="https://web.eecs.umich.edu/~justincj/models/vgg19-d01eb7cb.pth",
            sha256="d01eb7cb",
            bytes=0,
            licence=(
                "its publisher states none; the Caffe model it is made from is CC BY 4.0; trained "
                "on ImageNet, whose terms are for non-commercial research"
            ),
            source=(
                "github.com/jcjohnson/pytorch-vgg, from Simonyan & Zisserman's Caffe model (2014)"
            ),
            description="the same as first published, for methods of its time (of 575 MB or so)",
        ),
    )
}


def entry(name: str) -> Entry:
    """The entry called `name`. OptionError names the nearest one."""
    try:
        return CATALOGUE[name]
    except KeyError:
        raise OptionError(f"no weights called {name!r}; {nearest(name, CATALOGUE)}") from None


def folder() -> Path:
    """Where impasto keeps weights: $IMPASTO_CACHE, else the user's cache folder."""
    where = os.environ.get("IMPASTO_CACHE") or platformdirs.user_cache_dir("impasto")
    return Path(where).expanduser()


def torch_folder() -> Path:
    """Where `torch.hub` keeps the files that it downloads (found without importing torch)."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    home = Path(os.environ.get("TORCH_HOME") or caches / "torch")
    return home.expanduser() / "hub" / "checkpoints"


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal. WeightsError if it can't be read."""
    sha = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                sha.update(block)
    except OSError as error:
        raise WeightsError(f"{path} can't be read: {error.strerror}") from error
    return sha.hexdigest()


def check(entry: Entry, path: Path) -> str:
    """The SHA-256 of `path`, which must be `entry`'s file; WeightsError says how it isn't."""
    remedy = f"delete it and run: impasto weights fetch {entry.name}"
    if entry.url is None:
        remedy = "install impasto again"
    size = path.stat().st_size if path.is_file() else 0
    if entry.bytes and size != entry.bytes:
        raise WeightsError(f"{path} has {size} bytes, but {entry.name} has {entry.bytes}: {remedy}")
    got = digest(path)
    if not got.startswith(entry.sha256):
        raise WeightsError(
            f"{path} is damaged: its SHA-256 is {got}, but {entry.name}'s begins with "
            f"{entry.sha256}: {remedy}"
        )
    return got


@dataclass(frozen=True)
class Kept:
    """The convolutions of a published file, kept by impasto, and the record beside them.

    The record is written last, so a file without one is not to be trusted.
    """

    entry: Entry

    @property
    def path(self) -> Path:
        return folder() / f"{self.entry.name}-convolutions.safetensors"

    @property
    def record(self) -> Path:
        return self.path.with_suffix(".json")

    def write_record(self, source: str) -> None:
        """Record the digest of the file as it is now; `source` is that of the published file."""
        found = {"layout": LAYOUT, "source": source, "bytes": self.path.stat().st_size}
        text = json.dumps({**found, "sha256": digest(self.path)}, indent=1) + "\n"
        temporary = self.record.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(self.record)

    def source(self, *, read: bool = True) -> str | None:
        """The digest of the published file, if these are its convolutions, unharmed; else None.

        Without `read`, the record is believed as long as the file's size agrees with it.
        """
        try:
            record = json.loads(self.record.read_text(encoding="utf-8"))
            source, size, sha256 = record["source"], record["bytes"], record["sha256"]
            fits = record["layout"] == LAYOUT and str(source).startswith(self.entry.sha256)
            if not fits or self.path.stat().st_size != size:
                return None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return str(source) if not read or digest(self.path) == sha256 else None


def locate(name: str) -> Status:
    """Where the weights called `name` are, as far as can be told without reading them."""
    known = entry(name)
    if known.url is None:
        path = Path(__file__).with_name(known.file)
        return Status(known, path, "bundled", path.stat().st_size if path.exists() else 0, False)
    kept = Kept(known)
    if kept.source(read=False) is not None:
        return Status(known, kept.path, "kept", kept.path.stat().st_size, True)
    return original(known)


def original(entry: Entry) -> Status:
    """Where the published file of `entry` is, unread: in impasto's folder, else in torch's."""
    places: dict[Place, Path] = {"file": folder(), "torch": torch_folder()}
    for place, where in places.items():
        path = where / entry.file
        if path.is_file():
            return Status(entry, path, place, path.stat().st_size, False)
    return Status(entry, None, "missing", 0, False)


def status() -> list[Status]:
    """Where the weights of each entry are. Fast: only the bundled ones are read and verified."""
    return [verify(name) if CATALOGUE[name].url is None else locate(name) for name in CATALOGUE]


def verify(name: str) -> Status:
    """Read the weights called `name` through and compare their SHA-256 with what it should be.

    WeightsError if they are missing, or differ.
    """
    found = locate(name)
    if found.path is None:
        raise WeightsError(f"{name} is not on this machine; run: impasto weights fetch {name}")
    if found.place != "kept":
        check(found.entry, found.path)
    elif Kept(found.entry).source() is None:
        raise WeightsError(
            f"{found.path} is damaged; it is made anew by: impasto weights fetch {name}"
        )
    return replace(found, verified=True)
