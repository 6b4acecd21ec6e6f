"""Teach a student to give a teacher's features.

python -m training.distil --teacher TEACHER --pictures FOLDER [FOLDER ...] --out RUN [--steps N]

RUN gets log.jsonl and checkpoint.pt; the same command goes on from a checkpoint.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from impasto.networks.vgg import VGG
from training import base as bases
from training import pull
from training.data import Crops, split
from training.muon import Muon
from training.student import LAYERS, TAPS, Student, alive, deviation
from training.teacher import teacher as load_teacher

LOG_EVERY, KEEP_EVERY, TEST_EVERY = 100, 500, 1000
SAMPLE = 32  # batches that the teacher's channels are judged by
LOOKS = 64  # pictures whose styles pull
FEW = 8  # and those by which the channels of exported weights are recognised
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
    pull: float = 0.0  # weight of the difference of gradients
    after: str = ""  # a tapped layer: only what comes after it learns, the rest is another run's
    until: str = ""  # a tapped layer: what comes after it stays as it is
    anew: int = 0  # 1: what learns starts from random numbers, at whatever width


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
        """base: a run's folder or exported weights, to go on from: whole, or as far as
        `settings.after` says.
        """
        self.settings, self.device, self.train = settings, device, train
        self.teacher = teacher.placed(device, torch.bfloat16)
        # Batches that training doesn't reach: numbers from its end on.
        sample = [train.batch(settings.steps + i, settings.batch) for i in range(SAMPLE)]
        seen = [self._all(pictures) for pictures in sample]
        joined = {k: torch.cat([s[k] for s in seen]) for k in LAYERS}
        self.alive = {k: alive(joined[k]) for k in LAYERS}
        begun = None
        if base is not None and base.is_dir():
            begun = bases.of_run(base, device)
        elif base is not None:
            few = torch.cat(sample[:FEW]).to(device)
            begun = bases.of_file(base, few, {k: joined[k][: len(few)] for k in TAPS}, self.alive)
        if begun is not None:
            self.alive |= begun.alive
        self.scale = {k: deviation(joined[k][:, self.alive[k]]) for k in LAYERS}
        torch.manual_seed(settings.seed)
        self.student = Student({k: len(self.alive[k]) for k in LAYERS})
        self.student.to(device, memory_format=torch.channels_last)
        self.learning = LAYERS
        if begun is not None:
            self.scale |= begun.scale
            first = LAYERS.index(settings.after) + 1 if settings.after else 0
            last = LAYERS.index(settings.until) + 1 if settings.until else len(LAYERS)
            self.learning = LAYERS[first:last]
            self.student.adopt(begun.state, {*LAYERS} - {*self.learning}, fixed=True)
            if not settings.anew:
                self.student.adopt(begun.state, self.learning, fixed=False)
        self.layers = tuple(
            k
            for k in LAYERS[: LAYERS.index(self.learning[-1]) + 1]
            if k in TAPS or (settings.hints and k in self.learning)
        )
        self.optimizer = Muon(p for p in self.student.parameters() if p.requires_grad)
        self.looks = self._looks() if settings.pull else []
        self.step = 0

    def _looks(self) -> list[pull.Look]:
        some = self.train.pictures[:: max(1, len(self.train.pictures) // LOOKS)]
        return [pull.look(self._target(p[None].float() / 255)) for p in some]

    def _all(self, pictures: Tensor, layers: Sequence[str] = LAYERS) -> dict[str, Tensor]:
        """The teacher's features; with a graph where the pictures want a gradient."""
        pictures = pictures.to(self.device)
        with torch.set_grad_enabled(pictures.requires_grad):
            return self.teacher(pictures, layers)

    def _target(self, pictures: Tensor) -> dict[str, Tensor]:
        there = self._all(pictures, self.layers)
        return {k: f[:, self.alive[k]].float() / self.scale[k] for k, f in there.items()}

    def _both(
        self, pictures: Tensor, *, fed: bool = False
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """(the student's features, the teacher's), in the same units."""
        target = self._target(pictures)
        with torch.autocast(self.device.type, torch.bfloat16):
            _, compared = self.student(pictures, target if fed else None, self.layers)
        return compared, target

    def errors(self, pictures: Tensor) -> dict[str, Tensor]:
        """By layer, the mean squared error in units of the teacher's mean variance."""
        return _errors(*self._both(pictures.to(self.device)))

    def advance(self) -> dict[str, Tensor]:
        """One step; the errors before it, and how far pulls were apart where they are learnt."""
        settings = self.settings
        done = self.step / settings.steps
        fed = done < settings.fed and self.student.can_be_fed()
        pulls = settings.pull > 0 and not fed
        pictures = self.train.batch(self.step, settings.batch).to(self.device)
        mine, theirs = self._both(pictures.requires_grad_(pulls), fed=fed)
        errors = _errors(mine, theirs)
        # Hints lead at first, and leave the last word to the layers that painting looks at.
        hint = settings.hints * (1 - done)
        loss = sum(e if k in TAPS else hint * e for k, e in errors.items() if k in self.learning)
        assert isinstance(loss, Tensor)
        if pulls:
            layers, style = pull.chosen(settings.seed, self.step, self.looks)
            errors["pull"] = pull.apart(pictures, mine, theirs, pull.forces(theirs, layers, style))
            loss = loss + settings.pull * errors["pull"]
        self.student.zero_grad()
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


def _errors(mine: dict[str, Tensor], theirs: dict[str, Tensor]) -> dict[str, Tensor]:
    return {k: (mine[k].float() - theirs[k].detach()).square().mean() for k in mine}


def measure(run: Run, held: Crops, batches: int = 4) -> dict[str, float]:
    """Errors on pictures that were held out, end to end."""
    run.student.eval()
    with torch.no_grad():
        each = [run.errors(held.batch(i, run.settings.batch)) for i in range(batches)]
    run.student.train()
    return {k: float(sum(e[k] for e in each) / batches) for k in run.layers}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--teacher", required=True, help="weights: a name or a file")
    parser.add_argument("--pictures", required=True, type=Path, nargs="+", help="folders")
    parser.add_argument("--out", required=True, type=Path, help="folder of this run")
    parser.add_argument("--base", type=Path, help="run's folder or exported weights to go on from")
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
            told = {k: [e[k] for e in recent if k in e] for k in recent[-1]}
            mean = {k: float(sum(e) / len(e)) for k, e in told.items()}
            recent.clear()
            seconds = (time.monotonic() - started) / (run.step - first)
            log(event="train", seconds_a_step=round(seconds, 4), **rounded(mean))
        if run.step % TEST_EVERY == 0 or last:
            log(event="held out", **rounded(measure(run, held_crops)))
        if run.step % KEEP_EVERY == 0 or last:
            run.save(checkpoint)


if __name__ == "__main__":
    main()
