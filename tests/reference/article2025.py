"""The article "Creating art using CNNs" (2025), its printed program.

torchvision's VGG-19 up to index 28, fed pictures in [0, 1] as they are: no means, no deviations.
Both pictures are squashed to a square, 224 a side (bilinear, antialiased). What each module returns
is kept and passed on to the next; as torchvision's rectifier works in place, what was kept of index
0, 5, 10, 19 and 21 becomes its rectified value, and only index 28, the last, stays as convolved.
Here too the rectifier works in place, so that the program falls into the same trap.

    total = mean((F - P)²) + 0.01 Σ_l mean((F Fᵀ - S Sᵀ)²)

with Grams not divided by anything. Adam, lr 0.001, from the content, 6000 steps, never clamped. The
program unpacks four sizes into two names and stops at once; mended here, with a Gram of C x C.
The total that it prints at a step is the one before that step's update.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from tests.reference import vgg

CONTENT, STYLE = 21, (0, 5, 10, 19, 28)  # conv4_2; conv1_1, conv2_1, conv3_1, conv4_1, conv5_1


def run(
    weights: dict[str, Tensor],
    content: Tensor,
    style: Tensor,
    steps: int,
    *,
    size: int = 224,
    style_weight: float = 0.01,
    lr: float = 0.001,
) -> vgg.Result:
    """The result is size x size. steps: Adam's, one evaluation each."""
    content = F.interpolate(content, size=(size, size), mode="bilinear", antialias=True)
    style = F.interpolate(style, size=(size, size), mode="bilinear", antialias=True)
    with torch.no_grad():
        p = kept(weights, content)[CONTENT]
        targets = {i: gram(f) for i, f in kept(weights, style).items() if i in STYLE}
    x = content.clone().requires_grad_()
    optimiser = torch.optim.Adam([x], lr=lr)
    losses: list[float] = []
    terms: list[dict[str, float]] = []
    for _ in range(steps):
        found = kept(weights, x)
        content_term = (found[CONTENT] - p).square().mean()
        style_term = x.new_zeros(())
        for i in STYLE:
            style_term = style_term + (gram(found[i]) - targets[i]).square().mean()
        style_term = style_weight * style_term
        total = content_term + style_term
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        losses.append(total.item())
        terms.append({"content": content_term.item(), "style": style_term.item()})
    return vgg.Result(losses, x.detach(), terms)


def gram(f: Tensor) -> Tensor:
    """F Fᵀ for (1, C, H, W)."""
    columns = f.reshape(f.shape[1], f.shape[2] * f.shape[3])
    return columns @ columns.T


def kept(weights: dict[str, Tensor], x: Tensor) -> dict[int, Tensor]:
    """What the program keeps: the tensors that modules 0 to 28 return, by torchvision's index."""
    found: dict[int, Tensor] = {}
    index = 0
    for name in vgg.CONVS:
        if name.endswith("_1") and name != "conv1_1":
            x = F.max_pool2d(x, 2)
            index += 1
        x = F.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], padding=1)
        if index == CONTENT or index in STYLE:
            found[index] = x
        if index == max(STYLE):  # where the network is cut off
            break
        x = torch.relu_(x)  # in place: found[index] is this tensor
        index += 2
    return found
