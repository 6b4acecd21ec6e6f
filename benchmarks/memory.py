"""Memory at the peak of a painting, process start to file: as planned, and as it was.

    python benchmarks/memory.py [--sizes 512,1024,2048,4096] [--limits 0,1GB,2GB] [--save]

Each size and limit in a process of its own, a few steps at the final size and the one before it.
A limit that the plan refuses is told as such.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from record import finish

PICTURES = Path(__file__).parent.parent / "examples" / "pictures"
FINEST = 1.5  # sizes from the final one over this


def paint(size: int, limit: str, steps: int, network: str) -> dict[str, Any]:
    """One painting, in this process."""
    import resource

    import impasto

    began = time.perf_counter()
    try:
        painting = impasto.paint(
            PICTURES / "cat.png",
            PICTURES / "swirls.jpg",
            size=size,
            first_size=round(size / FINEST),
            steps=steps,
            memory=limit,
            network=network,
        )
    except impasto.PaintingError as error:
        return {"refused": str(error)}
    notes = [event.text for event in painting if isinstance(event, impasto.Note)]
    with tempfile.TemporaryDirectory() as folder:
        painting.picture.save(Path(folder) / "out.png")
    return {
        "painted": list(painting.plan.sizes[-1]),
        "cuts": list(painting.plan.fits[-1].cuts),
        "planned_mb": round(max(fit.peak for fit in painting.plan.fits) / 1e6),
        "measured_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6),
        "seconds": round(time.perf_counter() - began, 1),
        "notes": notes,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="512,1024,2048,4096")
    parser.add_argument("--limits", default="0,1GB,2GB")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--network", default="vgg19-lite")
    parser.add_argument("--name", default="memory")
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--one", nargs=2, metavar=("SIZE", "LIMIT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        size, limit = options.one
        print(json.dumps(paint(int(size), limit, options.steps, options.network)))
        return
    found: list[dict[str, Any]] = []
    for size in options.sizes.split(","):
        for limit in options.limits.split(","):
            command = [sys.executable, __file__, "--one", size, limit]
            command += ["--steps", str(options.steps), "--network", options.network]
            child = subprocess.run(command, capture_output=True, text=True, check=True)
            one = {"size": int(size), "limit": limit, **json.loads(child.stdout.splitlines()[-1])}
            if "planned_mb" in one:
                one["planned_over_measured"] = round(one["planned_mb"] / one["measured_mb"], 3)
            print(json.dumps(one), file=sys.stderr)
            found.append(one)
    finish(options.name, {"network": options.network, "paintings": found}, options.save)


if __name__ == "__main__":
    main()
