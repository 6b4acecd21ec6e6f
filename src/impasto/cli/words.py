"""Words on their way to a terminal."""

from __future__ import annotations

import os

import click


def printable(text: str) -> str:
    """The text without control characters: names and recipes come from files anyone may write."""
    return "".join(c if c.isprintable() else "?" for c in text)


def coloured(text: str, fg: str, *, bold: bool = False) -> str:
    """The text in a colour, for `click.echo`, which leaves it out where there is no terminal.

    Plain where NO_COLOR is set (no-color.org), and on terminals that have none.
    """
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return click.style(text, fg=fg, bold=bold)
