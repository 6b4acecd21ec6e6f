"""Opening a file, or a page, as a double click would."""

from __future__ import annotations

import os
import subprocess
import sys

import click


def opened(target: str) -> bool:
    """Whether something was found to show a path or an address with; what it says isn't heard."""
    if sys.platform != "linux":
        return not click.launch(target)
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False  # xdg-open would try browsers that take the terminal
    quiet = subprocess.DEVNULL
    try:
        subprocess.Popen(["xdg-open", target], stdin=quiet, stdout=quiet, stderr=quiet)
    except OSError:
        return False
    return True
