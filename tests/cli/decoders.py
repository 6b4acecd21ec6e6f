"""What a terminal makes of pictures in escape sequences, by the protocols' own descriptions."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass

import numpy as np
from PIL import Image


@dataclass
class Shown:
    """A picture that was drawn. keys: what was said of it beside its data."""

    image: Image.Image
    keys: dict[str, str]


def kitty(out: bytes) -> list[Shown]:
    """Those of kitty's graphics protocol: PNGs, in chunks of at most 4096 bytes of base64."""
    found: list[Shown] = []
    keys: dict[str, str] = {}
    data = b""
    for control, payload in re.findall(rb"\x1b_G([^;]*);(.*?)\x1b\\", out, re.S):
        said = dict(pair.split("=") for pair in control.decode().split(","))
        assert len(payload) <= 4096 and said["q"] == "2"
        if data:  # only the first says what it is
            assert set(said) <= {"m", "q"}
        else:
            keys = said
            assert (keys["a"], keys["f"]) == ("T", "100")
        data += payload
        if said["m"] == "0":
            found.append(Shown(_opened(data, "PNG"), keys))
            data = b""
        else:
            assert len(payload) % 4 == 0
    assert not data
    return found


def iterm2(out: bytes) -> list[Shown]:
    """iTerm2's inline images."""
    found: list[Shown] = []
    for control, payload in re.findall(rb"\x1b\]1337;File=([^:]*):(.*?)\a", out, re.S):
        keys = dict(pair.split("=") for pair in control.decode().split(";"))
        assert keys["inline"] == "1" and int(keys["size"]) == len(base64.b64decode(payload))
        found.append(Shown(_opened(payload, "JPEG"), keys))
    return found


def sixel(out: bytes) -> list[Shown]:
    """Sixels: as a VT340 paints them, one after the other. Every pixel must have been painted."""
    return [Shown(_sixels(data.decode()), {}) for data in re.findall(rb"\x1bP(.*?)\x1b\\", out)]


def _opened(payload: bytes, kind: str) -> Image.Image:
    image = Image.open(io.BytesIO(base64.b64decode(payload, validate=True)))
    image.load()
    assert image.format == kind
    return image


def _sixels(text: str) -> Image.Image:
    head, text = re.fullmatch(r"([\d;]*)q(.*)", text, re.S).groups()
    assert head in ("0;1", "0;1;0")
    colours: dict[int, tuple[int, ...]] = {}
    x = y = i = 0
    count, colour = 1, -1
    pixels = np.full((0, 0, 3), -1)
    while i < len(text):
        char = text[i]
        numbers = re.match(r"[\d;]*", text[i + 1 :]).group()
        values = [int(n) for n in numbers.split(";") if n]
        i += 1 + (len(numbers) if char in '"#!' else 0)
        if char == '"':
            assert values[:2] == [1, 1]
            pixels = np.full((values[3], values[2], 3), -1)
        elif char == "#":
            colour = values[0]
            if len(values) > 1:
                assert values[1] == 2 and all(0 <= v <= 100 for v in values[2:])
                colours[colour] = tuple(round(v * 255 / 100) for v in values[2:])
        elif char == "!":
            count = values[0]
        elif char == "$":
            x = 0
        elif char == "-":
            x, y = 0, y + 6
        else:
            bits = ord(char) - 63
            assert 0 <= bits < 64
            for bit in range(6):
                if bits >> bit & 1:
                    assert (pixels[y + bit, x : x + count] == -1).all()  # each painted once
                    pixels[y + bit, x : x + count] = colours[colour]
            x, count = x + count, 1
            assert x <= pixels.shape[1]
    assert pixels.size and (pixels >= 0).all()
    return Image.fromarray(pixels.astype(np.uint8))
