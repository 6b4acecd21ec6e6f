"""Pictures made of pieces: a mosaic of stones and a leaded window."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw
from studio import (
    Array,
    Canvas,
    Rng,
    blur,
    distance,
    noise,
    normalise,
    outlines,
    pick,
    ramp,
    resize,
    rgb,
    scatter,
    smoothstep,
    streaks,
)

# -------------------------------------------------------------------------------- mosaic


def filled(points: Array, w: int, h: int) -> Array:
    """The mask of a polygon whose points are in units of the picture's height."""
    image = Image.new("1", (w, h))
    ImageDraw.Draw(image).polygon([tuple(p) for p in np.asarray(points) * h], fill=1)
    return np.asarray(image)


def rounded(points: list[tuple[float, float]], times: int = 4) -> Array:
    """A closed polygon with its corners cut again and again."""
    p = np.array(points)
    for _ in range(times):
        q = np.roll(p, -1, 0)
        p = np.stack([0.8 * p + 0.2 * q, 0.2 * p + 0.8 * q], 1).reshape(-1, 2)
    return p


def ribbon(axis: Array, half: Array) -> Array:
    """The outline of a band of varying half width around a line."""
    tx, ty = np.gradient(axis[:, 0]), np.gradient(axis[:, 1])
    n = np.stack([-ty, tx], 1) / np.hypot(tx, ty)[:, None]
    return np.concatenate([axis + n * half[:, None], (axis - n * half[:, None])[::-1]])


