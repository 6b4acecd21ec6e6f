"""The network to learn from: weights by name or file, or a published compressed VGG-19."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from impasto.networks import weights
from impasto.networks.layout import Weights
from impasto.networks.vgg import CONVS, VGG

PRIMES = "conv0.weight"  # what tells the published file from others


def teacher(source: str) -> VGG:
    """The network called `source`, or the one in that file.

    Besides what impasto loads: the encoder of "Collaborative Distillation for Ultra-Resolution
    Universal Style Transfer" (Wang et al., CVPR 2020) as published
    (`trained_models/wct_se_16x_new`, .pth) or with the same keys as safetensors.
    """
    path = Path(source)
    if path.suffix in {".pth", ".safetensors"} and path.is_file():
        tensors = _tensors(path)
        if PRIMES in tensors:
            return VGG(_collaborative(path.stem, tensors))
    return VGG(weights.load(source))


def _tensors(path: Path) -> dict[str, Tensor]:
    if path.suffix == ".safetensors":
        return load_file(path)
    loaded = torch.load(path, map_location="cpu", weights_only=True)
    return loaded.get("model", loaded)


def _collaborative(name: str, tensors: dict[str, Tensor]) -> Weights:
    """conv0, a 1x1 map from RGB in [0, 1], is folded into conv1_1; conv11 becomes conv1_1."""
    chain: dict[str, Tensor] = {}
    for conv in CONVS:
        theirs = "conv" + conv[4] + conv[6]
        if f"{theirs}.weight" in tensors:
            chain[f"{conv}.weight"] = tensors[f"{theirs}.weight"]
            chain[f"{conv}.bias"] = tensors[f"{theirs}.bias"]
    kernel, colours = chain["conv1_1.weight"], tensors["conv0.weight"][:, :, 0, 0]
    shift = torch.einsum("ocij,c->o", kernel, tensors["conv0.bias"])
    chain["conv1_1.bias"] = chain["conv1_1.bias"] + shift
    chain["conv1_1.weight"] = torch.einsum("ocij,cd->odij", kernel, colours)
    return Weights(name, "", chain, "rgb", 1.0, (0.0,) * 3, (1.0,) * 3, "max", "reflect")
