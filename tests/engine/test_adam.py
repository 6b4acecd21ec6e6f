"""Adam is torch's own, and what it has learnt holds at the next size."""

from __future__ import annotations

import pytest
import torch

from impasto.engine import adam
from impasto.engine.adam import Adam
from impasto.engine.canvas import Average


def test_adam_is_torchs_step_by_step() -> None:
    generator = torch.Generator().manual_seed(3)
    x = torch.rand(1, 3, 4, 5, dtype=torch.float64, generator=generator)
    target = torch.rand(x.shape, dtype=torch.float64, generator=generator)
    scale = torch.logspace(-3, 3, x.numel(), dtype=torch.float64).view(x.shape)
    theirs = x.clone().requires_grad_()
    reference = torch.optim.Adam([theirs], lr=0.03, betas=(0.9, 0.99), eps=1e-12)
    ours = Adam()
    for step in range(25):
        rate = reference.param_groups[0]["lr"] = 0.03 / (1 + step)
        reference.zero_grad()
        (scale * (theirs - target).square()).sum().backward()
        reference.step()
        ours.step(x, 2 * scale * (x - target), rate)
        torch.testing.assert_close(x, theirs.detach(), rtol=1e-9, atol=1e-12)


def test_adam_in_parts_is_adam(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[torch.Tensor] = []
    for room in (2**16, 7):
        monkeypatch.setattr(adam, "ROOM", room)
        generator = torch.Generator().manual_seed(3)
        x, ours = torch.rand(1, 3, 4, 5, generator=generator), adam.Adam()
        for _ in range(3):
            ours.step(x, torch.randn(x.shape, generator=generator), 0.1)
        made.append(x)
    assert torch.equal(*made)


def test_moments_keep_their_meaning_at_another_size() -> None:
    """A mean over pixels has a gradient of 1/N in each; a steady one moves each pixel by `rate`."""
    adam = Adam()
    for width, height in ((8, 6), (20, 15), (10, 7)):
        adam.resize(width, height)
        x = torch.zeros(1, 3, height, width)
        gradient = torch.full_like(x, 5 / x.numel())
        for _ in range(4):
            before = x.clone()
            adam.step(x, gradient, 0.01)
            torch.testing.assert_close(before - x, torch.full_like(x, 0.01), rtol=1e-4, atol=0)


def test_moments_follow_their_places() -> None:
    adam = Adam()
    gradient = torch.zeros(1, 3, 8, 8)
    gradient[..., :4] = 1.0
    adam.step(torch.zeros(1, 3, 8, 8), gradient, 0.01)
    adam.resize(32, 16)
    assert adam.first is not None
    assert adam.first.shape == (1, 3, 16, 32)
    left, right = adam.first[..., :12].mean(), adam.first[..., 20:].mean()
    assert left > 100 * right.abs()


def test_average_is_the_weighted_mean() -> None:
    pictures = torch.rand(7, 1, 3, 2, 2, generator=torch.Generator().manual_seed(5))
    average = Average(0.8)
    for i, picture in enumerate(pictures):
        average.update(picture)
        weights = 0.8 ** torch.arange(i, -1, -1.0)
        wanted = (weights.view(-1, 1, 1, 1, 1) * pictures[: i + 1]).sum(0) / weights.sum()
        torch.testing.assert_close(average.get(), wanted)


def test_average_without_decay_is_the_last_and_is_its_own() -> None:
    average, picture = Average(0.0), torch.rand(1, 3, 2, 2)
    average.update(torch.zeros_like(picture))
    average.update(picture)
    torch.testing.assert_close(average.get(), picture)
    kept, wanted = average.get(), picture.clone()
    picture.zero_()
    torch.testing.assert_close(kept, wanted)
