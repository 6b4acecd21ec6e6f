"""Two oil paintings: a night of swirling brush strokes, and flowers laid on with a knife."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from studio import (
    FINE,
    KNIFE,
    OIL,
    Array,
    Brush,
    Canvas,
    Rng,
    noise,
    normalise,
    pick,
    ramp,
    rgb,
    scatter,
    smoothstep,
    streaks,
    trace,
)


@dataclass
class Scene:
    """What the painter sees: for each point a region, a tone in its palette, and a direction."""

    ramps: list[Array]
    region: Array
    tone: Array
    angle: Array
    accents: list[Array]  # for each region, colours to be streaked into its strokes

    def layer(
        self,
        canvas: Canvas,
        rng: Rng,
        spacing: float,
        length: float,
        width: float,
        brush: Brush,
        wild: float = 0.12,
        where: Array | None = None,
        loose: bool = False,
    ) -> None:
        """Cover the canvas (or a part of it) with strokes that follow the scene."""
        h, w = self.tone.shape
        k = canvas.scale
        start = scatter(rng, h, w, spacing * k)
        iy = np.clip(start[:, 1], 0, h - 1).astype(int)
        ix = np.clip(start[:, 0], 0, w - 1).astype(int)
        if where is not None:
            keep = where[iy, ix] > rng.random(len(start))
            start, iy, ix = start[keep], iy[keep], ix[keep]
        n = len(start)
        reach = length * k * rng.uniform(0.6, 1.25, n)
        paths = trace(start, self.angle, reach)
        # A stroke stops where its region ends, or the drawing would dissolve.
        py = np.clip(paths[..., 1], 0, h - 1).astype(int)
        px = np.clip(paths[..., 0], 0, w - 1).astype(int)
        # (but halos melt into the night, and furrows into the field).
        lie = np.array([0, 0, 2, 3, 4, 5, 4])[self.region]
        same = lie[py, px] == lie[iy, ix][:, None]
        stop = np.where(same.all(1) | loose, paths.shape[1], np.argmin(same, 1))
        tone = self.tone[iy, ix] + wild * rng.standard_normal(n)
        for i in range(n):
            if stop[i] < 4:
                continue
            r = int(self.region[iy[i], ix[i]])
            colour = pick(self.ramps[r], tone[i]) * (1 + 0.05 * rng.standard_normal())
            second = pick(self.ramps[r], tone[i] + 0.14 * rng.standard_normal())
            if rng.random() < 0.16:
                accent = self.accents[r][rng.integers(len(self.accents[r]))]
                second = second + 0.6 * (accent - second)
            canvas.stroke(
                paths[i, : stop[i]], width * k * rng.uniform(0.7, 1.25), colour, second, brush
            )


def colours(codes: str) -> Array:
    """A row of single colours."""
    return np.array([rgb(c) for c in codes.split()])


# -------------------------------------------------------------------------------- swirls

EDDIES = [  # x, y, radius, spin
    (0.80, 0.26, 0.25, 1.0),
    (0.31, 0.40, 0.17, -0.9),
    (1.24, 0.50, 0.13, -0.7),
    (0.10, 0.10, 0.12, 0.7),
]
LIGHTS = [  # x, y, radius
    (0.31, 0.40, 0.085),
    (0.47, 0.10, 0.042),
    (1.19, 0.13, 0.062),
    (0.09, 0.15, 0.034),
    (0.60, 0.45, 0.028),
    (1.02, 0.07, 0.024),
]
HILLS = [  # region, height of the ridge, then amplitude, frequency and phase of two waves
    (2, 0.640, (0.050, 3.1, 0.4), (0.020, 8.3, 0.0)),
    (3, 0.715, (0.040, 4.0, 2.7), (0.012, 11.0, 1.0)),
    (4, 0.785, (0.030, 2.6, 4.4), (0.006, 9.0, 0.0)),
]
POPLARS = [  # x, top, foot, half width
    (1.13, 0.43, 0.88, 0.036),
    (0.985, 0.50, 0.87, 0.028),
    (1.06, 0.24, 0.91, 0.046),
]


def wind(x: Array, y: Array) -> Array:
    """A wavy drift, overruled near each eddy and each light by turning around it."""
    vx = np.ones_like(x)
    vy = 0.45 * np.sin(4.2 * x + 2.0 * y + 0.6) + 0.25 * np.sin(9 * x - 5 * y)
    turning = [(ex, ey, r, spin, 4.5, 0.16) for ex, ey, r, spin in EDDIES]
    turning += [
        (lx, ly, 1.5 * r, -0.9 if i == 0 else 1, 6, 0) for i, (lx, ly, r) in enumerate(LIGHTS)
    ]
    for cx, cy, r, spin, force, inward in turning:
        dx, dy = x - cx, y - cy
        d = np.hypot(dx, dy) + 1e-4
        pull = force * np.exp(-1.1 * (d / r) ** 2)
        vx += pull * (-dy * spin - inward * dx) / d
        vy += pull * (dx * spin - inward * dy) / d
    return np.arctan2(vy, vx)


def night(rng: Rng, w: int, h: int) -> tuple[Scene, list[Array]]:
    """The sky, the land and the trees before a brush is lifted, and the ridges of the hills."""
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    x, y = xx / h, yy / h
    angle = wind(x, y)

    # Tone follows the wind: noise smeared along it becomes ribbons of light and dark.
    sky = normalise(streaks(noise(rng, h, w, h * 0.05, 2), angle, int(h * 0.16)))
    large = noise(rng, h, w, h * 0.4, 2)
    tone = 0.04 + 0.60 * sky * (0.55 + 0.7 * large) + 0.18 * smoothstep(0.42, 0.62, y)
    for ex, ey, r, spin in EDDIES:
        dx, dy = x - ex, y - ey
        d = np.hypot(dx, dy) / r
        arms = 0.5 + 0.5 * np.cos(2 * np.arctan2(dy, dx) * np.sign(spin) - 9 * np.sqrt(d) + 1)
        tone += (0.42 * arms - 0.13) * np.exp(-((d / 0.9) ** 2)) + 0.2 * np.exp(-((d / 0.2) ** 2))
    # Halos come in rings with the night between them, and their rims fray along the wind.
    glow = np.zeros_like(x)
    for lx, ly, r in LIGHTS:
        d = np.hypot(x - lx, y - ly) / r
        rings = 0.5 + 0.5 * np.cos(7.2 * d)
        core = smoothstep(0.8, 0.45, d)
        glow = np.maximum(
            glow, core + (1 - core) * np.exp(-((d / 1.4) ** 2)) * (0.3 + 0.75 * rings)
        )
    region = np.zeros((h, w), np.int32)
    lit = glow + 0.35 * (sky - 0.5) > 0.3
    region[lit] = 1
    tone = np.where(lit, 0.02 + 0.8 * glow, tone + 0.35 * glow)

    # The land: hills whose strokes roll over them, then furrows running to a far point.
    fray = noise(rng, h, w, h * 0.03, 2) - 0.5
    ridges = []
    for r, level, one, two in HILLS:
        top = level + sum(a * np.sin(f * x[0] + p) for a, f, p in (one, two))
        ridges.append(top)
        below = y > top
        lie = np.broadcast_to(np.arctan(np.gradient(top) * h), x.shape)
        depth = np.maximum(y - top, 0) / 0.14
        roll = lie + 0.4 * np.sin(7 * x + 9 * depth + r) * smoothstep(0, 0.6, depth)
        if r == 4:
            roll = np.arctan2(y - 0.70, x - 0.52) + 0.12 * np.sin(13 * x + 21 * y)
            roll = np.where(roll > np.pi / 2, roll - np.pi, roll)
        angle = np.where(below, roll, angle)
        region[below] = r
        part = normalise(streaks(noise(rng, h, w, h * 0.04, 2), roll, int(h * 0.1)))
        if r == 4:
            fan = np.arctan2(y - 0.70, x - 0.52)
            furrow = np.sin(19 * fan + 2.2 * fray) + 0.5 * np.sin(41 * fan + 4 * fray)
            part = 0.75 * part + 0.12 + 0.22 * furrow
            region[below & (furrow + 0.9 * (part - 0.5) < -0.85)] = 6
        shade = 0.85 * part + 0.3 * np.exp(-depth * 5) - 0.08 * depth
        tone = np.where(below, shade, tone)

    # Poplars: dark flames whose strokes climb and lick sideways.
    for px, top, foot, fat in POPLARS:
        u = np.clip((y - top) / (foot - top), 0, 1)
        sway = px + 0.012 * np.sin(11 * y + 20 * px) + 0.006 * np.sin(31 * y)
        girth = fat * u**0.75 * (1.3 - 0.75 * u**4)
        across = (x - sway + 0.03 * fray) / np.maximum(girth, 1e-4)
        tree = (np.abs(across) < 1) & (y > top) & (y < foot)
        region[tree] = 5
        lick = -np.pi / 2 + 0.6 * across + 0.22 * np.sin(13 * y + 3 * across)
        angle = np.where(tree, lick, angle)
        flame = normalise(streaks(noise(rng, h, w, h * 0.02, 2), angle, int(h * 0.06)))
        tone = np.where(tree, 0.62 * flame + 0.3 * smoothstep(0.1, -0.95, across), tone)

    ramps = [
        ramp("0b0f2e 121a4c 1a2a7e 1c449c 2a62b4 3f86c0 6fb0c8 b4d2cc ece8c8"),
        ramp("3468ac 5b93bb 9abc98 d0b44c eebc34 f6d45c fbecb4 fffbe8"),
        ramp("161c50 2a2f78 3f4f98 5c80a8 8fb0b8 c0d0b8"),
        ramp("0a2034 10444c 1f6860 4c8c5c 94ac60 d0ca80"),
        ramp("4a3418 84601c b4882a d8a838 ecc658 f6e090 fbf0c8"),
        ramp("060a14 0b1a22 10302c 235030 4c7434 98983c"),
        ramp("141c3c 2a3460 45508c 6a6ca4 8a9a6c b4b060"),
    ]
    accents = [
        colours("7fc0c8 4a3ca0 e8d890 1a7a9a 58a08c"),
        colours("ffffff e8962c f8e890 8fc0b8"),
        colours("7a60a8 9cc4c0 16204a d0b888"),
        colours("d8c860 1a3a6a 88b8a0 e0a850"),
        colours("c8602a 6a8a3a fff0b0 5a6a8a d88a3a"),
        colours("7a3a1c 1a3a7a a8a83a 2a6a6a"),
        colours("8a4a8a 3a6a5a c89a4a"),
    ]
    tone = np.clip(tone, 0, 1).astype(np.float32)
    angle = angle.astype(np.float32)
    return Scene(ramps, region, tone, angle, accents), ridges


def swirls(rng: Rng, size: int) -> Array:
    """A night of wind: eddies of blue around yellow lights, over hills, poplars and furrows."""
    w, h = size, int(size * 0.76)
    scene, ridges = night(rng, w, h)
    region, tone = scene.region, scene.tone
    canvas = Canvas(rng, np.broadcast_to(rgb("2a3a5a"), (h, w, 3)).copy())
    k = canvas.scale

    scene.layer(canvas, rng, 19, 130, 31, replace(OIL, thick=0.9, dry=0.1), 0.05, None, True)
    scene.layer(canvas, rng, 17, 150, 19, OIL, 0.09)
    # Contours of the hills, broken as a loaded brush breaks them.
    for top in ridges:
        for x0 in rng.permutation(np.arange(-20 * k, w, 62 * k)):
            xs = np.clip(x0 + np.linspace(0, rng.uniform(70, 120) * k, 9), 0, w - 1)
            if (region[(top[xs.astype(int)] * h).astype(int), xs.astype(int)] == 5).any():
                continue  # a poplar stands before it
            line = np.stack([xs, top[xs.astype(int)] * h + 3 * k + rng.normal(0, 1.5 * k)], 1)
            canvas.stroke(line, rng.uniform(6, 10) * k, rgb("141a40"), rgb("2a4a6a"), OIL)
    scene.layer(canvas, rng, 15, 108, 14, replace(OIL, thick=1.3), 0.1, 0.3 + 0.5 * (region > 0))
    small = 0.12 + 0.38 * (region > 0) + 0.3 * (region == 5) + 0.4 * (region == 1)
    scene.layer(canvas, rng, 11, 62, 9, replace(OIL, thick=1.35), 0.1, small)
    # Last, unmixed lights, thick and dragged until they break.
    spark = replace(scene, tone=np.clip(tone * 1.3 + 0.12, 0, 1))
    spark.layer(canvas, rng, 26, 95, 11, replace(OIL, thick=1.8, dry=0.55), 0.06, tone)
    # Where the strokes turn on the spot they leave a hole: close the hearts of the lights.
    dab = replace(OIL, thick=1.9, ragged=0.02, head=0.5, tail=0.5)
    for lx, ly, r in LIGHTS:
        for _ in range(14):
            a, d = rng.uniform(0, 7), 0.2 * r * h * rng.random() ** 0.5
            at = np.array([lx * h + d * np.cos(a), ly * h + d * np.sin(a)])
            reach = np.array([-np.sin(a), np.cos(a)]) * max(0.3 * r * h, 16 * k)
            path = at + np.linspace(-0.5, 0.5, 5)[:, None] * reach
            tint = pick(scene.ramps[1], rng.uniform(0.66, 1))
            canvas.stroke(path, rng.uniform(8, 12) * k, tint, rgb("f8d868"), dab)
    return canvas.lit(depth=1.3, gloss=0.14)


# ------------------------------------------------------------------------------- flowers

TINTS = [
    ramp("5e0a16 a3121c d3222a ee4a36 fb8a5c ffc29a"),  # poppy red
    ramp("7a1408 c23410 ea5a18 f98a2c fdb85c ffe0a0"),  # orange
    ramp("5c0c34 a01c54 d2447c ee7ea4 f9b4c6 ffe4e4"),  # rose
    ramp("8a3a5a c8789a eeb0c0 f8d8d4 fff0e4 fffaf0"),  # pale pink
    ramp("6a0820 b00e34 de2c50 f4607a fca09c ffd4c0"),  # crimson
]
MEADOW = ramp("0c2420 12403a 1e5c38 3c7c34 74a034 b0bc40 e4d870")
SMEAR = replace(KNIFE, thick=0.8, ridge=0.45, bristle=0.4, ragged=0.16, dry=0.3)


def slab(
    canvas: Canvas, x: float, y: float, aim: float, length: float, width: float,
    tint: Array, tone: float, brush: Brush = KNIFE, bend: float = 0.0,
) -> None:  # fmt: skip
    """One pull of the knife from (x, y) towards `aim`, two tones of a ramp half mixed on it."""
    t = np.linspace(0, 1, 8)
    turn = aim + bend * t
    path = np.stack([x + np.cos(turn) * length * t, y + np.sin(turn) * length * t], 1)
    second = pick(tint, tone + 0.22 * canvas.rng.standard_normal())
    canvas.stroke(path, width, pick(tint, tone), second, brush)


def flower(canvas: Canvas, rng: Rng, cx: float, cy: float, r: float, tint: Array) -> None:
    """A bloom seen from the side and above: a back rim, a bowl of petals, a dark eye."""
    squash, lean = rng.uniform(0.45, 0.95), rng.uniform(-0.4, 0.4)
    loose = rng.uniform(0.1, 0.3)
    for ring, (reach, many, base) in enumerate(((1.0, 8, 0.26), (0.85, 7, 0.46), (0.55, 5, 0.64))):
        turns = np.linspace(0, 2 * np.pi, many, endpoint=False) + rng.uniform(0, 1)
        # Back petals first, so that the near ones overlap them.
        for a in sorted(turns, key=np.sin):
            a = a + rng.normal(0, loose)
            dx, dy = np.cos(a + lean), np.sin(a + lean) * squash
            inner = 0.16 + 0.1 * ring
            light = base - 0.2 * dx - 0.24 * dy + 0.14 * rng.standard_normal()
            length = r * reach * rng.uniform(0.6, 1.15)
            slab(
                canvas,
                cx + dx * r * inner,
                cy + dy * r * inner,
                np.arctan2(dy, dx),
                length * np.hypot(dx, dy),
                r * rng.uniform(0.45, 0.75) * (1 - 0.16 * ring),
                tint,
                light,
                KNIFE,
                rng.normal(0, 0.55),
            )
    eye = ramp("0a0612 1c1022 30203a 4a3c3c")
    for _ in range(7):
        a, d = rng.uniform(0, 7), r * 0.13 * rng.random() ** 0.5
        slab(
            canvas, cx + np.cos(a) * d, cy + np.sin(a) * d * squash, rng.uniform(0, 7),
            r * 0.24, r * 0.14, eye, rng.random(), replace(KNIFE, thick=1.2),
        )  # fmt: skip
    gold = ramp("a8781c e8b830 fff0a0")
    for _ in range(int(5 + r / canvas.scale * 0.12)):
        a = rng.uniform(0, 2 * np.pi)
        d = r * rng.uniform(0.2, 0.32)
        slab(
            canvas, cx + np.cos(a) * d, cy + np.sin(a) * d * squash, a, r * 0.12, r * 0.06,
            gold, rng.random(), replace(KNIFE, thick=2.2),
        )  # fmt: skip


def distant(canvas: Canvas, rng: Rng, far: float, near: float) -> None:
    """The sky, the wood on the horizon at `far`, and the meadow down to `near`."""
    h, w = canvas.height.shape
    k = canvas.scale
    sky = ramp("3f7fa6 5f9fb6 8cbcc0 bcd4c4 e6e0c0 f8dcae f8c490 f0a880")
    wood = ramp("12243c 1c4450 2c6458 5a8a5c 8aa8a0")
    # Sky: broad slabs, warmer and lighter towards the horizon.
    drift = noise(rng, h, w, 220 * k, 2)
    for x, y in scatter(rng, int(far * 1.3), w, 16 * k):
        iy, ix = int(np.clip(y, 0, h - 1)), int(np.clip(x, 0, w - 1))
        tone = 0.12 + 0.62 * y / far + 0.7 * (drift[iy, ix] - 0.5) + rng.normal(0, 0.045)
        aim = rng.normal(-0.2, 0.3)
        length, width = rng.uniform(50, 120) * k, rng.uniform(18, 36) * k
        slab(canvas, x - length / 2, y, aim, length, width, sky, tone, SMEAR, rng.normal(0, 0.3))
    # A wood on the horizon, uneven in height.
    crowns = noise(rng, 1, w, 130 * k, 3)[0]
    for x in rng.permutation(np.arange(-20 * k, w, 0.9 * k)):
        top = far + (2 - 100 * crowns[int(np.clip(x, 0, w - 1))] ** 1.6) * k
        y = rng.uniform(top, far + 30 * k)
        slab(
            canvas, x, y, rng.normal(-1.3, 0.7), rng.uniform(14, 36) * k,
            rng.uniform(9, 24) * k, wood, rng.beta(2, 4) + 0.3 * (y < top + 16 * k),
            replace(SMEAR, thick=1.4), rng.normal(0, 0.8),
        )  # fmt: skip
    # The far meadow: flat touches that grow with nearness, speckled with distant flowers.
    straw = ramp("5a7a34 9aa83c d8c450 f4dc80 f8ecb0")
    strips = noise(rng, h, w, 34 * k, 3, stretch=7)
    for y in np.arange(far + 6 * k, near + 60 * k, 5 * k):
        depth = (y - far) / (near - far)
        for x in np.arange(-30 * k, w, (26 + 20 * depth) * k):
            tint = straw if strips[int(y), int(np.clip(x, 0, w - 1))] > 0.5 else MEADOW
            slab(
                canvas, x + rng.normal(0, 14 * k), y, rng.normal(0, 0.12),
                rng.uniform(24, 60) * k, rng.uniform(7, 13 + 6 * depth) * k,
                tint, rng.uniform(0.35, 0.9),
            )  # fmt: skip
            if rng.random() < 0.42:
                slab(
                    canvas, x, y, rng.normal(0, 0.4), rng.uniform(8, 12 + 16 * depth) * k,
                    rng.uniform(6, 8 + 8 * depth) * k, TINTS[rng.integers(5)],
                    rng.uniform(0.3, 0.8),
                )  # fmt: skip


def undergrowth(canvas: Canvas, rng: Rng, near: float) -> None:
    """Upright slabs, dark and cool in the depth between the plants."""
    h, w = canvas.height.shape
    k = canvas.scale
    light = noise(rng, h, w, 170 * k, 2)
    dabs = scatter(rng, h, w, 15 * k)
    dabs = dabs[dabs[:, 1] > near]
    for x, y in dabs[np.argsort(dabs[:, 1] + rng.normal(0, 60 * k, len(dabs)))]:
        iy, ix = int(np.clip(y, 0, h - 1)), int(np.clip(x, 0, w - 1))
        near_by = (y - near) / (h - near)
        tone = 0.55 * light[iy, ix] + 0.42 * (1 - near_by) + rng.normal(0, 0.1) - 0.08
        reach = rng.uniform(30, 60 + 60 * near_by) * k
        slab(
            canvas, x, y + reach / 2, rng.normal(-1.57, 0.35), reach,
            rng.uniform(9, 15 + 12 * near_by) * k,
            MEADOW if rng.random() < 0.88 else ramp("1c2a5a 3a5a94 7a9ac0"), tone,
        )  # fmt: skip


def bloom(canvas: Canvas, rng: Rng, near: float) -> None:
    """Flowers from back to front; stems and leaves are pulled just before each one."""
    h, w = canvas.height.shape
    k = canvas.scale
    blooms: list[tuple[float, float, float]] = []
    for _ in range(4000):
        y = rng.uniform(near, h * 1.02)
        depth = (y - near) / (h - near)
        r = (15 + 115 * depth) * rng.uniform(0.6, 1.2) * k
        x = rng.uniform(-0.3 * r, w + 0.3 * r)
        # Leave an open, winding gap of green for the eye to walk in.
        lane = w * (0.62 - 0.3 * depth + 0.1 * np.sin(5 * depth))
        if abs(x - lane) < (30 + 90 * depth) * k and depth < 0.92:
            continue
        if all(np.hypot(x - a, (y - b) * 1.15) > 0.82 * (r + s) for a, b, s in blooms):
            blooms.append((x, y, r))
    kinds = noise(rng, h, w, 330 * k, 2)
    grass = ramp("1e5c38 4c8c38 90b43c c8d060 f0eca0")
    for x, y, r in sorted(blooms, key=lambda b: b[1]):
        for _ in range(2):
            slab(
                canvas, x + rng.normal(0, 0.2 * r), y + r * 0.3, 1.57 + rng.normal(0, 0.12),
                r * rng.uniform(1.4, 2.2), max(0.09 * r, 3 * k), grass, rng.uniform(0.2, 0.7),
                replace(FINE, thick=1.5), rng.normal(0, 0.3),
            )  # fmt: skip
        for _ in range(3):
            slab(
                canvas, x + rng.normal(0, 0.7 * r), y + r * rng.uniform(1.0, 1.6),
                -1.57 + rng.normal(0, 0.6), r * rng.uniform(0.6, 1.2), r * rng.uniform(0.14, 0.26),
                grass, rng.uniform(0.0, 0.8), replace(KNIFE, tail=1.6), rng.normal(0, 0.5),
            )  # fmt: skip
        # Kinds grow in drifts, with strays.
        drifts = kinds[int(np.clip(y, 0, h - 1)), int(np.clip(x, 0, w - 1))] * 4.99
        tint = TINTS[int(drifts) if rng.random() < 0.72 else rng.integers(5)]
        flower(canvas, rng, x, y, r, tint)
        for _ in range(rng.integers(0, 4)):
            slab(
                canvas, x + rng.normal(0, r), y + r * rng.uniform(0.95, 1.5),
                rng.normal(-1.57, 0.3), r * rng.uniform(0.4, 0.8), r * rng.uniform(0.06, 0.14),
                grass, rng.uniform(0.1, 1), replace(KNIFE, tail=2.0), rng.normal(0, 0.4),
            )  # fmt: skip


def flowers(rng: Rng, size: int) -> Array:
    """Poppies in a meadow, every touch a slab of thick paint from a palette knife."""
    w, h = size, int(size * 0.8)
    # A warm ground under the sky and a dark one under the plants, for the gaps between slabs.
    canvas = Canvas(rng, np.broadcast_to(rgb("c87a4c"), (h, w, 3)).copy())
    canvas.colour[int(0.36 * h) :] = rgb("1c2a1e")
    distant(canvas, rng, 0.2 * h, 0.34 * h)
    undergrowth(canvas, rng, 0.34 * h)
    bloom(canvas, rng, 0.34 * h)
    return canvas.lit(depth=1.05, gloss=0.14)
