"""How near a network is to its teacher, on pictures held out of training.

python -m training.evaluate --teacher TEACHER --pictures FOLDER [FOLDER ...] --network NETWORK ...

Prints, for each network, by tapped layer, the squared error over the variance of the teacher's
features, and the cosine between the two networks' gradients of the painting loss in the picture.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from statistics import fmean

import torch
from torch import Tensor
from torch.nn import functional as F

from impasto.engine.objective import Objective
from impasto.networks.vgg import VGG
from impasto.options import Options
from training.data import read, split
from training.student import TAPS, alive, deviation
from training.teacher import teacher as load_network


def middles(files: list[Path], side: int = 256) -> list[Tensor]:
    """The middle of each picture that is large enough, float32 (1, 3, side, side)."""
    found: list[Tensor] = []
    for picture in map(read, files):
        if picture is not None and min(picture.shape[1:]) >= side:
            y, x = ((n - side) // 2 for n in picture.shape[1:])
            found.append(picture[None, :, y : y + side, x : x + side].float() / 255)
    return found


def errors(network: VGG, teacher: VGG, pictures: list[Tensor]) -> dict[str, float]:
    """By layer of TAPS, the squared error over the teacher's variance.

    A network that is thinner than its teacher has the channels that ever fire there; a layer where
    their number differs can't be compared, and is left out.
    """
    with torch.no_grad():
        there = [teacher(p, TAPS) for p in pictures]
        apart = [network(p, TAPS) for p in pictures]
    found: dict[str, float] = {}
    for k in TAPS:
        wanted, got = torch.cat([t[k] for t in there]), torch.cat([a[k] for a in apart])
        if got.shape[1] < wanted.shape[1]:
            wanted = wanted[:, alive(wanted)]
        if got.shape[1] == wanted.shape[1]:
            found[k] = (F.mse_loss(got, wanted) / deviation(wanted).square()).item()
    return found


def agreement(network: VGG, teacher: VGG, pictures: list[Tensor]) -> float:
    """Mean cosine between the gradients that the two paint by, with the default losses.

    Each picture is painted in the style of the next, from itself under a little noise.
    """
    generator = torch.Generator().manual_seed(0)
    cosines: list[float] = []
    for content, style in zip(pictures, pictures[1:] + pictures[:1], strict=True):
        x = (content + 0.05 * torch.randn(content.shape, generator=generator)).clamp(0, 1)
        slopes = [
            Objective(n, (content, None), [(style, None)], Options())(x).gradient.flatten()
            for n in (network, teacher)
        ]
        cosines.append(F.cosine_similarity(*slopes, dim=0).item())
    return fmean(cosines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--teacher", required=True, help="weights: a name or a file")
    parser.add_argument("--pictures", required=True, type=Path, nargs="+", help="folders")
    parser.add_argument("--network", required=True, nargs="+", help="weights: names or files")
    options = parser.parse_args(arguments)
    teacher = load_network(options.teacher)
    _, held = split(options.pictures)
    pictures = middles(held)
    for source in options.network:
        network = load_network(source)
        result = {
            "network": source,
            "pictures": len(pictures),
            "error": {k: round(v, 5) for k, v in errors(network, teacher, pictures).items()},
            "gradient_cosine": round(agreement(network, teacher, pictures), 4),
        }
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