class Stones:
    """Sets stones in rows along the contours of a field, never one upon another."""

    def __init__(self, canvas: Canvas, rng: Rng) -> None:
        self.canvas, self.rng = canvas, rng
        self.taken = np.zeros(canvas.height.shape, bool)
        self.rough = noise(rng, *canvas.height.shape, 5 * canvas.scale, 2)

    def place(
        self,
        at: Array,
        angle: float,
        size: tuple[float, float],
        allowed: Array,
        paint: Callable[[int, int], Array],
    ) -> bool:
        """Set one stone with its centre at `at`, if there is room for it."""
        h, w = self.taken.shape
        k, rng = self.canvas.scale, self.rng
        reach = int(0.75 * sum(size)) + 2
        cx, cy = int(at[0]), int(at[1])
        if not (0 <= cx < w and 0 <= cy < h) or self.taken[cy, cx] or not allowed[cy, cx]:
            return False
        box = (
            slice(max(cy - reach, 0), min(cy + reach, h)),
            slice(max(cx - reach, 0), min(cx + reach, w)),
        )
        yy, xx = np.mgrid[box].astype(np.float32)
        c, s = np.cos(angle), np.sin(angle)
        u = (xx - at[0]) * c + (yy - at[1]) * s
        v = (yy - at[1]) * c - (xx - at[0]) * s
        skew = rng.normal(0, 0.1, 4)
        inside = np.maximum(
            np.abs(u + skew[2] * v) - 0.5 * size[0] * (1 + skew[0] * v / size[1]),
            np.abs(v + skew[3] * u) - 0.5 * size[1] * (1 + skew[1] * u / size[0]),
        )
        cover = inside < 0
        blocked = cover & (self.taken[box] | ~allowed[box])
        if blocked.sum() > 0.14 * max(cover.sum(), 1):
            return False
        # A stone that meets a neighbour is cut to fit.
        inside = np.where(self.taken[box] | ~allowed[box], 9, inside)
        self.taken[box] |= inside < 0.9 * k
        inside = inside / k + 1.3 * (self.rough[box] - 0.5)
        alpha = smoothstep(0.5, -0.6, inside)[..., None]
        colour = paint(cx, cy) * (1 + rng.normal(0, 0.075)) + rng.normal(0, 0.014, 3)
        tilt = rng.normal(0, 0.022, 2)
        face = 1 + 0.3 * (self.rough[box] - 0.5) + 2.2 * (tilt[0] * u + tilt[1] * v) / k * 0.5
        here = self.canvas.colour[box]
        here += alpha * (colour * face[..., None] - here)
        dome = 2.3 * smoothstep(0.3, -3.2, inside) + (tilt[0] * u + tilt[1] * v) / k
        dome += 0.5 * self.rough[box]
        self.canvas.height[box] += alpha[..., 0] * (dome - self.canvas.height[box])
        return True

    def fill(
        self, level: Array, allowed: Array, size: float, paint: Callable[[int, int], Array]
    ) -> None:
        """Cover a region with rows of stones `size` apart along the contours of `level`."""
        h, w = level.shape
        gy, gx = np.gradient(blur(level, 0.25 * size))
        rows = level / size
        near = np.abs(rows - np.floor(rows) - 0.5) < 0.08
        seeds = np.argwhere(near & allowed)
        # Rows nearest the outline first: they carry the drawing.
        order = np.lexsort((self.rng.random(len(seeds)), np.floor(rows[tuple(seeds.T)])))
        for sy, sx in seeds[order][:: max(1, int(size / 5))]:
            if self.taken[sy, sx]:
                continue
            target = (np.floor(rows[sy, sx]) + 0.5) * size
            for way in (1, -1):
                p = np.array([sx, sy], np.float32)
                if way < 0:
                    p = self._step(p, -0.98 * size, gx, gy, level, target)
                for _ in range(400):
                    ix, iy = int(p[0]), int(p[1])
                    if not (0 <= ix < w and 0 <= iy < h):
                        break
                    length = size * self.rng.uniform(0.78, 1.12)
                    angle = np.arctan2(gx[iy, ix], -gy[iy, ix])
                    stone = (length, size * self.rng.uniform(0.8, 0.88))
                    if not self.place(p, float(angle), stone, allowed, paint):
                        break
                    p = self._step(p, way * (length * 0.5 + size * 0.6), gx, gy, level, target)
        # Chips fill what the rows left open.
        for fraction in (0.8, 0.55, 0.36):
            chance = scatter(self.rng, h, w, size * fraction * 0.4)
            ix, iy = np.clip(chance.astype(int), 0, (w - 1, h - 1)).T
            room = distance(self.taken | ~allowed, int(size)) > 0.34 * fraction * size
            for p in chance[room[iy, ix]]:
                ix, iy = np.clip(p.astype(int), 0, (w - 1, h - 1))
                if not self.taken[iy, ix]:
                    angle = float(np.arctan2(gx[iy, ix], -gy[iy, ix]))
                    chip = size * fraction * self.rng.uniform(0.8, 1.1, 2)
                    self.place(p, angle, (chip[0], chip[1]), allowed, paint)

    @staticmethod
    def _step(p: Array, by: float, gx: Array, gy: Array, level: Array, target: float) -> Array:
        """Walk along a contour, then correct back onto it."""
        h, w = level.shape
        for correct in (False, True):
            ix, iy = int(np.clip(p[0], 0, w - 1)), int(np.clip(p[1], 0, h - 1))
            g = np.array([gx[iy, ix], gy[iy, ix]])
            g2 = float(g @ g) + 1e-6
            if correct:
                p = p + g * np.clip((target - level[iy, ix]) / g2, -6, 6)
            else:
                p = p + by * np.array([-g[1], g[0]]) / np.sqrt(g2)
        return p


