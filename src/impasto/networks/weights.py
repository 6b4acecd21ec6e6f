"""Weights of a VGG-19, whole or thin: read from a file, checked, written.

`load` takes a name of the catalogue or any checkpoint whose convolutions are VGG-19's: of any
width, and ending anywhere from conv1_1 on. Three layouts are understood:

- impasto's own safetensors, `conv1_1.weight` ... with the preprocessing in the metadata;
- torchvision's keys, `features.0.weight` ...: RGB, ImageNet mean and standard deviation;
- the keys of Gatys's code, `conv1_1.weight` ...: Caffe's BGR, 0 to 255, mean subtracted.

Keys say nothing about preprocessing, and files with torchvision's keys and Caffe's weights exist.
Those that were published are known by their digest; for others write `path:caffe`.
"""

from __future__ import annotations

import json
import math
import os
import pickle
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, cast

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from impasto.errors import WeightsError, nearest
from impasto.networks import catalogue
from impasto.networks import fetch as fetching
from impasto.networks.catalogue import LAYOUT, Entry, Kept, Progress
from impasto.networks.vgg import CONVS

# Their places in torchvision's `vgg19().features`.
_INDICES: Final = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)
_BY_INDEX: Final = dict(zip(map(str, _INDICES), CONVS, strict=True))
# Keys may have a prefix, such as the "module." of DataParallel.
_TORCHVISION_KEY: Final = re.compile(r"(?:.+\.)?features\.(\d+)\.(.+)")
_GATYS_KEY: Final = re.compile(r"(?:.+\.)?(conv\d_\d)\.(weight|bias)")

Order = Literal["rgb", "bgr"]
Pooling = Literal["max", "average"]
Padding = Literal["zeros", "replicate", "reflect"]


@dataclass(frozen=True)
class Weights:
    """The convolutions of a VGG-19 and what must be known to use them.

    name       of the catalogue, or the file's
    sha256     of the file that the tensors came from, as published
    tensors    float32; "conv1_1.weight" (out, in, 3, 3), "conv1_1.bias" (out,), ... in order,
               up to the deepest that the file has
    order      of the channels that conv1_1 expects
    scale, mean, std
               a picture x in [0, 1], sRGB, becomes (x * scale - mean) / std, in `order`
    pooling    as trained
    padding    as trained
    tap_scale  by layer ("relu3_1"): what to multiply features by, to bring them to the size of
               those of the network that this one was distilled from; 1 where not given
    """

    name: str
    sha256: str
    tensors: Mapping[str, Tensor]
    order: Order
    scale: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    pooling: Pooling
    padding: Padding
    tap_scale: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True)
class _Preprocessing:
    order: Order
    scale: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


