"""On a GPU: seconds a step and peak memory, against the same steps in plain float32.

    python benchmarks/gpu.py [--networks vgg19-lite,vgg19] [--sizes 512,1024,2048,4096] [--save]

Not run so far: no GPU was at hand. "plain" is what other tools do: the network in float32, as it
lies in memory by default, all of it under autograd, moments by matrix products, torch's Adam; no
total variation, no average, and Gram matrices in place of roots, which makes it the cheaper loss.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import torch
from record import finish, spread
from torch import Tensor
from torch.nn import functional as F

import impasto
from impasto.networks import weights

PICTURES = Path(__file__).parent.parent / "examples" / "pictures"
STYLE = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
CONTENT = "conv4_1"
WARM = 5


def own(network: str, size: int, steps: int, device: str) -> dict[str, Any]:
    """impasto's steps."""
    painting = impasto.paint(
        PICTURES / "cat.png",
        PICTURES / "swirls.jpg",
        network=network,
        size=size,
        first_size=size,
        steps=steps + WARM,
        device=device,
    )
    _reset(device)
    at = [event.seconds for event in painting if isinstance(event, impasto.Step)]
    warm = [after - before for before, after in zip(at[WARM - 1 :], at[WARM:], strict=False)]
    return {
        "precision": painting.plan.precision,
        "cuts": list(painting.plan.fits[-1].cuts),
        "seconds_a_step": spread(warm),
        "peak_mb": _peak(device),
    }


def plain(network: str, size: int, steps: int, device: str) -> dict[str, Any]:
    """The same number of steps, as they are usually written."""
    known = weights.load(network).tensors
    tensors = {k: v.to(device) for k, v in known.items()}
    shape = 1, 3, round(size * 2 / 3), size

    def features(x: Tensor) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}
        for name in (k.removesuffix(".weight") for k in tensors if k.endswith(".weight")):
            if name.endswith("_1") and name != "conv1_1":
                x = F.max_pool2d(x, 2)
            x = F.relu(F.conv2d(x, tensors[f"{name}.weight"], tensors[f"{name}.bias"], padding=1))
            found[name] = x
            if name == STYLE[-1]:
                break
        return found

    def gram(x: Tensor) -> Tensor:
        flat = x[0].flatten(1)
        return flat @ flat.T / flat.shape[1]

    generator = torch.Generator().manual_seed(0)
    content, style = (torch.rand(shape, generator=generator).to(device) for _ in range(2))
    with torch.no_grad():
        wanted = {k: gram(x) for k, x in features(style).items() if k in STYLE}
        kept = features(content)[CONTENT]
    x = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([x], lr=0.02)
    seconds: list[float] = []
    _reset(device)
    for _ in range(steps + WARM):
        _wait(device)
        began = time.perf_counter()
        optimizer.zero_grad()
        seen = features(x)
        loss = (seen[CONTENT] - kept).square().mean()
        for k, target in wanted.items():
            loss = loss + (gram(seen[k]) - target).square().mean()
        loss.backward()
        optimizer.step()
        _wait(device)
        seconds.append(time.perf_counter() - began)
    return {
        "precision": "float32",
        "seconds_a_step": spread(seconds[WARM:]),
        "peak_mb": _peak(device),
    }


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()


def _reset(device: str) -> None:
    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def _peak(device: str) -> int | None:
    """Megabytes; None where the device doesn't say."""
    return round(torch.cuda.max_memory_allocated() / 1e6) if device == "cuda" else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", default="vgg19-lite,vgg19")
    parser.add_argument("--sizes", default="512,1024,2048,4096")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--device", default="cuda", choices=("cuda", "mps", "cpu"))
    parser.add_argument("--name", default="gpu")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for network in options.networks.split(","):
        for size in map(int, options.sizes.split(",")):
            for way in (own, plain):
                row: dict[str, Any] = {"network": network, "size": size, "way": way.__name__}
                try:
                    row |= way(network, size, options.steps, options.device)
                except (torch.OutOfMemoryError, impasto.PaintingError) as error:
                    row["failed"] = str(error).splitlines()[0]
                rows.append(row)
                print(row, flush=True)
    named = torch.cuda.get_device_name() if options.device == "cuda" else options.device
    finish(options.name, {"device": named, "rows": rows}, options.save)


if __name__ == "__main__":
    main()
