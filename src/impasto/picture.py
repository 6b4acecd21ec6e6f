"""Picture: the one currency in which pictures cross impasto's boundaries."""

from __future__ import annotations

import io as bytes_io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from impasto.errors import PictureError

if TYPE_CHECKING:
    from PIL import Image

Pixels = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture in memory.

    pixels:  float32 (3, H, W), sRGB, in [0, 1].
    alpha:   float32 (H, W) in [0, 1], 0 = transparent; None = opaque throughout.
    name:    the file's name without its folder, or "" for a picture that came from memory.
    sha256:  of the file's bytes (of the pixels, for a picture that came from memory), or "".
    notes:   what a person should know of how it was read ("first of 12 frames").
    recipe:  how impasto painted it, where it did; see `jobs.recipe`.
    """

    pixels: Pixels
    alpha: Pixels | None = None
    name: str = ""
    sha256: str = ""
    notes: tuple[str, ...] = ()
    recipe: Mapping[str, Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        shape, kind = self.pixels.shape, self.pixels.dtype
        if len(shape) != 3 or shape[0] != 3 or 0 in shape or kind != np.float32:
            raise PictureError(
                f"pixels are {kind} of shape {shape}; a Picture takes float32 (3, height, width)"
            )
        alpha = self.alpha
        if alpha is not None and (alpha.shape != shape[1:] or alpha.dtype != np.float32):
            raise PictureError(
                f"alpha is {alpha.dtype} of shape {alpha.shape}; "
                f"this picture takes float32 {shape[1:]}"
            )

    @property
    def width(self) -> int:
        return self.pixels.shape[2]

    @property
    def height(self) -> int:
        return self.pixels.shape[1]

    def to_bytes(self) -> NDArray[np.uint8]:
        """uint8 (H, W, 3), or (H, W, 4) where there is alpha."""
        alpha = [] if self.alpha is None else [self.alpha[None]]
        planes: Pixels = np.concatenate([self.pixels, *alpha]).clip(0, 1)
        return np.ascontiguousarray(np.moveaxis((planes * 255 + 0.5).astype(np.uint8), 0, -1))

    def to_pil(self) -> Image.Image:
        """A Pillow image, RGB or RGBA, 8 bits a channel."""
        from PIL import Image

        return Image.fromarray(self.to_bytes())

    def save(self, path: str | Path, *, overwrite: bool = False, bits: int = 8) -> Path:
        """Write the picture, with its recipe, in the format that the extension says.

        bits: 8, or 16 for PNG and TIFF. Raises PictureError; never leaves half a file.
        """
        from impasto.io.files import write_picture

        return write_picture(self, path, overwrite=overwrite, bits=bits)

    def _repr_png_(self) -> bytes:  # how notebooks show it
        out = bytes_io.BytesIO()
        self.to_pil().save(out, "PNG")
        return out.getvalue()

    def __repr__(self) -> str:
        name = f" {self.name}" if self.name else ""
        return (
            f"<Picture{name} {self.width}x{self.height}{' with alpha' * (self.alpha is not None)}>"
        )
