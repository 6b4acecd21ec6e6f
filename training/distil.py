"""Teach a student to give a teacher's features.

python -m training.distil --teacher TEACHER --pictures FOLDER [FOLDER ...] --out RUN [--steps N]

RUN gets log.jsonl and checkpoint.pt; the same command goes on from a checkpoint.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from impasto.networks.vgg import VGG
from training.data import Crops, split
from training.muon import Muon
from training.student import LAYERS, TAPS, Student, alive, deviation
from training.teacher import teacher as load_teacher

LOG_EVERY, KEEP_EVERY, TEST_EVERY = 100, 500, 1000
SAMPLE = 32  # batches that the teacher's channels are judged by
WARM_UP = 0.01  # of the steps, while rates rise


@dataclass(frozen=True)
class Settings:
    """All that decides the outcome, besides teacher and pictures."""

    steps: int = 12000
    batch: int = 8
    side: int = 128
    rate: float = 0.02
    bias_rate: float = 3e-3
    hints: float = 1.0
    fed: float = 0.3
    seed: int = 0
    after: str = ""  # a tapped layer: only what comes after it learns, the rest is another run's


class Run:
    """Teacher, student and optimiser at some step."""

    def __init__(
        self,
        teacher: VGG,
        train: Crops,
        settings: Settings,
        device: torch.device,
        base: Path | None = None,
    ) -> None:
        """base: the folder of a run to go on from: whole, or as far as `settings.after` says."""
        self.settings, self.device, self.train = settings, device, train
        self.teacher = teacher.placed(device, torch.bfloat16)
        # Batches that training doesn't reach: numbers from its end on.
        sample = [train.batch(settings.steps + i, settings.batch) for i in range(SAMPLE)]
        seen = [self._all(pictures) for pictures in sample]
        joined = {k: torch.cat([s[k] for s in seen]) for k in LAYERS}
        self.alive = {k: alive(joined[k]) for k in LAYERS}
        self.scale = {k: deviation(joined[k][:, self.alive[k]]) for k in LAYERS}
        torch.manual_seed(settings.seed)
        self.student = Student({k: len(self.alive[k]) for k in LAYERS})
        self.student.to(device, memory_format=torch.channels_last)
        self.learning = LAYERS
        if base is not None:
            state = torch.load(base / "checkpoint.pt", map_location=device, weights_only=True)
            self.alive, self.scale = state["alive"], state["scale"]
            if settings.after:
                self.learning = LAYERS[LAYERS.index(settings.after) + 1 :]
                self.student.adopt(state["student"], LAYERS[: -len(self.learning)])
            else:
                self.student.load_state_dict(state["student"])
        self.optimizer = Muon(p for p in self.student.parameters() if p.requires_grad)
        self.step = 0

    def _all(self, pictures: Tensor) -> dict[str, Tensor]:
        with torch.no_grad():
            return self.teacher(pictures.to(self.device), LAYERS)

    def errors(self, pictures: Tensor, *, fed: bool = False) -> dict[str, Tensor]:
        """By layer, the mean squared error in units of the teacher's mean variance."""
        pictures = pictures.to(self.device)
        there = self._all(pictures)
        target = {k: there[k][:, self.alive[k]].float() / self.scale[k] for k in LAYERS}
        with torch.autocast(self.device.type, torch.bfloat16):
            _, compared = self.student(pictures, target if fed else None)
        return {k: (compared[k].float() - target[k]).square().mean() for k in LAYERS}

    def advance(self) -> dict[str, Tensor]:
        """One step; the errors before it."""
        settings = self.settings
        done = self.step / settings.steps
        fed = done < settings.fed and self.student.can_be_fed()
        errors = self.errors(self.train.batch(self.step, settings.batch), fed=fed)
        # Hints lead at first, and leave the last word to the layers that painting looks at.
        hint = settings.hints * (1 - done)
        loss = sum(errors[k] if k in TAPS else hint * errors[k] for k in self.learning)
        self.student.zero_grad()
        assert isinstance(loss, Tensor)
        loss.backward()
        fade = min(1.0, (done + 1 / settings.steps) / WARM_UP) * (
            0.5 + 0.5 * math.cos(math.pi * done)
        )
        self.optimizer.step(settings.rate * fade, settings.bias_rate * fade)
        self.step += 1
        return {k: e.detach() for k, e in errors.items()}

    def save(self, path: Path) -> None:
        state = {
            "settings": asdict(self.settings),
            "step": self.step,
            "student": self.student.state_dict(),
            "alive": self.alive,
            "optimizer": self.optimizer.state(),
            "scale": self.scale,
        }
        temporary = path.with_suffix(".tmp")
        torch.save(state, temporary)
        temporary.replace(path)

    def restore(self, path: Path) -> None:
        state = torch.load(path, map_location=self.device, weights_only=True)
        if state["settings"] != asdict(self.settings):
            raise SystemExit(f"{path} was made with {state['settings']}: choose another --out")
        self.student.load_state_dict(state["student"])
        self.optimizer.restore(state["optimizer"])
        self.step = state["step"]


def measure(run: Run, held: Crops, batches: int = 4) -> dict[str, float]:
    """Errors on pictures that were held out, end to end."""
    with torch.no_grad():
        each = [run.errors(held.batch(i, run.settings.batch)) for i in range(batches)]
    return {k: float(sum(e[k] for e in each) / batches) for k in LAYERS}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--teacher", required=True, help="weights: a name or a file")
    parser.add_argument("--pictures", required=True, type=Path, nargs="+", help="folders")
    parser.add_argument("--out", required=True, type=Path, help="folder of this run")
    parser.add_argument("--base", type=Path, help="folder of a run to go on from")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    for name, default in asdict(Settings()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    options = vars(parser.parse_args(arguments))
    settings = Settings(**{name: options[name] for name in asdict(Settings())})

    train, held = split(options["pictures"])
    run = Run(
        load_teacher(options["teacher"]),
        Crops.of(train, settings.side, settings.seed),
        settings,
        torch.device(options["device"]),
        options["base"],
    )
    held_crops = Crops.of(held, settings.side, settings.seed)
    out: Path = options["out"]
    out.mkdir(parents=True, exist_ok=True)
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        run.restore(checkpoint)
    started, first = time.monotonic(), run.step
    recent: list[dict[str, Tensor]] = []

    def log(**entry: Any) -> None:
        line = json.dumps({"step": run.step, **entry})
        print(line, flush=True)
        with (out / "log.jsonl").open("a") as file:
            file.write(line + "\n")

    def rounded(errors: dict[str, float]) -> dict[str, float]:
        return {k: float(f"{e:.3g}") for k, e in errors.items()}

    log(event="begin", pictures=len(run.train.pictures), device=str(run.device), **asdict(settings))
    while run.step < settings.steps:
        recent.append(run.advance())
        last = run.step == settings.steps
        if run.step % LOG_EVERY == 0 or last:
            mean = {k: float(sum(e[k] for e in recent) / len(recent)) for k in LAYERS}
            recent.clear()
            seconds = (time.monotonic() - started) / (run.step - first)
            log(event="train", seconds_a_step=round(seconds, 4), **rounded(mean))
        if run.step % TEST_EVERY == 0 or last:
            log(event="held out", **rounded(measure(run, held_crops)))
        if run.step % KEEP_EVERY == 0 or last:
            run.save(checkpoint)


if __name__ == "__main__":
    main()