_PREPROCESSING: Final = {
    "torchvision": _Preprocessing("rgb", 1.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "caffe": _Preprocessing("bgr", 255.0, (103.939, 116.779, 123.68), (1.0, 1.0, 1.0)),
}
# Published files whose keys mislead, by the beginning of their SHA-256.
_CAFFE_FILES: Final = ("d01eb7cb",)  # Johnson's conversion of VGG-19 to torchvision's keys


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

    Raises WeightsError: no such name or file, not a VGG-19, damaged, can't be downloaded.
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
        return _read(path, entry.name, catalogue.check(entry, path))

    path = Path(name_or_path).expanduser()
    stem, colon, suffix = name_or_path.rpartition(":")
    if colon and suffix in _PREPROCESSING and not path.exists():
        path, preprocessing = Path(stem).expanduser(), preprocessing or suffix
    if not path.exists():
        raise WeightsError(
            f"no file and no known weights are called {name_or_path!r}; "
            f"{nearest(name_or_path, catalogue.CATALOGUE)}"
        )
    if not path.is_file():
        raise WeightsError(f"{path} is a folder; give the file of weights in it")
    if path.stat().st_size == 0:
        raise WeightsError(f"{path} is empty; fetch or copy it again")
    return _read(path, path.name, catalogue.digest(path), preprocessing)


def fetch(name: str, *, progress: Progress | None = None) -> Path:
    """The path of the weights called `name`, verified, downloaded if need be, ready for `load`."""
    entry = catalogue.entry(name)
    if entry.url is not None:
        return _published(entry, progress)[1]
    path = Path(__file__).with_name(entry.file)
    catalogue.check(entry, path)
    return path


def save_weights(path: Path, weights: Weights, dtype: torch.dtype = torch.float32) -> None:
    """Write `weights` in impasto's layout, float32 or float16; the same weights, the same bytes.

    The file appears whole or not at all. It is laid out here since safetensors' own writer puts
    metadata in another order at each run.
    """
    kinds = {torch.float32: "F32", torch.float16: "F16"}
    metadata = {
        "format": LAYOUT,
        "name": weights.name,
        "order": weights.order,
        "scale": json.dumps(weights.scale),
        "mean": json.dumps(weights.mean),
        "std": json.dumps(weights.std),
        "pooling": weights.pooling,
        "padding": weights.padding,
        "tap_scale": json.dumps(dict(weights.tap_scale), sort_keys=True),
    }
    header: dict[str, Any] = {"__metadata__": metadata}
    blobs: list[bytes] = []
    end = 0
    for key, tensor in weights.tensors.items():
        stored = tensor.detach().to("cpu", dtype).contiguous()
        if not stored.isfinite().all():
            raise WeightsError(
                f"{key} has values that {kinds[dtype]} can't hold; {path} not written"
            )
        blobs.append(stored.numpy().tobytes())
        start, end = end, end + len(blobs[-1])
        shape = list(tensor.shape)
        header[key] = {"dtype": kinds[dtype], "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            file.writelines(blobs)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _published(entry: Entry, progress: Progress | None) -> tuple[Weights, Path]:
    """A published file's weights, and the path that they will be read from the next time.

    After the first use only the convolutions are kept: VGG-19's are 80 of its 574 MB. A file that
    a person or torch put on this machine stays; one that was downloaded here goes.
    """
    folder, kept = catalogue.folder(), Kept(entry)
    if (source := kept.source()) is not None:
        return _read(kept.path, entry.name, source), kept.path
    with fetching.lock(folder / f"{entry.name}.lock"):
        if (source := kept.source()) is not None:  # another process was faster
            return _read(kept.path, entry.name, source), kept.path
        found = catalogue.original(entry)
        path = found.path or fetching.download(entry, folder, progress=progress)
        source = catalogue.check(entry, path)
        weights = _read(path, entry.name, source)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            save_weights(kept.path, weights)
            kept.write_record(source)
        except OSError:  # a full disk or a read-only folder: slower next time, that is all
            return weights, path
        if found.path is None:
            path.unlink()
        return weights, kept.path


def _read(path: Path, name: str, sha256: str, preprocessing: str | None = None) -> Weights:
    """The weights in a file that is there, whatever its layout."""
    if path.suffix == ".safetensors":
        tensors, metadata = _safetensors(path)
    else:
        tensors, metadata = _pickled(path), dict[str, str]()
    keys, gatys = _keys(tensors, path.name)
    chain = dict(_chain(tensors, keys, gatys, path.name))
    if "format" in metadata:
        if preprocessing is not None:
            raise WeightsError(
                f"{path.name} has its own preprocessing; leave out {preprocessing!r}"
            )
        return _described(name, sha256, chain, metadata, path.name)
    if preprocessing is None:
        preprocessing = "caffe" if gatys or sha256.startswith(_CAFFE_FILES) else "torchvision"
    if preprocessing not in _PREPROCESSING:
        raise WeightsError(
            f"no preprocessing {preprocessing!r}; {nearest(preprocessing, _PREPROCESSING)}"
        )
    p = _PREPROCESSING[preprocessing]
    return Weights(name, sha256, chain, p.order, p.scale, p.mean, p.std, "max", "zeros")


def _safetensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """All tensors of a safetensors file, mapped rather than read, and its metadata."""
    try:
        with cast(Any, safe_open)(path, "pt") as file:  # which declares no types
            keys: list[str] = list(file.keys())
            return {key: file.get_tensor(key) for key in keys}, dict(file.metadata() or {})
    except (SafetensorError, OSError, ValueError) as error:
        raise WeightsError(
            f"{path} is not a whole safetensors file ({error}); fetch or copy it again"
        ) from error


def _pickled(path: Path) -> dict[str, Tensor]:
    """The tensors of a checkpoint written by `torch.save`, old or new; nothing in it is run."""
    with path.open("rb") as file:
        zipped = file.read(4) == b"PK\x03\x04"  # since torch 1.6; only these can be mapped
    try:
        loaded: Any = torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)
    except pickle.UnpicklingError as error:
        if "Unsupported" in str(error):
            raise WeightsError(
                f"{path} holds Python objects, which could run anything; "
                "save its state_dict() instead, where you trust it"
            ) from error
        raise WeightsError(
            f"{path} is not a checkpoint of torch; fetch or copy it again"
        ) from error
    except (
        *(RuntimeError, OSError, EOFError, ValueError, LookupError),
        *(AttributeError, TypeError, ArithmeticError, AssertionError),
    ) as error:
        # What torch raises for a damaged file depends on which byte is damaged.
        raise WeightsError(f"{path} is not a whole checkpoint; fetch or copy it again") from error
    if isinstance(loaded, dict) and "state_dict" in loaded:
        loaded = cast(Any, loaded["state_dict"])
    if not isinstance(loaded, dict):
        raise WeightsError(f"{path} holds no tensors by name; save a state_dict() in it")
    pairs = cast(dict[Any, Any], loaded).items()
    return {str(key): value for key, value in pairs if isinstance(value, Tensor)}


def _keys(tensors: Mapping[str, Tensor], file: str) -> tuple[dict[str, str], bool]:
    """{"conv1_1.weight": the file's key for it, ...}, and whether the keys are those of Gatys.

    A layer that VGG-19 doesn't have is refused: it means another network, whose first layers might
    well fit. What stands outside the convolutions (a classifier) is passed over.
    """
    keys: dict[str, str] = {}
    gatys = False
    for key, tensor in tensors.items():
        if match := _TORCHVISION_KEY.fullmatch(key):
            conv = _BY_INDEX.get(match[1])
        elif match := _GATYS_KEY.fullmatch(key):
            conv, gatys = match[1] if match[1] in CONVS else None, True
        else:
            continue
        if conv is None or match[2] not in ("weight", "bias"):
            raise WeightsError(
                f"{key} in {file} has shape {tuple(tensor.shape)}; VGG-19 has no such layer"
            )
        if (wanted := f"{conv}.{match[2]}") in keys:
            raise WeightsError(f"{file} has both {keys[wanted]} and {key}; save one network in it")
        keys[wanted] = key
    if not keys:
        raise WeightsError(
            f"{file} has no tensors called features.0.weight or conv1_1.weight: not a VGG-19"
        )
    return keys, gatys


def _chain(
    tensors: Mapping[str, Tensor], keys: Mapping[str, str], gatys: bool, file: str
) -> Iterator[tuple[str, Tensor]]:
    """The convolutions in order, each fitting the one before; WeightsError at the first misfit."""
    before, left, key = 3, dict(keys), ""
    for conv, index in zip(CONVS, _INDICES, strict=True):
        if not left:
            return
        width = 0
        for part in ("weight", "bias"):
            wanted = f"{conv}.{part}"
            if wanted not in left:
                missing = conv if gatys else f"features.{index}"
                if f"{conv}.weight" in keys or f"{conv}.bias" in keys:
                    missing += f".{part}"
                there = (left[min(left)] if left else key).rpartition(".")[0]
                raise WeightsError(f"{file} has {there} but no {missing}")
            key = left.pop(wanted)
            tensor, shape = tensors[key], tuple(tensors[key].shape)
            if part == "weight":
                fits = len(shape) == 4 and shape[0] > 0 and shape[1:] == (before, 3, 3)
                hint, width = f"(any, {before}, 3, 3)", shape[0] if shape else 0
            else:
                fits, hint = shape == (width,), f"({width},)"
            if not fits:
                raise WeightsError(f"{key} in {file} has shape {shape}; wanted {hint}")
            if not tensor.is_floating_point():
                raise WeightsError(f"{key} in {file} holds {tensor.dtype}; wanted floating point")
            if not tensor.isfinite().all():
                raise WeightsError(f"{key} in {file} has values that are not finite: it is damaged")
            # A copy, so that nothing refers to the file any more.
            yield wanted, tensor.detach().to(torch.float32, copy=True).contiguous()
        before = width


def _described(
    name: str, sha256: str, chain: dict[str, Tensor], metadata: Mapping[str, str], file: str
) -> Weights:
    """Weights in impasto's layout, from its metadata; WeightsError names the entry at fault."""
    if metadata["format"] != LAYOUT:
        raise WeightsError(
            f"{file} has layout {metadata['format']!r}; this impasto reads {LAYOUT!r}: upgrade it"
        )

    def numbers(values: list[Any], least: float) -> list[float]:
        fine = (isinstance(v, (int, float)) and math.isfinite(v) and v > least for v in values)
        if not all(fine):
            raise ValueError
        return [float(v) for v in values]

    def choice(key: str, *known: str) -> Any:
        if metadata[key] not in known:
            raise ValueError
        return metadata[key]

    key = ""
    try:
        order = choice(key := "order", "rgb", "bgr")
        pooling = choice(key := "pooling", "max", "average")
        padding = choice(key := "padding", "zeros", "replicate", "reflect")
        (scale,) = numbers([json.loads(metadata[key := "scale"])], 0)
        m0, m1, m2 = numbers(json.loads(metadata[key := "mean"]), -math.inf)
        s0, s1, s2 = numbers(json.loads(metadata[key := "std"]), 0)
        taps: dict[str, Any] = json.loads(metadata[key := "tap_scale"])
        tap_scale = dict(zip(taps, numbers(list(taps.values()), 0), strict=True))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise WeightsError(
            f"{file} has {key} = {metadata.get(key)!r} in its metadata: damaged, write it again"
        ) from error
    mean, std = (m0, m1, m2), (s0, s1, s2)
    return Weights(name, sha256, chain, order, scale, mean, std, pooling, padding, tap_scale)
