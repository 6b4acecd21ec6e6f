"""Paint, and keep pictures from along the way: what a network meets when it is used for painting.

python -m training.visit --photographs FOLDER --paintings FOLDER --out FOLDER [--count 100]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import impasto
from training.data import split

KEPT = (0.1, 0.4, 1.0)  # of the steps


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photographs", required=True, type=Path)
    parser.add_argument("--paintings", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--network", default="vgg19-lite", help="a name or a file")
    parser.add_argument("--count", type=int, default=100, help="of paintings to make")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)

    photographs, _ = split([options.photographs])
    paintings = sorted(path for path in options.paintings.iterdir() if path.is_file())
    options.out.mkdir(parents=True, exist_ok=True)
    for i in range(options.count):
        random = np.random.default_rng((options.seed, i))
        painting = impasto.paint(
            photographs[random.integers(len(photographs))],
            paintings[random.integers(len(paintings))],
            network=options.network,
            size=options.size,
            first_size=int(random.choice([options.size // 2, options.size])),
            steps=options.steps,
            start=str(random.choice(["content", "content", "noise"])),
            content_weight=float(np.exp(random.uniform(np.log(0.01), np.log(0.3)))),
            style_scale=float(random.uniform(0.7, 1.5)),
        )
        keep = {round(share * options.steps) for share in KEPT}
        for event in painting:
            if isinstance(event, impasto.Step) and event.step in keep:
                event.picture().save(options.out / f"{i:04}_{event.step:03}.png", overwrite=True)


if __name__ == "__main__":
    main()
