"""From a Picture to the bytes of a file, by format. Nothing here touches the disk."""

from __future__ import annotations

import io as bytes_io
import struct
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, features

from impasto.errors import PictureError
from impasto.io.color import srgb_profile
from impasto.io.embed import SOFTWARE, USER_COMMENT, exif_block, user_comment
from impasto.picture import Picture

# A JPEG segment counts its bytes, itself included, in 16 bits (ITU T.81, B.1.1.4).
_JPEG_SEGMENT = 65533


class Format(NamedTuple):
    """A format that can be written.

    side: the most pixels a side can have. encode: (picture, bits, quality) to a file's bytes.
    """

    name: str
    extensions: tuple[str, ...]
    bits: tuple[int, ...]
    side: int
    encode: Callable[[Picture, int, int], bytes]
    available: Callable[[], bool] = lambda: True


def samples(picture: Picture, bits: int, *, alpha: bool = True) -> NDArray[np.uint8 | np.uint16]:
    """(H, W, 3), or (H, W, 4) with alpha, as uint8 or uint16.

    alpha: False lays a transparent picture over white, in sRGB as viewers do.
    """
    kind, white = (np.uint16, 65535) if bits == 16 else (np.uint8, 255)
    cover = None if picture.alpha is None else picture.alpha.clip(0, 1)
    planes = [*picture.pixels, *([cover] if alpha and cover is not None else [])]
    values = np.empty((picture.height, picture.width, len(planes)), kind)
    for i, plane in enumerate(planes):  # one at a time, for what memory a large picture takes
        shown = plane.clip(0, 1)
        if cover is not None and not alpha:
            shown = shown * cover + (1 - cover)
        values[..., i] = shown * white + 0.5
    return values


def encode_png(picture: Picture, bits: int, quality: int) -> bytes:
    """Lossless, 8 or 16 bits, with alpha."""
    if bits == 8:
        return _with_pillow(picture, "PNG")
    # Pillow has no 16-bit colour, and of PNG (RFC 2083 and its third edition) little is needed.
    values = samples(picture, 16)
    height, width, channels = values.shape
    big_endian = values.astype(">u2").tobytes()
    rows = np.reshape(np.frombuffer(big_endian, np.uint8), (height, -1))
    # Filter 2, up: each byte less the one above it. For smooth pictures that packs well.
    filtered = np.empty((height, 1 + rows.shape[1]), np.uint8)
    filtered[:, 0] = 2
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    color_type = {3: 2, 4: 6}[channels]
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, 0)),
        (b"iCCP", b"ICC Profile\0\0" + zlib.compress(srgb_profile())),
        (b"eXIf", exif_block(picture.recipe).removeprefix(b"Exif\0\0")),
        (b"IDAT", zlib.compress(filtered.tobytes())),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))
        for tag, body in chunks
    )


def encode_jpeg(picture: Picture, bits: int, quality: int) -> bytes:
    """Chroma at full size (4:4:4): paint has hard coloured edges. Alpha is laid over white."""
    size = len(exif_block(picture.recipe))
    if size > _JPEG_SEGMENT:
        raise PictureError(
            f"the recipe takes {size} bytes and JPEG holds {_JPEG_SEGMENT}; save as .png instead"
        )
    return _with_pillow(picture, "JPEG", alpha=False, quality=quality, subsampling=0)


def encode_webp(picture: Picture, bits: int, quality: int) -> bytes:
    # exact: colours under full transparency stay as they are.
    return _with_pillow(picture, "WEBP", quality=quality, exact=True)


def encode_avif(picture: Picture, bits: int, quality: int) -> bytes:
    return _with_pillow(picture, "AVIF", quality=quality, subsampling="4:4:4")


def encode_tiff(picture: Picture, bits: int, quality: int) -> bytes:
    """Lossless, 8 or 16 bits, with alpha; deflate-packed, one page, no date."""
    comment = user_comment(picture.recipe)
    out = bytes_io.BytesIO()
    tifffile.imwrite(
        out,
        samples(picture, bits),
        photometric="rgb",
        extrasamples=None if picture.alpha is None else ["unassalpha"],
        compression="zlib",
        predictor=True,
        metadata=None,
        software=SOFTWARE,
        iccprofile=srgb_profile(),
        # 7 is UNDEFINED, the type that EXIF gives this tag.
        extratags=[(USER_COMMENT, 7, len(comment), comment, True)] if comment else (),
    )
    return out.getvalue()


def _with_pillow(picture: Picture, name: str, *, alpha: bool = True, **settings: Any) -> bytes:
    out = bytes_io.BytesIO()
    image = Image.fromarray(samples(picture, 8, alpha=alpha))
    block = exif_block(picture.recipe)
    image.save(out, name, exif=block, icc_profile=srgb_profile(), **settings)
    return out.getvalue()


FORMATS = (
    Format("PNG", (".png",), (8, 16), 2**31 - 1, encode_png),
    Format("JPEG", (".jpg", ".jpeg"), (8,), 65500, encode_jpeg),
    Format("WebP", (".webp",), (8,), 16383, encode_webp, lambda: features.check("webp") is True),
    Format("TIFF", (".tif", ".tiff"), (8, 16), 2**31 - 1, encode_tiff),
    # AV1 goes to 65536, but the usual decoder (libavif) by default refuses more than this.
    Format("AVIF", (".avif",), (8,), 32768, encode_avif, lambda: features.check("avif") is True),
)
