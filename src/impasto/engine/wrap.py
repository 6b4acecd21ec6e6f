"""Pictures that wrap around, so that copies laid side by side show no seam.

The network pads in circles (`networks.vgg`); what else looks across a border does so here. Sides
are multiples of 16, so that poolings wrap too.
"""

from __future__ import annotations

import math

from torch import Tensor
from torch.nn import functional as F

from impasto.engine.pyramid import Size

MULTIPLE = 16  # of every side: four poolings lie before the deepest layers
REACH = 4  # pixels that a bicubic filter sees to either side, and some


def rounded(size: Size) -> Size:
    """The nearest sides that wrap."""
    width, height = (max(1, int(side / MULTIPLE + 0.5)) * MULTIPLE for side in size)
    return width, height


def resized(picture: Tensor, width: int, height: int, mode: str = "bicubic") -> Tensor:
    """(1, C, height, width), antialiased when it shrinks, with the picture repeated around it."""
    _, _, own_height, own_width = picture.shape
    x, new_x = _margin(own_width, width)
    y, new_y = _margin(own_height, height)
    around = F.pad(picture, (x, x, y, y), mode="circular")
    to = (height + 2 * new_y, width + 2 * new_x)
    out = F.interpolate(around, to, mode=mode, antialias=True)
    return out[..., new_y : new_y + height, new_x : new_x + width]


def _margin(own: int, new: int) -> Size:
    """What to repeat at an end, before and after: whole pixels both times, and enough of them."""
    steps = math.gcd(own, new)
    reach = REACH * max(1.0, own / new)
    count = min(steps, math.ceil(reach * steps / own))
    return own // steps * count, new // steps * count
