"""Whether a picture fits into the memory that there is, asked before painting it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

import psutil
import torch

from impasto.errors import PaintingError
from impasto.networks.vgg import VGG, depth

# Bytes held at the peak of a step for each value that a convolution puts out: the value, its
# rectified twin, the gradients of both and the float32 copies that statistics are made of. Measured
# as resident memory from 0.2 to 3 megapixels on two networks: 11.6 to 15.7, and 14.3 to 18.9.
BYTES_A_VALUE = {torch.bfloat16: 12.0, torch.float32: 16.0, torch.float64: 32.0}


LOOKING = 0.2  # the share of it for a style, of which nothing is kept for a gradient
SMALLEST = 16  # the least size to advise
NO_MEMORY = ("allocate memory", "out of memory", "ALLOC_FAILED")  # the processor's, MPS's, cuBLAS's


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
        if not out and not any(words in str(error) for words in NO_MEMORY):
            raise
        raise PaintingError(f"memory ran out at {width}x{height}; try a smaller size") from error


def free_on(device: torch.device) -> float:
    """Bytes that can still be had."""
    if device.type == "cuda":  # what torch keeps for reuse is free to us
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return float(torch.cuda.mem_get_info(device)[0] + kept)
    return float(psutil.virtual_memory().available)


def check(need: Callable[[int], float], size: int, free: float) -> None:
    """PaintingError if a size needs more than what is free; it says which size would fit.

    need: bytes that painting at a long side takes, never falling as that grows.
    """
    if need(size) <= free:
        return
    smaller = range(SMALLEST, size)
    fitting = bisect_right(smaller, free, key=need)
    advice = f"try size {smaller[fitting - 1]} or less" if fitting else "free some of it"
    raise PaintingError(
        f"painting at size {size} takes about {need(size) / 1e9:.1f} GB of memory and "
        f"{free / 1e9:.1f} GB is free; {advice}"
    )
