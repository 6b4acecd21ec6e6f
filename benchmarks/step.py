"""What one step costs at one size: seconds a step and peak memory, in a process of its own.

python benchmarks/step.py [--network vgg19-lite] [--size 512] [--steps 20] [--precision auto]
"""

from __future__ import annotations

import argparse
import itertools
import resource
from pathlib import Path

from record import finish, spread

import impasto

PICTURES = Path(__file__).parent.parent / "examples" / "pictures"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="vgg19-lite")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--name", default="step")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    painting = impasto.paint(
        PICTURES / "cat.png",
        PICTURES / "swirls.jpg",
        network=options.network,
        size=options.size,
        first_size=options.size,
        steps=options.steps + 3,
        precision=options.precision,
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    at = [event.seconds for event in painting if isinstance(event, impasto.Step)]
    warm = [after - before for before, after in itertools.pairwise(at[2:])]
    result = {
        "network": painting.network.name,
        "size": list(painting.plan.sizes[-1]),
        "precision": painting.plan.precision,
        "seconds_a_step": spread(warm),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "before_mb": round(before),
    }
    finish(options.name, result, options.save)


if __name__ == "__main__":
    main()
