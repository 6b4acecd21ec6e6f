"""What seconds buy: how good a picture is after so long, by each way of painting it.

python benchmarks/quality_over_time.py [--size 512] [--judge PROGRAM] [--ways draft,...] [--save]

Three pairs are painted in each way. How good: the loss that all of them minimise, at the picture as
it is saved, in float32, as a multiple of what the first pair's photograph starts from; lower is
better. Seconds are those of painting, without loading. --judge: a program that is called with
photograph, painting and picture, and prints a JSON object with "style" and "content".
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from record import finish, spread

import impasto
from impasto.engine import canvas
from impasto.engine.objective import Objective
from impasto.jobs.single import load_network
from impasto.options import Options

PICTURES = Path(__file__).parent.parent / "examples" / "pictures"
PAIRS = [("cat.png", "swirls.jpg"), ("astronaut.jpg", "mosaic.jpg"), ("coffee.jpg", "flowers.jpg")]
ADAM: dict[str, Any] = {"optimizer": "adam", "growth": 2**0.5, "detail": 0}
WAYS: dict[str, dict[str, Any]] = {
    "draft": {"quality": "draft"},
    "normal": {},
    "best": {"quality": "best"},
    **{f"adam {steps}": {**ADAM, "steps": steps} for steps in (60, 120, 240, 480)},
    "one size": {"first_size": 32_768, "steps": 60},
    "no detail": {"detail": 0},
}


def judged(program: str, content: Path, style: Path, picture: Path) -> dict[str, float]:
    """What a judge says of a picture."""
    command = [sys.executable, program, str(content), str(style), str(picture)]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return {k: found[k] for k in ("style", "content", "structure") if k in found}


def losses(content: Path, style: Path, picture: impasto.Picture) -> dict[str, float]:
    """Of a finished picture and of its photograph, in float32 at the picture's size."""
    options = Options(size=max(picture.width, picture.height), precision="float32", device="cpu")
    painting = impasto.paint(content, style, size=options.size, precision="float32", device="cpu")
    size = picture.width, picture.height
    read = [
        canvas.to_tensor(impasto.read_picture(str(p)), torch.device("cpu"))[0]
        for p in (content, style)
    ]
    own = read[1].shape[3], read[1].shape[2]
    seen = canvas.resized(read[0], *size)
    there = canvas.resized(read[1], *painting.plan.style_size(own, size, options.style_scale))
    objective = Objective(load_network(options), (seen, None), [(there, None)], options)
    return {
        "loss": objective(torch.from_numpy(picture.pixels)[None]).total,
        "photograph": objective(seen).total,
    }


def measured(way: dict[str, Any], size: int, judge: str | None) -> dict[str, Any]:
    seconds: list[float] = []
    shares: list[float] = []
    said: list[dict[str, float]] = []
    for names in PAIRS:
        content, style = (PICTURES / name for name in names)
        painting = impasto.paint(content, style, size=size, **way)
        began = time.perf_counter()
        for _ in painting:
            pass
        seconds.append(time.perf_counter() - began)
        found = losses(content, style, painting.picture)
        shares.append(found["loss"] / found["photograph"])
        if judge:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "painted.png"
                painting.picture.save(path)
                said.append(judged(judge, content, style, path))
    result: dict[str, Any] = {"seconds": spread(seconds), "loss": spread(shares)}
    result["steps"] = sum(painting.plan.steps)
    return result | {k: round(fmean(one[k] for one in said), 4) for k in (said[0] if said else ())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--judge")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    impasto.stylize(*(PICTURES / name for name in PAIRS[0]), size=64)  # what is loaded once
    ways = options.ways.split(",")
    found = {way: measured(WAYS[way], options.size, options.judge) for way in ways}
    pairs = [" + ".join(names) for names in PAIRS]
    finish("quality_over_time", {"size": options.size, "pairs": pairs, "ways": found}, options.save)


if __name__ == "__main__":
    main()
