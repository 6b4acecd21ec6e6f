"""Gatys, Ecker and Bethge: Image Style Transfer Using CNNs (CVPR 2016), and its forerunner, A
Neural Algorithm of Artistic Style (2015, arXiv 1508.06576), by `version=2015`.

    total = α ½ Σ (F - P)² + β Σ_l w_l 1/(4 C² N²) Σ (G - A)²

with F, P at conv4_2 and raw Grams G, A at conv1_1, conv2_1, conv3_1, conv4_1 and conv5_1. What the
papers say and what they leave open:

- Rectified or not: rectified. The derivatives printed for both losses are zero where F < 0, which
  holds if F is what comes out of the rectifier; and in Caffe, where the rectifier works in place,
  "conv4_2" is that too.
- Average pooling, in both. Caffe pools an odd last row on its own; `round_up=False` drops it.
- w_l is one over the number of style layers (2015 says so; 2016 gives 1/5 for the five).
- N: the papers write one N for both Grams. 2016 resizes the style to the content's size, which
  makes it one (how is not said: bilinear with antialiasing here). 2015 says nothing of the sizes;
  there, and with `resize_style=False`, each Gram is divided by its own N.
- α/β: 1e-3 (2016, Figure 3 B; 8e-4, 5e-3 and 5e-4 in others; 2015, Figure 2: 1e-3 and 1e-4). Only
  the ratio is given: α = 1 here.
- L-BFGS in 2016, without settings: torch's, step 1, no line search, 100 corrections and no early
  stop here. 2015 names only gradient descent, and gets the same.
- White noise, of a size not given: the caller passes it, as a picture. The optimiser works on what
  the network sees (BGR, 0..255, less the means), as in the authors' later programs.
- 2016 uses a network normalised to a mean activation of one: pass `normalised(weights, pictures)`.
  It changes the losses, though not what an unweighted network computes. 2015 doesn't mention it.
- No total variation, no clamping.
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
    start: Tensor,
    version: int = 2016,
    alpha: float = 1.0,
    beta: float = 1e3,
    content_layer: str = "relu4_2",
    style_layers: Sequence[str] = STYLE,
    resize_style: bool | None = None,
    round_up: bool = True,
    line_search: str | None = None,
) -> vgg.Result:
    """start: white noise, RGB in the scale of [0, 1]. steps: L-BFGS iterations. With alpha or beta
    0 it is the papers' reconstruction from style or from content alone.
    """
    pool = vgg.average_pool_up if round_up else vgg.average_pool
    if resize_style if resize_style is not None else version == 2016:
        size = content.shape[2:]
        style = F.interpolate(style, size=size, mode="bilinear", antialias=True)
    (p,) = vgg.features(weights, vgg.to_caffe(content), [content_layer], pool=pool)
    targets = [
        normed_gram(s) for s in vgg.features(weights, vgg.to_caffe(style), style_layers, pool=pool)
    ]
    x = vgg.to_caffe(start).clone().requires_grad_()
    losses: list[float] = []
    terms: list[dict[str, float]] = []

    def evaluate() -> Tensor:
        optimiser.zero_grad()
        f, *styles = vgg.features(weights, x, [content_layer, *style_layers], pool=pool)
        content_term = alpha * 0.5 * (f - p).square().sum()
        style_term = x.new_zeros(())
        for s, target in zip(styles, targets, strict=True):
            channels = s.shape[1]
            # 1/N² is in the two Grams.
            distance = (normed_gram(s) - target).square().sum() / (4 * channels**2)
            style_term = style_term + beta / len(style_layers) * distance
        total = content_term + style_term
        total.backward()
        losses.append(total.item())
        terms.append({"content": content_term.item(), "style": style_term.item()})
        return total

    optimiser = torch.optim.LBFGS(
        [x],
        lr=1,
        max_iter=steps,
        max_eval=100 * steps,
        history_size=100,
        tolerance_grad=-1,
        tolerance_change=-1,
        line_search_fn=line_search,
    )
    optimiser.step(evaluate)
    return vgg.Result(losses, vgg.from_caffe(x.detach()), terms)


def normed_gram(f: Tensor) -> Tensor:
    """F Fᵀ / N for (1, C, H, W)."""
    columns = f[0].flatten(1)
    return columns @ columns.T / columns.shape[1]


def normalised(weights: dict[str, Tensor], pictures: Sequence[Tensor]) -> dict[str, Tensor]:
    """The network with each filter scaled to a mean rectified activation of one over the pictures
    and positions, and the next layer's inputs scaled back. A filter that never fires is left.
    """
    names = [name for name in vgg.CONVS if f"{name}.weight" in weights]
    relus = [name.replace("conv", "relu") for name in names]
    sums = [torch.zeros_like(weights[f"{name}.bias"]) for name in names]
    counts = [0] * len(names)
    for picture in pictures:
        found = vgg.features(weights, vgg.to_caffe(picture), relus, pool=vgg.average_pool_up)
        for i, f in enumerate(found):
            sums[i] += f.sum(dim=(0, 2, 3))
            counts[i] += f.shape[2] * f.shape[3]
    scaled: dict[str, Tensor] = {}
    before = weights["conv1_1.weight"].new_ones(3)
    for name, total, count in zip(names, sums, counts, strict=True):
        mean = torch.where(total > 0, total / count, torch.ones_like(total))
        kernel = weights[f"{name}.weight"] * before.view(1, -1, 1, 1)
        scaled[f"{name}.weight"] = kernel / mean.view(-1, 1, 1, 1)
        scaled[f"{name}.bias"] = weights[f"{name}.bias"] / mean
        before = mean
    return scaled
