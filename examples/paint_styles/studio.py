"""The paint box: noise, colour ramps, flow fields, brush strokes and the light on the relief."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.float32]
Rng = np.random.Generator

LONG_SIDE = 1280  # the brush sizes in the paintings are in pixels of a picture this long


# --------------------------------------------------------------------------------- noise


def resize(a: Array, width: int, height: int) -> Array:
    """Resample a map smoothly (bicubic)."""
    image = Image.fromarray(np.asarray(a, np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC), np.float32)


def noise(rng: Rng, h: int, w: int, cell: float, octaves: int = 3, stretch: float = 1.0) -> Array:
    """Fractal value noise in 0..1; `cell` is its largest grain in pixels, wider by `stretch`."""
    total = np.zeros((h, w), np.float32)
    for k in range(octaves):
        size = max(cell / 2**k, 1.0)
        gh, gw = int(h / size) + 3, int(w / (size * stretch)) + 3
        total += resize(rng.random((gh, gw), np.float32), w, h) / 2**k
    return normalise(total)


def normalise(a: Array, low: float = 1.0, high: float = 99.0) -> Array:
    """Stretch a map so that its percentiles `low` and `high` become 0 and 1."""
    lo, hi = np.percentile(a[:: max(1, a.shape[0] // 200)], [low, high])
    return np.clip((a - lo) / max(hi - lo, 1e-6), 0, 1).astype(np.float32)


def blur(a: Array, sigma: float) -> Array:
    """Gaussian blur through the Fourier transform, with mirrored edges."""
    pad = int(3 * sigma) + 1
    padded = np.pad(a, pad, mode="symmetric")
    fy = np.fft.fftfreq(padded.shape[0])[:, None]
    fx = np.fft.rfftfreq(padded.shape[1])[None, :]
    kernel = np.exp(-2 * (np.pi * sigma) ** 2 * (fx**2 + fy**2))
    out = np.fft.irfft2(np.fft.rfft2(padded) * kernel, padded.shape)
    return out[pad:-pad, pad:-pad].astype(np.float32)


def distance(mask: NDArray[np.bool_], reach: int) -> Array:
    """Distance in pixels to the nearest true pixel, exact up to `reach`."""
    h, w = mask.shape
    far = float(h + w)
    rows = np.arange(h, dtype=np.float32)[:, None]
    last = np.maximum.accumulate(np.where(mask, rows, -far), axis=0)
    following = np.minimum.accumulate(np.where(mask, rows, far + h)[::-1], axis=0)[::-1]
    column = np.minimum(rows - last, following - rows) ** 2
    padded = np.pad(column, ((0, 0), (reach, reach)), constant_values=far**2)
    best = column.copy()
    for dx in range(-reach, reach + 1):
        np.minimum(best, padded[:, reach + dx : reach + dx + w] + dx * dx, out=best)
    return np.sqrt(best).astype(np.float32)


def outlines(label: NDArray[np.int_]) -> NDArray[np.bool_]:
    """The pixels whose right or lower neighbour carries another label."""
    edge = np.zeros(label.shape, bool)
    edge[:-1] |= label[:-1] != label[1:]
    edge[:, :-1] |= label[:, :-1] != label[:, 1:]
    return edge


def smoothstep(lo: float | Array, hi: float | Array, x: Array) -> Array:
    """0 below `lo`, 1 above `hi`, an S curve between."""
    t = np.clip((x - lo) / (hi - lo), 0, 1)
    return t * t * (3 - 2 * t)


# -------------------------------------------------------------------------------- colour


def rgb(code: str) -> Array:
    """`1d2a5c` as three floats in 0..1."""
    return np.array([int(code[i : i + 2], 16) for i in (0, 2, 4)], np.float32) / 255


def ramp(codes: str) -> Array:
    """A 256-step gradient through colours given as hexadecimal codes."""
    stops = np.array([rgb(c) for c in codes.split()])
    at = np.linspace(0, 1, len(stops))
    steps = np.linspace(0, 1, 256)
    return np.stack([np.interp(steps, at, stops[:, k]) for k in range(3)], 1).astype(np.float32)


def pick(gradient: Array, t: float | Array) -> Array:
    """The colour(s) of a ramp at t in 0..1."""
    return gradient[np.clip(np.asarray(t) * 255, 0, 255).astype(int)]


# --------------------------------------------------------------------------- flow fields


def streaks(source: Array, angle: Array, length: int) -> Array:
    """Smear a map along a direction field, so that its light and dark follow the flow."""
    h, w = source.shape
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    dx, dy = np.cos(angle), np.sin(angle)
    total = source.copy()
    for sign in (-1, 1):
        x, y = xx.copy(), yy.copy()
        for _ in range(length // 2):
            iy = np.clip(y, 0, h - 1).astype(np.int32)
            ix = np.clip(x, 0, w - 1).astype(np.int32)
            x += sign * dx[iy, ix]
            y += sign * dy[iy, ix]
            total += source[np.clip(y, 0, h - 1).astype(int), np.clip(x, 0, w - 1).astype(int)]
    return total / (2 * (length // 2) + 1)


def trace(start: Array, angle: Array, length: Array, steps: int = 14) -> Array:
    """Follow the field from many points at once: paths of shape (n, steps + 1, 2)."""
    h, w = angle.shape
    path = [start.astype(np.float32)]
    step = (length / steps)[:, None]
    for _ in range(steps):
        p = path[-1]
        a = angle[np.clip(p[:, 1], 0, h - 1).astype(int), np.clip(p[:, 0], 0, w - 1).astype(int)]
        path.append(p + step * np.stack([np.cos(a), np.sin(a)], 1))
    return np.stack(path, 1)


def scatter(rng: Rng, h: int, w: int, spacing: float) -> Array:
    """Points that cover the picture evenly but not regularly, in random order."""
    ys, xs = np.mgrid[
        -0.5 * spacing : h + spacing : spacing, -0.5 * spacing : w + spacing : spacing
    ]
    points = np.stack([xs.ravel(), ys.ravel()], 1)
    points = points + rng.uniform(-0.6, 0.6, points.shape) * spacing
    return rng.permutation(points).astype(np.float32)


# ------------------------------------------------------------------------------- strokes


@dataclass
class Brush:
    """How a tool lays paint down; lengths are in widths of the stroke, the rest in 0..1."""

    bristle: float = 0.7  # how much the bristles show in colour and relief
    dry: float = 0.3  # how soon the paint breaks up towards the end
    ridge: float = 0.4  # paint pushed up along the sides
    head: float = 0.35  # length of the rounded start
    tail: float = 0.7  # length of the tapering end
    ragged: float = 0.12  # how uneven the sides and ends are
    thick: float = 1.0  # height of the paint


OIL = Brush()
KNIFE = Brush(bristle=0.28, dry=0.12, ridge=0.75, head=0.16, tail=0.3, ragged=0.035, thick=1.9)
FINE = Brush(bristle=0.35, dry=0.1, head=0.8, tail=2.0, ragged=0.02, thick=0.8)


@dataclass
class Touch:
    """One stroke, rasterised: where it lies, how opaque it is, its streaks and its height."""

    box: tuple[slice, slice]
    alpha: Array
    streak: Array
    height: Array


def bristle_bank(rng: Rng) -> Array:
    """Long streaks of many widths, from which each stroke takes its own bristle marks."""
    fine = resize(rng.random((20, 260), np.float32), 400, 1600)
    coarse = resize(rng.random((16, 90), np.float32), 400, 1600)
    grain = rng.random((1600, 400), np.float32)
    return normalise(0.55 * fine + 0.6 * coarse + 0.12 * grain)


@dataclass
class Canvas:
    """Colour and height of the paint so far."""

    rng: Rng
    colour: Array
    height: Array = field(init=False)
    bank: Array = field(init=False)

    def __post_init__(self) -> None:
        self.height = np.zeros(self.colour.shape[:2], np.float32)
        self.bank = bristle_bank(self.rng)

    @property
    def scale(self) -> float:
        """Pixels of this picture per pixel of the reference size."""
        return max(self.height.shape) / LONG_SIDE

    def touch(self, path: Array, width: float, brush: Brush) -> Touch | None:
        """Rasterise a stroke: sample it along and across, then gather the samples by pixel."""
        h, w = self.height.shape
        seg = np.hypot(*np.diff(path, axis=0).T)
        arc = np.concatenate([[0], np.cumsum(seg)])
        if arc[-1] < 1.5:
            return None
        # A bend spreads the samples on its outer side, so a bent stroke needs more of them.
        aim = np.unwrap(np.arctan2(*np.diff(path, axis=0).T[::-1]))
        bend = np.abs(np.diff(aim)).max(initial=0) / (arc[-1] / len(seg))
        n = int(arc[-1] / 0.5 * min(1 + 0.5 * width * bend, 3)) + 2
        m = int(width / 0.5) + 2
        s = np.linspace(0, arc[-1], n, dtype=np.float32)
        x, y = np.interp(s, arc, path[:, 0]), np.interp(s, arc, path[:, 1])
        # Turn smoothly between the points of the path, or wedges open on the outside of a bend.
        turn = np.interp(s, 0.5 * (arc[:-1] + arc[1:]), aim)
        tx, ty = np.cos(turn), np.sin(turn)
        t = np.linspace(-1, 1, m, dtype=np.float32)

        # The outline: rounded where the brush lands, tapering where it lifts.
        head = np.clip(s / (brush.head * width + 1), 0, 1)
        tail = np.clip((arc[-1] - s) / (brush.tail * width + 1), 0, 1)
        half = 0.5 * width * np.sqrt(1 - (1 - head) ** 2) * (1 - (1 - tail) ** 2) ** 0.7
        row, col = self.rng.integers(0, 1600 - 1), self.rng.integers(0, 400 - 1)
        fur = self.bank[(row + np.arange(n)) % 1600][:, (col + np.arange(m)) % 400]
        px = (x[:, None] - (ty * half)[:, None] * t).ravel()
        py = (y[:, None] + (tx * half)[:, None] * t).ravel()

        # Bristles run out of paint one by one, and the sides are uneven.
        along = (s / arc[-1])[:, None]
        edge = 1 - np.abs(t)[None, :] - brush.ragged * (1 - fur)
        load = 1.05 - brush.dry * (0.25 + 1.5 * along**2) * (1.6 - 1.5 * fur)
        # They neither land nor lift all at once, so the ends are ragged too.
        front = along * arc[-1] / width - 3.2 * brush.ragged * fur[:1]
        back = (1 - along) * arc[-1] / width - 5 * brush.ragged * fur[-1:, ::-1]
        ends = smoothstep(0, 2 / width, front) * smoothstep(0, 3 / width, back)
        alpha = smoothstep(0, min(0.12, 3 / width), edge) * smoothstep(0.3, 0.62, load) * ends
        lip = np.exp(-(((np.abs(t) - 0.82) / 0.16) ** 2))[None, :]
        end = np.exp(-(((along - 0.96) * arc[-1] / width) ** 2) * 12)
        relief = 0.55 + brush.bristle * 1.3 * (fur - 0.5) + brush.ridge * (0.7 * lip + 0.6 * end)
        relief = brush.thick * relief * smoothstep(0.0, 0.25, edge)

        ix, iy = np.floor(px).astype(np.int32), np.floor(py).astype(np.int32)
        x0, y0 = max(int(ix.min()), 0), max(int(iy.min()), 0)
        x1, y1 = min(int(ix.max()) + 1, w), min(int(iy.max()) + 1, h)
        if x1 <= x0 or y1 <= y0:
            return None
        inside = (ix >= x0) & (ix < x1) & (iy >= y0) & (iy < y1)
        at = ((iy - y0) * (x1 - x0) + ix - x0)[inside]
        size, shape = (y1 - y0) * (x1 - x0), (y1 - y0, x1 - x0)
        # A sample stands for as much area as its row is wide: narrow ends must not count double.
        weight = np.repeat(half / (0.5 * width), m)[inside]

        def gather(values: Array) -> Array:
            samples = values.ravel()[inside] * weight
            return np.bincount(at, samples, size).reshape(shape).astype(np.float32)

        count = np.bincount(at, weight, size).reshape(shape).astype(np.float32)
        each = 1 / np.maximum(count, 1e-6)
        cover = np.clip(count / 1.6, 0, 1)
        return Touch(
            (slice(y0, y1), slice(x0, x1)),
            gather(alpha) * each * cover,
            gather(np.broadcast_to(fur, alpha.shape)) * each,
            gather(relief) * each,
        )

    def stroke(
        self,
        path: Array,
        width: float,
        colour: Array,
        second: Array | None = None,
        brush: Brush = OIL,
    ) -> None:
        """Lay down paint; `second` is a colour not fully mixed in, which shows in the streaks."""
        mark = self.touch(np.asarray(path, np.float32), width, brush)
        if mark is None:
            return
        second = colour if second is None else second
        a = mark.alpha[..., None]
        mix = smoothstep(0.35, 0.85, mark.streak)[..., None]
        tone = 1 + brush.bristle * 0.22 * (mark.streak[..., None] - 0.5)
        paint = (colour + mix * (second - colour)) * tone
        here = self.colour[mark.box]
        here += a * (paint - here)
        under = self.height[mark.box]
        # New paint buries most, but not all, of the relief beneath it.
        under += mark.alpha * (0.3 * under + mark.height - under)

    def lit(self, depth: float = 1.0, gloss: float = 0.12, weave: float = 0.05) -> Array:
        """The picture with light from the upper left raking over the relief."""
        h, w = self.height.shape
        s = self.scale
        yy, xx = np.mgrid[0:h, 0:w].astype(np.float32) / s
        threads = np.sin(xx * 1.9) * np.cos(yy * 0.95) + np.cos(xx * 0.95) * np.sin(yy * 1.9)
        relief = self.height + weave * threads
        fine, broad = blur(relief, 0.7 * s), blur(relief, 2.2 * s)
        gy, gx = np.gradient((0.75 * fine + 0.6 * broad) * s)
        slope = gx * 0.66 + gy * 0.75
        shade = np.clip(1 + depth * 0.85 * slope, 0.45, 1.5)
        hollow = np.clip(blur(relief, 5 * s) - relief, 0, 1)
        out = self.colour * (shade * (1 - 0.22 * depth * hollow))[..., None]
        shine = np.clip(slope * depth - 0.16, 0, 0.6) ** 1.3
        out = out + gloss * 2.2 * shine[..., None] * (1 - np.clip(out, 0, 1))
        return np.clip(out, 0, 1)


def save(picture: Array, path: Path) -> None:
    """Write a JPEG, at quality 90 unless that takes more than 700 KB."""
    data = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
    for quality in (90, 88, 86, 84):
        buffer = io.BytesIO()
        Image.fromarray(data).save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() < 700_000:
            break
    path.write_bytes(buffer.getvalue())
