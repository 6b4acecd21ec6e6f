"""Pictures from memory: Pillow images and numpy arrays."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from impasto.errors import PictureError
from impasto.io.color import unit
from impasto.io.decode import decode
from impasto.io.failures import reading
from impasto.picture import Picture, Pixels

_CHANNELS = ((3,), (4,))


def picture_from_pil(image: Image.Image) -> Picture:
    """A Picture of a Pillow image of any mode, converted as `read_picture` does.

    Has no name and no recipe; sha256 is of the pixels. Raises PictureError.
    """
    with reading("the image"):
        pixels, alpha, notes = decode(image)
    return Picture(pixels, alpha, sha256=_sha256(pixels, alpha), notes=notes)


def picture_from_array(array: NDArray[Any]) -> Picture:
    """A Picture of an array of sRGB values: grey (H, W), RGB (H, W, 3) or RGBA (H, W, 4).

    uint8 in 0 to 255, uint16 in 0 to 65535, or floats in [0, 1]; floats may also be (3, H, W),
    as networks have them, unless the last axis is 3 or 4 long: then that is the channels. The
    array is copied. Raises PictureError for other shapes and types, and floats out of range.
    """
    values = _unit(np.asarray(array))
    if values.ndim == 2:
        values = np.repeat(values[..., None], 3, axis=2)
    elif array.dtype.kind == "f" and values.shape[:1] == (3,) and values.shape[2:] not in _CHANNELS:
        values = np.moveaxis(values, 0, -1)
    if values.ndim != 3 or values.shape[2:] not in _CHANNELS or 0 in values.shape:
        raise PictureError(
            f"the array has shape {array.shape}; give (height, width), (height, width, 3 or 4), "
            "or floats (3, height, width)"
        )
    pixels = np.ascontiguousarray(np.moveaxis(values[..., :3], -1, 0))
    alpha = np.ascontiguousarray(values[..., 3]) if values.shape[2] == 4 else None
    if alpha is not None and (alpha >= 1).all():
        alpha = None
    return Picture(pixels, alpha, sha256=_sha256(pixels, alpha))


def _unit(array: NDArray[Any]) -> Pixels:
    """Any of the types that are taken as float32 in [0, 1]; a copy."""
    if array.dtype == np.uint8:
        return unit(array, 255)
    if array.dtype == np.uint16:
        return unit(array, 65535)
    if array.dtype.kind != "f":
        raise PictureError(f"the array holds {array.dtype}; give uint8, uint16 or floats in [0, 1]")
    if not np.isfinite(array).all():
        bad = array[~np.isfinite(array)][0]
        raise PictureError(f"the array holds {bad}; replace what isn't a number (numpy.nan_to_num)")
    if array.size and (array.min() < 0 or array.max() > 1):
        worst = array.max() if array.max() > 1 else array.min()
        raise PictureError(
            f"the array holds {worst:g}; floats are to lie in [0, 1]: rescale them (values up to "
            "255: divide by 255) or clip them"
        )
    return array.astype(np.float32)


def _sha256(pixels: Pixels, alpha: Pixels | None) -> str:
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(pixels.tobytes())
    if alpha is not None:
        digest.update(alpha.tobytes())
    return digest.hexdigest()
