"""An ink painting: wet washes and dry brush on warm paper."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from studio import FINE, Array, Brush, Canvas, Rng, blur, noise, normalise, rgb, smoothstep

INK = Brush(bristle=0.7, dry=0.55, ridge=0.5, head=0.3, tail=0.5, ragged=0.3)
LEAF = replace(FINE, bristle=0.5, dry=0.35, head=1.1, tail=3.4, ragged=0.015)


class Sheet:
    """Paper that takes ink: a map of how much of it each point holds."""

    def __init__(self, rng: Rng, h: int, w: int) -> None:
        self.rng = rng
        self.canvas = Canvas(rng, np.zeros((h, w, 3), np.float32))
        self.ink = np.zeros((h, w), np.float32)
        k = self.k = self.canvas.scale
        fibre = noise(rng, h, w, 5 * k, 2, stretch=5)
        self.grain = normalise(fibre + 0.8 * noise(rng, h, w, 3 * k, 2))
        self.bleed = noise(rng, h, w, 60 * k, 5) - 0.5

    def wash(self, shape: Array, amount: Array | float, wet: float, hide: float = 0.0) -> None:
        """Flood a shape (1 inside, 0 outside): the ink gathers at the rim as it dries.

        `hide` is how much of the ink behind the shape was kept off it.
        """
        soft = smoothstep(0.38, 0.62, blur(shape, wet) + 0.35 * self.bleed * (wet > 2))
        rim = soft * np.clip(1 - blur(soft, 3.5 * self.k), 0, 1)
        pools = 0.72 + 0.56 * noise(self.rng, *soft.shape, 150 * self.k, 4)
        settled = 1 + 0.35 * (self.grain - 0.5)
        self.ink *= 1 - hide * soft
        self.ink += soft * amount * pools * settled + 0.9 * rim * amount

    def stroke(self, path: Array, width: float, amount: float, brush: Brush = INK) -> None:
        """One stroke of the brush; dry bristles leave the grain of the paper showing."""
        mark = self.canvas.touch(np.asarray(path, np.float32), width, brush)
        if mark is None:
            return
        catch = smoothstep(0.15, 0.5, mark.alpha * (0.55 + 0.45 * mark.streak) + 0.3 * (
            self.grain[mark.box] - 0.5))  # fmt: skip
        dose = amount * catch * mark.alpha * (0.55 + 0.6 * mark.height)
        here = self.ink[mark.box]
        np.copyto(here, np.maximum(here, dose) + 0.35 * np.minimum(here, dose))


def ink_wash(rng: Rng, size: int) -> Array:
    """Mountains in mist, a red sun, and bamboo near at hand."""
    w, h = size, int(size * 0.8)
    k = size / 1280
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    x, y = xx / h, yy / h
    sheet = Sheet(rng, h, w)

    # A sky of one broad, wet pass of pale ink.
    cloud = noise(rng, h, w, 330 * k, 5, stretch=2.2)
    sheet.wash(
        smoothstep(0.46, 0.62, cloud) * (y < 0.6),
        0.085 * smoothstep(0.45, 0.0, y) * (0.4 + noise(rng, h, w, 200 * k, 4)),
        14 * k,
    )

    # Ranges from far and pale to near and dark, each dissolving into mist at its foot.
    ranges = [  # height of the ridge, roughness, ink, how fast it fades
        (0.37, 0.22, 0.20, 0.15),
        (0.46, 0.26, 0.40, 0.14),
        (0.60, 0.24, 0.72, 0.13),
        (0.80, 0.17, 1.15, 0.15),
    ]
    for i, (base, rough, amount, fade) in enumerate(ranges):
        line = noise(rng, 1, w, 300 * k, 7)[0]
        peaks = np.abs(noise(rng, 1, w, 460 * k, 6)[0] - 0.5) * 2
        crags = noise(rng, 1, w, 46 * k, 5)[0] - 0.5
        ridge = base + rough * (0.55 * line + 0.75 * peaks - 0.75) + 0.035 * crags
        if i == 3:
            ridge += 0.30 * smoothstep(0.3, 0.85, x[0] / 1.25) - 0.05
        deep = y - ridge
        veil = np.exp(-np.clip(deep, 0, 2) / fade) * (0.8 + 0.9 * sheet.bleed)
        veil *= 0.45 + 0.8 * noise(rng, h, w, 90 * k, 4)
        sheet.wash((deep > 0).astype(np.float32), amount * np.clip(veil, 0, 1), 2.2 * k, 0.93)
        rock(sheet, rng, ridge, amount, fade, 25 + 60 * i)
    # Water: long flat strokes, nearly dry.
    for _ in range(26):
        sy = rng.uniform(0.76, 0.98) * h
        sx, reach = rng.uniform(-0.1, 0.7) * w, rng.uniform(120, 420) * k
        t = np.linspace(0, 1, 12)
        path = np.stack([sx + reach * t, sy + 3 * k * np.sin(5 * t + sx)], 1)
        sheet.stroke(path, rng.uniform(4, 15) * k, rng.uniform(0.1, 0.4), replace(INK, dry=0.9))

    boat(sheet, 0.80 * w, 0.775 * h)
    bamboo(sheet, rng, w, h)
    for bx, by, s in ((0.56, 0.13, 13), (0.60, 0.10, 10), (0.64, 0.145, 11), (0.52, 0.095, 8)):
        for side in (-1, 1):
            t = np.linspace(0, 1, 8)
            wing = np.stack([bx * w + side * s * 1.6 * k * t,
                             by * h - s * k * (np.sin(2.6 * t) * 0.7)], 1)  # fmt: skip
            sheet.stroke(wing, 4.5 * k, 1.5, LEAF)

    # A loaded brush spatters.
    for _ in range(46):
        at = np.array([rng.normal(0.2, 0.22) * w, rng.uniform(0.1, 1) * h])
        drop = np.exp(rng.normal(0.9, 0.6)) * k
        path = at + np.linspace(0, 1, 4)[:, None] * rng.normal(0, 1, 2) * drop
        sheet.stroke(path, drop, rng.uniform(0.3, 1.2), replace(LEAF, head=0.6, tail=0.6))

    paper = (
        rgb("efe3c8") * (0.93 + 0.09 * sheet.grain + 0.05 * noise(rng, h, w, 300 * k, 3))[..., None]
    )
    # The ink is a little brown where thin and blue-black where thick.
    load = np.clip(sheet.ink, 0, 2.4)[..., None]
    absorb = np.array([1.02, 1.0, 0.9], np.float32) + 0.1 * np.array([0.6, 0.0, -0.6]) * (
        load - 0.6
    )
    picture = paper * np.exp(-1.55 * load * absorb)

    sun = np.hypot(x - 0.93, y - 0.17)
    disc = smoothstep(0.060, 0.056, sun + 0.010 * sheet.bleed)
    rim = disc * np.clip(1 - blur(disc, 4 * k), 0, 1)
    red = disc * (0.8 + 0.3 * noise(rng, h, w, 60 * k, 4) + 0.25 * (sheet.grain - 0.5)) + 0.5 * rim
    picture *= np.exp(-red[..., None] * np.array([0.16, 1.5, 1.75]))
    return picture


def rock(sheet: Sheet, rng: Rng, ridge: Array, amount: float, fade: float, many: int) -> None:
    """Folds of a mountain: broad dry sweeps down its flanks, then thin broken lines."""
    h, w = sheet.ink.shape
    k = sheet.k
    gentle = blur(np.repeat(ridge[None], 3, 0), 9 * k)[1]
    fall = np.gradient(gentle) * h
    for j in range(many):
        broad = j < 0.55 * many
        px = rng.uniform(0, w - 1)
        top = ridge[int(px)] + 0.004 + rng.exponential(0.02 if broad else 0.045)
        slope = fall[int(px)]
        side = 1 if slope > 0 else -1
        reach = rng.uniform(60, 190 if broad else 110) * k
        t = np.linspace(0, 1, 11)
        # Sweeps leave the ridge along the flank and steepen as they fall.
        out = side * reach * (0.75 * t - 0.25 * t * t) * rng.uniform(0.35, 1.0)
        wobble = np.cumsum(rng.normal(0, 1.3, 11)) * k
        path = np.stack([px + out + wobble, top * h + reach * (0.25 * t + 0.6 * t * t)], 1)
        under = ridge[np.clip(path[:, 0], 0, w - 1).astype(int)] * h
        path[:, 1] = np.maximum(path[:, 1], under + (12 if broad else 3) * k)
        force = amount * rng.uniform(0.3, 0.8) * np.exp(-(top - ridge[int(px)]) / fade)
        width = rng.uniform(22, 58) if broad else rng.uniform(4, 13)
        dry = replace(INK, dry=1.05 if broad else 0.8, ragged=0.22, head=0.6, tail=1.2)
        sheet.stroke(path, width * k, force * (0.6 if broad else 1.1), dry)
    # The crest itself, pressed and released.
    px = -20.0 * k
    while px < w:
        reach = rng.uniform(50, 150) * k
        xs = np.clip(px + np.linspace(0, reach, 14), 0, w - 1)
        line = np.stack([xs, ridge[xs.astype(int)] * h + 3 * k], 1)
        if rng.random() < 0.7:
            edge = replace(INK, dry=0.75, tail=2.5, head=1.0)
            sheet.stroke(line, rng.uniform(5, 15) * k, amount * rng.uniform(0.5, 1.0), edge)
        px += reach * rng.uniform(0.7, 1.3)


def boat(sheet: Sheet, x: float, y: float) -> None:
    """A fisherman's boat in a few touches."""
    k = sheet.k
    t = np.linspace(-1, 1, 12)
    for lift, width, amount in ((0, 8, 1.5), (-5, 3.5, 1.0), (9, 5, 0.3), (16, 4, 0.2)):
        deep = 9 * (1 - t * t) if lift <= 0 else 1.5 * np.sin(6 * t)
        path = np.stack([x + 46 * k * t, y + (lift + deep) * k], 1)
        sheet.stroke(path, width * k, amount, replace(LEAF, dry=0.5 if lift > 0 else 0.2))
    for dx, dy, ex, ey, width in (
        (6, 4, 9, -17, 11), (3, -21, 12, -20, 9), (-4, -27, 21, -25, 5), (10, -12, 52, -52, 2.5),
    ):  # fmt: skip
        path = np.array([x, y]) + np.linspace([dx, dy], [ex, ey], 6) * k
        sheet.stroke(path, width * k, 1.4, replace(LEAF, head=0.5, tail=0.8))


