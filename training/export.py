"""Write a run's student as weights that impasto loads, float16.

python -m training.export RUN OUT.safetensors [--name vgg19-lite]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from impasto.networks.catalogue import digest
from impasto.networks.layout import save_weights
from training.student import TAPS, Student


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("out", type=Path, help="the file to write")
    parser.add_argument("--name", default="vgg19-lite")
    options = parser.parse_args(arguments)
    state = torch.load(options.run / "checkpoint.pt", map_location="cpu", weights_only=True)
    student = Student({k: len(channels) for k, channels in state["alive"].items()})
    student.load_state_dict(state["student"])
    scale = {k: float(f"{float(state['scale'][k]):.6g}") for k in TAPS}
    save_weights(options.out, student.weights(options.name, scale), torch.float16)
    print(f"{options.out}  {options.out.stat().st_size} bytes  sha256 {digest(options.out)}")


if __name__ == "__main__":
    main()
