"""The door between files and Pictures: read, write, and know beforehand if that can work."""

from __future__ import annotations

import hashlib
import io as bytes_io
import os
import re
import stat
import struct
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from impasto.errors import PictureError
from impasto.io.atomic import replace_file
from impasto.io.decode import decode
from impasto.io.embed import recipe_in
from impasto.io.encode import FORMATS, Format
from impasto.io.failures import reading
from impasto.picture import Picture

# Frames of these are no animation: a photograph's preview or depth, and layers.
_SINGLE = frozenset({"MPO", "PSD"})


def formats() -> tuple[str, ...]:
    """The extensions that can be written here: ".png", ".jpg", ..."""
    return tuple(end for known in FORMATS if known.available() for end in known.extensions)


def read_picture(path: str | Path) -> Picture:
    """Read a picture file of any kind that Pillow opens, and HEIC where pillow_heif is installed.

    It comes upright and in sRGB, with its alpha; colours under alpha 0 are what the file has. Of
    an animation it is the first frame, and `notes` says so, as it says what else was decided. 16
    bits a channel are kept, unless there is a colour profile other than sRGB. EXIF and other
    metadata stay behind, but for impasto's own recipe. Raises PictureError.
    """
    path = Path(path)
    _check_input(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    with reading(str(path)):
        image = _open(bytes_io.BytesIO(data), path)
        recipe = recipe_in(image)
        note = _frames(image, path.name)
        pixels, alpha, notes = decode(image, data)
    return Picture(
        pixels,
        alpha,
        name=path.name,
        sha256=hashlib.sha256(data).hexdigest(),
        notes=(*note, *(f"{path.name}: {text}" for text in notes)),
        recipe=recipe,
    )


def read_recipe(path: str | Path) -> dict[str, Any] | None:
    """How impasto painted the picture in a file; None where the file doesn't say.

    Fast: decodes no pixels. Raises PictureError for a file that isn't a picture.
    """
    path = Path(path)
    _check_input(path)
    try:
        file = path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error
    with file, reading(str(path)):
        return recipe_in(_open(file, path))


def check_output(
    path: str | Path,
    *,
    overwrite: bool = False,
    bits: int = 8,
    size: tuple[int, int] | None = None,
) -> Path:
    """Whether a picture can be written to `path`, as far as that can be known before painting.

    size: (width, height) in pixels, where known. Returns the path; raises PictureError.
    """
    path = Path(path)
    check_place(path, overwrite=overwrite)
    known = _format(path)
    if bits not in known.bits:
        deep = " or ".join(end for one in FORMATS if bits in one.bits for end in one.extensions[:1])
        remedy = f"choose {deep}" if deep else "choose 8 or 16"
        raise PictureError(f"{known.name} can't hold {bits} bits a channel; {remedy}")
    if size is not None and max(size) > known.side:
        raise PictureError(
            f"the picture is {size[0]}x{size[1]} pixels and {known.name} holds {known.side} "
            "a side; choose .png or .tif, or a smaller size"
        )
    return path


def check_place(path: Path, *, overwrite: bool = False) -> None:
    """Whether a file, of any kind, can be written to `path`. Raises PictureError."""
    try:
        _check_place(path, overwrite=overwrite)
    except (OSError, ValueError) as error:  # a name too long, a folder that can't be looked into
        reason = getattr(error, "strerror", None) or error
        raise PictureError(
            f"can't write {path}: {reason}; choose another name or folder"
        ) from error


def write_picture(
    picture: Picture,
    path: str | Path,
    *,
    overwrite: bool = False,
    bits: int = 8,
    quality: int = 95,
) -> Path:
    """Write a picture, with its recipe and the sRGB profile, in the format that the extension says.

    bits: 8, or 16 for PNG and TIFF. quality: 1 to 100, for JPEG, WebP and AVIF. JPEG has no alpha:
    a transparent picture is laid over white there. The same picture gives the same bytes. A file
    is written whole or not at all, and a symbolic link's target is replaced, not the link.
    Returns the path; raises PictureError.
    """
    path = check_output(path, overwrite=overwrite, bits=bits, size=(picture.width, picture.height))
    known = _format(path)
    if not 1 <= quality <= 100:
        raise PictureError(f"quality is {quality}; choose 1 (small) to 100 (fine)")
    for plane in (picture.pixels, picture.alpha):
        if plane is not None and not np.isfinite(plane).all():
            bad = plane[~np.isfinite(plane)][0]
            raise PictureError(f"the picture holds {bad} and can't be written; replace such values")
    try:
        data = known.encode(picture, bits, quality)
    except (OSError, ValueError, RuntimeError, MemoryError, struct.error) as error:
        raise PictureError(
            f"{path.name} can't be made a {known.name} file ({error}); choose another format"
        ) from error
    replace_file(path, data)
    return path


def _check_input(path: Path) -> None:
    """That there is a file with something in it; opening a pipe or a device could wait forever."""
    try:
        status = path.stat()
    except FileNotFoundError:
        if re.match(r"[a-z]{3,}:/", str(path), re.IGNORECASE):
            address = str(path).replace(":/", "://", 1)
            raise PictureError(
                f"{address} is an address, and none is fetched; download it and give the file"
            ) from None
        raise PictureError(f"{path} isn't there; check the name and the folder") from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if stat.S_ISDIR(status.st_mode):
        raise PictureError(f"{path} is a folder; give a picture in it")
    if not stat.S_ISREG(status.st_mode):
        raise PictureError(f"{path} is a pipe or a device; save it as a file and give that")
    if status.st_size == 0:
        raise PictureError(f"{path} is empty (0 bytes); get it again")


def _unreadable(path: Path, error: Exception) -> PictureError:
    if isinstance(error, PermissionError):
        return PictureError(f"{path} may not be read; allow it (chmod +r) or copy the file")
    reason = getattr(error, "strerror", None) or error
    return PictureError(f"{path} can't be read ({reason}); check the name and the disk")


def _open(file: IO[bytes], path: Path) -> Image.Image:
    """An image, its pixels not yet decoded."""
    try:
        image = Image.open(file)
    except UnidentifiedImageError:
        file.seek(0)
        if file.read(12)[4:8] != b"ftyp":  # ISO 14496-12, which HEIF builds on
            raise
        try:
            import pillow_heif
        except ImportError:
            raise _no_heif(path) from None
        pillow_heif.register_heif_opener()  # pyright: ignore[reportUnknownMemberType]: **kwargs
        file.seek(0)
        image = Image.open(file)
    if image.format == "EPS":  # Pillow would have Ghostscript run it: not for files of strangers
        raise PictureError("EPS is a program and not pixels; export it as PNG")
    return image


def _no_heif(path: Path) -> PictureError:
    return PictureError(
        f"{path.suffix or 'this file'} needs one more package: pip install impasto[heic], "
        "or save the picture as JPEG"
    )


def _frames(image: Image.Image, name: str) -> tuple[str, ...]:
    count = 1 if image.format in _SINGLE else getattr(image, "n_frames", 1)
    kind = "pages" if image.format == "TIFF" else "frames"
    return (f"{name} has {count} {kind}; the first is used",) if count > 1 else ()


def _format(path: Path) -> Format:
    """The format that the extension says. Raises PictureError."""
    end = path.suffix.lower()
    for known in FORMATS:
        if end in known.extensions:
            if known.available():
                return known
            raise PictureError(f"this Pillow can't write {known.name}; choose .png or .jpg")
    known_ends = ", ".join(formats())
    if not end:
        raise PictureError(f"{path} has no extension to say the format; choose {known_ends}")
    raise PictureError(f"{path}: pictures can't be written as {end}; choose {known_ends}")


def _check_place(path: Path, *, overwrite: bool) -> None:
    target = Path(os.path.realpath(path))  # writing goes through a symbolic link
    if target.is_dir():
        raise PictureError(f"{path} is a folder; give a file in it: {path / 'out.png'}")
    if not target.parent.exists():
        raise PictureError(f"folder {target.parent} isn't there; make it or choose another")
    if not target.parent.is_dir():
        raise PictureError(f"{target.parent} is a file and not a folder; choose another")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise PictureError(f"folder {target.parent} can't be written to; choose another")
    if not target.exists():
        return
    if not target.is_file():
        raise PictureError(f"{path} is a pipe or a device; choose a file")
    if not overwrite:
        raise PictureError(
            f"{path} exists; choose another name, or allow overwriting (--overwrite)"
        )
    if not os.access(target, os.W_OK):
        raise PictureError(f"{path} is write-protected; unprotect it or choose another name")
