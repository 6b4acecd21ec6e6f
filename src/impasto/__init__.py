"""impasto: neural style transfer as a tool.

>>> import impasto
>>> picture = impasto.stylize("cat.png", "swirls.jpg", size=512)  # doctest: +SKIP
>>> picture.save("out.png")  # doctest: +SKIP

`stylize` gives a finished Picture; `paint` yields an event for each step on the way. `texture`,
`sweep` and the reconstructions are jobs on the same engine. Names load when they are first used, so
that importing impasto is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from impasto.version import __version__

if TYPE_CHECKING:
    from impasto.errors import (
        ImpastoError,
        NetworkError,
        OptionError,
        PaintingError,
        PictureError,
        WeightsError,
    )
    from impasto.events import Event, Finished, Note, Started, Step
    from impasto.io.files import read_picture, read_recipe, write_picture
    from impasto.jobs.reconstruct import (
        reconstruct_content,
        reconstruct_figure,
        reconstruct_style,
    )
    from impasto.jobs.single import paint, stylize
    from impasto.jobs.sweep import sweep
    from impasto.jobs.texture import texture
    from impasto.options import Options
    from impasto.picture import Picture
    from impasto.presets import PRESETS, Preset

__all__ = [
    "PRESETS",
    "Event",
    "Finished",
    "ImpastoError",
    "NetworkError",
    "Note",
    "OptionError",
    "Options",
    "PaintingError",
    "Picture",
    "PictureError",
    "Preset",
    "Started",
    "Step",
    "WeightsError",
    "__version__",
    "paint",
    "read_picture",
    "read_recipe",
    "reconstruct_content",
    "reconstruct_figure",
    "reconstruct_style",
    "stylize",
    "sweep",
    "texture",
    "write_picture",
]

_HOMES = {
    "impasto.errors": (
        "ImpastoError",
        "NetworkError",
        "OptionError",
        "PaintingError",
        "PictureError",
        "WeightsError",
    ),
    "impasto.events": ("Event", "Finished", "Note", "Started", "Step"),
    "impasto.io.files": ("read_picture", "read_recipe", "write_picture"),
    "impasto.jobs.reconstruct": (
        "reconstruct_content",
        "reconstruct_figure",
        "reconstruct_style",
    ),
    "impasto.jobs.single": ("paint", "stylize"),
    "impasto.jobs.sweep": ("sweep",),
    "impasto.jobs.texture": ("texture",),
    "impasto.options": ("Options",),
    "impasto.picture": ("Picture",),
    "impasto.presets": ("PRESETS", "Preset"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'impasto' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
