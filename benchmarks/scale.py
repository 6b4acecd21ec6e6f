"""Seconds per step and megapixel, size by size: a picture twice as large should take twice as long.

    python benchmarks/scale.py [--sizes 613,1024,2048,4096,8192] [--limit 8GB] [--steps 3]
        [--rounds 3] [--save]

Each size in a process of its own, and all of them again in each round: the machine's own speed
changes from minute to minute. 613 x 408 is a quarter of a megapixel, 8192 x 5449 are 45.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
from typing import Any

from record import finish, spread


def paint(size: int, options: argparse.Namespace) -> dict[str, Any]:
    """Some steps at one size, in this process; the first, which loads code, isn't counted."""
    from pathlib import Path

    import impasto

    # A small picture's step is over before the machine's own speed shows.
    steps = max(options.steps, min(24, round(12 * 1024**2 / options.one**2)))
    pictures = Path(__file__).parent.parent / "examples" / "pictures"
    painting = impasto.paint(
        pictures / "cat.png",
        pictures / "swirls.jpg",
        size=size,
        first_size=size,
        steps=steps + 1,
        memory=options.limit,
        network=options.network,
    )
    at = [event.seconds for event in painting if isinstance(event, impasto.Step)]
    width, height = painting.plan.sizes[-1]
    pixels = width * height / 1e6
    return {
        "size": [width, height],
        "megapixels": round(pixels, 3),
        "cuts": list(painting.plan.fits[-1].cuts),
        "seconds": [(after - before) / pixels for before, after in itertools.pairwise(at)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="613,1024,2048,4096,8192")
    parser.add_argument("--limit", default="0")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--network", default="vgg19-lite")
    parser.add_argument("--name", default="scale")
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(paint(options.one, options)))
        return
    sizes = options.sizes.split(",")
    found: dict[str, dict[str, Any]] = {}
    seconds: dict[str, list[float]] = {size: [] for size in sizes}
    for size in sizes * options.rounds:
        command = [sys.executable, __file__, "--one", size, "--limit", options.limit]
        command += ["--steps", str(options.steps), "--network", options.network]
        child = subprocess.run(command, capture_output=True, text=True, check=True)
        found[size] = json.loads(child.stdout.splitlines()[-1])
        seconds[size] += found[size].pop("seconds")
        print(json.dumps([size, *seconds[size]]), file=sys.stderr)
    for size, one in found.items():
        one["seconds_a_step_and_megapixel"] = spread(seconds[size])
    medians = [one["seconds_a_step_and_megapixel"]["median"] for one in found.values()]
    finish(
        options.name,
        {
            "network": options.network,
            "limit": options.limit,
            "most_over_least": round(max(medians) / min(medians), 3),
            "sizes": [*found.values()],
        },
        options.save,
    )


if __name__ == "__main__":
    main()
