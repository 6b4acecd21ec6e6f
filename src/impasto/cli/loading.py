"""Loading what paints: torch and all that stands on it, which makes a million objects that stay."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def loading() -> Generator[None]:
    """Import within it. What is there by then is never looked through for garbage, neither while
    more is loaded nor when the process ends: a sixth of a second, and a third of one.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()
