"""ProGamerGov's neural-style-pt (github.com/ProGamerGov/neural-style-pt): Johnson's in PyTorch.

    total = 5 mean((F - P)²) + 100 Σ_l mean((G - A)²) + 1e-3 (Σ |dx| + Σ |dy|),  G = F Fᵀ / (C N)

content at relu4_2, style at relu1_1 … relu5_1. Where it differs from Johnson's program: the total
variation is absolute, over all neighbours of the picture that the network sees, and in the total;
pooling is PyTorch's, which drops an odd last row; Adam is PyTorch's, with a learning rate of 1 (its
manual says 10). Pictures are multiplied by 255 in the last version, by 256 in the earlier ones
(`scale`). As in Johnson's, the noise is 0.001 N(0, 1) in Caffe's space, the limits at which L-BFGS
stops are off, and the picture saved is that of the last evaluation, before the last update.
"""

from __future__ import annotations

import torch
from torch import Tensor

from tests.reference import vgg

STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")


def run(
    weights: dict[str, Tensor],
    content: Tensor,
    style: Tensor,
    steps: int,
    *,
    noise: Tensor | None = None,
    optimiser: str = "lbfgs",
    content_weight: float = 5.0,
    style_weight: float = 100.0,
    tv_weight: float = 1e-3,
    scale: float = 255.0,
    lr: float = 1.0,
    pooling: str = "max",
) -> vgg.Result:
    """noise: standard normal, (1, 3, H, W) in BGR; without it the start is the content ("-init
    image"). optimiser: "lbfgs" or "adam" (lr is Adam's). steps: both iterations and evaluations;
    two or more for "lbfgs", which the program calls again after a single evaluation.
    """
    pool = vgg.max_pool if pooling == "max" else vgg.average_pool
    (p,) = vgg.features(weights, vgg.to_caffe(content, scale), ["relu4_2"], pool=pool)
    targets = [gram(s) for s in vgg.features(weights, vgg.to_caffe(style, scale), STYLE, pool=pool)]
    first = vgg.to_caffe(content, scale) if noise is None else noise * 0.001
    x = first.clone().requires_grad_()
    losses: list[float] = []
    terms: list[dict[str, float]] = []
    saved = x.detach()

    def evaluate() -> Tensor:
        nonlocal saved
        optimiser_.zero_grad()
        f, *styles = vgg.features(weights, x, ["relu4_2", *STYLE], pool=pool)
        parts = {
            "content": content_weight * (f - p).square().mean(),
            "style": x.new_zeros(()),
            "variation": tv_weight * (x.diff(dim=2).abs().sum() + x.diff(dim=3).abs().sum()),
        }
        for s, target in zip(styles, targets, strict=True):
            parts["style"] = parts["style"] + style_weight * (gram(s) - target).square().mean()
        total = parts["content"] + parts["style"] + parts["variation"]
        total.backward()
        losses.append(total.item())
        terms.append({name: part.item() for name, part in parts.items()})
        if len(losses) == steps:
            saved = x.detach().clone()
        return total

    optimiser_: torch.optim.Optimizer
    if optimiser == "lbfgs":
        optimiser_ = torch.optim.LBFGS([x], max_iter=steps, tolerance_change=-1, tolerance_grad=-1)
        last = 1
    else:
        optimiser_ = torch.optim.Adam([x], lr=lr)
        last = steps - 1
    while len(losses) <= last:
        optimiser_.step(evaluate)
    return vgg.Result(losses, vgg.from_caffe(saved, scale), terms)


def gram(f: Tensor) -> Tensor:
    """F Fᵀ / (C N) for (1, C, H, W)."""
    columns = f[0].flatten(1)
    return columns @ columns.T / f.numel()
