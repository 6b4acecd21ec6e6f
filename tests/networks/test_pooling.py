"""Pooling and rectifier in one, against torch's, one after the other."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from impasto.networks.pooling import largest


@pytest.mark.parametrize("rounds_up", [False, True])
@pytest.mark.parametrize("size", [(6, 8), (7, 5)])
def test_it_is_a_rectifier_and_a_pooling(size: tuple[int, int], rounds_up: bool) -> None:
    generator = torch.Generator().manual_seed(3)
    x = torch.randn((2, 5, *size), dtype=torch.float64, generator=generator)
    x[:, 0] = -x[:, 0].abs()  # nothing of which gets through
    x = x.contiguous(memory_format=torch.channels_last)
    mine, other = x.clone().requires_grad_(), x.clone().requires_grad_()
    found = largest(mine, rounds_up=rounds_up)
    wanted = F.max_pool2d(F.relu(other), 2, ceil_mode=rounds_up)
    assert torch.equal(found, wanted)
    pulls = torch.randn(found.shape, dtype=found.dtype, generator=generator)
    found.backward(pulls)
    wanted.backward(pulls)
    assert mine.grad is not None and other.grad is not None
    assert torch.equal(mine.grad, other.grad)
    assert mine.grad[:, 0].abs().max() == 0
