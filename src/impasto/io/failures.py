"""What goes wrong in reading, in one line each: what Pillow raises becomes a PictureError."""

from __future__ import annotations

import re
import struct
import warnings
import zlib
from collections.abc import Generator
from contextlib import contextmanager

from PIL import Image, UnidentifiedImageError

from impasto.errors import PictureError

# Pillow's readers meet damaged files with nearly anything; these are what they are known to raise.
_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    EOFError,
    RuntimeError,
    AssertionError,
    struct.error,
    zlib.error,
)


@contextmanager
def reading(name: str) -> Generator[None]:
    """Turns what goes wrong while the picture `name` is decoded into PictureError.

    Pillow's warnings stay inside: pictures up to its limit are fine, and damaged metadata is
    nothing to us.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            warnings.simplefilter("ignore", UserWarning)
            yield
    except PictureError as error:
        raise PictureError(f"{name} can't be used: {error}") from None
    except Image.DecompressionBombError as error:
        raise PictureError(f"{name} is too big{_sizes(error)}; reduce it first") from error
    except UnidentifiedImageError as error:
        raise PictureError(
            f"{name} is not a picture that can be read, or is damaged; give a PNG, JPEG, WebP, "
            "TIFF, AVIF or HEIC, or save it anew as one of them"
        ) from error
    except MemoryError as error:
        raise PictureError(f"{name} doesn't fit into memory; reduce it first") from error
    except _DAMAGED as error:
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        raise PictureError(
            f"{name} is damaged or cut short ({reason}); get it again or save it anew"
        ) from error


def _sizes(error: Image.DecompressionBombError) -> str:
    """The numbers of Pillow's message: the pixels there are, and how many it allows."""
    numbers = [int(number) for number in re.findall(r"\d+", str(error))]
    if len(numbers) < 2:
        return ""
    return f": {numbers[0] / 1e6:.0f} million pixels, the limit is {numbers[1] / 1e6:.0f} million"
