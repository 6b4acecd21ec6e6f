"""Total variation: how much neighbouring pixels differ.

All kinds are sums over pairs of neighbours, and so are their gradients, which are written down:
rows are gone through in strips, and no copy of the picture is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


@dataclass(frozen=True)
class Kind:
    """What each difference weighs, squared, or by its size where it is `absolute`.

    straight:  of neighbours left and right, above and below. diagonal: of the others.
    first:     what those along the first row and the first column weigh more. last: the last ones.
    """

    straight: float
    diagonal: float = 0.0
    first: float = 0.0
    last: float = 0.0
    absolute: bool = False


FULL = 512  # pixels of a long side, beyond which `scaled` is more than nine-point


def _nine_point(channels: int, height: int, width: int) -> Kind:
    number = channels * height * width
    # A diagonal neighbour beyond the border is, the border being replicated, one along it.
    return Kind(2 / 3 / number, 1 / 6 / number, last=1 / 3 / number)


def _scaled(channels: int, height: int, width: int) -> Kind:
    found = _nine_point(channels, height, width)
    more = max(1.0, max(height, width) / FULL) ** 2
    return Kind(found.straight * more, found.diagonal * more, last=found.last * more)


def _crowson2021(channels: int, height: int, width: int) -> Kind:
    places = channels * (height + 1) * (width + 1)
    straight = 2 / 3 / (channels * height * width)
    return Kind(straight, 1 / 6 / places, 1 / 3 / places, 1 / 3 / places)


KINDS: dict[str, Callable[[int, int, int], Kind]] = {
    "scaled": _scaled,
    "nine-point": _nine_point,
    "crowson2021": _crowson2021,
    "squared": lambda c, h, w: Kind(0.5, last=-0.5),
    "absolute": lambda c, h, w: Kind(1.0, absolute=True),
}
"""
scaled:       nine-point, beyond a long side of FULL pixels times its square over FULL's: there a
              picture of the same forms has the same variation at any size, where its neighbours
              differ ever less.
nine-point:   the mean squared difference of each pixel from its eight neighbours. Horizontal and
              vertical differences weigh 1/3 each, the two diagonals 1/12 each, and all are doubled,
              as in Crowson's style-transfer-pytorch (2021). Borders are replicated.
crowson2021:  as printed: the means of the diagonals are over all (H + 1) (W + 1) places that the
              replicated border makes, where those of the straight differences are over H W.
squared:      ½ Σ (dx² + dy²). Its gradient is the one that Johnson's neural-style (2015) adds,
              which never writes the loss down: both differences are taken at all pixels but the
              last row's and the last column's.
absolute:     Σ |dx| + Σ |dy| of all neighbours, as in neural-style-pt.
"""

ROOM = 2**18  # pixels of a strip on a processor, whose cache holds them


def variation(picture: Tensor, kind: str = "scaled", *, wraps: bool = False) -> Tensor:
    """The total variation of (1, C, H, W), a scalar; see KINDS.

    wraps: whether differences are taken across the border too, which then is none: crowson2021 is
    nine-point there.
    """
    return cast(Any, _Variation).apply(picture, kind, wraps)  # torch types no apply


class _Variation(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, picture: Tensor, kind: str, wraps: bool) -> Tensor:
        gradient = torch.zeros_like(picture)
        ctx.save_for_backward(gradient)
        return pull(picture, gradient, kind, wraps=wraps)

    @staticmethod
    @once_differentiable  # which types ctx otherwise than Function does
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *grads: Tensor
    ) -> tuple[Tensor, None, None]:
        (gradient,) = cast("tuple[Tensor]", ctx.saved_tensors)
        return grads[0] * gradient, None, None


@torch.no_grad()
def pull(
    picture: Tensor, gradient: Tensor, kind: str, weight: float = 1.0, *, wraps: bool = False
) -> Tensor:
    """`weight` times the variation of (1, C, H, W); its gradient is added to `gradient`."""
    _, channels, height, width = picture.shape
    weights = KINDS["nine-point" if wraps and kind == "crowson2021" else kind](
        channels, height, width
    )
    if wraps:
        weights = Kind(weights.straight, weights.diagonal, absolute=weights.absolute)
    room = ROOM if picture.device.type == "cpu" else 2**6 * ROOM
    step = max(1, room // width)
    total = picture.new_zeros(())
    for start in range(0, height, step):
        total = total + _strip(picture[0], gradient[0], start, step, weights, weight, wraps)
    return total


def _strip(
    picture: Tensor,
    gradient: Tensor,
    start: int,
    number: int,
    kind: Kind,
    weight: float,
    wraps: bool,
) -> Tensor:
    """The pairs of a strip's rows among themselves and with the row below. All (C, H, W)."""
    height = picture.shape[1]
    stop = min(start + number, height)
    x = picture[:, start : stop + 1]
    if wraps:
        if stop == height:
            x = torch.cat([x, picture[:, :1]], 1)
        x = torch.cat([x, x[..., :1]], 2)
    g = torch.zeros_like(x)
    own, across = stop - start, x.shape[2] - wraps
    total = x.new_zeros(())

    def pairs(one: Any, other: Any, share: float) -> None:
        nonlocal total
        if not share:
            return
        apart = x[one] - x[other]
        if kind.absolute:
            total = total + weight * share * apart.abs().sum()
            apart.sign_()
        else:
            total = total + weight * share * apart.square().sum()
        slope = weight * share * (1 if kind.absolute else 2)
        g[one].add_(apart, alpha=slope)
        g[other].sub_(apart, alpha=slope)

    every, to, after = slice(None), slice(None, -1), slice(1, None)
    pairs((every, slice(own), after), (every, slice(own), to), kind.straight)
    pairs((every, after, slice(across)), (every, to, slice(across)), kind.straight)
    pairs((every, after, after), (every, to, to), kind.diagonal)
    pairs((every, after, to), (every, to, after), kind.diagonal)
    for column, share in ((0, kind.first), (-1, kind.last)):
        pairs((every, after, column), (every, to, column), share)
    if start == 0:
        pairs((every, 0, after), (every, 0, to), kind.first)
    if stop == height:
        pairs((every, -1, after), (every, -1, to), kind.last)
    if wraps:
        g[..., 0] += g[..., -1]
        g = g[..., :-1]
        if stop == height:
            gradient[:, 0] += g[:, -1]
            g = g[:, :-1]
    gradient[:, start : start + g.shape[1]] += g
    return total
