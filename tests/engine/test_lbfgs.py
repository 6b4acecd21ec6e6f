"""L-BFGS is torch's own, step by step."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from impasto.engine.lbfgs import LBFGS


@pytest.mark.parametrize("history", [3, 100])
def test_lbfgs_is_torchs_step_by_step(history: int) -> None:
    generator = torch.Generator().manual_seed(3)
    x = torch.rand(1, 3, 4, 5, dtype=torch.float64, generator=generator)
    target = torch.rand(x.shape, dtype=torch.float64, generator=generator)
    scale = torch.logspace(-1, 1, x.numel(), dtype=torch.float64).view(x.shape)

    def loss(at: Tensor) -> Tensor:  # not convex everywhere, so that a change is refused too
        return (scale * (at - target).square()).sum() + 3 * (7 * at).sin().sum()

    theirs = x.clone().requires_grad_()
    steps = 15
    reference = torch.optim.LBFGS(
        [theirs], lr=0.8, max_iter=steps, max_eval=10_000, history_size=history
    )
    seen: list[Tensor] = []

    def closure() -> Tensor:
        reference.zero_grad()
        value = loss(theirs)
        value.backward()
        seen.append(theirs.detach().clone())
        return value

    reference.step(closure)
    ours, refused = LBFGS(history), 0
    for before in seen:
        torch.testing.assert_close(x, before, rtol=1e-8, atol=1e-10)
        at = x.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(loss(at), at)
        known = len(ours.curvature)
        ours.step(x, gradient, 0.8)
        refused += len(ours.curvature) == known and known < history
    assert len(seen) == steps
    assert refused > 1 or history == 3


def test_another_size_starts_anew() -> None:
    lbfgs = LBFGS()
    for size in (4, 6):
        x = torch.zeros(1, 3, size, size)
        for _ in range(3):
            lbfgs.step(x, 2 * (x - 1), 1.0)
        torch.testing.assert_close(x, torch.ones_like(x), atol=1e-3, rtol=0)
        lbfgs.resize(6, 6)
    assert not lbfgs.curvature.moves
