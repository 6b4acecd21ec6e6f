"""Whether a picture fits into the memory that there is, asked before painting it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager

import psutil
import torch

from impasto.errors import PaintingError
from impasto.networks.vgg import VGG, depth

# Bytes held at the peak of a step for each value that a convolution puts out: the value, its
# rectified twin, the gradients of both and the float32 copies that statistics are made of. Measured
# as resident memory from 0.2 to 3 megapixels on two networks: 11.6 to 15.7, and 14.3 to 18.9.
BYTES_A_VALUE = {torch.bfloat16: 12.0, torch.float32: 16.0}


# Looking at a style keeps nothing for a gradient.
LOOKING = 0.2


def needed(
    network: VGG, layers: Sequence[str], width: int, height: int, dtype: torch.dtype
) -> float:
    """Bytes that a step on a picture of this size takes, about."""
    deepest = max(network.layers().index(layer) for layer in layers)
    convs = [layer for layer in network.layers()[: deepest + 1] if layer.startswith("conv")]
    values = sum(network.width(conv) / 4 ** depth(conv) for conv in convs)
    return width * height * values * BYTES_A_VALUE[dtype]


@contextmanager
def enough(width: int, height: int) -> Generator[None]:
    """Turns running out of memory within into a PaintingError."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        out = isinstance(error, (torch.OutOfMemoryError, MemoryError))
        if not out and "allocate memory" not in str(error):  # the processor's allocator
            raise
        raise PaintingError(f"memory ran out at {width}x{height}; try a smaller size") from error


def free_on(device: torch.device) -> float:
    """Bytes that can still be had."""
    if device.type == "cuda":  # what torch keeps for reuse is free to us
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return float(torch.cuda.mem_get_info(device)[0] + kept)
    return float(psutil.virtual_memory().available)


def check(
    network: VGG,
    layers: Sequence[str],
    size: tuple[int, int],
    styles: Sequence[tuple[int, int]],
    dtype: torch.dtype,
    device: torch.device,
) -> None:
    """PaintingError for a picture, or a style read beside it, that can't fit."""
    width, height = size
    looked = [LOOKING * needed(network, layers, *style, dtype) for style in styles]
    need, free = max([needed(network, layers, *size, dtype), *looked]), free_on(device)
    if need <= free:
        return
    fits = max(16, int(max(width, height) * (free / need) ** 0.5))
    raise PaintingError(
        f"painting {width}x{height} takes about {need / 1e9:.1f} GB of memory and "
        f"{free / 1e9:.1f} GB is free; try size {fits} or less"
    )