def mosaic(rng: Rng, size: int) -> Array:
    """A golden fish leaping before a terracotta sun, over teal waves."""
    w, h = size, int(size * 0.8)
    k = size / 1280
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    x, y = xx / h, yy / h
    canvas = Canvas(rng, np.broadcast_to(rgb("2a211c"), (h, w, 3)).copy())
    canvas.colour *= (0.7 + 0.5 * noise(rng, h, w, 6 * k, 2))[..., None]
    stones = Stones(canvas, rng)
    patch = noise(rng, h, w, 120 * k, 3)

    # The drawing: region numbers, later shapes over earlier ones.
    region = np.zeros((h, w), np.int32)
    sx, sy = 0.83, 0.37
    d = np.hypot(x - sx, y - sy)
    region[d < 0.315] = 1
    region[d < 0.235] = 2
    waves = [0.66, 0.735, 0.815, 0.9]
    for i, level in enumerate(waves):
        phase = 5.2 * x + 1.9 * i
        crest = level + 0.035 * np.sin(phase) + 0.018 * np.sin(2 * phase + 0.9)
        region[y > crest] = 10 + 2 * i
        region[(y > crest) & (y < crest + 0.028)] = 11 + 2 * i
    s = np.linspace(0, 1, 90)
    turn = np.radians(205 + 165 * s)
    axis = np.stack([0.60 + 0.36 * np.cos(turn), 0.62 + 0.40 * np.sin(turn)], 1)
    half = 0.108 * np.sin(np.pi * np.clip(s * 0.93 + 0.045, 0, 1) ** 1.25) ** 0.75 + 0.012
    along = np.argmin(
        np.hypot(x[::4, ::4, None] - axis[::2, 0], y[::4, ::4, None] - axis[::2, 1]), 2
    )
    along = resize(along.astype(np.float32) / 45, w, h)
    for fins, tag in (
        ([(0.36, 0.33), (0.43, 0.13), (0.56, 0.07), (0.70, 0.09), (0.66, 0.25)], 5),
        ([(0.62, 0.40), (0.60, 0.52), (0.70, 0.56), (0.72, 0.38)], 5),
        ([(0.30, 0.58), (0.36, 0.66), (0.45, 0.62), (0.42, 0.46)], 5),
    ):
        region[filled(np.array(fins), w, h)] = tag
    tail = axis[0]
    lobes = np.array([(0.03, -0.02), (-0.19, 0.02), (-0.14, 0.09), (-0.05, 0.13), (-0.07, 0.24),
                      (0.04, 0.2), (0.06, 0.06)])  # fmt: skip
    region[filled(tail + lobes * 0.95, w, h)] = 5
    region[filled(ribbon(axis, half), w, h)] = 3
    inner = (region == 3) & (along > 0.79)
    region[inner] = 4
    ex, ey = axis[81] + np.array([0.035, -0.03])
    for radius, tag in ((0.030, 6), (0.016, 7)):
        region[np.hypot(x - ex, y - ey) < radius] = tag

    # For each region: colours, size of stone, and which fields steer tone and rows.
    cream = ramp("b98a5c d8b483 ead2a4 f4e6c6 f2dfb4")
    gold = ramp("6e4310 a86a14 d89a22 f2c23e fbe184 fff6cc")
    terra = ramp("5a1a12 8c2f1c b84a2a d66f40 e89a68")
    teal = ramp("06222c 0a4450 0f6a70 2a9490 6cbcae b8e0cc")
    blue = ramp("081a3c 123a70 1c6096 3c90b4 8cc8cc")
    black = ramp("0a0c12 1c1e28 30303a")
    centre = resize(distance(region[::4, ::4] == -1, 1), w, h) * 0 + d * h
    rays = 0.5 + 0.5 * np.sin(np.arctan2(y - sy, x - sx) * 20 + 7 * d)
    scale = 0.5 + 0.5 * np.sin(along * 70)
    plan: dict[int, tuple[Array, float, Array, Array | None]] = {
        7: (black, 9, patch, None),
        6: (cream, 9, patch, None),
        4: (gold, 13, 0.25 + 0.6 * patch, None),
        3: (gold, 14, np.zeros_like(x), None),
        5: (terra, 13, 0.2 + 0.7 * patch, None),
        2: (terra, 19, 0.95 - 2.4 * d + 0.25 * (patch - 0.5), centre),
        1: (gold, 17, 0.35 + 0.5 * rays, centre),
        0: (cream, 19, 0.55 + 0.5 * (patch - 0.5), None),
    }
    for i in range(4):
        plan[11 + 2 * i] = (teal, 14, 0.7 + 0.4 * patch, None)
        plan[10 + 2 * i] = ((teal, blue)[i % 2], 18, 0.62 - 0.12 * i + 0.4 * (patch - 0.5), None)
    back = normalise(-(y - np.interp(along, s, axis[:, 1])))
    body = 0.1 + 0.75 * (1 - back) + 0.35 * (scale - 0.5)
    for tag, (tint, stone, tone, field) in plan.items():
        mask = region == tag
        if field is None:
            edge = distance(~np.pad(mask, 4, mode="edge")[::4, ::4], int(90 * k))
            field = np.maximum(4 * resize(edge, (w + 8) // 4 * 4, (h + 8) // 4 * 4)[4:h+4, 4:w+4] - 1, 0)
        tone = body if tag == 3 else tone

        def paint(px: int, py: int, tint: Array = tint, tone: Array = tone, tag: int = tag) -> Array:
            t = tone[py, px] + rng.normal(0, 0.11)
            if tag == 0 and rng.random() < 0.07:
                return pick(gold, rng.uniform(0.4, 0.9))
            if tag >= 10 and rng.random() < 0.08:
                return pick((blue, teal, gold)[rng.integers(3)], rng.uniform(0.3, 0.9))
            if tag == 3:
                return pick(blue if t < 0.3 else gold if t < 0.85 else cream, t)
            return pick(tint, t)

        stones.fill(field + 0.0, mask, stone * k, paint)
    return canvas.lit(depth=0.8, gloss=0.2, weave=0.0)


# ------------------------------------------------------------------------- stained glass


def stained_glass(rng: Rng, size: int) -> Array:
    """A great flower of coloured panes with the light behind it."""
    w, h = int(size * 0.8), size
    k = size / 1280
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    # Nothing in an old window is quite straight or round.
    bent = [0.03 * (noise(rng, h, w, h * 0.28, 2) - 0.5) for _ in range(2)]
    x, y = xx / h - 0.4 + bent[0], yy / h - 0.40 + bent[1]
    r, a = np.hypot(x, y), np.arctan2(y, x)

    def petals(many: int, inner: float, outer: float, turn: float, sharp: float) -> Array:
        return inner + (outer - inner) * np.abs(np.cos(0.5 * many * (a + turn))) ** sharp

    def sector(many: float, turn: Array | float) -> Array:
        return np.floor((a + turn) / (2 * np.pi) * many).astype(np.int64)

    # Panes are what lies between the curves: each ring has its own outline and divisions.
    family = np.zeros((h, w), np.int64)
    part = np.zeros((h, w), np.int64)
    swirl = a + 1.1 * r + 0.25 * np.sin(9 * r)
    part[:] = np.floor(swirl / (2 * np.pi) * 22).astype(np.int64) * 10
    arcs = r + 0.03 * np.sin(5 * a + 1)
    part += np.digitize(arcs, [0.47, 0.56, 0.66, 0.78]) + (part // 10 % 2) * 0
    rings = [
        (1, np.full_like(r, 0.395), sector(28, 0.05), None),
        (2, np.full_like(r, 0.345), sector(16, np.pi / 16), None),
        (3, petals(16, 0.20, 0.335, 0.0, 0.6), sector(16, np.pi / 16), 0.27),
        (4, petals(8, 0.13, 0.25, np.pi / 8, 0.55), sector(8, np.pi / 4), 0.175),
        (5, petals(8, 0.075, 0.15, 0.0, 0.6), sector(8, np.pi / 8), None),
        (6, np.full_like(r, 0.07), sector(8, 0.0), 0.035),
    ]
    for tag, outline, sectors, split in rings:
        inside = r < outline
        family[inside] = tag
        inner = 0 if split is None else (r < split + 0.02 * np.cos(16 * a)).astype(np.int64)
        part[inside] = (sectors * 10 + inner)[inside]
    # Leaves and hills at the foot.
    for i, (level, tilt) in enumerate(((0.43, 0.25), (0.475, -0.3), (0.53, 0.1))):
        ground = level + tilt * x * 0.6 + 0.04 * np.sin(6 * x + 2 * i)
        below = y > ground
        family[below] = 7 + i
        part[below] = np.floor((x * 7 + 1.2 * y * (1 if i % 2 else -1) + 0.3 * i))[below]
    for side in (-1, 1):
        for lx, ly, length, lean in ((0.0, 0.56, 0.33, -0.75), (0.0, 0.60, 0.26, -0.2), (0, .5, .2, -1.15)):
            c, s = np.cos(lean), np.sin(lean)
            px, py = side * (x - lx), y - ly
            u, v = (px * c + py * s) / length, (py * c - px * s) / length
            v = v + 0.22 * u * (1 - u)
            leaf = (u > 0) & (u < 1) & (np.abs(v) < 0.26 * np.sin(np.pi * np.clip(u, 0, 1) ** 0.8))
            family[leaf] = 10
            part[leaf] = (side * 8 + (v > 0) * 2 + (u > 0.52 + 0.3 * v) * 1)[leaf] + int(ly * 1000)
    stem = np.abs(x - 0.012 * np.sin(14 * y)) < 0.0105
    trunk = stem & (y > 0.39) & (family != 0)
    family[trunk], part[trunk] = 11, np.floor(y * 9)[trunk]

    label = family * 100_000 + part
    _, pane = np.unique(label, return_inverse=True)
    pane = pane.reshape(label.shape)
    many = int(pane.max()) + 1
    kind = np.zeros(many, np.int64)
    kind[pane.ravel()] = family.ravel()
    palettes = [
        "0a1a5c 14338c 1d55b4 2f86c8 6fb8d8 3a2a8a",  # sky
        "f0c030 e89818 f6dc70 d86a14",  # outer ring
        "6a1a6a 8a2a8c 4a1a7a b04a9c",  # violet ring
        "b80f1c d8281c e8502a a00a2a",  # big petals
        "f07820 f89a30 e85a18 fbb850",  # middle petals
        "d82a5c f05a80 b81a50 f88aa0",  # inner petals
        "f8d850 fff0a8 f0b028 fff6d0",  # heart
        "0c6a58 128a70 2aa88a 0a5048",  # far hill
        "2a7a24 4a9a2c 86b83c 1a5a28",  # middle hill
        "0c4a4c 146a70 1a3a6c 2a8a94",  # near water
        "5ab42c 8acc3c 2e8a2c c0dc58",  # leaves
        "a8c83c 7aa82c",  # stem
    ]
    choice = np.zeros((many, 3), np.float32)
    for i in range(many):
        codes = palettes[kind[i]].split()
        colour, other = rgb(codes[rng.integers(len(codes))]), rgb(codes[rng.integers(len(codes))])
        choice[i] = colour + 0.35 * rng.random() * (other - colour)
    colour = choice[pane]

    # The glass: streaks that run another way in each pane, waves, seeds, and uneven thickness.
    sheets = []
    for turn in np.linspace(0, np.pi, 5, endpoint=False):
        grain = noise(rng, h, w, 26 * k, 3)
        direction = turn + 0.8 * noise(rng, h, w, 260 * k, 2)
        sheets.append(normalise(streaks(grain, direction, int(90 * k))))
    sheet = np.choose(rng.integers(0, 5, many)[pane], sheets)
    cloud = noise(rng, h, w, 110 * k, 3)
    seeds = smoothstep(0.93, 1.0, noise(rng, h, w, 7 * k, 1))
    gap = distance(outlines(pane), int(42 * k)) / k
    bold = distance(outlines(family), int(16 * k)) / k
    light = 0.55 + 0.75 * sheet * (0.6 + 0.5 * cloud) + 0.42 * np.exp(-((r / 0.3) ** 2))
    light *= 0.52 + 0.48 * smoothstep(0, 26, gap)
    # Thin glass is paler as well as brighter: raise to a power rather than scale alone.
    depth = 1.45 - 0.75 * sheet * (0.5 + 0.7 * cloud)
    glass = colour ** depth[..., None] * light[..., None]
    glass += 0.18 * (seeds * sheet)[..., None]

    lead = np.maximum(5.2 + 1.6 * cloud - gap, 8.4 + 2.0 * cloud - bold)
    cover = smoothstep(-0.8, 0.8, lead)[..., None]
    joint = blur(cover[..., 0], 9 * k)
    canvas = Canvas(rng, np.zeros((h, w, 3), np.float32))
    canvas.height = np.sqrt(np.clip(lead, 0, 9)) * 1.1 + 0.5 * noise(rng, h, w, 5 * k, 2)
    canvas.height += 2.0 * smoothstep(0.62, 0.85, joint)
    canvas.colour[:] = rgb("26272b") * (0.7 + 0.6 * noise(rng, h, w, 9 * k, 2))[..., None]
    metal = canvas.lit(depth=0.9, gloss=0.22, weave=0)
    picture = glass + cover * (metal - glass)
    # Light spills over the leads.
    for c in range(3):
        picture[..., c] += 0.2 * blur(np.clip(glass[..., c] - 0.25, 0, 1), 12 * k)
    return picture
