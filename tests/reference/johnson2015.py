"""Johnson's neural-style (2015, github.com/jcjohnson/neural-style), a program for Torch 7.

    total = 5 mean((F - P)²) + 100 Σ_l mean((G - A)²),  G = F Fᵀ / (C N)

content at relu4_2, style at relu1_1 … relu5_1. Its quirks, kept:

- Pictures are multiplied by 256, not 255, turned to BGR and freed of the means 103.939, 116.779 and
  123.68. Everything, the noise too (0.001 N(0, 1), which is a flat grey), lives in that space.
- Total variation is only a gradient, `tv_weight` times that of ½ Σ (dx² + dy²), both differences
  taken at all pixels but the last row's and the last column's. It is not in the total.
- Caffe's max pooling rounds odd sizes up; the average pooling that may replace it (`pooling`)
  doesn't, as Torch's module is made anew without that setting.
- The picture is saved within the evaluation, so the saved one is that of the last evaluation: the
  last update is computed, but never seen. Run one step more to see it.

L-BFGS: Torch 7's, of which torch.optim.LBFGS is a port: step 1, the first one shortened to
1/|g|₁, no line search, 100 corrections, as many evaluations as iterations. Torch 7 also stops when
Σ|g| (PyTorch: max |g|) or the change gets too small; the program turns those off with limits of -1,
which does it in both. So here they agree but for rounding.

Adam: Torch 7's, written out, since it adds ε to √v before it corrects for bias, PyTorch after.
"""

from __future__ import annotations

from collections.abc import Callable

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
    scale: float = 256.0,
    lr: float = 10.0,
    pooling: str = "max",
) -> vgg.Result:
    """noise: standard normal, (1, 3, H, W) in BGR; without it the start is the content ("-init
    image"). optimiser: "lbfgs" or "adam" (lr is Adam's). steps: both iterations and evaluations.
    """
    pool = vgg.max_pool_up if pooling == "max" else vgg.average_pool
    (p,) = vgg.features(weights, vgg.to_caffe(content, scale), ["relu4_2"], pool=pool)
    targets = [gram(s) for s in vgg.features(weights, vgg.to_caffe(style, scale), STYLE, pool=pool)]
    first = vgg.to_caffe(content, scale) if noise is None else 0.001 * noise
    x = first.clone().requires_grad_()
    losses: list[float] = []
    terms: list[dict[str, float]] = []
    saved = x.detach()

    def evaluate() -> Tensor:
        nonlocal saved
        x.grad = None
        f, *styles = vgg.features(weights, x, ["relu4_2", *STYLE], pool=pool)
        content_term = content_weight * (f - p).square().mean()
        style_term = x.new_zeros(())
        for s, target in zip(styles, targets, strict=True):
            style_term = style_term + style_weight * (gram(s) - target).square().mean()
        total = content_term + style_term
        total.backward()
        assert x.grad is not None
        x.grad += tv_weight * variation_gradient(x.detach())
        losses.append(total.item())
        terms.append({"content": content_term.item(), "style": style_term.item()})
        saved = x.detach().clone()
        return total.detach()

    if optimiser == "lbfgs":
        torch.optim.LBFGS(
            [x], lr=1, max_iter=steps, history_size=100, tolerance_grad=-1, tolerance_change=-1
        ).step(evaluate)
    else:
        adam(x, evaluate, steps, lr)
    return vgg.Result(losses, vgg.from_caffe(saved, scale), terms)


def gram(f: Tensor) -> Tensor:
    """F Fᵀ / (C N) for (1, C, H, W)."""
    columns = f[0].flatten(1)
    return columns @ columns.T / columns.numel()


def variation_gradient(x: Tensor) -> Tensor:
    """The gradient of ½ Σ (dx² + dy²), without the last row's and the last column's pixels."""
    right = x[..., :-1, :-1] - x[..., :-1, 1:]
    below = x[..., :-1, :-1] - x[..., 1:, :-1]
    gradient = torch.zeros_like(x)
    gradient[..., :-1, :-1] += right + below
    gradient[..., :-1, 1:] -= right
    gradient[..., 1:, :-1] -= below
    return gradient


def adam(x: Tensor, evaluate: Callable[[], Tensor], steps: int, lr: float) -> None:
    """Torch 7's Adam, with its defaults: betas 0.9 and 0.999, ε 1e-8."""
    mean, square = torch.zeros_like(x), torch.zeros_like(x)
    for t in range(1, steps + 1):
        evaluate()
        assert x.grad is not None
        with torch.no_grad():
            mean = 0.9 * mean + 0.1 * x.grad
            square = 0.999 * square + 0.001 * x.grad.square()
            size = lr * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t)
            x -= size * mean / (square.sqrt() + 1e-8)
