"""Crowson's style-transfer-pytorch (2021, github.com/crowsonkb/style-transfer-pytorch).

    total = 0.015 mean((F - P)²) + Σ_l w_l W2²_l + 2 TV

content at relu4_2; style at relu1_1 … relu5_1 with w = 256, 64, 16, 4, 1 over 341;

    W2² = mean((μ - μ')²) + mean diag(Σ + Σ' - 2 (Σ'^½ Σ Σ'^½)^½)

means, not sums, over channels, and both covariances with 1e-4 added to their diagonals. The roots
are by 12 Newton-Schulz iterations, their gradient by 12 of the iteration for the Lyapunov equation
(Lin and Maji 2017); `root="exact"` has both from the eigenvalues, in float64. TV is a mean of
squared differences over nine points: 1/3 each across and down, 1/12 each diagonal, doubled; borders
replicated, and the diagonals averaged over the (H+1)(W+1) places that this padding gives.

The network is torchvision's (RGB in [0, 1], its means and deviations), with the first convolution's
padding replicated. Average pooling is doubled and l2 pooling multiplied by 0.78.

Sizes rise by √2 up to the last one, starting no lower than `start_size`. At each the content and
the style are resized from the originals (Pillow's bicubic; the style is never enlarged), and the
picture is the previous size's average, enlarged (bicubic) and clamped. Adam, lr 0.02, betas 0.9 and
0.99, goes on over sizes: its mean is resized (bicubic), and its square (bilinear, not below 0), its
step count kept. After each step the picture is clamped to [0, 1] and goes into an average of decay
0.99, corrected for bias and begun anew at each size with the picture before the first step. The
result is that average.

The source rounds resized pictures to 8 bits, as Pillow does; here they stay as they are, clamped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from tests.reference import vgg

STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
SHARES = tuple(w / 341 for w in (256, 64, 16, 4, 1))
POOLS: dict[str, vgg.Pool] = {
    "max": vgg.max_pool,
    "average": lambda x: 2.0 * F.avg_pool2d(x, 2),
    "l2": lambda x: 0.78 * F.lp_pool2d(x, 2, 2),
}


def run(
    weights: dict[str, Tensor],
    content: Tensor,
    style: Tensor,
    steps: int,
    *,
    first_steps: int | None = None,
    start_size: int = 128,
    end_size: int | None = None,
    start: Tensor | None = None,
    root: str = "newton",
    pooling: str = "max",
    content_weight: float = 0.015,
    tv_weight: float = 2.0,
    lr: float = 0.02,
    decay: float = 0.99,
) -> vgg.Result:
    """steps: at each size (the source has 500), but first_steps at the first (1000), if given.
    end_size: the last size's longer side (512), otherwise the content's. start: the picture to
    begin with at the first size, resized to it if need be; otherwise the content.
    """
    pool, square_root = POOLS[pooling], {"newton": _Newton.apply, "exact": _Exact.apply}[root]
    losses: list[float] = []
    terms: list[dict[str, float]] = []
    average = content if start is None else start
    optimiser: torch.optim.Adam | None = None
    x = average
    end = end_size or max(content.shape[2:])
    for number, size in enumerate(sizes(min(start_size, end), end)):
        shape = fit(content, size, enlarge=True)
        resized = pillow(content, shape)
        if number == 0:
            average = pillow(average, shape)
        before, x = x, F.interpolate(average, size=shape, mode="bicubic").clamp(0, 1)
        x.requires_grad_()
        (p,) = seen(weights, resized, ["relu4_2"], pool)
        targets = []
        for s in seen(weights, pillow(style, fit(style, size, enlarge=False)), STYLE, pool):
            mean, covariance = gaussian(s)
            targets.append((mean, covariance, square_root(covariance)))
        previous, optimiser = optimiser, torch.optim.Adam([x], lr=lr, betas=(0.9, 0.99))
        if previous is not None:
            state = previous.state[before]
            optimiser.state[x] = {
                "step": state["step"].clone(),
                "exp_avg": F.interpolate(state["exp_avg"], size=shape, mode="bicubic"),
                "exp_avg_sq": F.interpolate(
                    state["exp_avg_sq"], size=shape, mode="bilinear"
                ).relu(),
            }
        value, missing = (1 - decay) * x.detach(), decay
        for _ in range(first_steps if first_steps is not None and number == 0 else steps):
            f, *styles = seen(weights, x, ["relu4_2", *STYLE], pool)
            parts = {
                "content": content_weight * (f - p).square().mean(),
                "style": x.new_zeros(()),
                "variation": tv_weight * variation(x),
            }
            for share, s, target in zip(SHARES, styles, targets, strict=True):
                parts["style"] = parts["style"] + share * wasserstein(s, target, square_root)
            total = parts["content"] + parts["style"] + parts["variation"]
            optimiser.zero_grad()
            total.backward()
            optimiser.step()
            with torch.no_grad():
                x.clamp_(0, 1)
            value, missing = decay * value + (1 - decay) * x.detach(), decay * missing
            losses.append(total.item())
            terms.append({name: part.item() for name, part in parts.items()})
        average = value / (1 - missing)
    return vgg.Result(losses, average.clamp(0, 1), terms)


def sizes(start: int, end: int) -> list[int]:
    """end, end / √2, end / 2, …, rounded, as long as they are at least `start`; rising."""
    found: set[int] = set()
    size, halvings = end, 0
    while size >= start:
        found.add(size)
        halvings += 1
        size = round(end / 2 ** (halvings / 2))
    return sorted(found)


def fit(picture: Tensor, size: int, *, enlarge: bool) -> tuple[int, int]:
    """(H, W) with a longer side of `size`; as it is if it's smaller and isn't to be enlarged."""
    h, w = picture.shape[2:]
    if not enlarge and max(h, w) <= size:
        return h, w
    return (size, round(size * w / h)) if h > w else (round(size * h / w), size)


def pillow(picture: Tensor, shape: tuple[int, int]) -> Tensor:
    """Resized as Pillow's bicubic does it, which reads further when it shrinks."""
    return F.interpolate(picture, size=shape, mode="bicubic", antialias=True).clamp(0, 1)


