"""Colour profiles made byte by byte, and pictures to try things on."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

from impasto.picture import Picture


def _xyz(x: float, y: float, z: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in (x, y, z)))


def _gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256))


def _text(kind: bytes, text: bytes) -> bytes:
    if kind == b"desc":
        return b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + b"\0" * 79
    return b"text\0\0\0\0" + text + b"\0"


def icc_profile(space: bytes, connection: bytes, device: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC version 2 profile of these tags (ICC.1:2001-04, clauses 6.1 and 6.2)."""
    tags = {
        b"desc": _text(b"desc", b"a test"),
        b"cprt": _text(b"text", b"none"),
        b"wtpt": _xyz(0.9642, 1.0, 0.8249),
        **tags,
    }
    offset = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        data += b"\0" * (-len(data) % 4)
        table += name + struct.pack(">II", offset + len(body), len(data))
        body += data
    header = struct.pack(
        ">I4sI4s4s4s12s4s", 0, b"none", 0x02400000, device, space, connection, bytes(12), b"acsp"
    )
    header += bytes(28) + _xyz(0.9642, 1.0, 0.8249)[8:]
    header = header.ljust(128, b"\0")
    profile = header + table + body
    return struct.pack(">I", len(profile)) + profile[4:]


class Space(NamedTuple):
    """A colour space as a profile, and as a formula: (3, n) in [0, 1] to XYZ under D50."""

    profile: bytes
    to_xyz: Callable[[np.ndarray], np.ndarray]


# Adobe RGB (1998), columns red, green, blue, adapted to D50 (brucelindbloom.com, RGB/XYZ matrices).
ADOBE_TO_D50 = np.array(
    [
        [0.6097559, 0.2052401, 0.1492240],
        [0.3111242, 0.6256560, 0.0632197],
        [0.0194811, 0.0608902, 0.7448387],
    ]
)
ADOBE_GAMMA = 563 / 256


def rgb_space(to_d50: np.ndarray, gamma: float) -> Space:
    tags = {name + b"XYZ": _xyz(*to_d50[:, i]) for i, name in enumerate([b"r", b"g", b"b"])}
    tags |= {name + b"TRC": _gamma(gamma) for name in (b"r", b"g", b"b")}
    profile = icc_profile(b"RGB ", b"XYZ ", b"mntr", tags)
    return Space(profile, lambda values: to_d50 @ values**gamma)


@pytest.fixture(scope="session")
def adobe() -> Space:
    return rgb_space(ADOBE_TO_D50, ADOBE_GAMMA)


@pytest.fixture(scope="session")
def make_space() -> Callable[[np.ndarray, float], Space]:
    return rgb_space


@pytest.fixture(scope="session")
def adobe_profile(adobe: Space) -> bytes:
    return adobe.profile


@pytest.fixture(scope="session")
def linear_grey_profile() -> bytes:
    return icc_profile(b"GRAY", b"XYZ ", b"mntr", {b"kTRC": _gamma(1.0)})


@pytest.fixture(scope="session")
def ink_profile() -> bytes:
    """A press: its cyan is pink, Lab (60, 60, 0), its black is black, no other ink shows."""
    corners = b""
    for index in range(16):  # the first channel varies slowest
        cyan, black = index >> 3, index & 1
        lab = (0, 0, 0) if black else (60, 60, 0) if cyan else (100, 0, 0)
        corners += bytes([round(lab[0] * 2.55), lab[1] + 128, lab[2] + 128])
    identity = bytes(range(256))
    lut = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0])
    lut += struct.pack(">9i", *(65536 * (i % 4 == 0) for i in range(9)))
    lut += identity * 4 + corners + identity * 3
    paper = _xyz(0.85, 0.88, 0.65)  # yellowish, and to be white in a picture all the same
    tags = {b"wtpt": paper, b"A2B0": lut, b"A2B1": lut, b"A2B2": lut}
    return icc_profile(b"CMYK", b"Lab ", b"prtr", tags)


@pytest.fixture
def make_picture() -> Callable[..., Picture]:
    """Pictures whose values are whole 16-bit or 8-bit steps, so that they come back exactly."""

    def make(height: int = 5, width: int = 7, *, bits: int = 8, alpha: bool = False) -> Picture:
        white = 2**bits - 1
        random = np.random.default_rng(20).integers(0, white + 1, (4, height, width))
        planes = (random / white).astype(np.float32)
        return Picture(planes[:3].copy(), planes[3].copy() if alpha else None)

    return make
