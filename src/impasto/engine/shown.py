"""What was painted, as a picture: with the colours and the parts that the photograph keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from impasto.engine import canvas, colour, regions
from impasto.engine.pyramid import Size
from impasto.options import Options
from impasto.picture import Picture


def picture(
    painted: Tensor | None,
    content: Picture,
    size: Size,
    options: Options,
    keep: Tensor | None,
    recipe: Mapping[str, Any] | None,
    *,
    wraps: bool = False,
) -> Picture:
    """A picture of one size.

    painted:  (1, 3, h, w), of any size; None = nothing yet, which shows the photograph.
    keep:     (1, 1, h, w), what of the photograph is kept; None = nothing.
    recipe:   what it says of its making.
    """
    pixels, alpha = canvas.to_tensor(content, torch.device("cpu"))
    if painted is None:
        shown = canvas.resized(pixels, *size)
    else:
        shown = canvas.resized(painted, *size, wraps=wraps).float().cpu()
        if options.color == "keep" or keep is not None:
            photograph = canvas.resized(pixels, *size)
            shown = shown.clamp(0, 1)
            if options.color == "keep":
                shown = colour.keep(shown, photograph)
            shown = regions.protect(shown, photograph, keep)
    plane = None
    if alpha is not None:
        plane = np.array(canvas.resized(alpha, *size)[0, 0].numpy(), np.float32)
    return Picture(canvas.to_pixels(shown), plane, recipe=recipe)
