"""Colour: keeping the photograph's, by luminance alone or by recolouring the style.

Three ways, all of pure functions on pictures (1, 3, H, W), sRGB in [0, 1]:

- paint `grey` pictures, the style's by `luminance`, and give the result its colours with `keep`
  (`keep` alone serves after any painting);
- `match` the style's mean and covariance to the photograph's before painting;
- match its `histogram`.

What leaves the gamut comes back along its chrominance: the luminance is clamped to [0, 1], then the
colour drawn towards the grey of that luminance, no further than it must be. A clamp channel by
channel would change hue and luminance instead.
"""

from __future__ import annotations

from typing import Any, Literal, cast

import torch
from torch import Tensor

from impasto.engine.canvas import Layered
from impasto.losses import moments

How = Literal["cholesky", "pca"]

# Y, I and Q, the rows, of R, G and B (NTSC 1953; FCC 47 CFR § 73.682). A grey has I = Q = 0, so
# that to change Y alone is to add the same to all channels.
YIQ = (
    (0.299, 0.587, 0.114),
    (0.5959, -0.2746, -0.3213),
    (0.2115, -0.5227, 0.3112),
)

# A style's deviation counts as this at least, four steps of 8 bits, in any direction. What varies
# by less is rounding or JPEG's blocks, which a greater gain would turn into blots of strong colour.
FLOOR = 4 / 255

_linalg = cast(Any, torch.linalg)  # which torch doesn't type


def grey(picture: Tensor) -> Tensor:
    """(1, 3, H, W): the luminance Y, three times."""
    return _luminance(picture).expand_as(picture)


def keep(painted: Tensor, photograph: Tensor) -> Tensor:
    """The painted picture's luminance Y with the photograph's chrominance I and Q, of one size.

        x' = y + s (p - Y(p)),    y = Y(x)

    where p is the photograph's colour and s is 1, or as much less as [0, 1] asks for: Y is always
    the painted one, and hue never turns.

    Gatys et al. 2017 (Controlling Perceptual Factors in Neural Style Transfer), section 5.1; the
    luma swap of many tools. YIQ, as there, because it is linear in sRGB: lightness of Lab kinds is
    nearer to the eye's, but the way back into the gamut then has no closed form.
    """
    return _in_gamut(_luminance(painted), photograph - _luminance(photograph))


def luminance(style: Layered, content: Layered) -> Tensor:
    """The style in grey, (1, 3, H, W), its luminance's mean and deviation matched to the content's.

        L' = σ_c / σ_s (L - μ_s) + μ_c, clamped to [0, 1]

    For painting a `grey` photograph, before `keep`; Gatys et al. 2017, section 5.1. σ_s counts as
    FLOOR at least: a flat style takes the content's mean.
    """
    weights = torch.tensor(YIQ[0], dtype=torch.float64)
    (mean, covariance), (mean_c, covariance_c) = _statistics(*style), _statistics(*content)
    deviation, wanted = (
        (weights @ matrix @ weights).clamp(min=0).sqrt() for matrix in (covariance, covariance_c)
    )
    gain = wanted / deviation.clamp(min=FLOOR)
    shift = weights @ mean_c - gain * (weights @ mean)
    matched = _luminance(style[0]) * gain.item() + shift.item()
    return matched.clamp(0, 1).expand_as(style[0])


def match(style: Layered, content: Layered, how: How = "pca") -> Tensor:
    """The style recoloured to the content's mean and covariance, as far as [0, 1] allows.

        x' = A (x - μ_s) + μ_c,    A Σ_s Aᵀ = Σ_c

    pca:       A = Σ_c^½ Σ_s^-½, with symmetric roots.
    cholesky:  A = L_c L_s⁻¹, with Σ = L Lᵀ and L lower triangular.

    Gatys et al. 2017, section 5.2 (2016, Preserving Color in Neural Artistic Style Transfer,
    section 2). Departure: Cholesky's, which depends on the order of the channels, is of Y, I and Q
    instead of R, G and B: luminance comes of luminance alone, chrominance of what is left.

    Σ_s's eigenvalues count as FLOOR² at least. Directions in which the style doesn't vary stay so:
    a grey style is toned along one line of the content's colours, a flat one takes their mean, and
    a grey content makes the style grey.
    """
    (mean, covariance), (mean_c, covariance_c) = _statistics(*style), _statistics(*content)
    values, vectors = _eigen(covariance, FLOOR**2)
    # Far below what shows: Cholesky's needs more than 0, and a grey's rounding may give less.
    values_c, vectors_c = _eigen(covariance_c, 1e-12)
    if how == "pca":
        matrix = _power(values_c, vectors_c, 0.5) @ _power(values, vectors, -0.5)
    else:
        basis = torch.tensor(YIQ, dtype=torch.float64)
        lower, lower_c = (
            cast(Tensor, _linalg.cholesky(basis @ _power(*pair, 1.0) @ basis.T))
            for pair in ((values, vectors), (values_c, vectors_c))
        )
        matrix = _linalg.inv(basis) @ lower_c @ _linalg.inv(lower) @ basis
    return _held(_applied(matrix, style[0], mean_c - matrix @ mean))


