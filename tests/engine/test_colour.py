"""Colour against numpy's statistics, in pictures that have all colours, few, one and none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from impasto.engine import canvas, colour
from impasto.engine.colour import How
from impasto.engine.objective import Layered
from impasto.picture import Picture

Scene = Callable[..., Picture]
Columns = NDArray[np.float64]
LUMA = np.array([0.299, 0.587, 0.114])
HOWS: tuple[How, ...] = ("pca", "cholesky")
WAYS: dict[str, Callable[[Layered, Layered], Tensor]] = {
    "pca": lambda s, c: colour.match(s, c, "pca"),
    "cholesky": lambda s, c: colour.match(s, c, "cholesky"),
    "luminance": colour.luminance,
    "histogram": colour.histogram,
}


def tensor(picture: Picture) -> Tensor:
    return canvas.to_tensor(picture, torch.device("cpu"))[0]


def columns(pixels: Tensor) -> Columns:
    """(3, N)"""
    return pixels.double().numpy().reshape(3, -1)


def flat(*rgb: float) -> Tensor:
    return torch.tensor(rgb, dtype=torch.float32).view(1, 3, 1, 1).expand(1, 3, 6, 8).contiguous()


def soft(scene: Scene, width: int, height: int, seed: int) -> Tensor:
    """Mid tones, which stay in the gamut."""
    return 0.35 + 0.3 * tensor(scene(width, height, seed))


def mask(height: int, width: int) -> Tensor:
    return torch.rand(1, 1, height, width, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("weighted", [False, True])
def test_match_gives_the_contents_mean_and_covariance(
    scene: Scene, how: How, weighted: bool
) -> None:
    style, content = soft(scene, 40, 30, 1), soft(scene, 28, 36, 2)
    alphas = (mask(30, 40), mask(36, 28)) if weighted else (None, None)
    matched = colour.match((style, alphas[0]), (content, alphas[1]), how)
    assert matched.dtype == torch.float32 and matched.shape == style.shape
    assert matched.min() > 0.02 and matched.max() < 0.98  # so that nothing was held
    mine, wanted = (
        (
            np.average(columns(x), axis=1, weights=w),
            np.cov(columns(x), ddof=0, aweights=w),
        )
        for x, w in zip(
            (matched, content),
            (None if a is None else a.numpy().ravel() for a in alphas),
            strict=True,
        )
    )
    np.testing.assert_allclose(mine[0], wanted[0], atol=1e-6)
    np.testing.assert_allclose(mine[1], wanted[1], atol=1e-7)


def test_match_is_of_the_kind_asked_for(scene: Scene) -> None:
    """pca: Σ_c = Σ_s changes nothing. cholesky: a pixel's luminance decides its luminance."""
    style, content = soft(scene, 40, 30, 1), soft(scene, 28, 36, 2)
    a, *_ = np.linalg.lstsq(
        np.vstack([columns(style), np.ones(1200)]).T,
        columns(colour.match((style, None), (content, None), "pca")).T,
    )
    s, c = (np.linalg.eigh(np.cov(columns(x), ddof=0)) for x in (style, content))
    root = (c[1] * c[0] ** 0.5) @ c[1].T @ (s[1] * s[0] ** -0.5) @ s[1].T
    np.testing.assert_allclose(a[:3].T, root, atol=1e-4)
    matched = colour.match((style, None), (content, None), "cholesky")
    before, after, wanted = (LUMA @ columns(x) for x in (style, matched, content))
    gain = wanted.std() / before.std()
    np.testing.assert_allclose(after, (before - before.mean()) * gain + wanted.mean(), atol=1e-5)


@pytest.mark.parametrize("how", HOWS)
def test_grey_and_colour_match_sensibly(scene: Scene, how: How) -> None:
    """A grey style is toned along one line of colours; a grey content takes colour away."""
    coloured, other = soft(scene, 40, 30, 1), colour.grey(soft(scene, 40, 30, 2))
    toned = colour.match((other, None), (coloured, None), how)
    spread = np.linalg.svd(columns(toned) - columns(toned).mean(1, keepdims=True))[1]
    assert spread[1] < 1e-4 * spread[0]
    assert np.corrcoef(LUMA @ columns(toned), columns(other)[0])[0, 1] > 0.999
    np.testing.assert_allclose(columns(toned).mean(1), columns(coloured).mean(1), atol=1e-5)
    greyed = columns(colour.match((coloured, None), (other, None), how))
    assert np.ptp(greyed, axis=0).max() < 1e-4
    assert greyed.std() == pytest.approx(columns(other).std(), rel=1e-3)


