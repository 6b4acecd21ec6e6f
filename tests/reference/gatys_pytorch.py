"""Gatys' own notebook (github.com/leongatys/PytorchNeuralStyleTransfer).

    total = mean((F - P)²) + Σ_l 1000/C² mean((G - A)²),  G = F Fᵀ / N

content at relu4_2, style at relu1_1 … relu5_1, max pooling that drops an odd last row. Pictures are
turned to BGR, freed of the means 0.40760392, 0.45795686 and 0.48501961 and multiplied by 255. The
start is the content. L-BFGS with torch's defaults: step 1, no line search, 100 corrections, and 20
iterations, hence 20 evaluations, a call; it is called until more than `steps` evaluations are made,
so 500 makes 520. A call ends early if a gradient or a change gets too small. Each printed number is
one too high, "50" being the 49th evaluation. What it clips to [0, 1] is only what it shows.

Its second part is the same at 800 pixels, from the enlarged result, for 200: pass it as `start`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from tests.reference import vgg

STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
MEANS = (0.40760392, 0.45795686, 0.48501961)


def run(
    weights: dict[str, Tensor],
    content: Tensor,
    style: Tensor,
    steps: int,
    *,
    start: Tensor | None = None,
    style_weight: float = 1e3,
    content_weight: float = 1.0,
) -> vgg.Result:
    """steps: the notebook's max_iter. start: RGB in the scale of [0, 1]; otherwise the content."""
    means = content.new_tensor(MEANS).view(1, 3, 1, 1)
    (p,) = vgg.features(weights, (content.flip(1) - means) * 255, ["relu4_2"])
    targets = [gram(s) for s in vgg.features(weights, (style.flip(1) - means) * 255, STYLE)]
    first = content if start is None else start
    x = ((first.flip(1) - means) * 255).clone().requires_grad_()
    optimiser = torch.optim.LBFGS([x])
    losses: list[float] = []
    terms: list[dict[str, float]] = []

    def evaluate() -> Tensor:
        optimiser.zero_grad()
        *styles, f = vgg.features(weights, x, [*STYLE, "relu4_2"])
        content_term = content_weight * (f - p).square().mean()
        style_term = x.new_zeros(())
        for s, target in zip(styles, targets, strict=True):
            weight = style_weight / s.shape[1] ** 2
            style_term = style_term + weight * (gram(s) - target).square().mean()
        total = style_term + content_term
        total.backward()
        losses.append(total.item())
        terms.append({"content": content_term.item(), "style": style_term.item()})
        return total

    while len(losses) <= steps:
        optimiser.step(evaluate)
    return vgg.Result(losses, (x.detach() / 255 + means).flip(1), terms)


def gram(f: Tensor) -> Tensor:
    """F Fᵀ / N for (1, C, H, W)."""
    columns = f[0].flatten(1)
    return columns @ columns.T / columns.shape[1]
