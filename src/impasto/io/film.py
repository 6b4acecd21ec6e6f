"""From frames to the bytes of a film: animated GIF or WebP, or MP4. Nothing touches the disk."""

from __future__ import annotations

import importlib
import io as bytes_io
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, features

from impasto.errors import PictureError

PACE = 80  # milliseconds of a frame; GIF counts in tens of them
FIRST, LAST = 6, 25  # times as long, which the first and the last are shown
QUALITY = 85  # of WebP
SEEN = 96  # pixels a side of what a frame's colours are chosen from: all of them take too long


def times(count: int) -> list[int]:
    """How long each of so many frames is shown, in milliseconds."""
    return [PACE * (LAST if i == count - 1 else FIRST if i == 0 else 1) for i in range(count)]


def gif(frames: Sequence[Image.Image]) -> bytes:
    """Each frame in 256 colours of its own, dithered."""
    coloured: list[Image.Image] = []
    for frame in frames:
        few = frame.copy()
        few.thumbnail((SEEN, SEEN), Image.Resampling.NEAREST)
        palette = few.quantize(256, Image.Quantize.MEDIANCUT)
        coloured.append(frame.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG))
    return _with_pillow(coloured, "GIF")


def webp(frames: Sequence[Image.Image]) -> bytes:
    return _with_pillow(frames, "WEBP", quality=QUALITY)


def mp4(frames: Sequence[Image.Image]) -> bytes:
    """H.264, as browsers and telephones play it: sides are even, colours have half of them."""
    av = _av()
    width, height = (side // 2 * 2 for side in frames[0].size)
    out = bytes_io.BytesIO()
    try:
        with av.open(out, "w", format="mp4") as container:
            rate, options = Fraction(1000, PACE), {"crf": "18"}
            stream = container.add_stream("h264", rate=rate, options=options)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            for frame, shown in zip(frames, times(len(frames)), strict=True):
                pixels = np.asarray(frame.crop((0, 0, width, height)))
                for _ in range(shown // PACE):
                    picture = av.VideoFrame.from_ndarray(pixels, format="rgb24")
                    container.mux(stream.encode(picture))
            container.mux(stream.encode())  # what it has kept back
    except av.FFmpegError as error:
        raise PictureError(f"a film can't be made as .mp4 ({error}); choose .webp") from error
    return out.getvalue()


def _with_pillow(frames: Sequence[Image.Image], name: str, **settings: Any) -> bytes:
    out = bytes_io.BytesIO()
    frames[0].save(
        out,
        name,
        save_all=True,
        append_images=frames[1:],
        duration=times(len(frames)),
        loop=0,  # for ever
        **settings,
    )
    return out.getvalue()


def _av() -> Any:
    try:
        return importlib.import_module("av")
    except ImportError:
        raise PictureError(
            'a film as .mp4 needs one more package: pip install "impasto[video]", or choose .gif '
            "or .webp"
        ) from None


FORMATS: dict[str, Callable[[Sequence[Image.Image]], bytes]] = {
    ".gif": gif,
    ".webp": webp,
    ".mp4": mp4,
}


def check(path: Path) -> None:
    """Whether a film can be made of the kind that the extension says. Raises PictureError."""
    end, known = path.suffix.lower(), ", ".join(FORMATS)
    if end not in FORMATS:
        what = f"made as {end}" if end else "made without an extension to say the format"
        raise PictureError(f"{path}: films can't be {what}; choose {known}")
    if end == ".webp" and features.check("webp") is not True:
        raise PictureError("this Pillow can't write WebP; choose .gif")
    if end == ".mp4":
        _av()


def encode(frames: Sequence[Image.Image], path: Path) -> bytes:
    """The film of RGB frames of one size, in the format that the extension says.

    Raises PictureError where that can't be done.
    """
    check(path)
    try:
        return FORMATS[path.suffix.lower()](frames)
    except (OSError, ValueError, RuntimeError, MemoryError) as error:
        raise PictureError(
            f"{path.name} can't be made a film ({error}); choose another format"
        ) from error
