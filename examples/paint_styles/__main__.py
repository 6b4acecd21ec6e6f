"""Paint the style pictures: python examples/paint_styles [NAME ...] [--out DIR]."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from glass import mosaic, stained_glass
from ink import ink_wash
from oils import flowers, swirls
from studio import Array, Rng, save

PAINTINGS: dict[str, Callable[[Rng, int], Array]] = {
    "swirls": swirls,
    "flowers": flowers,
    "mosaic": mosaic,
    "ink_wash": ink_wash,
    "stained_glass": stained_glass,
}


def main() -> None:
    """Paint each picture asked for, or all of them."""
    parser = argparse.ArgumentParser(prog="paint_styles", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"which: {', '.join(PAINTINGS)} (all)")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "pictures")
    parser.add_argument("--size", type=int, default=1280, help="pixels of the long side (1280)")
    parser.add_argument("--seed", type=int, default=0, help="another seed, another painting (0)")
    options = parser.parse_args()
    unknown = sorted(set(options.name) - set(PAINTINGS))
    if unknown:
        parser.error(f"no painting called {', '.join(unknown)}; there are {', '.join(PAINTINGS)}")
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.name or PAINTINGS:
        began = time.perf_counter()
        picture = PAINTINGS[name](np.random.default_rng(options.seed), options.size)
        path = options.out / f"{name}.jpg"
        save(picture, path)
        print(f"{path}  {path.stat().st_size // 1024} KB  {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