def histogram(style: Layered, content: Layered) -> Tensor:
    """The style with the content's histogram in each channel.

        x' = mean of Q_c(u) over F(x⁻) < u ≤ F(x)

    F is the style's cumulative distribution and Q_c the content's quantile function, pixels
    weighing as their alpha. A value's pixels all become one value, so flat areas stay flat, and the
    mean over its quantiles is nearest to all that they stand for: of as many pixels without ties,
    the result is the content's values in the style's order. Nothing leaves the content's range.
    Channels know nothing of each other: a coloured style stays coloured beside a grey content.

    Computed on the processor, in float64: CUDA's cumulative sums differ from run to run.
    """
    weights, weights_c = _visible(*style), _visible(*content)
    planes = [
        _quantiled(plane, weights, plane_c, weights_c)
        for plane, plane_c in zip(
            style[0].cpu().flatten(2)[0], content[0].cpu().flatten(2)[0], strict=True
        )
    ]
    return torch.stack(planes).view(style[0].shape).to(style[0])


def _quantiled(style: Tensor, weights: Tensor, content: Tensor, weights_c: Tensor) -> Tensor:
    """One channel, (N,) of weights (N,) to (M,) of weights (M,), in float64."""
    _, place, upto = _distribution(style, weights)
    seen = weights_c > 0
    wanted, _, ends = _distribution(content[seen], weights_c[seen])
    since = torch.cat([upto.new_zeros(1), upto[:-1]])
    widths = ends - torch.cat([ends.new_zeros(1), ends[:-1]])
    area = (wanted * widths).cumsum(0)  # ∫ Q_c from 0 to each end
    last = len(ends) - 1
    low = torch.searchsorted(ends, since, right=True).clamp(max=last)
    high = torch.searchsorted(ends, upto).clamp(max=last)
    whole = (area[high] - (ends[high] - upto) * wanted[high]) - (
        area[low] - (ends[low] - since) * wanted[low]
    )
    mean = whole / (upto - since).clamp(min=torch.finfo(whole.dtype).tiny)
    # Holds what rounding does to (nearly) weightless values, and gives those of no weight a value.
    return mean.clamp(wanted[low], wanted[high])[place]


def _distribution(values: Tensor, weights: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Values (K,), rising, each once; each pixel's place among them (N,); and F at them (K,)."""
    unique = cast(Any, torch).unique  # which torch types in part
    found, place = cast("tuple[Tensor, Tensor]", unique(values, return_inverse=True))
    sums = torch.bincount(place, weights).cumsum(0)
    return found.double(), place, sums / sums[-1]


def _visible(pixels: Tensor, alpha: Tensor | None) -> Tensor:
    """Each pixel's weight (N,), on the processor; alike where all or none of the picture shows."""
    if alpha is None or not alpha.any():
        return torch.ones(pixels.shape[2] * pixels.shape[3], dtype=torch.float64)
    return alpha.cpu().double().flatten()


def _statistics(pixels: Tensor, alpha: Tensor | None) -> tuple[Tensor, Tensor]:
    """Mean (3,) and covariance (3, 3) of the colours, in float64 on the processor."""
    seen = alpha if alpha is not None and alpha.any() else None
    sums = moments.gather(_double(pixels), None if seen is None else _double(seen))
    return sums.mean().cpu(), sums.covariance().cpu()


def _double(tensor: Tensor) -> Tensor:
    """In float64, which Apple's GPUs haven't: the processor does these."""
    return (tensor.cpu() if tensor.device.type == "mps" else tensor).double()


def _eigen(covariance: Tensor, floor: float) -> tuple[Tensor, Tensor]:
    """Eigenvalues (3,), `floor` at least, and eigenvectors, in columns (3, 3)."""
    values, vectors = cast("tuple[Tensor, Tensor]", _linalg.eigh(covariance))
    return values.clamp(min=floor), vectors


def _power(values: Tensor, vectors: Tensor, exponent: float) -> Tensor:
    return (vectors * values**exponent) @ vectors.T


def _applied(matrix: Tensor, pixels: Tensor, shift: Tensor) -> Tensor:
    """A x + b in every pixel."""
    columns = matrix.to(pixels) @ pixels.flatten(2) + shift.to(pixels)[:, None]
    return columns.view(pixels.shape)


def _luminance(pixels: Tensor) -> Tensor:
    """(1, 1, H, W)."""
    weights = pixels.new_tensor(YIQ[0]).view(1, 3, 1, 1)
    return (pixels * weights).sum(1, keepdim=True)


def _held(pixels: Tensor) -> Tensor:
    """Colours of any range, in the gamut."""
    y = _luminance(pixels)
    return _in_gamut(y.clamp(0, 1), pixels - y)


def _in_gamut(y: Tensor, chroma: Tensor) -> Tensor:
    """y + s chroma, for y (1, 1, H, W) in [0, 1] and the largest s in [0, 1] that stays there."""
    # The room of each channel on the side to which chroma pulls, by how far it pulls.
    room = torch.where(chroma > 0, 1 - y, y) / chroma.abs().clamp(min=1e-6)
    share = room.amin(1, keepdim=True).clamp(0, 1)
    return (y + share * chroma).clamp(0, 1)
