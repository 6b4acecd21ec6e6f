"""Regions: what masks say, against the shapes they were drawn from, and loops over positions."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from impasto.engine import palette, regions
from impasto.engine.regions import Region, Source
from impasto.errors import OptionError, PictureError
from impasto.networks.layout import Weights
from impasto.networks.vgg import VGG
from impasto.picture import Picture

Array = NDArray[np.float64]
RED, GREEN, BLUE, CYAN = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 255, 255)
PURPLE, BLACK, WHITE = (128, 0, 128), (0, 0, 0), (255, 255, 255)


def drawn(colours: Array) -> Picture:
    """Of colours (H, W, 3) from 0 to 255."""
    return Picture(np.moveaxis(colours.round() / 255, -1, 0).astype(np.float32))


def flat(*colours: tuple[int, int, int], width: int = 24, height: int = 24) -> Picture:
    """Stripes, each of a width."""
    row = np.repeat(np.array(colours, np.float64), width, 0)
    return drawn(np.tile(row, (height, 1, 1)))


def shapes(width: int, height: int) -> Array:
    """(3, H, W): how much of each pixel is a disc, what is under a slope, the rest."""
    fine = 8  # samples a side
    y, x = (np.mgrid[0 : height * fine, 0 : width * fine] + 0.5) / fine
    disc = (x - 0.35 * width) ** 2 + (y - 0.4 * height) ** 2 < (0.25 * height) ** 2
    below = ~disc & (y > 0.6 * height + 0.3 * x)
    cover = np.stack([disc, below, ~disc & ~below]).astype(np.float64)
    return cover.reshape(3, height, fine, width, fine).mean((2, 4))


def mixed(cover: Array, colours: list[tuple[int, int, int]]) -> Array:
    return np.einsum("khw,kc->hwc", cover, np.array(colours, np.float64))


def jpeg(picture: Picture, quality: int) -> Picture:
    file = BytesIO()
    picture.to_pil().save(file, "JPEG", quality=quality)
    pixels = np.asarray(Image.open(file).convert("RGB"), np.float64)
    return drawn(pixels)


def found(picture: Picture, colours: list[tuple[int, int, int]]) -> Array:
    """The masks of exactly these colours, each give or take compression, in this order."""
    parts = palette.split(picture)
    assert len(parts.colours) == len(colours)
    at = [int(np.abs(np.array(parts.colours) - c).sum(1).argmin()) for c in colours]
    assert np.abs(np.array(parts.colours)[at] - colours).max() <= 6
    masks = parts.masks.double().numpy()
    assert masks.min() >= 0
    np.testing.assert_allclose(masks.sum(0), 1, atol=1e-6)
    return masks[at]


# A third colour that the other two mix to, and one whose edges pass through others' mixtures.
@pytest.mark.parametrize("colours", [[RED, BLUE, PURPLE], [RED, CYAN, BLACK]])
@pytest.mark.parametrize(
    ("made", "wrong"),
    [
        (lambda cover, of: drawn(mixed(cover, of)), 0.002),
        (lambda cover, of: drawn(mixed((cover == cover.max(0)) / 1.0, of)), 0.012),
        (lambda cover, of: jpeg(drawn(mixed(cover, of)), 75), 0.012),
        (lambda cover, of: jpeg(drawn(mixed(cover, of)), 25), 0.035),
    ],
    ids=["antialiased", "sharp", "jpeg", "poor jpeg"],
)
def test_masks_are_the_shapes_they_show(
    made: Callable[[Array, list[tuple[int, int, int]]], Picture],
    wrong: float,
    colours: list[tuple[int, int, int]],
) -> None:
    cover = shapes(150, 110)
    picture = made(cover, colours)
    masks = found(picture, colours)
    assert np.abs(masks - cover).sum(0).mean() / 2 < wrong  # share of the picture that is off
    np.testing.assert_allclose(masks.mean((1, 2)), cover.mean((1, 2)), atol=wrong / 2)
    again = palette.split(picture)
    assert again.colours == palette.split(picture).colours
    assert torch.equal(again.masks, palette.split(picture).masks)


def test_an_edge_is_of_what_meets_there() -> None:
    """Red and blue mix to purple, which is a region elsewhere."""
    ramp = np.linspace(0, 1, 5)[1:-1, None]
    between = [np.array(a) + ramp * (np.array(b) - a) for a, b in ((RED, BLUE), (BLUE, PURPLE))]
    stripes = [np.tile(np.array(c, np.float64), (20, 1)) for c in (RED, BLUE, PURPLE, GREEN)]
    row = np.concatenate([stripes[0], between[0], stripes[1], between[1], *stripes[2:]])
    red, blue, purple, green = found(drawn(np.tile(row, (30, 1, 1))), [RED, BLUE, PURPLE, GREEN])
    assert 0.7 < red[9, 20] < 0.8 and red[9, 21] == pytest.approx(0.5, abs=0.01)
    assert not purple[:, :30].any() and not green[:, :66].any()
    np.testing.assert_allclose(blue[9, 20:23], 1 - red[9, 20:23], atol=1e-6)
    np.testing.assert_allclose(blue[9, 43:46] + purple[9, 43:46], 1, atol=1e-6)


def test_a_soft_edge_is_no_region() -> None:
    """60 pixels from red to blue; half as many of purple are a region all the same."""
    ramp = np.array(RED) + np.linspace(0, 1, 60)[:, None] * (np.array(BLUE) - RED)
    ends = [np.tile(np.array(c, np.float64), (40, 1)) for c in (RED, BLUE)]
    row = np.concatenate([ends[0], ramp, ends[1]])
    red, _ = found(drawn(np.tile(row, (20, 1, 1))), [RED, BLUE])
    np.testing.assert_allclose(red[9, 40:100], np.linspace(1, 0, 60), atol=0.05)
    row = np.concatenate([row, np.tile(np.array(PURPLE, np.float64), (30, 1))])
    found(drawn(np.tile(row, (20, 1, 1))), [RED, BLUE, PURPLE])


def test_grain_is_no_region() -> None:
    """Of a scanned mask, say: no colour in it stands out, and yet it has two."""
    colours = [(200, 60, 60), (60, 60, 200)]
    clean = flat(*colours, width=60, height=80)
    grain = np.random.default_rng(0).normal(0, 9, clean.pixels.shape) / 255
    parts = palette.split(Picture((clean.pixels + grain).astype(np.float32)))
    apart = np.abs(np.array(sorted(parts.colours)) - sorted(colours))
    assert apart.shape == (2, 3) and apart.max() < 20
    assert float(parts.masks.amax(0).mean()) > 0.99


def test_greys_are_partly_black_and_white() -> None:
    row = np.concatenate(
        [np.zeros(20), np.linspace(0, 255, 60), np.full(20, 128), np.full(20, 255)]
    )
    mask = drawn(np.repeat(np.tile(row, (20, 1))[:, :, None], 3, 2))
    for picture in (mask, jpeg(mask, 60)):
        _, white = found(picture, [BLACK, WHITE])
        np.testing.assert_allclose(white[9], row / 255, atol=0.06)
        assert not white[9, :18].any() and (white[9, -18:] == 1).all()
    transparent = Picture(np.ones_like(mask.pixels), mask.pixels[0])
    assert torch.equal(palette.split(transparent).masks, palette.split(mask).masks)


def test_a_photograph_is_no_mask(scene: Callable[..., Picture]) -> None:
    with pytest.raises(
        PictureError, match=r"^a mask is not made of a few flat colours \(.*; give one"
    ):
        palette.split(scene(200, 150, 1))


def test_regions_pair_by_colour() -> None:
    content = flat(RED, GREEN, BLUE)
    first, second = flat((240, 10, 12), BLUE), flat(BLUE, CYAN)
    made, notes = regions.pair(content, [first, second, None], [3.0, 1.0, 2.0])
    names = ["region #0000ff (blue)", "region #00ff00 (green)", "region #ff0000 (red)"]
    assert sorted(r.name for r in made) == names
    blue, green, red = sorted(made, key=lambda region: region.name)
    assert [(s.style, s.share) for s in red.sources] == [(0, 3.0)]
    assert [(s.style, s.share) for s in blue.sources] == [(0, 3.0), (1, 1.0)]
    assert [(s.style, s.share, s.mask) for s in green.sources] == [(2, 2.0, None)]
    right, left = blue.sources[0].mask, blue.sources[1].mask
    assert right is not None and left is not None and red.mask is not None
    assert right[0, 0, 5, 40] == 1 and right[0, 0, 5, 8] == 0
    reds = red.sources[0].mask
    assert reds is not None and reds[0, 0, 5, 40] == 0 and reds[0, 0, 5, 8] == 1
    assert left[0, 0, 5, 40] == 0 and left[0, 0, 5, 8] == 1
    assert red.mask[0, 0, 5, 8] == 1 and red.mask.sum() == 24 * 24
    assert notes == ("region #00ffff (cyan) of style 2 is not in the photograph's mask: unused",)


def test_what_cannot_be_paired() -> None:
    lone = (
        r"^the mask has a region #ff0000 \(red\) that no style mask has \(they have #0000ff \(blu"
    )
    with pytest.raises(OptionError, match=lone):
        regions.pair(flat(RED, BLUE), [flat(BLUE)])
    with pytest.raises(
        OptionError, match=lone
    ):  # the only style that could serve it weighs nothing
        regions.pair(flat(RED, BLUE), [flat(BLUE), None], [1.0, 0.0])
    with pytest.raises(OptionError, match=lone):
        regions.pair(flat(RED, BLUE), [flat(BLUE), flat(RED)], [1.0, 0.0])
    with pytest.raises(OptionError, match="the photograph has none; give"):
        regions.pair(None, [None, flat(BLUE)])
    _, notes = regions.pair(flat(BLUE), [flat(BLUE), None])
    assert notes == ("style 2 has no mask, and styles with masks serve all regions: unused",)
    with pytest.raises(OptionError, match=r"^the mask is 24x24 where its picture is 25x24; g"):
        regions.check_shape(flat(BLUE), flat(BLUE, width=25))
    regions.check_shape(flat(BLUE), flat(BLUE, width=241, height=240))


def layered(width: int, height: int, alpha: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
    return torch.zeros(1, 3, height, width), alpha


def test_without_masks_there_is_one_region_of_weight_one() -> None:
    made, notes = regions.pair(None, [None, None], [1.0, 3.0])
    styles = [layered(40, 40), layered(16, 50)]
    at, more = regions.at_layers(made, layered(20, 32), styles, ["relu1_1", "relu5_1"])
    assert notes == more == ()  # however few positions there are
    for layer in ("relu1_1", "relu5_1"):
        (region,) = at[layer]
        sources = [(s.style, s.share, s.mask) for s in region.sources]
        assert region.mask is None
        assert sources == [(0, 1.0, None), (1, 3.0, None)]
    alpha = torch.zeros(1, 1, 32, 20)
    alpha[0, 0, 0, 0] = 0.1  # hardly anything shows: that is what is painted
    at, more = regions.at_layers(made, layered(20, 32, alpha), styles, ["relu5_1"])
    assert len(at["relu5_1"]) == 1 and more == ()
    at, more = regions.at_layers(made, layered(20, 32, 0 * alpha), styles, ["relu5_1"])
    assert at == {"relu5_1": ()}
    assert more == ("the whole picture is too small at every layer: left out",)


def test_a_mask_is_as_large_as_the_features_are_where_poolings_round_up(lite: Weights) -> None:
    """And a last odd row's value is the mean of what there is of it."""
    mask = torch.rand(1, 1, 45, 39, generator=torch.Generator().manual_seed(0))
    for layer in ("conv2_1", "conv4_1"):
        features = VGG(lite, rounding="up")(mask.expand(1, 3, 45, 39), [layer])[layer]
        at = regions.at_layer(mask, layer, up=True)
        assert at is not None and at.shape[2:] == features.shape[2:]
        side = 2 ** (int(layer[4]) - 1)
        wanted = mask[0, 0, 45 // side * side :, 39 // side * side :].mean()
        torch.testing.assert_close(at[0, 0, -1, -1], wanted)


def test_a_mask_at_a_layer_is_the_mean_of_what_its_features_stand_for() -> None:
    generator = torch.Generator().manual_seed(0)
    mask, alpha, other = torch.rand(3, 1, 1, 45, 39, generator=generator).unbind()
    made = [Region("a", mask, (Source(0, 1.0, other),)), Region("b", None, (Source(0, 1.0, None),))]
    content, style = layered(39, 45, alpha), layered(39, 45)
    at, _ = regions.at_layers(made, content, [style], ["conv3_1"])
    a, b = at["conv3_1"]
    for got, pixels in ((a.mask, mask * alpha), (b.mask, alpha), (a.sources[0].mask, other)):
        assert got is not None and got.shape == (1, 1, 11, 9)
        for y in range(11):
            for x in range(9):
                cell = [
                    float(pixels[0, 0, 4 * y + i, 4 * x + j]) for i in range(4) for j in range(4)
                ]
                assert float(got[0, 0, y, x]) == pytest.approx(sum(cell) / 16, abs=1e-5)
    assert b.sources[0].mask is None


def test_resizing_keeps_what_sums_to_one() -> None:
    """And is a mean where it shrinks: of 4 by 4 pixels, and a part of their neighbours."""
    parts = palette.split(drawn(mixed(shapes(120, 80), [RED, GREEN, BLUE]))).masks[None]
    for size in ((30, 20), (77, 91), (240, 160)):
        small = regions.resized(parts, *size)
        assert small.shape == (1, 3, size[1], size[0])
        assert small.min() >= 0
        torch.testing.assert_close(small.sum(1), torch.ones(1, size[1], size[0]))
        torch.testing.assert_close(small.mean((2, 3)), parts.mean((2, 3)), atol=0.01, rtol=0)

    fine = (
        (torch.arange(80) % 4 == 0).float().expand(1, 1, 80, 80)
    )  # stripes that a sample would miss
    inner = regions.resized(fine, 20, 20)[..., 1:-1]
    torch.testing.assert_close(inner, torch.full_like(inner, 0.25), atol=0.05, rtol=0)


def test_too_small_regions_are_left_out_and_named() -> None:
    """A square of 16 pixels is 4 positions at relu4_1 where it lies on the grid, else fewer."""
    mask, rest = torch.zeros(1, 1, 96, 96), torch.ones(1, 1, 96, 96)
    mask[:, :, 32:48, 32:48] = 1
    whole = Source(0, 1.0, None)
    made = [Region("the square", mask, (whole,)), Region("the rest", rest - mask, (whole,))]
    layers = ["relu3_1", "relu4_1", "relu5_1"]
    at, notes = regions.at_layers(made, layered(96, 96), [layered(96, 96)], layers)
    assert [len(at[k]) for k in layers] == [2, 2, 1]
    assert notes == ("the square is too small at relu5_1: left out there",)
    shifted = [Region("the square", mask.roll(4, 3), (whole,))]
    at, notes = regions.at_layers(shifted, layered(96, 96), [layered(96, 96)], layers)
    assert [len(at[k]) for k in layers] == [1, 0, 0]
    assert notes == ("the square is too small at relu4_1, relu5_1: left out there",)
    # Half seen, it is a quarter of that; and faint everywhere it is none, however many positions.
    half, faint = torch.full_like(rest, 0.5), [Region("faint", rest * 0.1, (whole,))]
    at, _ = regions.at_layers(made, layered(96, 96, half), [layered(96, 96)], layers)
    assert [len(at[k]) for k in layers] == [2, 1, 1]
    at, notes = regions.at_layers(faint, layered(96, 96), [layered(96, 96)], layers[1:])
    assert notes == ("faint is too small at every layer: left out",)
    # Of two sources the one that is too small goes; without the other, the region does.
    sources = (Source(0, 1.0, mask), Source(1, 1.0, rest))
    both = [Region("it", rest, sources), Region("that", rest, sources[:1])]
    at, notes = regions.at_layers(both, layered(96, 96), [layered(96, 96)] * 2, layers[1:])
    assert [[s.style for s in r.sources] for k in layers[1:] for r in at[k]] == [[0, 1], [0], [1]]
    assert notes == (
        "it of style 1 is too small at relu5_1: left out there",
        "that of style 1 is too small at relu5_1: left out there",
    )


def test_protection_keeps_the_photograph() -> None:
    row = np.concatenate([np.zeros(8), np.linspace(0, 255, 8), np.full(8, 255)])
    keep = regions.protection(drawn(np.repeat(np.tile(row, (16, 1))[:, :, None], 3, 2)))
    photograph, painted = torch.rand(2, 1, 3, 16, 24, generator=torch.Generator().manual_seed(0))
    shown = regions.protect(painted, photograph, keep)
    assert torch.equal(shown[..., :8], painted[..., :8])
    assert torch.equal(shown[..., 16:], photograph[..., 16:])
    share = torch.from_numpy(row.round() / 255).float()
    torch.testing.assert_close(shown, photograph * share + painted * (1 - share))
    assert regions.protect(painted, photograph, None) is painted
    alpha = torch.full((1, 1, 16, 24), 0.5)
    free = regions.unprotected((photograph, alpha), keep)
    assert free is not None
    torch.testing.assert_close(free[0, 0, 3], 0.5 * (1 - share))
    assert regions.unprotected((photograph, alpha), None) is alpha
    free = regions.unprotected(layered(48, 32), keep)
    assert free is not None and free.shape == (1, 1, 32, 48) and free[0, 0, 0, 0] == 1
    with pytest.raises(PictureError, match="white everywhere, which keeps all"):
        regions.protection(flat(WHITE))
    half = Picture(np.ones((3, 8, 8), np.float32), np.full((8, 8), 0.5, np.float32))
    torch.testing.assert_close(regions.protection(half), torch.full((1, 1, 8, 8), 0.5))
