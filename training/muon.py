"""Muon: momentum, made orthogonal (Jordan et al. 2024, kellerjordan.github.io/posts/muon)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor


def orthogonal(matrix: Tensor, steps: int = 5) -> Tensor:
    """UVᵀ of a matrix USVᵀ, nearly: its singular values brought to between 0.7 and 1.2.

    Newton and Schulz's iteration with the published coefficients, in bfloat16.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.bfloat16()
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T
    x = x / (x.norm() + 1e-10)
    for _ in range(steps):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return (x.T if tall else x).to(matrix.dtype)


class Muon:
    """Muon for kernels, each as a matrix (out, in·3·3); Adam for biases.

    The features of a layer are highly correlated, and a kernel's gradient is all but of low rank:
    made orthogonal, the update moves every direction as far.
    """

    def __init__(self, parameters: Iterable[Tensor], momentum: float = 0.95) -> None:
        self.parameters = list(parameters)
        self.momentum = momentum
        self.steps = 0
        self.first = [torch.zeros_like(p) for p in self.parameters]
        self.second = [torch.zeros_like(p) if p.dim() < 2 else None for p in self.parameters]

    @torch.no_grad()
    def step(self, rate: float, bias_rate: float) -> None:
        """One step. A kernel's update has singular values near `rate`."""
        self.steps += 1
        for p, first, second in zip(self.parameters, self.first, self.second, strict=True):
            if p.grad is None:
                continue
            if second is not None:
                first.lerp_(p.grad, 0.1)
                second.lerp_(p.grad.square(), 0.02)
                mean = first / (1 - 0.9**self.steps)
                p -= bias_rate * mean / ((second / (1 - 0.98**self.steps)).sqrt() + 1e-10)
            else:
                first.mul_(self.momentum).add_(p.grad)
                ahead = p.grad + self.momentum * first
                p -= rate * orthogonal(ahead.flatten(1)).view_as(p)

    def state(self) -> dict[str, Any]:
        return {"steps": self.steps, "first": self.first, "second": self.second}

    def restore(self, state: dict[str, Any]) -> None:
        self.steps = state["steps"]
        for mine, kept in ((self.first, state["first"]), (self.second, state["second"])):
            for i, tensor in enumerate(kept):
                place = mine[i]
                if place is not None:
                    place.copy_(tensor)
