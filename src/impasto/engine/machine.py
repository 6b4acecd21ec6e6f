"""Which device computes, and in which precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch

from impasto.errors import OptionError


def choose_device(asked: str) -> torch.device:
    """auto: cuda, then mps, then cpu. OptionError for a device that isn't there."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if asked == "auto":
        return torch.device(next((name for name, is_there in there.items() if is_there), "cpu"))
    if not there.get(asked, True):
        raise OptionError(f"device {asked} is not available here; use auto or cpu")
    return torch.device(asked)


def choose_precision(asked: str, device: torch.device) -> torch.dtype:
    """auto: bfloat16 where the processor multiplies in it, otherwise float32.

    OptionError for a precision that the device hasn't.
    """
    known = {
        "float64": torch.float64,
        "float32": torch.float32,
        "bfloat16": torch.bfloat16,
    }
    if asked == "float64" and device.type == "mps":
        raise OptionError("precision float64 is not there on mps; use float32, or device cpu")
    if asked in known:
        return known[asked]
    return torch.bfloat16 if _multiplies_bfloat16(device) else torch.float32


def _multiplies_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    # torch has no public question for this; a release without this one gets float32.
    probe = cast("Callable[[], bool] | None", getattr(torch.cpu, "_is_avx512_bf16_supported", None))
    return device.type == "cpu" and probe is not None and probe()
