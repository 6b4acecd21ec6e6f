"""Reading a VGG-19, whole or thin, from a file: its layout found, every tensor checked.

Three layouts are understood:

- impasto's own safetensors, `conv1_1.weight` ... with the preprocessing in the metadata;
- torchvision's keys, `features.0.weight` ...: RGB, ImageNet mean and standard deviation;
- the keys of Gatys's code, `conv1_1.weight` ...: Caffe's BGR, 0 to 255, mean subtracted.

Keys say nothing about preprocessing, and files with torchvision's keys and Caffe's weights exist.
Those that were published are known by their digest.
"""

from __future__ import annotations

import pickle
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from impasto.errors import WeightsError, nearest
from impasto.networks.layout import Order, Weights, described
from impasto.networks.vgg import CONVS

# Their places in torchvision's `vgg19().features`.
_INDICES: Final = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)
_BY_INDEX: Final = dict(zip(map(str, _INDICES), CONVS, strict=True))
# Keys may have a prefix, such as the "module." of DataParallel.
_TORCHVISION_KEY: Final = re.compile(r"(?:.+\.)?features\.(\d+)\.(.+)")
_GATYS_KEY: Final = re.compile(r"(?:.+\.)?(conv\d_\d)\.(weight|bias)")


@dataclass(frozen=True)
class _Preprocessing:
    order: Order
    scale: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


PREPROCESSING: Final = {
    "torchvision": _Preprocessing("rgb", 1.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "caffe": _Preprocessing("bgr", 255.0, (103.939, 116.779, 123.68), (1.0, 1.0, 1.0)),
}
# Published files whose keys mislead, by the beginning of their SHA-256, which is in their names:
# neural-style-pt saves the file anew, with other bytes, and leaves the name.
_CAFFE_FILES: Final = ("d01eb7cb",)  # Johnson's conversion of VGG-19 to torchvision's keys


def read(path: Path, name: str, sha256: str, preprocessing: str | None = None) -> Weights:
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
        return described(name, sha256, chain, metadata, path.name)
    if preprocessing is None:
        known = sha256.startswith(_CAFFE_FILES) or any(f"-{d}." in path.name for d in _CAFFE_FILES)
        preprocessing = "caffe" if gatys or known else "torchvision"
    if preprocessing not in PREPROCESSING:
        raise WeightsError(
            f"no preprocessing {preprocessing!r}; {nearest(preprocessing, PREPROCESSING)}"
        )
    p = PREPROCESSING[preprocessing]
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
        *(AttributeError, TypeError, ArithmeticError, AssertionError, struct.error),
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