@pytest.mark.parametrize("how", HOWS)
def test_rounding_does_not_become_colour(scene: Scene, how: How) -> None:
    """Grain of half a step of 8 bits is held to a quarter of the content's spread."""
    grain = torch.rand(1, 3, 30, 40, generator=torch.Generator().manual_seed(4)) / 255
    matched = colour.match((0.5 + grain, None), (tensor(scene(40, 30, 1)), None), how)
    assert matched.std() < 0.25 * tensor(scene(40, 30, 1)).std()


def test_luminance_has_the_contents_mean_and_deviation(scene: Scene) -> None:
    style, content = soft(scene, 40, 30, 1), soft(scene, 28, 36, 2)
    alpha = mask(36, 28)
    matched = columns(colour.luminance((style, None), (content, alpha)))
    wanted, weights = LUMA @ columns(content), alpha.numpy().ravel()
    mean = np.average(wanted, weights=weights)
    deviation = np.average((wanted - mean) ** 2, weights=weights) ** 0.5
    assert np.ptp(matched, axis=0).max() == 0
    before = LUMA @ columns(style)
    wanted = (before - before.mean()) / before.std() * deviation + mean
    np.testing.assert_allclose(matched[0], wanted, atol=1e-6)


def test_keep_swaps_luminance(scene: Scene) -> None:
    """Luminance is the painted one everywhere; chrominance the photograph's, or a share of it."""
    painted, photograph = tensor(scene(40, 30, 1)), tensor(scene(40, 30, 2))
    kept = columns(colour.keep(painted, photograph))
    assert kept.min() >= 0 and kept.max() <= 1
    np.testing.assert_allclose(LUMA @ kept, LUMA @ columns(painted), atol=1e-6)
    chroma, wanted = kept - LUMA @ kept, columns(photograph) - LUMA @ columns(photograph)
    share = (chroma * wanted).sum(0) / (wanted**2).sum(0)
    np.testing.assert_allclose(chroma, share * wanted, atol=1e-6)
    inside = (
        (LUMA @ columns(painted) + wanted).clip(0, 1) == LUMA @ columns(painted) + wanted
    ).all(0)
    assert 0.2 < inside.mean() < 0.95
    np.testing.assert_allclose(share[inside], 1, atol=1e-4)
    edge = np.minimum(kept, 1 - kept).min(0)  # no more is given up than must be
    assert share[~inside].max() < 1 and edge[~inside].max() < 1e-6


def test_keep_of_a_picture_with_itself_is_the_picture(scene: Scene) -> None:
    picture = tensor(scene(40, 30, 1))
    torch.testing.assert_close(colour.keep(picture, picture), picture, rtol=0, atol=1e-6)
    torch.testing.assert_close(
        colour.keep(picture, flat(0, 0, 0)[..., :1, :1]), colour.grey(picture)
    )
    for end in (flat(0, 0, 0), flat(1, 1, 1)):
        torch.testing.assert_close(colour.keep(end, end), end)


def test_what_is_out_of_gamut_keeps_luminance_and_hue(scene: Scene) -> None:
    """Matched to a content of strong contrast, a channel-wise clamp would turn hues."""
    style, content = tensor(scene(40, 30, 1)), (tensor(scene(40, 30, 2)) > 0.5).float()
    matched = columns(colour.match((style, None), (content, None), "cholesky"))
    before, wanted = (LUMA @ columns(x) for x in (style, content))
    free = (before - before.mean()) * wanted.std() / before.std() + wanted.mean()
    assert free.min() < 0 and free.max() > 1
    np.testing.assert_allclose(LUMA @ matched, free.clip(0, 1), atol=1e-5)


def test_histogram_is_the_contents(scene: Scene) -> None:
    """As many pixels: its values, in the style's order. k times as many: means of k neighbours."""
    generator = torch.Generator().manual_seed(0)
    style = torch.rand(1, 3, 12, 10, generator=generator)
    for k in (1, 3):
        content = tensor(scene(10 * k, 12, 2))
        matched = columns(colour.histogram((style, None), (content, None)))
        wanted = np.sort(columns(content)).reshape(3, 120, k).mean(2)
        np.testing.assert_allclose(np.sort(matched), wanted, atol=1e-7)
        order = np.argsort(columns(style))
        assert (np.diff(np.take_along_axis(matched, order, 1)) >= 0).all()


def test_histogram_gives_equal_values_one_value(scene: Scene) -> None:
    """Ties take their quantiles' mean: 1 of 4 pixels is dark, and gets the lowest quarter's."""
    style = flat(0.6, 0.6, 0.6).clone()
    style[..., :2] = 0.2
    content = tensor(scene(16, 12, 2))
    matched = colour.histogram((style, None), (content, None))
    low, high = np.split(np.sort(columns(content)), [48], axis=1)
    np.testing.assert_allclose(matched[0, :, :, :2], broadcast(low.mean(1), 6, 2), atol=1e-6)
    np.testing.assert_allclose(matched[0, :, :, 2:], broadcast(high.mean(1), 6, 6), atol=1e-6)