def bamboo(sheet: Sheet, rng: Rng, w: int, h: int) -> None:
    """Stalks drawn joint by joint, twigs, and fans of leaves pressed and lifted."""
    k = sheet.k
    for foot, lean, girth, amount in (
        (0.06, 0.05, 34, 1.25), (0.155, 0.10, 25, 0.95),
        (0.235, -0.03, 17, 0.5), (0.01, 0.16, 15, 0.4),
    ):  # fmt: skip
        y, x, joint = h * 1.03, foot * w, 0
        while y > -0.1 * h:
            reach = (150 - 9 * joint + rng.normal(0, 12)) * k * (0.6 + girth / 60)
            t = np.linspace(0, 1, 10)
            x2 = x + lean * reach + rng.normal(0, 3) * k
            path = np.stack([x + (x2 - x) * t, y - reach * t], 1)
            shaft = replace(INK, head=0.12, tail=0.16, ridge=0.9, dry=0.42, ragged=0.08)
            sheet.stroke(path, girth * k, amount * rng.uniform(0.75, 1.0), shaft)
            half = 0.62 * girth * k
            knot = np.stack(
                [
                    np.linspace(x2 - half, x2 + half, 6),
                    y - reach - 2 * k + 4 * k * np.sin(np.linspace(0, 3.1, 6)),
                ],
                1,
            )
            sheet.stroke(knot, 6 * k, amount * 1.5, LEAF)
            if joint % 2 == 0 or rng.random() < 0.5:
                side = 1 if rng.random() < 0.75 else -1
                fan(sheet, rng, x2, y - reach, side, amount, girth)
            x, y, joint = x2, y - reach - 5 * k, joint + 1


