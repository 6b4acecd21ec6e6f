"""Reflection padding, against torch's."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from impasto.networks.reflect import reflect


@pytest.mark.parametrize("shape", [(1, 3, 9, 7), (2, 1, 2, 2), (1, 2, 3, 2)])
def test_it_is_torchs_padding_and_so_is_its_gradient(shape: tuple[int, ...]) -> None:
    x = torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    x.requires_grad_()
    padded = F.pad(x, (1, 1, 1, 1), mode="reflect")
    assert torch.equal(reflect(x), padded)
    assert reflect(x).is_contiguous(memory_format=torch.channels_last)
    pull = torch.randn(padded.shape, dtype=torch.float64)
    (wanted,) = torch.autograd.grad(padded, x, pull)
    (got,) = torch.autograd.grad(reflect(x), x, pull)
    assert torch.allclose(got, wanted, atol=1e-12)
    assert torch.autograd.gradcheck(reflect, (x,))