def broadcast(values: Columns, height: int, width: int) -> Columns:
    return np.broadcast_to(values[:, None, None], (3, height, width))


def test_histogram_counts_a_pixel_by_its_alpha(scene: Scene) -> None:
    """Weights of 1, 2 and 3 are as good as pixels there once, twice and thrice."""
    style, content = tensor(scene(10, 8, 1)), tensor(scene(9, 7, 2))
    generator = torch.Generator().manual_seed(2)
    times = [
        torch.randint(1, 4, (x.shape[2] * x.shape[3],), generator=generator)
        for x in (style, content)
    ]
    weights = [
        (n / 3).view(1, 1, *x.shape[2:]) for n, x in zip(times, (style, content), strict=True)
    ]
    repeated = [
        x.flatten(2).repeat_interleave(n, dim=2)[:, :, None]
        for n, x in zip(times, (style, content), strict=True)
    ]
    weighted = colour.histogram((style, weights[0]), (content, weights[1])).flatten(2)
    plain = colour.histogram((repeated[0], None), (repeated[1], None))[:, :, 0]
    torch.testing.assert_close(weighted.repeat_interleave(times[0], dim=2), plain)


def test_histogram_gives_hidden_pixels_colours_that_show(scene: Scene) -> None:
    """However hidden, and however dark or light there."""
    style, content = soft(scene, 40, 30, 1), soft(scene, 40, 30, 2)
    alpha = torch.ones(1, 1, 30, 40)
    alpha[..., 20:30], alpha[..., 30:] = 0, 1e-12
    style[..., 20:25], style[..., 25:30] = 0, 1
    content[..., 20:25], content[..., 25:30] = 0, 1
    matched = columns(colour.histogram((style, alpha), (content, alpha)))
    seen = columns(content)[:, alpha.numpy().ravel() > 0]
    assert (matched.min(1) >= seen.min(1)).all() and (matched.max(1) <= seen.max(1)).all()
    order = np.argsort(columns(style))
    assert (np.diff(np.take_along_axis(matched, order, 1)) >= 0).all()


@pytest.mark.parametrize("way", WAYS)
def test_what_is_hidden_carries_no_weight(scene: Scene, way: str) -> None:
    """Half of each picture transparent is as good as cropped."""
    style, content = tensor(scene(40, 30, 1)), tensor(scene(28, 36, 2))
    alphas = (torch.ones(1, 1, 30, 40), torch.ones(1, 1, 36, 28))
    for alpha in alphas:
        alpha[..., 20:] = 0
    whole = WAYS[way]((style, alphas[0]), (content, alphas[1]))
    cropped = WAYS[way]((style[..., :20], None), (content[..., :20], None))
    torch.testing.assert_close(whole[..., :20], cropped, rtol=0, atol=1e-6)
    assert (cropped - WAYS[way]((style, None), (content, None))[..., :20]).abs().max() > 0.01
    assert whole.isfinite().all() and whole.min() >= 0 and whole.max() <= 1


@pytest.mark.parametrize("way", WAYS)
def test_the_flat_and_the_nearly_invisible_match_sensibly(scene: Scene, way: str) -> None:
    """A flat style takes the content's mean; a content of one colour gives all that colour."""
    content = tensor(scene(8, 6, 2))
    one = torch.zeros(1, 1, 6, 8)
    one[..., 2, 3] = 0.5
    run = WAYS[way]

    def shown(colours: Tensor) -> Tensor:
        return (colour.grey(colours) if way == "luminance" else colours).expand_as(content)

    mean = shown(content.mean((2, 3), keepdim=True))
    for style in (flat(0.2, 0.7, 0.4), flat(0.9, 0.3, 0.7), flat(0, 0, 0), flat(1, 1, 1)):
        for many, alpha in ((style, None), (style.repeat(1, 1, 5, 4), mask(30, 32))):
            found = run((many, alpha), (content, None))  # the latter's sums are rounded
            wanted = mean[..., :1, :1].expand_as(many)
            torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)
    for gone in (flat(0.2, 0.7, 0.4), flat(1, 0, 0), flat(0, 0, 0)):
        found = run((content, None), (gone, None))
        torch.testing.assert_close(found, shown(gone), rtol=0, atol=1e-5)
    found = run((content, None), (content, one))
    torch.testing.assert_close(found, shown(content[..., 2:3, 3:4]), rtol=0, atol=1e-5)
    found = run((content, one), (content, None))
    torch.testing.assert_close(found[..., 2, 3], mean[..., 2, 3], rtol=0, atol=1e-5)
    nothing = torch.zeros(1, 1, 6, 8)
    for last in (found, run((content, nothing), (content, nothing))):
        assert last.isfinite().all() and last.min() >= 0 and last.max() <= 1
