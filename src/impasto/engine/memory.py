"""Memory: what painting takes, how it is made to fit, and what to do when it runs out all the same.

All figures are of the whole process at its peak. What a step takes is reckoned from the shapes of
what it keeps; see `Demand.step`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
import torch

from impasto.engine import easel, passes
from impasto.engine.passes import Cut, Cuts
from impasto.engine.pyramid import Size
from impasto.errors import PaintingError
from impasto.networks.vgg import VGG, Block, depth
from impasto.options import Options

LATER = 120e6  # bytes of code and tables that the first steps load
CONTEXT = 600e6  # what a GPU's driver takes
MARGIN = 0.88  # of the room, to which strips are planned: a peak may lie so much above its plan
PIECES, MOST_PIECES = 0.12, 4e8  # what an allocator holds of small pieces: a share, and bytes
SPARE = 0.9  # of what is free, what is taken unless more is asked for
CACHED = 2**23  # bytes of a block's widest layer in a strip that a processor's cache has room for
SMALL = 2**25  # bytes of it up to which going all at once is as fast
LEAST_ROWS = 64  # of a strip, unless memory is short: of fewer many are read for their neighbours
PULLED = 5  # times a block's widest layer, on the way back: gradients, borders, copies
LOOKED = 12  # bytes a value of a layer that a loss wants all of
SMALLEST = 16  # the least size to advise
NO_MEMORY = ("allocate memory", "out of memory", "ALLOC_FAILED")  # the processor's, MPS's, cuBLAS's


@dataclass(frozen=True)
class Fit:
    """How a size is painted, and the bytes of the process at its peak."""

    cuts: Cuts
    peak: float


@dataclass(frozen=True)
class Demand:
    """What of a painting decides how much memory it takes.

    layers:  all that are asked for. content: those with a content loss.
    whole:   blocks of which a loss wants all at once.
    masks:   how many there are on the picture.
    reads:   the sizes at which styles are read beside a size of the picture.
    base:    bytes that are taken already.
    device:  where it is painted.
    """

    network: VGG
    layers: tuple[str, ...]
    content: tuple[str, ...]
    whole: frozenset[int]
    masks: int
    reads: Callable[[Size], Sequence[Size]]
    base: float
    device: torch.device
    dtype: torch.dtype
    options: Options

    def peak(self, size: Size, cuts: Cuts) -> float:
        """Bytes at the peak of painting at a size."""
        most = max(self.step(size, cuts), self.look(size), self.move(size))
        held = self.kept(size) + most
        return self.base + LATER + held + min(PIECES * held, MOST_PIECES)

    def kept(self, size: Size) -> float:
        """Bytes that stay from step to step."""
        values, wide = 3 * size[0] * size[1], max(4, self.dtype.itemsize)
        optimizer = easel.memory(self.options, values) * wide / 4
        seen = sum(self.network.width(k) / 4 ** depth(k) for k in self.content)
        masks = self.masks * (4 + sum(4 / 4 ** depth(k) for k in self.layers))
        pixels = size[0] * size[1]
        return wide * values + optimizer + pixels * (seen * self.dtype.itemsize + masks)

    def move(self, size: Size) -> float:
        """Bytes that moving the picture takes beside that: its gradient, and what is made of it."""
        values, wide = 3 * size[0] * size[1], max(4, self.dtype.itemsize)
        return wide * values + easel.moving(self.options, values) * wide / 4

    def look(self, size: Size) -> float:
        """Bytes that looking at photograph and styles takes: their pixels, and strips of one."""
        wide, item = max(4, self.dtype.itemsize), self.dtype.itemsize
        pixels = [width * height for width, height in self.reads(size)]
        whole = sum(pixels) * 3 * wide
        largest = max(pixels)
        for block in self.network.blocks(self.layers):
            widths = [self.network.width(conv) for conv in block.convs]
            positions = largest / 4 ** (block.number - 1)
            at_once = min(positions, passes.READING[block.number - 1].positions)
            if block.number in self.whole:
                at_once = positions
                whole += positions * LOOKED * sum(map(self.network.width, block.taps))
            whole += at_once * 3 * item * max(widths) / len(block.convs)
            whole += positions / 4 * item * widths[-1]
        return whole

    def step(self, size: Size, cuts: Cuts) -> float:
        """Bytes that a step takes beside that: the most that stand at any time of its way back.

        There stand, at a block: what it and those before were given; what autograd keeps of those
        held; the gradients in what it gives and was given; and what is made on the way.
        """
        pixels, item = size[0] * size[1], self.dtype.itemsize
        wide = max(4, item)
        inputs = held = coming = 0.0
        most = 0.0
        blocks = self.network.blocks(self.layers)
        for block in blocks:
            positions = pixels / 4 ** (block.number - 1)
            cut = cuts[block.number - 1]
            graph, made = self._a_position(block)
            strip, read = self._strip(block, cut, size)
            if cut.kept:
                held += graph * positions * read / strip
                working = made * read
            else:
                working = (graph + made) * read
            if block.number in self.whole:
                working += positions * LOOKED * sum(map(self.network.width, block.taps))
            after = positions / 4 * item * self.network.width(block.convs[-1])
            own = 3 * wide * positions if block.number == 1 else coming
            most = max(most, inputs + held + working + own + (after if block.goes_on else 0))
            coming = after
            inputs += after
        return most

    def _strip(self, block: Block, cut: Cut, size: Size) -> tuple[float, float]:
        """Positions of a strip of a block: its own, and those that are read."""
        width, height = (max(1, side >> (block.number - 1)) for side in size)
        own = min(cut.rows(width) or height, height)
        return float(own * width), float(min(own + 2 * len(block.convs), height) * width)

    def _a_position(self, block: Block) -> tuple[float, float]:
        """Bytes of a position in a block: those that autograd keeps, and those made on the way."""
        item, widths = self.dtype.itemsize, [self.network.width(conv) for conv in block.convs]
        # What is rectified with its pooling isn't kept.
        graph = item * sum(widths[:-1] if self.network.late(block) else widths)
        if block.goes_on and self.network.pooling == "max":
            graph += (8 + item) * widths[-1] / 4  # where each maximum was, and what it is
        return graph, PULLED * item * max(widths)

    def fit(self, size: Size, room: float) -> Fit:
        """The first way to go that takes no more than `room` bytes; else the one of least."""
        found = self.first(size)
        for found in self._ways(size):
            if self.peak(size, found) <= room:
                break
        return Fit(found, self.peak(size, found))

    def least(self, size: Size) -> float:
        """Bytes at the peak of a size that takes as few as it can."""
        return min(self.peak(size, cuts) for cuts in self._ways(size))

    def _ways(self, size: Size) -> Iterator[Cuts]:
        found = self.first(size)
        while True:
            yield found
            smaller = self.smaller(size, found)
            if smaller == found:
                return
            found = smaller

    def first(self, size: Size) -> Cuts:
        """The fastest way to go: all is kept, and a large block cut for the processor's cache."""
        cuts = [Cut()] * 5
        for block in self.network.blocks(self.layers):
            pixels = size[0] * size[1] >> 2 * (block.number - 1)
            large = pixels * self._widest(block) > SMALL
            if large and block.number not in self.whole and self.device.type == "cpu":
                cuts[block.number - 1] = Cut(self._cached(block, size))
        return passes.cuts(cuts)

    def _cached(self, block: Block, size: Size) -> int:
        """Positions of a strip of a block that a cache holds, but not too few rows."""
        least = LEAST_ROWS * max(1, size[0] >> (block.number - 1))
        return max(CACHED // self._widest(block), least)

    def _widest(self, block: Block) -> int:
        """Bytes of a position in a block's widest layer."""
        return self.dtype.itemsize * max(self.network.width(conv) for conv in block.convs)

    def smaller(self, size: Size, cuts: Cuts) -> Cuts:
        """The next way to go, which takes less; the same where there is none.

        From all kept to the shallow blocks made again, which take most memory and least time, to
        all made again, to ever smaller strips.
        """
        able = [
            block for block in self.network.blocks(self.layers) if block.number not in self.whole
        ]
        new = [*cuts]
        for block in able:
            if new[block.number - 1].kept:
                new[block.number - 1] = Cut(self._cached(block, size), kept=False)
                return passes.cuts(new)
        for block in able:
            least = 2 * size[0] >> (block.number - 1)
            before = new[block.number - 1].positions
            new[block.number - 1] = Cut(max(min(before, least), before // 2), kept=False)
        return passes.cuts(new)


def taken(device: torch.device, pictures: float) -> float:
    """Bytes that are taken before painting. pictures: of those that a GPU has to hold."""
    if device.type == "cpu":
        return float(psutil.Process().memory_info().rss)
    return CONTEXT + pictures


def room(device: torch.device, base: float, asked: int) -> float:
    """Bytes that the process may take at its peak: those asked for, or most of what is free."""
    return float(asked) if asked else base + SPARE * free_on(device)


def free_on(device: torch.device) -> float:
    """Bytes that can still be had."""
    if device.type == "cuda":  # what torch keeps for reuse is free to us
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return float(torch.cuda.mem_get_info(device)[0] + kept)
    return float(psutil.virtual_memory().available)


def check(need: Callable[[int], float], size: int, room: float) -> None:
    """PaintingError if a size needs more than there is; it says which size would fit.

    need: bytes that painting at a long side takes at least, never falling as that grows.
    """
    if need(size) <= room:
        return
    smaller = range(SMALLEST, size)
    fitting = bisect_right(smaller, room, key=need)
    advice = f"try size {smaller[fitting - 1]} or less" if fitting else "free or allow some more"
    raise PaintingError(
        f"painting at size {size} takes {need(size) / 1e9:.1f} GB of memory at least and there is "
        f"{room / 1e9:.1f} GB for it; {advice}"
    )


def ran_out(error: Exception) -> bool:
    """Whether an error says that there is no more memory."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in NO_MEMORY)


@contextmanager
def enough(width: int, height: int) -> Generator[None]:
    """Turns running out of memory within into a PaintingError."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not ran_out(error):
            raise
        raise failure(width, height) from error


def failure(width: int, height: int) -> PaintingError:
    """That memory ran out at a size, for good."""
    return PaintingError(f"memory ran out at {width}x{height}; try a smaller size")


def told(cuts: Cuts, blocks: Sequence[Block], size: Size) -> str:
    """How a size is gone through, in words."""
    again = [block.number for block in blocks if not cuts[block.number - 1].kept]
    if not again:
        cut = any(cuts[block.number - 1].positions for block in blocks)
        return "in strips, all kept" if cut else "all at once"
    rows = [
        cuts[number - 1].rows(max(1, size[0] >> (number - 1))) << (number - 1) for number in again
    ]
    names = ", ".join(map(str, again))
    return f"block{'s' * (len(again) > 1)} {names} in strips of {min(max(rows), size[1])} rows"
