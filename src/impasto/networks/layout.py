"""Weights in memory, and impasto's own file of them."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from impasto.errors import WeightsError
from impasto.networks.catalogue import LAYOUT

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


def described(
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
