"""Words on their way to a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text without control characters: names and recipes come from files anyone may write."""
    return "".join(c if c.isprintable() else "?" for c in text)