def seen(
    weights: dict[str, Tensor], picture: Tensor, layers: list[str] | tuple[str, ...], pool: vgg.Pool
) -> list[Tensor]:
    mean = picture.new_tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    std = picture.new_tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    x = (picture - mean) / std
    return vgg.features(weights, x, layers, pool=pool, first_padding="replicate")


def gaussian(f: Tensor, eps: float = 1e-4) -> tuple[Tensor, Tensor]:
    """The mean (C,) of the columns, and their covariance (C, C) plus eps on its diagonal."""
    columns = f[0].flatten(1)
    mean = columns.mean(dim=1)
    covariance = columns @ columns.T / columns.shape[1] - mean[:, None] * mean[None, :]
    return mean, covariance + eps * torch.eye(len(mean), dtype=f.dtype, device=f.device)


def wasserstein(
    f: Tensor, target: tuple[Tensor, Tensor, Tensor], square_root: Callable[[Tensor], Any]
) -> Tensor:
    mean, covariance = gaussian(f)
    target_mean, target_covariance, target_root = target
    shared = square_root(target_root @ covariance @ target_root)
    spread = (target_covariance + covariance - 2 * shared).diagonal().mean()
    return (mean - target_mean).square().mean() + spread


def variation(picture: Tensor) -> Tensor:
    x = F.pad(picture, (1, 1, 1, 1), mode="replicate")
    middle = x[..., 1:-1, 1:-1]
    across = (x[..., 1:-1, 2:] - middle).square().mean()
    down = (x[..., 2:, 1:-1] - middle).square().mean()
    falling = (x[..., 1:, 1:] - x[..., :-1, :-1]).square().mean()
    rising = (x[..., 1:, :-1] - x[..., :-1, 1:]).square().mean()
    return 2 * ((across + down) / 3 + (falling + rising) / 12)


class _Newton(torch.autograd.Function):
    """The square root of a positive matrix, and its gradient, by the two iterations."""

    ITERATIONS = 12

    @staticmethod
    def forward(ctx: Any, matrix: Tensor) -> Tensor:
        three = 3 * torch.eye(len(matrix), dtype=matrix.dtype, device=matrix.device)
        norm = matrix.square().sum().sqrt()
        y, z = matrix / norm, three / 3
        for _ in range(_Newton.ITERATIONS):
            step = (three - z @ y) / 2
            y, z = y @ step, step @ z
        root = y * norm.sqrt()
        ctx.save_for_backward(root)
        return root

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (root,) = ctx.saved_tensors
        three = 3 * torch.eye(len(root), dtype=root.dtype, device=root.device)
        norm = root.square().sum().sqrt()
        a, q = root / norm, grad / norm
        for _ in range(_Newton.ITERATIONS):
            step = three - a @ a
            q = (q @ step - a.T @ (a.T @ q - q @ a)) / 2
            a = a @ step / 2
        return q / 2


class _Exact(torch.autograd.Function):
    """The square root of a positive matrix, and its gradient, from its eigenvalues in float64."""

    @staticmethod
    def forward(ctx: Any, matrix: Tensor) -> Tensor:
        values, vectors = torch.linalg.eigh((matrix + matrix.T).double() / 2)
        roots = values.clamp(min=0).sqrt()
        ctx.save_for_backward(roots, vectors)
        return (vectors * roots @ vectors.T).to(matrix.dtype)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        roots, vectors = ctx.saved_tensors
        inner = vectors.T @ grad.double() @ vectors / (roots[:, None] + roots[None, :])
        return (vectors @ inner @ vectors.T).to(grad.dtype)
