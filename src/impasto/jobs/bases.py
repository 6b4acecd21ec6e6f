"""What jobs start from: options over those of a preset, under those that are given. No torch here,
so that help can tell them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RECONSTRUCT: Mapping[str, Any] = {
    "preset": "gatys2016",
    "network": "vgg19-lite",
    "padding": "auto",
    "size": 256,
    "steps": 300,
}
TEXTURE: Mapping[str, Any] = {"start": "noise", "first_size": 64}  # forms grow from small

# The layers of Gatys et al. 2016: of each content reconstruction in figure 1, and, as sets that
# grow, of each style reconstruction.
CONTENT_FIGURE = ("conv1_2", "conv2_2", "conv3_2", "conv4_2", "conv5_2")
STYLE_FIGURE = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
CONTENT_LAYER, STYLE_LAYERS = "conv4_2", ",".join(STYLE_FIGURE)
