"""Adam (Kingma and Ba 2015) on one picture, whose moments follow it from size to size."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from impasto.engine import wrap

ROOM = 2**16  # values at a time on a processor: its cache holds them, and nothing else is allocated


class Adam:
    """Steps of a picture (1, 3, H, W) against its gradient, each about `rate` per value."""

    def __init__(
        self,
        betas: tuple[float, float] = (0.9, 0.99),
        epsilon: float = 1e-12,
        *,
        wraps: bool = False,
    ) -> None:
        """betas: decay of the running means of gradient and squared gradient.
        epsilon: what the root of the latter is kept from 0 by.
        wraps: whether the picture wraps around.
        """
        self.betas, self.epsilon, self.wraps = betas, epsilon, wraps
        self.first: Tensor | None = None
        self.second: Tensor | None = None
        self.steps = 0

    def step(self, picture: Tensor, gradient: Tensor, rate: float) -> None:
        """Move the picture, which is contiguous, in place."""
        b1, b2 = self.betas
        if self.first is None or self.second is None:
            self.first, self.second = torch.zeros_like(picture), torch.zeros_like(picture)
        self.steps += 1
        length, share = -rate / (1 - b1**self.steps), 1 - b2**self.steps
        room = ROOM if picture.device.type == "cpu" else picture.numel()
        whole = [t.flatten() for t in (picture, gradient, self.first, self.second)]  # views
        for start in range(0, picture.numel(), room):
            x, g, first, second = (t[start : start + room] for t in whole)
            first.lerp_(g, 1 - b1)
            second.mul_(b2).addcmul_(g, g, value=1 - b2)
            scale = (second / share).sqrt_().add_(self.epsilon)
            x.addcdiv_(first, scale, value=length)

    def resize(self, width: int, height: int) -> None:
        """Carry the moments over to another size.

        A mean over positions has gradients per pixel that shrink as pixels grow in number, so the
        moments are scaled as well as interpolated.
        """
        if self.first is None or self.second is None:
            return
        ratio = self.first[0, 0].numel() / (width * height)
        first = self._resized(self.first, width, height, "bicubic")
        self.first = first.mul_(ratio).contiguous()
        second = self._resized(self.second, width, height, "bilinear")
        self.second = second.clamp_(min=0).mul_(ratio**2).contiguous()

    def _resized(self, moment: Tensor, width: int, height: int, mode: str) -> Tensor:
        if self.wraps:
            return wrap.resized(moment, width, height, mode)
        return F.interpolate(moment, (height, width), mode=mode, antialias=True)

    def state(self) -> dict[str, Any]:
        """All that goes on from one step to the next, beside the picture."""
        return {"first": self.first, "second": self.second, "steps": self.steps}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from such a state."""
        self.first, self.second, self.steps = (state[k] for k in ("first", "second", "steps"))
