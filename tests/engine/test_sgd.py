"""SGD is torch's own at a steady rate; its limit, its rest and its memory are as they are said."""

from __future__ import annotations

import torch

from impasto.engine.sgd import SGD


def test_sgd_is_torchs_step_by_step() -> None:
    """Torch clips a gradient before its weight decay as well."""
    generator = torch.Generator().manual_seed(3)
    x = torch.rand(1, 3, 4, 5, dtype=torch.float64, generator=generator)
    target = 100 * torch.rand(x.shape, dtype=torch.float64, generator=generator)
    theirs = x.clone().requires_grad_()
    reference = torch.optim.SGD([theirs], lr=0.1, momentum=0.8, weight_decay=0.05)
    ours, clipped = SGD(0.8, limit=2.0, decay=0.05), 0
    for _ in range(60):
        reference.zero_grad()
        (theirs - target).square().sum().backward()
        length = torch.nn.utils.clip_grad_norm_([theirs], 2.0 * x.numel())
        clipped += bool(length > 2.0 * x.numel())
        reference.step()
        ours.step(x, 2 * (x - target), 0.1)
        torch.testing.assert_close(x, theirs.detach(), rtol=1e-7, atol=0)
    assert 0 < clipped < 60


def test_a_smaller_rate_does_not_brake_what_moves() -> None:
    x = torch.zeros(1, 3, 2, 2)
    sgd = SGD(0.5)
    sgd.step(x, -torch.ones_like(x), 1.0)
    sgd.step(x, -torch.ones_like(x), 0.1)
    torch.testing.assert_close(x, torch.full_like(x, 1 + 0.5 + 0.1))


def test_values_are_pulled_to_their_rest_and_a_size_begins_at_rest() -> None:
    rest = torch.tensor([1.0, 2.0, 3.0]).view(1, 3, 1, 1)
    x = torch.zeros(1, 3, 2, 2)
    sgd = SGD(0.9, decay=0.1, rest=rest)
    for _ in range(400):
        sgd.step(x, torch.zeros_like(x), 0.5)
    torch.testing.assert_close(x, rest.expand_as(x), rtol=1e-3, atol=0)
    sgd.resize(4, 4)
    y = rest.expand(1, 3, 4, 4).clone()
    sgd.step(y, torch.zeros_like(y), 0.5)
    torch.testing.assert_close(y, rest.expand_as(y))
