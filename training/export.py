"""Write a run's student as weights that impasto loads, float16.

python -m training.export RUN OUT.safetensors --pictures FOLDER [FOLDER ...] [--name vgg19-lite]

Tapped layers have the teacher's scale already, in units of its deviation. Those between them have
any: they are brought to where their variance, all channels together, is the teacher's too, so that
losses at the scale of a publication mean there what they mean with the teacher.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from impasto.networks.catalogue import digest
from impasto.networks.layout import save_weights
from training.data import Crops, split
from training.student import LAYERS, TAPS, Student, deviation


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("out", type=Path, help="the file to write")
    parser.add_argument("--pictures", required=True, type=Path, nargs="+", help="folders")
    parser.add_argument("--name", default="vgg19-lite")
    options = parser.parse_args(arguments)
    state = torch.load(options.run / "checkpoint.pt", map_location="cpu", weights_only=True)
    student = Student({k: len(channels) for k, channels in state["alive"].items()})
    student.load_state_dict(state["student"])
    train, _ = split(options.pictures)
    pictures = Crops.of(train[:: max(1, len(train) // 64)], state["settings"]["side"]).batch(0, 64)
    with torch.no_grad():
        features, _ = student(pictures)
    scale: dict[str, float] = {}
    for layer in LAYERS:
        wanted = float(state["scale"][layer])
        if layer not in TAPS:
            channels = len(state["alive"][layer]) / features[layer].shape[1]
            wanted *= channels**0.5 / float(deviation(features[layer]))
        scale[layer] = float(f"{wanted:.6g}")
    save_weights(options.out, student.weights(options.name, scale), torch.float16)
    print(f"{options.out}  {options.out.stat().st_size} bytes  sha256 {digest(options.out)}")


if __name__ == "__main__":
    main()
