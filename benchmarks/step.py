"""What one step costs: beside its convolutions alone, and beside the fastest matrix product here.

python benchmarks/step.py [--network vgg19-lite] [--sizes 128,512] [--steps 20] [--precision auto]

Of each size: seconds of a step; of the network's convolutions alone, forward and back, with nothing
between them; their ratio; GFLOP/s of the step's convolutions over the step's time, and its share of
what a large matrix product in the same precision reaches. Steps and convolutions take turns.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from record import finish, spread
from torch.nn import functional as F

import impasto
from impasto.engine.paint import Painting
from impasto.networks.vgg import VGG, depth

PICTURES = Path(__file__).parent.parent / "examples" / "pictures"
WARM = 3  # steps before any is counted


def begun(size: int, options: argparse.Namespace) -> Painting:
    """A painting of so many steps at one size."""
    return impasto.paint(
        PICTURES / "cat.png",
        PICTURES / "swirls.jpg",
        network=options.network,
        size=size,
        first_size=size,
        steps=options.steps + WARM,
        precision=options.precision,
        device=options.device,
    )


def waiting(device: torch.device) -> None:
    """Until the device has done what it was asked to."""
    if device.type == "cuda":
        torch.cuda.synchronize()


class Convolutions:
    """Those of a painting's network, on noise of the shapes that they see, and their count."""

    def __init__(self, painting: Painting) -> None:
        plan = painting.plan
        network: VGG = painting.network.placed(plan.device, plan.dtype)
        width, height = plan.sizes[-1]
        self.device, self.calls, self.operations = plan.device, [], 0
        for block in network.blocks(plan.demand.layers):
            for name in block.convs:
                weight = network.convs[name].weight
                shape = 1, weight.shape[1], height >> depth(name), width >> depth(name)
                x = torch.randn(shape, device=plan.device).to(plan.dtype)
                self.calls.append((x.contiguous(memory_format=torch.channels_last), weight))
                self.operations += 2 * 2 * weight.numel() * shape[2] * shape[3]

    def __call__(self) -> None:
        for x, weight in self.calls:
            y = F.conv2d(x, weight, padding=1)
            torch.ops.aten.convolution_backward(
                y, x, weight, None, (1, 1), (1, 1), (1, 1), False, (0, 0), 1, (True, False, False)
            )


def timed(run: Callable[[], Any], device: torch.device) -> float:
    waiting(device)
    began = time.perf_counter()
    run()
    waiting(device)
    return time.perf_counter() - began


def product(device: torch.device, dtype: torch.dtype, side: int = 4096, runs: int = 5) -> float:
    """GFLOP/s of a large matrix product."""
    a = torch.randn(side, side, device=device).to(dtype)
    seconds = [timed(lambda: a @ a, device) for _ in range(runs + 1)][1:]
    return 2 * side**3 / min(seconds) / 1e9


def measured(size: int, options: argparse.Namespace) -> dict[str, Any]:
    painting = begun(size, options)
    convolutions = Convolutions(painting)
    for _ in range(WARM):
        convolutions()
    steps: list[float] = []
    alone: list[float] = []
    next(painting)
    for made in itertools.count():
        seconds = timed(lambda: next(painting), convolutions.device)
        if made >= WARM:
            steps.append(seconds)
            alone.append(timed(convolutions, convolutions.device))
        if len(steps) == options.steps:
            break
    step, convs = spread(steps), spread(alone)
    return {
        "size": list(painting.plan.sizes[-1]),
        "seconds_a_step": step,
        "seconds_of_convolutions": convs,
        "ratio": round(step["median"] / convs["median"], 3),
        "gflops": round(convolutions.operations / step["median"] / 1e9, 1),
        "precision": painting.plan.precision,
        "device": str(painting.plan.device),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="vgg19-lite")
    parser.add_argument("--sizes", default="128,512")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--name", default="step")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    found = [measured(int(size), options) for size in options.sizes.split(",")]
    dtype = getattr(torch, found[0]["precision"])
    peak = product(torch.device(found[0]["device"]), dtype)
    for one in found:
        one["share_of_product"] = round(one["gflops"] / peak, 3)
    result = {"network": options.network, "product_gflops": round(peak, 1), "steps": found}
    finish(options.name, result, options.save)


if __name__ == "__main__":
    main()
