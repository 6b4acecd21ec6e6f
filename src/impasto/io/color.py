"""Colour profiles: whatever a file's numbers mean, here they become sRGB."""

from __future__ import annotations

import functools
import io as bytes_io
import itertools
from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from impasto.picture import Pixels

# What a profile must be made for (ICC.1:2022, table 19), by the Pillow mode that is converted.
_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK", "LAB": "Lab"}
# Relative colorimetric keeps what sRGB can show as it is; black point compensation keeps apart the
# shadows of printing profiles, whose black is far lighter than sRGB's.
_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION


@functools.cache
def srgb_profile() -> bytes:
    """The ICC profile that goes into every file: the same bytes whenever it is made."""
    make = cast("Callable[[str], Any]", ImageCms.createProfile)  # pyright: ignore[reportUnknownMemberType]
    profile = bytearray(ImageCms.ImageCmsProfile(make("sRGB")).tobytes())
    # Bytes 24 to 35 of the header say when the profile was made, which is now. Files shall not
    # differ by their hour, so it becomes the date of IEC 61966-2-1, the sRGB standard.
    profile[24:36] = np.array([1999, 10, 18, 0, 0, 0], ">u2").tobytes()
    return bytes(profile)


def unit(samples: NDArray[Any], white: int) -> Pixels:
    """Integers in 0 to `white` as float32 in [0, 1]."""
    return np.divide(samples, np.float32(white), dtype=np.float32)


def image_to_srgb(image: Image.Image, profile: bytes | None) -> tuple[Pixels, str | None]:
    """An 8-bit Pillow image of mode RGB, CMYK or LAB as sRGB.

    Returns float32 (H, W, 3) in [0, 1], and a note where the profile could not be used.
    """
    transform, note = _transform(image.mode, profile)
    if transform is not None:
        converted = ImageCms.applyTransform(image, transform)
        image = image if converted is None else converted
    elif image.mode != "RGB":
        image = image.convert("RGB")  # inks by the schoolbook, Lab by its definition
    return unit(np.asarray(image, np.uint8), 255), note


def grey_to_srgb(grey: Pixels, profile: bytes | None) -> tuple[Pixels, str | None]:
    """Grey values as sRGB: float32 (H, W) in [0, 1] to float32 (H, W, 3), and a note as above.

    A profile bends 256 steps from black to white; what lies between them is interpolated, so
    that 16-bit greys stay as fine as they were. Grey pictures with an RGB profile are common (a
    camera's black and white); they are read as red = green = blue.
    """
    mode = "RGB" if _space(profile) == "RGB" else "L"
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None]).convert(mode)
    transform, note = _transform(mode, profile)
    if transform is None:
        return np.repeat(grey[..., None], 3, axis=2), note
    curves, _ = image_to_srgb(ramp, profile)
    steps = np.linspace(0, 1, 256)
    planes = [np.interp(grey, steps, curves[0, :, channel]) for channel in range(3)]
    return np.stack(planes, axis=-1).astype(np.float32), note


def is_srgb(profile: bytes | None) -> tuple[bool, str | None]:
    """Whether RGB numbers with this profile (or with one that can't be used) are sRGB already."""
    transform, note = _transform("RGB", profile)
    return transform is None, note


@functools.lru_cache(maxsize=8)
def _transform(
    mode: str, profile: bytes | None
) -> tuple[ImageCms.ImageCmsTransform | None, str | None]:
    """From `mode` with `profile` to sRGB; None where there is nothing to do. And a note."""
    note = None
    space = _space(profile)
    if profile and space != _SPACES[mode]:
        reason = f"it is for {space}, the picture is {_SPACES[mode]}" if space else "it is damaged"
        note, profile = f"the colour profile is ignored: {reason}", None
    if not profile:
        return None, note
    try:
        source, target = _profile(profile), _profile(srgb_profile())
        transform = ImageCms.buildTransform(source, target, mode, "RGB", _INTENT, _FLAGS)
    except (ImageCms.PyCMSError, OSError):
        return None, "the colour profile is ignored: it is damaged"
    if mode == "RGB" and _changes_nothing(transform):
        return None, note
    return transform, note


def _space(profile: bytes | None) -> str:
    """The colour space that a profile's header names, "" for none or a damaged one."""
    if not profile or profile[36:40] != b"acsp":
        return ""
    return profile[16:20].decode("ascii", "replace").strip()


def _profile(data: bytes) -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(bytes_io.BytesIO(data))


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether 9x9x9 colours come out as they went in, to one step: then the profile is sRGB.

    A profile's name doesn't tell (there is a linear "sRGB"), and the many sRGB profiles around
    differ in their last digits. Not converting spares those a rounding, and 16 bits their depth.
    """
    levels = [step * 255 // 8 for step in range(9)]
    cube = np.reshape(np.array([*itertools.product(levels, repeat=3)], np.uint8), (27, 27, 3))
    after = ImageCms.applyTransform(Image.fromarray(cube), transform)
    return bool(np.abs(np.asarray(after, np.int16) - cube).max() <= 1)
