"""Words: how the page calls options, their values, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from impasto import presets
from impasto.errors import OptionError
from impasto.options import SPECS
from impasto.presets import PRESETS
from impasto.studio import masks
from impasto.studio.limits import MACHINE

# The few that matter, in plain words.
PLAIN = {
    "preset": "Look",
    "strength": "Strength",
    "style_scale": "Stroke size",
    "color": "Colours",
    "size": "Size",
    "quality": "Quality",
}
LOOKS = {"default": "Balanced", "faithful": "Faithful", "bold": "Bold"}
_COLOURS = {
    "free": "The painting's",
    "keep": "The photograph's",
    "match": "Matched",
    "histogram": "Matched closely",
}
# Where the command line's help names values that the page calls otherwise.
_HELP = {
    "preset": " ".join(f"{word}: {PRESETS[name].summary}." for name, word in LOOKS.items()),
    "color": "The photograph's: only its light is painted. Matched: the painting is recoloured to "
    "the photograph before it is used, closely or less so.",
    "quality": "How many steps to take: few, for a look; enough; or as many as still show.",
    "color_match": "How Colours, set to Matched, finds its linear map.",
}
_MASKS = {"mask": "regions", "protect": "a part kept"}
_BRUSHES = {f"#{bytes(rgb).hex()}": name for name, rgb in masks.COLOURS.items()}
_BRUSHES[f"#{bytes(masks.REST).hex()}"] = "of the rest"
_ANY = "|".join(SPECS)
_LONG = "|".join(name for name in SPECS if "_" in name)
_NAMED = re.compile(rf"^({_ANY})(?= (?:is|has|are|names)\b|:)|\b({_LONG})\b")


def label(name: str) -> str:
    """What an option is called on the page."""
    return PLAIN.get(name, name.replace("_", " ").replace("color", "colour").capitalize())


def info(name: str) -> str:
    """An option's help."""
    return _HELP.get(name, SPECS[name].help)


def choice(name: str, value: str) -> str:
    """What a value of an option is called on the page."""
    if name == "preset":
        return LOOKS.get(value, value)
    if SPECS[name].kind != "choice":
        return value
    return _COLOURS[value] if name == "color" else value.capitalize()


def value(name: str, text: str) -> str:
    """The value that somebody means who types it, or what the page calls it."""
    known = SPECS[name].choices if SPECS[name].kind == "choice" else ()
    for each in tuple(PRESETS) if name == "preset" else known:
        if text.casefold() == choice(name, each).casefold():
            return each
    return text


def values(name: str, text: str) -> list[str]:
    """Those in "0.5, 1, 2". OptionError where there is none."""
    found = [value(name, part.strip()) for part in text.split(",") if part.strip()]
    if not found:
        raise OptionError(f"{label(name)} has no values; give some, by commas: 0.5, 1, 2")
    return found


def told(text: str) -> str:
    """An error or a note with the options as the page calls them, as a sentence begins."""
    text = _NAMED.sub(lambda found: label(found[0]), text)
    if "region" in text:  # which are drawn here with brushes, over photograph and paintings
        text = re.sub(r"\bstyle(s?)\b", r"painting\1", text)
        text = re.sub(r"#[0-9a-f]{6}", lambda found: _BRUSHES.get(found[0], found[0]), text)
    # A file's name that comes first stays as it is.
    return text[:1].upper() + text[1:] if re.match(r"[a-z]+[ ,;:]", text) else text


def listed(names: Sequence[str]) -> str:
    """[a, b, c] -> "a, b and c"."""
    return " and ".join([part for part in (", ".join(names[:-1]), *names[-1:]) if part])


def stem(name: str) -> str:
    """A file's name without its ending, to be read."""
    return PurePath(name).stem.replace("_", " ")


def inputs(recipe: Mapping[str, Any]) -> str:
    """What was painted like what: "cat, like swirls and mosaic"; "" where a recipe doesn't say."""
    given: Mapping[str, Any] = recipe.get("inputs") or {}
    styles = [stem(each["name"]) for each in given.get("styles", [])]
    return f"{stem(given['content']['name'])}, like {listed(styles)}" if styles else ""


def settings(recipe: Mapping[str, Any]) -> str:
    """What of a painting's options isn't as it always is: "Faithful · Draft · Strength 0.4"."""
    options: Mapping[str, Any] = recipe.get("options") or {}
    preset = options.get("preset", "default")
    base = presets.resolve(preset).to_dict()
    parts = [] if preset == "default" else [choice("preset", preset)]
    if options.get("steps"):
        parts.append(f"{options['steps']} steps")
    elif "quality" in options:
        parts.append(choice("quality", options["quality"]))
    refined = "picture" in str(options.get("start"))
    if refined:
        parts.append("refined")
    said = {"preset", "steps", "quality", "size", *MACHINE}
    said |= {"start", "first_size"} if refined else set[str]()
    changed = [n for n, v in options.items() if n not in said and v != base.get(n)]
    parts += [_set(name, options[name]) for name in changed[:3]]
    if len(changed) > 3:
        parts.append(f"{len(changed) - 3} more")
    given: Mapping[str, Any] = recipe.get("inputs") or {}
    parts += [f"with {shown}" for name, shown in _MASKS.items() if name in given]
    job: Mapping[str, Any] = recipe.get("job") or {}
    cells: Sequence[Mapping[str, Any]] = job.get("cells") or []
    if cells:
        parts.append(" by ".join(label(name) for name in cells[0]))
    return " · ".join(parts)


def _set(name: str, given: Any) -> str:
    shown = choice(name, str(given))
    return f"{label(name)} {shown if len(shown) < 24 else 'changed'}"
