"""Li, Wang, Liu and Hou: Demystifying Neural Style Transfer (IJCAI 2017, arXiv 1701.01036).

    total = α ½ Σ (F - P)² + β Σ_l w_l 1/Z_l MMD²_k(F_l, S_l)

content at relu4_2, style at relu1_1 … relu5_1 of VGG-19, w_l = 1, α = 1, and

    MMD² = 1/N² ΣΣ k(f_i, f_j) + 1/M² ΣΣ k(s_i, s_j) - 2/(N M) ΣΣ k(f_i, s_j)

over feature columns, written out pair by pair (so: for small pictures). `kernel` is one of

    linear      xᵀy
    polynomial  (xᵀy + c)^d, c = 0 and d = 2, with Z = 4 C²: then it is Gatys' style loss, which
                is the paper's identity
    gaussian    exp(-|x - y|² / 2σ²), σ² the mean squared distance of the pairs (a constant to the
                gradient): all pairs (`exact`), or Gretton's unbiased estimate of linear cost, from
                pairs drawn anew at each evaluation, as the paper has it
    bn          no MMD: 1/C Σ ((μ_F - μ_S)² + (σ_F - σ_S)²)

The paper calls Z a normaliser for the kernel's scale and gives it only for the polynomial; it is 1
for the others here. It chooses β for each kernel so that style and content have gradients of one
order, and then gives no number. The authors' program (github.com/lyttonhao/Neural-Style-MMD) has
numbers, for gradients; `weighting="code"` is what they amount to in the terms above, N being the
number of positions, and β then is its style weight (5; 1 for bn):

    linear 1000 N/C MMD²   polynomial 0.1 N/4C² MMD²   gaussian 7.5e13/C MMD²   bn 500 N (…)

with a content of Σ (F - P)². Its Gaussian has |x - y|² over the mean, not over twice the mean.

Of the optimisation the paper says: from a random start, until the picture changes by less than 0.5%
in a step, at most 1000 steps. The rest is the program's: SGD with momentum 0.9, learning rate 1e-3,
times 0.9 every 80 steps, weight decay 5e-4; the gradient's norm held to the number of values in the
picture, and then a gradient for total variation added, 1e-2 times a Laplacian over 8, with zeros
around; average pooling; ×256 (its converted weights take RGB, which is Caffe's BGR turned); a start
of 0.1 U(-1, 1). It squashes the style to the content's shape, and smoothes what it saves; not here.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from tests.reference import vgg

STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")


def run(
    weights: dict[str, Tensor],
    content: Tensor,
    style: Tensor,
    steps: int,
    *,
    kernel: str = "polynomial",
    noise: Tensor | None = None,
    exact: bool = False,
    generator: torch.Generator | None = None,
    c: float = 0.0,
    d: int = 2,
    alpha: float = 1.0,
    beta: float = 1.0,
    layer_weights: Sequence[float] = (1.0,) * 5,
    weighting: str = "paper",
    stop: float = 0.005,
    lr: float = 1e-3,
    tv_weight: float = 1e-2,
    scale: float = 256.0,
) -> vgg.Result:
    """noise: uniform in (-1, 1), (1, 3, H, W) in BGR; without it the start is the content. exact:
    for gaussian; otherwise `generator` draws the pairs. stop: the relative change to end at, or 0.
    """
    (p,) = vgg.features(weights, vgg.to_caffe(content, scale), ["relu4_2"], pool=vgg.average_pool)
    targets = vgg.features(weights, vgg.to_caffe(style, scale), STYLE, pool=vgg.average_pool)
    first = vgg.to_caffe(content, scale) if noise is None else 0.1 * noise
    x = first.clone().requires_grad_()
    momentum = torch.zeros_like(x)
    losses: list[float] = []
    terms: list[dict[str, float]] = []
    for step in range(steps):
        f, *styles = vgg.features(weights, x, ["relu4_2", *STYLE], pool=vgg.average_pool)
        half = 0.5 if weighting == "paper" else 1.0
        content_term = alpha * half * (f - p).square().sum()
        style_term = x.new_zeros(())
        for w, a, b in zip(layer_weights, styles, targets, strict=True):
            columns, theirs = a[0].flatten(1).T, b[0].flatten(1).T
            if kernel == "bn":
                distance = statistics(columns, theirs)
            elif kernel == "gaussian" and not exact:
                distance = sampled(columns, theirs, generator, weighting)
            else:
                distance = mmd(columns, theirs, kernel, c, d, weighting)
            distance = distance * factor(kernel, columns, weighting)
            style_term = style_term + beta * w * distance
        total = content_term + style_term
        (gradient,) = torch.autograd.grad(total, x)
        losses.append(total.item())
        terms.append({"content": content_term.item(), "style": style_term.item()})
        with torch.no_grad():
            if gradient.norm() > x.numel():
                gradient = gradient * (x.numel() / gradient.norm())
            gradient = gradient + tv_weight * laplacian(x) / 8
            rate = lr * 0.9 ** (step // 80)
            momentum = 0.9 * momentum - rate * (gradient + 5e-4 * x)
            x += momentum
            if momentum.norm() < stop * x.norm():
                break
    return vgg.Result(losses, vgg.from_caffe(x.detach(), scale), terms)


def mmd(x: Tensor, y: Tensor, kernel: str, c: float, d: int, weighting: str) -> Tensor:
    """Over all pairs of rows of x (N, C) and of y (M, C)."""
    pairs = [(x, x), (y, y), (x, y)]
    if kernel == "gaussian":
        away = [  # |a|² + |b|² - 2 aᵀb
            a.square().sum(1)[:, None] + b.square().sum(1)[None] - 2 * a @ b.T for a, b in pairs
        ]
        mean = (away[0].mean() + away[1].mean() + 2 * away[2].mean()) / 4
        values = [torch.exp(-one / width(mean, weighting)) for one in away]
    else:
        products = [a @ b.T for a, b in pairs]
        values = products if kernel == "linear" else [(one + c) ** d for one in products]
    return values[0].mean() + values[1].mean() - 2 * values[2].mean()


def sampled(x: Tensor, y: Tensor, generator: torch.Generator | None, weighting: str) -> Tensor:
    """Gretton's estimate for the Gaussian: rows in a random order, two by two, each used once."""
    count = min(len(x), len(y)) // 2 * 2
    x = x[torch.randperm(len(x), generator=generator)[:count]]
    y = y[torch.randperm(len(y), generator=generator)[:count]]
    pairs = [(x[::2], x[1::2]), (y[::2], y[1::2]), (x[::2], y[1::2]), (x[1::2], y[::2])]
    away = torch.stack([(a - b).square().sum(dim=1) for a, b in pairs])
    xx, yy, xy, yx = torch.exp(-away / width(away.mean(), weighting))
    return (xx + yy - xy - yx).mean()


def width(mean: Tensor, weighting: str) -> Tensor:
    """2σ²."""
    return mean.detach() * (2 if weighting == "paper" else 1)


def statistics(x: Tensor, y: Tensor) -> Tensor:
    """Of batch normalisation: means and (biased) deviations of the channels."""
    means = x.mean(dim=0) - y.mean(dim=0)
    deviations = x.std(dim=0, correction=0) - y.std(dim=0, correction=0)
    return (means.square() + deviations.square()).mean()


def factor(kernel: str, columns: Tensor, weighting: str) -> float:
    count, channels = columns.shape
    if weighting == "paper":
        return 1 / (4 * channels**2) if kernel == "polynomial" else 1.0
    return {
        "linear": 1000 * count / channels,
        "polynomial": 0.1 * count / (4 * channels**2),
        "gaussian": 7.5e13 / channels,
        "bn": 500.0 * count,
    }[kernel]


def laplacian(x: Tensor) -> Tensor:
    around = F.pad(x, (1, 1, 1, 1))
    beside = around[..., 1:-1, :-2] + around[..., 1:-1, 2:]
    return 4 * x - beside - around[..., :-2, 1:-1] - around[..., 2:, 1:-1]
