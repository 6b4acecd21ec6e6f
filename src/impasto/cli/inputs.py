"""The pictures that a command line names: what is wrong with them that no file can say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from impasto.errors import OptionError, PictureError

NUMBERS = re.compile(r"[\d.,]+")


def check(content: str, styles: Sequence[str]) -> None:
    """Errors for a list of numbers that was cut at its spaces, a path that was, a folder, and an
    output that follows the styles without -o.
    """
    words = [content, *styles]
    missing = [word for word in words if not _there(word)]
    for word in missing:
        if NUMBERS.fullmatch(word):
            raise OptionError(
                f"{word} is no picture; a list of numbers is joined by commas, without spaces: "
                "--style-weights 2,1"
            )
    if missing and (path := _cut(words)):
        raise PictureError(f"{path} has spaces in its name; put it in quotes: '{path}'")
    if Path(content).is_dir():
        raise PictureError(
            f"{content} is a folder; one photograph is painted at a time: name a picture in it, or "
            "go through all in a loop (docs/howto.md, Many pictures)"
        )
    if len(styles) > 1 and styles[-1] in missing:
        raise OptionError(f"{styles[-1]} isn't there; if it is to be written, say -o {styles[-1]}")


def _cut(words: Sequence[str]) -> str:
    """The path of a file that some of the words are together; "" where there is none."""
    for i in range(len(words)):
        for j in range(i + 2, len(words) + 1):
            if _there(path := " ".join(words[i:j])):
                return path
    return ""


def _there(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:  # no name that a file could have
        return False
