"""From an opened Pillow image to planes: every mode, depth and orientation becomes one kind."""

from __future__ import annotations

import io as bytes_io
import sys
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from impasto.errors import PictureError
from impasto.io.color import grey_to_srgb, image_to_srgb, is_srgb, unit
from impasto.picture import Pixels

_ORIENTATION_TAG = 0x0112
# Pillow's name for the other byte of 16-bit colour; see `_low_bytes`.
_NATIVE_SWAPPED = "16B" if sys.byteorder == "little" else "16L"
_SWAPPED = {"16B": "16L", "16L": "16B", "16N": _NATIVE_SWAPPED}
# EXIF 2.32, tag 274, as operations on (H, W, ...). 1 is upright; what isn't here is taken for that.
_UPRIGHT: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: np.swapaxes(a, 0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.swapaxes(a[::-1, ::-1], 0, 1),
    8: lambda a: np.rot90(a),
}


class Planes(NamedTuple):
    """pixels: float32 (3, H, W), sRGB, in [0, 1]. alpha: float32 (H, W), None where opaque."""

    pixels: Pixels
    alpha: Pixels | None
    notes: tuple[str, ...]


def decode(image: Image.Image, data: bytes | None = None) -> Planes:
    """The planes of an opened image (its current frame), upright and in sRGB.

    data: the file that `image` was opened from; with it, 16-bit colour keeps its 16 bits.
    Pillow's own errors for damaged files pass through; PictureError for values that aren't numbers.
    """
    found: object = image.info.get("icc_profile")
    profile = found if isinstance(found, bytes) and found else None
    low = _low_bytes(image, data) if data else None
    image.load()
    plainly, profile_note = is_srgb(profile)
    notes: list[str | None] = []
    if low is not None and plainly:
        samples = np.asarray(image, np.uint8).astype(np.uint16) << 8 | np.asarray(low, np.uint8)
        color = unit(samples[..., :3], 65535)
        alpha = _alpha_of_samples(samples, image)
        notes.append(profile_note)
    elif image.mode.startswith("I;16") or image.mode in ("I", "F"):
        values = np.asarray(image)
        grey, note = _grey(values, image)
        alpha = _alpha_of_samples(values[..., None], image)
        color, color_note = grey_to_srgb(grey, profile)
        notes += [note, color_note]
    else:
        if low is not None:
            notes.append("its colour profile was applied at 8 bits a channel")
        plain, alpha = _split_alpha(image)
        if plain.mode == "L":
            color, note = grey_to_srgb(_unit(plain), profile)
        else:
            color, note = image_to_srgb(plain, profile)
        notes.append(note)
    turn = _UPRIGHT.get(_orientation(image), lambda a: a)
    if alpha is not None:
        alpha = None if (alpha >= 1).all() else np.ascontiguousarray(turn(alpha))
    pixels = np.ascontiguousarray(np.moveaxis(turn(color), -1, 0))
    return Planes(pixels, alpha, tuple(note for note in notes if note))


def _low_bytes(image: Image.Image, data: bytes) -> Image.Image | None:
    """The low bytes of 16-bit RGB or RGBA, as an 8-bit image; None for any other file.

    Pillow reads such files with their high bytes alone. Told that the bytes lie the other way
    round, its decoders give the low ones, at their full speed and for all compressions.
    """
    tiles = getattr(image, "tile", None)
    if not tiles or image.mode not in ("RGB", "RGBA"):
        return None
    other = Image.open(bytes_io.BytesIO(data))
    swapped: list[Any] = []
    for tile in other.tile:
        many = isinstance(tile.args, tuple)
        args = cast("tuple[Any, ...]", tile.args) if many else (tile.args,)
        bands, _, depth = str(args[0]).partition(";")
        if bands != image.mode or depth not in _SWAPPED:
            return None
        mode = f"{bands};{_SWAPPED[depth]}"
        swapped.append(tile._replace(args=(mode, *args[1:]) if many else mode))
    other.tile = swapped
    other.load()
    return other


def _split_alpha(image: Image.Image) -> tuple[Image.Image, Pixels | None]:
    """An 8-bit image of any mode as one of mode L, RGB, CMYK or LAB, and its alpha."""
    mode = image.mode
    if image.has_transparency_data:
        grey = mode in ("1", "L", "LA", "La")
        with_alpha = image.convert("LA" if grey else "RGBA")
        bands = with_alpha.split()
        plain = bands[0] if grey else Image.merge("RGB", bands[:3])
        return plain, _unit(bands[-1])
    if mode in ("L", "RGB", "CMYK", "LAB"):
        return image, None
    return image.convert("L" if mode == "1" else "RGB"), None


def _unit(band: Image.Image) -> Pixels:
    return unit(np.asarray(band, np.uint8), 255)


def _alpha_of_samples(samples: NDArray[Any], image: Image.Image) -> Pixels | None:
    """Alpha of (H, W, channels) samples: the fourth channel, or all but the one clear colour."""
    if samples.shape[-1] == 4:
        return unit(samples[..., 3], 65535)
    clear: object = image.info.get("transparency")
    if not isinstance(clear, int | tuple):
        return None
    return (samples != np.array(cast("Any", clear))).any(axis=-1).astype(np.float32)


def _grey(values: NDArray[Any], image: Image.Image) -> tuple[Pixels, str | None]:
    """Grey of more than 8 bits, (H, W), as float32 in [0, 1], and a note where that is a guess."""
    if image.mode.startswith("I;16"):
        return unit(values, 65535), None
    if image.mode == "I" and image.format == "TIFF" and image.getexif().get(0x0153, 1) == 1:
        values = values.astype(np.uint32)  # SampleFormat 1: unsigned, which Pillow's "I" isn't
    low, high = float(values.min()), float(values.max())
    if not np.isfinite([low, high]).all():
        raise PictureError("it has values that aren't numbers (nan or inf): replace them first")
    # The numbers don't say what white is: the least usual white that holds them all, or their own.
    known = {"F": (1.0,), "I": (255.0, 65535.0)}[image.mode]
    if image.format == "PPM" and image.mode == "I":
        known = (65535.0,)  # Pillow has scaled these to 16 bits
    black = min(low, 0.0)
    white = next((usual for usual in known if high <= usual), high)
    note = None
    if black < 0 or white not in known:
        note = f"its values, {low:g} to {high:g}, were scaled: {black:g} is black, {white:g} white"
    scaled = (values.astype(np.float64) - black) / (white - black)
    return scaled.astype(np.float32), note


def _orientation(image: Image.Image) -> int:
    """After load(): some of Pillow's readers turn the picture themselves and then say 1."""
    try:
        value: object = image.getexif().get(_ORIENTATION_TAG, 1)
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError):
        return 1  # damaged EXIF says nothing
    return value if isinstance(value, int) else 1
