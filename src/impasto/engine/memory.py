"""Whether a picture fits into the memory that there is, asked before painting it."""

from __future__ import annotations

import psutil
import torch

from impasto.errors import PaintingError
from impasto.networks.vgg import VGG, depth

# Bytes held at the peak of a step for each value that a convolution puts out: the value, its
# rectified twin, the gradients of both and the float32 copies that statistics are made of. Measured
# as resident memory from 0.2 to 3 megapixels on two networks: 11.6 to 15.7, and 14.3 to 18.9.
BYTES_A_VALUE = {torch.bfloat16: 12.0, torch.float32: 16.0}


def needed(network: VGG, layers: list[str], width: int, height: int, dtype: torch.dtype) -> float:
    """Bytes that a step on a picture of this size takes, about."""
    deepest = max(network.layers().index(layer) for layer in layers)
    convs = [layer for layer in network.layers()[: deepest + 1] if layer.startswith("conv")]
    values = sum(network.width(conv) / 4 ** depth(conv) for conv in convs)
    return width * height * values * BYTES_A_VALUE[dtype]


def check(
    network: VGG, layers: list[str], width: int, height: int, dtype: torch.dtype, device: str
) -> None:
    """PaintingError for a picture that can't fit, with the size that would."""
    need = needed(network, layers, width, height, dtype)
    if device == "cuda":
        free = float(torch.cuda.mem_get_info()[0])
    else:
        free = float(psutil.virtual_memory().available)
    if need <= free:
        return
    fits = int(max(width, height) * (free / need) ** 0.5) // 32 * 32
    raise PaintingError(
        f"painting {width}x{height} takes about {need / 1e9:.1f} GB of memory and "
        f"{free / 1e9:.1f} GB is free; try --size {fits} or less"
    )
