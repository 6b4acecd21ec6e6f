"""Named sets of options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from impasto.errors import OptionError, nearest
from impasto.options import Options


@dataclass(frozen=True)
class Preset:
    """summary: one line for a list. source: where it is from. options: what differs from the
    defaults of `Options`.
    """

    summary: str
    source: str
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


_OURS = "impasto"

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "default": Preset("The painting's strokes and colours, the photograph's forms", _OURS),
        "faithful": Preset(
            "Closer to the photograph: faces, writing and windows stay",
            _OURS,
            {"content_weight": 0.12},
        ),
        "bold": Preset(
            "Closer to the painting: larger strokes, forms give way; not for faces",
            _OURS,
            {"content_weight": 0.02, "style_scale": 1.4, "first_size": 181},
        ),
    }
)


def resolve(preset: str = "default", changes: Mapping[str, Any] | None = None) -> Options:
    """The options of a preset, with changes on top.

    Raises OptionError for a preset or an option that isn't there, or a value that doesn't fit.
    """
    if preset not in PRESETS:
        raise OptionError(f"there is no preset {preset!r}; {nearest(preset, PRESETS)}")
    return Options().changed({**PRESETS[preset].options, "preset": preset, **(changes or {})})
