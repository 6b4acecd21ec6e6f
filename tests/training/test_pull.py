"""Teaching gradients, and going on from exported weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from impasto.networks.layout import Weights, save_weights
from impasto.networks.vgg import VGG
from impasto.picture import Picture
from training import base, pull
from training.student import HIDDEN, LAYERS, MEAN, STD, TAPPED, TAPS, Student

SHALLOW = LAYERS[: LAYERS.index("relu4_1") + 1]


@pytest.fixture
def pictures(scene: Callable[..., Picture]) -> Tensor:
    drawn = [scene(64, 64, i, texture=0.6).pixels for i in range(4)]
    return torch.from_numpy(np.stack(drawn)).float()


def root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T


def test_forces_lead_every_column_to_where_transport_would() -> None:
    """2 (f - T f) / n, T the optimal map between the two Gaussians, over the energy."""
    random = torch.Generator().manual_seed(0)
    here = torch.randn(3, 6, 9, 7, generator=random).relu()
    there = torch.einsum("dc,nchw->ndhw", torch.randn(6, 6, generator=random), here.flip(2)) + 0.3
    style = pull.look(dict.fromkeys(TAPS, there))
    got = pull.forces({"relu4_1": here}, ["relu4_1"], style)["relu4_1"]
    f, g = (x.double().permute(0, 2, 3, 1).reshape(-1, 6).numpy() for x in (here, there))
    mine, theirs = (np.cov(x.T, bias=True) for x in (f, g))
    inverse = np.linalg.inv(root(mine))
    way = inverse @ root(root(mine) @ theirs @ root(mine)) @ inverse
    moved = g.mean(0) + (f - f.mean(0)) @ way
    wanted = 2 * (f - moved) / len(f) / np.square(f).sum(1).mean()
    flat = got.permute(0, 2, 3, 1).reshape(-1, 6).numpy()
    assert np.abs(flat - wanted).max() < 1e-3 * np.abs(wanted).max()


def test_gradients_apart_and_how_parameters_change_that(pictures: Tensor) -> None:
    torch.manual_seed(0)
    wide = {k: TAPPED[int(k[4])] for k in LAYERS}
    student, other = (Student(wide).double().eval() for _ in range(2))
    x = pictures[:1, :, :32, :32].double().requires_grad_()
    layers = ("relu3_1", "relu4_1")

    def seen(network: Student) -> dict[str, Tensor]:
        return network(x, None, layers)[1]

    force = {k: torch.randn_like(f) for k, f in seen(student).items()}
    assert pull.apart(x, seen(student), seen(student), force) == 0
    threefold = {k: 3 * f for k, f in seen(student).items()}
    assert pull.apart(x, threefold, seen(student), force).item() == pytest.approx(4)

    pull.apart(x, seen(student), seen(other), force).backward()
    for layer in ("relu1_2", "relu3_1"):  # below and at the layers where forces are
        kernel = student.convs[layer].weight
        way = torch.randn_like(kernel)
        slope = (kernel.grad * way).sum().item()
        ends: list[float] = []
        for step in (1e-9, -2e-9):  # ReLUs turn on a longer way
            kernel.data += step * way
            ends.append(pull.apart(x, seen(student), seen(other), force).item())
        kernel.data += 1e-9 * way
        assert (ends[0] - ends[1]) / 2e-9 == pytest.approx(slope, rel=1e-3)


def test_a_channel_that_stopped_firing_is_called_back_in_training_only(pictures: Tensor) -> None:
    torch.manual_seed(0)
    student = Student({k: TAPPED[int(k[4])] for k in LAYERS})
    student.convs["relu5_1"].bias.data[7] = -1e3
    features, compared = student(pictures)
    assert features["relu5_1"][:, 7].max() == 0
    (1 - compared["relu5_1"][:, 7]).square().mean().backward()
    assert student.convs["relu5_1"].bias.grad[7] < 0  # and so the bias rises
    kept = torch.tensor([i for i in range(128) if i != 7])
    assert student.convs["relu5_1"].bias.grad[kept].abs().max() == 0
    features, compared = student.eval()(pictures)
    assert all(torch.equal(features[k], compared[k]) for k in TAPS)


def test_exported_weights_become_the_student_they_were(
    lite: Weights, pictures: Tensor, tmp_path: Path
) -> None:
    path = tmp_path / "student.safetensors"
    save_weights(path, lite)
    there = VGG(lite)(pictures, LAYERS)
    alive = {k: torch.arange(there[k].shape[1]) for k in LAYERS}
    begun = base.of_file(path, pictures, there, alive)
    student = Student({k: len(alive[k]) for k in LAYERS})
    student.adopt(begun.state, SHALLOW, fixed=True)
    assert {n.split(".")[1] for n, p in student.named_parameters() if not p.requires_grad} == {
        *SHALLOW
    }
    features, _ = student.eval()(pictures)
    for layer in TAPS[:4]:
        wanted = there[layer]
        assert (features[layer] * begun.scale[layer] - wanted).abs().max() < 1e-4 * wanted.max()

    wrong = begun.state | {"convs.relu2_2.bias": torch.zeros(5)}
    with pytest.raises(ValueError, match=r"convs.relu2_2.bias is \(5,\) there"):
        student.adopt(wrong, SHALLOW)
    with pytest.raises(ValueError, match=r"relu1_1\.weight is missing"):
        student.adopt({}, SHALLOW)


def test_weights_of_another_teacher_are_refused(
    lite: Weights, pictures: Tensor, tmp_path: Path
) -> None:
    path = tmp_path / "student.safetensors"
    save_weights(path, lite)
    there = VGG(lite)(pictures, TAPS)
    alive = {k: torch.arange(there[k].shape[1]) for k in TAPS}

    def refused(match: str, **changed: Tensor) -> None:
        with pytest.raises(SystemExit, match=match):
            base.of_file(path, pictures, there, alive | changed)

    swapped = alive["relu4_1"].clone()
    swapped[[2, 9]] = swapped[[9, 2]]
    one = base.of_file(path, pictures, there, alive | {"relu4_1": swapped})  # LOST: 3 of 77
    assert one.state
    refused("relu4_1 channels .* follow others", relu4_1=alive["relu4_1"].flip(0))
    refused("relu3_1 it has 59 channels, and 58", relu3_1=alive["relu3_1"][1:])
    save_weights(path, replace(lite, padding="zeros"))
    refused("pads otherwise")
    assert (lite.mean, lite.std) == ((MEAN,) * 3, (STD,) * 3) and HIDDEN