def fan(sheet: Sheet, rng: Rng, x: float, y: float, side: int, amount: float, girth: float) -> None:
    """A twig and the leaves that hang from it."""
    k = sheet.k
    reach = rng.uniform(70, 190) * k * (0.5 + girth / 50)
    t = np.linspace(0, 1, 12)
    rise = rng.uniform(0.15, 0.7)
    twig = np.stack([x + side * reach * t, y - reach * rise * (t - 0.6 * t * t)], 1)
    sheet.stroke(twig, 4.5 * k, amount, replace(LEAF, tail=6))
    for at in (0.45, 0.7, 1.0):
        px, py = twig[int(at * 11)]
        for _ in range(rng.integers(2, 5)):
            aim = np.pi / 2 - side * rng.uniform(-0.1, 1.25)
            length = rng.uniform(60, 130) * k * (0.5 + girth / 55)
            u = np.linspace(0, 1, 10)
            turn = aim + side * 0.25 * u * rng.normal(0.3, 1)
            leaf = np.stack([px + np.cos(turn) * length * u, py + np.sin(turn) * length * u], 1)
            wide = rng.uniform(10, 19) * k * (0.5 + girth / 60)
            sheet.stroke(leaf, wide, amount * rng.uniform(0.7, 1.5), LEAF)
