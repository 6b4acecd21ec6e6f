"""The training programs, on a small teacher and drawn pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

import impasto
from impasto.networks import weights
from impasto.networks.layout import Weights, save_weights
from impasto.networks.vgg import VGG
from impasto.picture import Picture
from training import distil, evaluate, export, visit
from training.data import Crops, split
from training.muon import Muon, orthogonal
from training.student import HIDDEN, LAYERS, TAPPED, TAPS, Student
from training.teacher import teacher

Scene = Callable[..., Picture]


@pytest.fixture
def pictures(tmp_path: Path, scene: Scene) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i in range(22):
        scene(80, 72, i, texture=0.6).save(folder / f"{i:02}.png")
    (folder / "notes.txt").write_text("no picture")
    return folder


def run(pictures: Path, out: Path, *more: str) -> list[dict[str, float]]:
    """Trains in the shape of the shipped run, but for eight steps; the log."""
    small = ["--steps", "8", "--batch", "2", "--side", "48", "--device", "cpu"]
    what = ["--teacher", "vgg19-lite", "--pictures", str(pictures), "--out", str(out)]
    distil.main([*what, *small, *more])
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


def test_orthogonal_levels_singular_values() -> None:
    matrix = torch.randn(24, 60, generator=torch.Generator().manual_seed(0))
    matrix[:, 0] += 20  # one direction far stronger than the rest
    for m in (matrix, matrix.T):
        u, _, v = torch.linalg.svd(m, full_matrices=False)
        values = torch.linalg.svdvals(orthogonal(m))
        assert values.min() > 0.5 and values.max() < 1.3
        assert F.cosine_similarity(orthogonal(m).flatten(), (u @ v).flatten(), dim=0) > 0.95


def test_muon_fits_what_is_badly_conditioned() -> None:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(512, 8, generator=generator) * torch.logspace(0, -2, 8)
    truth = torch.randn(4, 8, generator=generator)
    kernel, bias = torch.zeros(4, 8, requires_grad=True), torch.zeros(4, requires_grad=True)
    muon = Muon([kernel, bias])
    for i in range(300):
        loss = ((x @ kernel.T + bias) - (x @ truth.T + 1)).square().mean()
        kernel.grad = bias.grad = None
        loss.backward()
        muon.step(0.2 * (1 - i / 300), 0.05 * (1 - i / 300))
    assert (kernel - truth).abs().max() < 0.2 and (bias - 1).abs().max() < 0.01


def test_held_out_is_never_trained_on(pictures: Path) -> None:
    train, held = split([pictures])
    assert [p.name for p in held] == ["00.png", "20.png"]
    assert len(train) == 21 and not {*train} & {*held}
    assert len(Crops.of(train, 48).pictures) == 20
    with pytest.raises(ValueError, match="no picture of at least 300"):
        Crops.of(train, 300)


def test_batches_depend_on_seed_and_number_only(pictures: Path) -> None:
    crops = Crops.of(split([pictures])[0], 48, seed=3)
    first = [crops.batch(i, 3) for i in range(20)]
    assert all(b.shape == (3, 3, 48, 48) and b.min() >= 0 and b.max() <= 1 for b in first)
    assert torch.equal(Crops.of(split([pictures])[0], 48, seed=3).batch(17, 3), first[17])
    assert not torch.equal(first[0], first[1])


def test_fed_stages_start_from_the_teachers_features() -> None:
    student = Student({k: TAPPED[int(k[4])] if k in TAPS else 32 for k in LAYERS})
    x = torch.rand(1, 3, 64, 64)
    features, compared = student(x)
    _, same = student(x, features)
    for layer in LAYERS:
        assert torch.equal(compared[layer], same[layer])
        assert features[layer].shape[1] == (TAPPED if layer in TAPS else HIDDEN)[int(layer[4])]
    other = {**features, "relu3_1": torch.zeros_like(features["relu3_1"])}
    _, changed = student(x, other)
    assert torch.equal(changed["relu3_1"], same["relu3_1"])
    assert not torch.equal(changed["relu4_1"], same["relu4_1"])
    assert torch.equal(changed["relu5_1"], same["relu5_1"])  # it starts from relu4_1 anew
    # A stage that is not asked for is not run.
    student.convs["relu2_1"].forward = None  # pyright: ignore
    _, alone = student(x, features, ("relu4_2", "relu5_1"))
    assert {*alone} == {"relu4_2", "relu5_1"}
    assert torch.equal(alone["relu5_1"], same["relu5_1"])


@pytest.mark.slow
def test_a_stopped_run_goes_on_to_the_same_student(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distil, "LOG_EVERY", 2)
    monkeypatch.setattr(distil, "KEEP_EVERY", 3)
    log = run(pictures, tmp_path / "whole")
    trained = [entry for entry in log if entry["event"] == "train"]
    first, last = (sum(trained[i][k] for k in LAYERS) for i in (0, -1))
    assert last < 0.9 * first
    assert log[-1]["event"] == "held out" and log[-1].keys() > {*LAYERS}

    class KilledError(Exception):
        pass

    batch = Crops.batch

    def killed(crops: Crops, number: int, count: int) -> Tensor:
        if number == 5:
            raise KilledError
        return batch(crops, number, count)

    monkeypatch.setattr(Crops, "batch", killed)
    with pytest.raises(KilledError):
        run(pictures, tmp_path / "halves")
    monkeypatch.setattr(Crops, "batch", batch)
    run(pictures, tmp_path / "halves")

    states = [
        torch.load(tmp_path / name / "checkpoint.pt", weights_only=True)["student"]
        for name in ("whole", "halves")
    ]
    assert all(torch.equal(states[0][k], states[1][k]) for k in states[0])

    with pytest.raises(SystemExit, match="choose another --out"):
        run(pictures, tmp_path / "halves", "--rate", "0.5")

    # Another run may take what comes before a layer from this one, and learn the rest,
    base = ["--base", str(tmp_path / "whole"), "--after", "relu4_1", "--anew", "1", "--pull", "0.5"]
    log = run(pictures, tmp_path / "rest", *base)
    pulls = [entry["pull"] for entry in log if entry["event"] == "train" and entry["step"] > 2]
    assert pulls and min(pulls) > 0
    rest = torch.load(tmp_path / "rest" / "checkpoint.pt", weights_only=True)["student"]
    for key, tensor in rest.items():
        learns = key.split(".")[1] in LAYERS[LAYERS.index("relu4_1") + 1 :]
        assert torch.equal(tensor, states[0][key]) != learns
    # or a stage alone, fed with the teacher's features, from where this one left it.
    base = ["--base", str(tmp_path / "whole"), "--after", "relu3_1", "--until", "relu4_1"]
    log = run(pictures, tmp_path / "stage", *base, "--fed", "1", "--rate", "1e-9")
    stage = torch.load(tmp_path / "stage" / "checkpoint.pt", weights_only=True)["student"]
    for key, tensor in stage.items():
        learns = key.split(".")[1] in ("relu3_2", "relu3_3", "relu3_4", "relu4_1")
        assert torch.equal(tensor, states[0][key]) != learns
        torch.testing.assert_close(tensor, states[0][key], atol=0.05, rtol=0)
    assert "relu4_1" in log[-1] and "relu5_1" not in log[-1]

    # What is exported paints, and looks as the student does.
    path = tmp_path / "student.safetensors"
    export.main([str(tmp_path / "whole"), str(path), "--pictures", str(pictures)])
    network = VGG(weights.load(str(path)))
    assert (network.pooling, network.padding["conv1_1"]) == ("max", "reflect")
    state = torch.load(tmp_path / "whole" / "checkpoint.pt", weights_only=True)
    student = Student({k: len(channels) for k, channels in state["alive"].items()})
    student.load_state_dict(state["student"])
    x = torch.rand(1, 3, 64, 80, generator=torch.Generator().manual_seed(0))
    got = network(x, LAYERS)
    with torch.no_grad():
        features, _ = student(x)
    for layer in TAPS:
        wanted = features[layer] * state["scale"][layer]
        assert (got[layer] - wanted).abs().max() < 2e-3 * wanted.abs().max()
    # Eight steps don't make a student of it that a run goes on from.
    with pytest.raises(SystemExit, match="wasn't taught by this teacher: at relu"):
        run(pictures, tmp_path / "more", "--base", str(path))
    # Between them, features have the teacher's variance, all channels together.
    several = Crops.of(split([pictures])[0], 48).batch(99, 8)
    mine, theirs = (
        VGG(weights.load(name))(several, ["relu3_3"])["relu3_3"].var((0, 2, 3)).sum()
        for name in (str(path), "vgg19-lite")
    )
    assert 0.5 < mine / theirs < 2
    told = f"--photographs {pictures} --paintings {pictures} --out {tmp_path / 'seen'}"
    visit.main(f"{told} --network {path} --count 1 --size 64 --steps 10".split())
    assert [p.name[5:8] for p in sorted((tmp_path / "seen").iterdir())] == ["001", "004", "010"]


def test_a_teacher_of_any_width(pictures: Path, tmp_path: Path, lite: Weights) -> None:
    """Twice as wide: tapped layers are compared through maps, and no stage is fed."""
    random = torch.Generator().manual_seed(0)
    wide: dict[str, Tensor] = {}
    width = 3
    for key, tensor in lite.tensors.items():
        if key.endswith("weight"):
            shape = (2 * tensor.shape[0], width, 3, 3)
            wide[key] = torch.randn(shape, generator=random) / (3 * width**0.5)
            width = shape[0]
        else:
            wide[key] = torch.zeros(width)
    path = tmp_path / "wide.safetensors"
    save_weights(path, Weights("wide", "", wide, "rgb", 1, (0.5,) * 3, (0.2,) * 3, "max", "zeros"))
    log = run(pictures, tmp_path / "run", "--teacher", str(path))
    assert log[-1]["relu5_1"] > 0
    student = Student({k: 2 * TAPPED[int(k[4])] for k in LAYERS})
    assert not student.can_be_fed() and {*TAPS} <= {*student.maps}


def test_the_published_teacher_is_read_whole(tmp_path: Path) -> None:
    """conv0 maps colours, reflection pads, names have no underscore."""
    random = torch.Generator().manual_seed(0)
    tensors = {"conv0.weight": torch.randn(3, 3, 1, 1, generator=random) * 50}
    tensors["conv0.bias"] = torch.randn(3, generator=random) * 50
    width = 3
    names = [layer[4] + layer[6] for layer in LAYERS]
    for name in names:
        out = TAPPED[int(name[0])]
        kernel = torch.randn(out, width, 3, 3, generator=random) / (3 * width**0.5)
        tensors[f"conv{name}.weight"] = kernel
        tensors[f"conv{name}.bias"] = torch.randn(out, generator=random)
        width = out
    tensors["conv51_aux.weight"] = torch.zeros(512, 128, 1, 1)
    path = tmp_path / "16x.pth"
    torch.save({"model": tensors}, path)

    x = torch.rand(1, 3, 48, 56, generator=random)
    wanted = F.conv2d(x, tensors["conv0.weight"], tensors["conv0.bias"])
    for i, name in enumerate(names):
        if i and name[0] != names[i - 1][0]:
            wanted = F.max_pool2d(wanted, 2)
        padded = F.pad(wanted, (1, 1, 1, 1), mode="reflect")
        wanted = F.relu(
            F.conv2d(padded, tensors[f"conv{name}.weight"], tensors[f"conv{name}.bias"])
        )
    got = teacher(str(path))(x, ["relu5_1"])["relu5_1"]
    assert (got - wanted).abs().max() < 1e-4 * wanted.abs().max()


def test_evaluation_tells_networks_apart(lite: Weights, scene: Scene, tmp_path: Path) -> None:
    for i in range(3):
        pixels = (scene(300, 280, i, texture=0.6).pixels * 255).round().astype(np.uint8)
        Image.fromarray(pixels.transpose(1, 2, 0)).save(tmp_path / f"{i}.png")
    pictures = evaluate.middles(sorted(tmp_path.iterdir()))
    assert [p.shape for p in pictures] == [(1, 3, 256, 256)] * 3
    pictures = [p[..., :96, :96] for p in pictures]
    same, off = VGG(lite), VGG(lite, pooling="average")
    assert all(v == 0 for v in evaluate.errors(same, same, pictures).values())
    assert evaluate.agreement(same, same, pictures) == pytest.approx(1, abs=1e-6)
    apart = evaluate.errors(off, same, pictures)
    assert apart["relu1_1"] == 0 and apart["relu5_1"] > 0.01
    assert evaluate.agreement(off, same, pictures) < 0.99
    assert impasto.__version__
