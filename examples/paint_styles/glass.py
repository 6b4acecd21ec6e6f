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
        tilt = rng.normal(0, 0.03, 2)
        face = 1 + 0.3 * (self.rough[box] - 0.5) + 2.2 * (tilt[0] * u + tilt[1] * v) / k * 0.5
        here = self.canvas.colour[box]
        here += alpha * (colour * face[..., None] - here)
        dome = 1.7 * smoothstep(0.3, -2.4, inside) + (tilt[0] * u + tilt[1] * v) / k
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
    sx, sy = 0.33, 0.27
    d = np.hypot(x - sx, y - sy)
    region[d < 0.225] = 1
    region[d < 0.145] = 2
    waves = [0.66, 0.735, 0.815, 0.9]
    for i, level in enumerate(waves):
        phase = 5.2 * x + 1.9 * i
        crest = level + 0.035 * np.sin(phase) + 0.018 * np.sin(2 * phase + 0.9)
        region[y > crest] = 10 + 2 * i
        region[(y > crest) & (y < crest + 0.028)] = 11 + 2 * i
    s = np.linspace(0, 1, 90)
    turn = np.radians(196 + 158 * s)
    axis = np.stack([0.70 + 0.36 * np.cos(turn), 0.66 + 0.43 * np.sin(turn)], 1)
    half = 0.118 * np.sin(np.pi * np.clip(s * 0.93 + 0.05, 0, 1) ** 1.3) ** 0.8 + 0.010
    along = np.argmin(
        np.hypot(x[::4, ::4, None] - axis[::2, 0], y[::4, ::4, None] - axis[::2, 1]), 2
    )
    along = resize(along.astype(np.float32) / 45, w, h)
    side = -np.hypot(x - 0.70, (y - 0.66) * 0.36 / 0.43) + 0.36  # below the axis is positive
    tail = axis[1]
    fins = [
        [(0.52, 0.26), (0.50, 0.12), (0.60, 0.04), (0.76, 0.03), (0.92, 0.10), (0.94, 0.22)],
        [(0.80, 0.40), (0.72, 0.46), (0.69, 0.58), (0.76, 0.60), (0.86, 0.52), (0.88, 0.40)],
        [(0.47, 0.32), (0.47, 0.50), (0.55, 0.55), (0.60, 0.50), (0.60, 0.30)],
        [tail + p for p in ((0.03, -0.06), (-0.10, -0.05), (-0.23, -0.13), (-0.20, 0.02),
                            (-0.06, 0.10), (-0.07, 0.24), (0.05, 0.19), (0.06, 0.05))],
    ]  # fmt: skip
    for fin in fins:
        region[filled(rounded(fin), w, h)] = 5
    region[filled(ribbon(axis, half), w, h)] = 3
    region[(region == 3) & (along + 0.5 * side > 0.79)] = 4
    gill = np.abs(along + 0.5 * side - 0.79) < 0.011
    region[((region == 3) | (region == 4)) & gill] = 8
    ex, ey = axis[78] + np.array([0.028, -0.018])
    for radius, tag in ((0.034, 8), (0.025, 6), (0.014, 7)):
        region[np.hypot(x - ex, y - ey) < radius] = tag
    # The mouth, and the white water where the fish goes in.
    mx, my = axis[89]
    foam = np.hypot((x - mx) * 0.75, y - my - 0.05)
    region[(foam < 0.115) & (region >= 10) & (np.cos(foam * 160) > -0.2)] = 9

    # For each region: colours, size of stone, and which fields steer tone and rows.
    cream = ramp("b98a5c d8b483 ead2a4 f4e6c6 f2dfb4")
    gold = ramp("6e4310 a86a14 d89a22 f2c23e fbe184 fff6cc")
    terra = ramp("5a1a12 8c2f1c b84a2a d66f40 e89a68")
    teal = ramp("06222c 0a4450 0f6a70 2a9490 6cbcae b8e0cc")
    blue = ramp("081a3c 123a70 1c6096 3c90b4 8cc8cc")
    dawn = ramp("2c5a6c 5f97a0 a3c2b4 dccfa8 f0dfb8 f2d6a0 ecb878")
    fishy = ramp("0c1f4a 14407c 1c7a8c 3fa894 c8b04c f0c040 f8dc84 fbeec8")
    foamy = ramp("8cc8cc c4e4dc f4f4e4 fffdf4")
    black = ramp("0a0c12 1c1e28 30303a")
    centre = d * h
    fan = np.arctan2(y - sy, x - sx)
    rays = smoothstep(-0.2, 0.2, np.sin(16 * fan + 9 * d))
    scale = 0.5 + 0.5 * np.sin(along * 62) * np.sin(side * 62)
    rings = np.abs((3.1 * d + 0.05 * np.sin(5 * fan)) % 1 - 0.5) * 2
    plan: dict[int, tuple[Array, float, Array, Array | None]] = {
        7: (black, 9, patch, None),
        6: (cream, 9, patch, None),
        8: (terra, 10, 0.1 + 0.2 * patch, None),
        9: (foamy, 13, 0.4 + 0.6 * patch, None),
        4: (gold, 13, 0.45 + 0.45 * patch + 1.2 * side, None),
        3: (fishy, 14, 0.40 + 2.9 * side + 0.34 * (scale - 0.5), None),
        5: (terra, 13, 0.25 + 0.4 * patch + 0.3 * np.sin(60 * (x + y)), None),
        2: (terra, 17, 1.1 - 4.5 * d, centre),
        1: (gold, 16, 0.3 + 0.6 * rays, centre),
        0: (dawn, 18, 0.75 - 0.5 * d + 0.35 * (rings - 0.5) + 0.2 * (patch - 0.5), centre),
    }
    for i in range(4):
        plan[11 + 2 * i] = (teal, 14, 0.7 + 0.4 * patch, None)
        plan[10 + 2 * i] = ((teal, blue)[i % 2], 18, 0.62 - 0.12 * i + 0.4 * (patch - 0.5), None)
    for tag, (tint, stone, tone, field) in plan.items():
        mask = region == tag
        if field is None:
            field = np.maximum(distance(~mask, int(130 * k)) - 1, 0)

        def paint(
            px: int, py: int, tint: Array = tint, tone: Array = tone, tag: int = tag
        ) -> Array:
            t = tone[py, px] + rng.normal(0, 0.06)
            if tag == 0 and rng.random() < 0.06:
                return pick((gold, terra)[rng.integers(2)], rng.uniform(0.4, 0.9))
            if tag >= 10 and rng.random() < 0.08:
                return pick((blue, teal, gold)[rng.integers(3)], rng.uniform(0.3, 0.9))
            return pick(tint, t)

        stones.fill(field, mask, stone * k, paint)
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

    def sector(many: int, turn: Array | float) -> Array:
        return np.floor((a + turn) / (2 * np.pi) * many).astype(np.int64) % many

    # Panes are what lies between the curves: each ring has its own outline and divisions.
    family = np.zeros((h, w), np.int64)
    swirl = 1.3 * r + 0.3 * np.sin(9 * r)
    arcs = r + 0.035 * np.sin(5 * a + 1)
    ring = np.digitize(arcs, [0.40, 0.47, 0.56, 0.66, 0.78])
    # Every other ring is divided half a step further on, as masonry is.
    part = sector(18, swirl + (ring % 2) * np.pi / 18) * 10 + ring
    heart = np.where(r < 0.028, 99, sector(8, 0.0))
    rings = [
        (1, np.full_like(r, 0.345), sector(28, 0.05) * 10),
        (2, np.full_like(r, 0.305), sector(16, 0.0) * 10),
        (3, petals(16, 0.17, 0.297, 0.0, 0.6),
         sector(16, np.pi / 16) * 10 + (r < petals(16, 0.12, 0.235, 0.0, 0.8))),
        (4, petals(8, 0.105, 0.215, np.pi / 8, 0.55),
         sector(8, 0.0) * 10 + (r < petals(8, 0.07, 0.16, np.pi / 8, 0.7))),
        (5, petals(8, 0.06, 0.125, 0.0, 0.6), sector(8, np.pi / 8) * 10),
        (6, np.full_like(r, 0.057), heart),
    ]  # fmt: skip
    for tag, outline, division in rings:
        family[r < outline], part[r < outline] = tag, division[r < outline]
    # Hills and water at the foot.
    for i, (level, tilt) in enumerate(((0.405, 0.25), (0.455, -0.3), (0.53, 0.1))):
        below = y > level + tilt * x * 0.6 + 0.04 * np.sin(6 * x + 2 * i)
        cuts = np.floor(x * 8 + 2.2 * (y - level) * (-1) ** i + 0.3 * i + 0.3 * np.sin(12 * y))
        steps = np.floor((y - level - tilt * x * 0.6 + 0.03 * np.sin(9 * x)) / 0.062)
        family[below], part[below] = 7 + i, (cuts * 10 + steps)[below]
    trunk = (np.abs(x - 0.012 * np.sin(14 * y)) < 0.013) & (y > 0.335) & (r > 0.345)
    family[trunk], part[trunk] = 11, np.floor(y * 11)[trunk]
    # Leaves: a rib along the middle, and cuts that slant away from it on both sides.
    veins = np.zeros((h, w), np.float32)
    for n, (ly, length, lean) in enumerate(
        ((0.575, 0.30, -0.42), (0.60, 0.20, 0.10), (0.50, 0.25, -0.98))
    ):
        for side in (-1, 1):
            c, s = np.cos(lean), np.sin(lean)
            px, py = side * x - 0.012, y - ly
            u, v = (px * c + py * s) / length, (py * c - px * s) / length
            v = v + 0.35 * u * (1 - u)
            half = 0.27 * np.sin(np.pi * np.clip(u, 0, 1) ** 0.75)
            leaf = (u > 0) & (u < 1) & (np.abs(v) < half)
            cut = np.digitize(u - 0.55 * np.abs(v), [0.30, 0.60])
            family[leaf] = 10
            part[leaf] = (n * 100 + (side > 0) * 50 + (v > 0) * 10 + cut)[leaf]
            veins = np.where(leaf, np.abs(np.sin(38 * (u - 0.55 * np.abs(v)))), veins)

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
    seeds = smoothstep(0.97, 1.0, noise(rng, h, w, 6 * k, 1))
    gap = distance(outlines(pane), int(42 * k)) / k
    bold = distance(outlines(family), int(16 * k)) / k
    light = 0.68 + 0.8 * sheet * (0.6 + 0.5 * cloud) + 0.42 * np.exp(-((r / 0.3) ** 2))
    light *= 0.55 + 0.45 * smoothstep(0, 20, gap)
    # Thin glass is paler as well as brighter: raise to a power rather than scale alone.
    depth = 1.45 - 0.75 * sheet * (0.5 + 0.7 * cloud)
    glass = colour ** depth[..., None] * light[..., None]
    glass += 0.12 * (seeds * sheet)[..., None]
    # Painted on the glass and fired: rays in the petals, ribs in the leaves, and old grime.
    brush = noise(rng, h, w, 70 * k, 2)
    hair = np.abs(np.sin(44 * a + 2.2 * (brush - 0.5))) ** 0.6
    outer = np.choose(np.clip(family, 0, 6), [0, 0, 0.27, 0.215, 0.15, 0.09, 0]) + 0.06 * (
        brush - 0.5
    )
    drawn = (1 - hair) * smoothstep(outer + 0.03, outer - 0.03, r) * (family < 7)
    drawn += (1 - veins**0.5) * (family == 10) * smoothstep(0.3, 0.6, brush)
    waves = np.abs(np.sin(120 * y + 2.5 * np.sin(16 * x) + 2 * brush)) ** 0.6
    drawn += (1 - waves) * (family == 9) * smoothstep(0.35, 0.6, brush)
    curls = np.abs(np.sin(60 * (r + 0.02 * np.sin(7 * a + 12 * r)) + 2.5 * brush)) ** 0.6
    drawn += 0.7 * (1 - curls) * (family == 0) * smoothstep(0.4, 0.75, cloud)
    grime = 0.3 * smoothstep(0.55, 0.9, noise(rng, h, w, 16 * k, 3)) * smoothstep(24, 4, gap)
    glass *= np.clip(1 - 1.1 * drawn - grime, 0.08, 1)[..., None]

    lead = np.maximum(3.4 + 1.8 * cloud - gap, 5.6 + 2.4 * cloud - bold)
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
        picture[..., c] += 0.28 * blur(np.clip(glass[..., c] - 0.25, 0, 1), 12 * k)
    return picture
