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
        "default": Preset("Strokes and colours of the painting, the photograph's forms.", _OURS),
    }
)


def resolve(preset: str = "default", changes: Mapping[str, Any] | None = None) -> Options:
    """The options of a preset, with changes on top.

    Raises OptionError for a preset or an option that isn't there, or a value that doesn't fit.
    """
    if preset not in PRESETS:
        raise OptionError(f"there is no preset {preset!r}; {nearest(preset, PRESETS)}")
    return Options().changed({**PRESETS[preset].options, "preset": preset, **(changes or {})})
