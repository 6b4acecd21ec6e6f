"""Convolution with its border and rectifier, against torch's own parts."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch.nn import functional as F

from impasto.networks.borders import SOURCES, padded
from impasto.networks.convolution import convolve


def values(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape))).double()


@pytest.mark.parametrize("kind", list(SOURCES))
def test_borders_are_torchs(kind: str) -> None:
    x = values(1, 3, 4, 5)
    found = padded(x, kind)
    assert torch.equal(found, F.pad(x, (1, 1, 1, 1), mode=kind))
    assert found.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(padded(x, kind, (False, True)), found[:, :, 1:])
    assert torch.equal(padded(x, kind, (False, False)), found[:, :, 1:-1])


@pytest.mark.parametrize("rectified", [True, False])
@pytest.mark.parametrize("ends", [(True, True), (True, False), (False, True), (False, False)])
@pytest.mark.parametrize("kind", ["zeros", *SOURCES])
def test_it_is_torchs_and_so_is_its_gradient(
    kind: str, ends: tuple[bool, bool], rectified: bool
) -> None:
    x, weight, bias = values(1, 3, 6, 5), values(4, 3, 3, 3), values(4)
    x = x.contiguous(memory_format=torch.channels_last).requires_grad_()
    around = F.pad(x, (1, 1, 1, 1), mode="constant" if kind == "zeros" else kind)
    wanted = F.conv2d(around[:, :, not ends[0] : 8 - (not ends[1])], weight, bias)
    wanted = wanted.relu() if rectified else wanted
    run = partial(convolve, weight=weight, bias=bias, padding=kind, ends=ends, rectified=rectified)
    torch.testing.assert_close(run(x), wanted)
    pull = values(*wanted.shape)
    torch.testing.assert_close(
        torch.autograd.grad(run(x), x, pull), torch.autograd.grad(wanted, x, pull)
    )
