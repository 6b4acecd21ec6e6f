"""The errors that impasto raises.

ImpastoError                 anything that went wrong for a reason the user can mend
├── OptionError              a value, name or combination that was asked for makes no sense
├── PictureError             a picture can't be read or written
├── NetworkError             a network can't be used for what was asked of it
│   └── WeightsError         its weights are missing, damaged, or not what they should be
└── PaintingError            painting could not go on

Every message is one line: what is wrong, with the value, and what to do about it. Only front ends
turn these into words on a screen and exit codes.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

FEW = 6  # choices that a message lists rather than guesses among


class ImpastoError(Exception):
    """Base of all errors that impasto raises on purpose."""


class OptionError(ImpastoError, ValueError):
    """An option's value, a name, or a combination of them makes no sense."""


class PictureError(ImpastoError):
    """A picture can't be read or written."""


class NetworkError(ImpastoError):
    """A network can't be used for what was asked of it."""


class WeightsError(NetworkError):
    """Weights are missing, damaged, or not what they should be."""


class PaintingError(ImpastoError):
    """Painting could not go on."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A clause for an error message: the known name nearest to `name`, or all of them.

    >>> nearest("relu4_22", ["relu4_1", "relu4_2"])
    'did you mean relu4_2?'
    """
    names = list(known)
    close = closest(name, names)
    return f"did you mean {close}?" if close else "known: " + ", ".join(names)


def closest(name: str, known: Iterable[str], alike: float = 0.5) -> str:
    """The known name nearest to `name`, "" where none is so much alike, 0 to 1. Dashes before them
    don't count: any two flags have them in common.
    """
    names = {each.lstrip("-"): each for each in known}
    found = difflib.get_close_matches(name.lstrip("-"), names, n=1, cutoff=alike)
    return names[found[0]] if found else ""


def counted(number: int, noun: str) -> str:
    """A number with its noun, for a message.

    >>> counted(1, "style"), counted(2, "style")
    ('1 style', '2 styles')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def choose(value: str, choices: Sequence[str]) -> str:
    """A clause for an error message: all choices where they are few, or as `nearest` has it.

    >>> choose("fast", ["draft", "normal", "best"])
    'choose draft, normal or best'
    """
    if not 1 < len(choices) <= FEW:
        return nearest(value, choices)
    return f"choose {', '.join(choices[:-1])} or {choices[-1]}"
