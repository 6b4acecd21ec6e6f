"""The page of what `import impasto` gives, from its docstrings and signatures; see reference.py."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Collection, Iterator
from typing import Any

import impasto
from impasto.engine.paint import Painting
from impasto.options import GROUPS, SPECS, default

HEAD = """# Python

Written by `make reference` from the docstrings; do not edit. Everything here is imported from
`impasto`; [how to](howto.md#from-python) shows it at work.

A *picture* that a function takes may be a path, a Pillow image, a NumPy array ((H, W), (H, W, 3) or
(H, W, 4) of uint8, uint16 or floats in [0, 1], or floats (3, H, W)) or a [`Picture`](#picture).
"""
# Every public name, where a reader would look for it.
PARTS = {
    "Painting": ("stylize", "paint", "texture", "sweep"),
    "What layers see": ("reconstruct_content", "reconstruct_style", "reconstruct_figure"),
    "Pictures": ("Picture", "read_picture", "write_picture", "read_recipe"),
    "Events": ("Event", "Started", "Step", "Note", "Finished"),
    "Options and presets": ("Options", "PRESETS", "Preset"),
    "Errors": (
        *("ImpastoError", "OptionError", "PictureError", "NetworkError", "WeightsError"),
        "PaintingError",
    ),
}
# What is made of a class by those who use it, in the order that it is shown.
MEMBERS = {
    "Picture": ("width", "height", "save", "to_pil", "to_bytes"),
    "Options": ("changed", "to_dict", "from_dict"),
}


def page() -> str:
    """The whole page."""
    told = [name for names in PARTS.values() for name in names]
    missing = {*impasto.__all__} - {*told, "__version__"}
    assert not missing, f"docs/api.py has no place for {', '.join(sorted(missing))}"
    parts = [HEAD]
    for title, names in PARTS.items():
        parts.append(f"## {title}\n")
        for name in names:
            parts.append(f"### `{name}`\n")
            parts += _entry(name)
    return "\n".join(parts)


def _entry(name: str) -> Iterator[str]:
    found: Any = getattr(impasto, name)
    if name == "Event":
        yield "Any of " + ", ".join(_linked(f"`{n}`") for n in PARTS["Events"][1:]) + ".\n"
    elif name == "PRESETS":
        yield from _presets()
    elif inspect.isclass(found) and issubclass(found, Exception):
        above = found.__mro__[1].__name__
        yield f"A kind of {_linked(f'`{above}`')}.\n"
        yield f"{_text(found, ())}\n"
    elif inspect.isclass(found):
        yield from _class(name, found)
    else:
        yield f"{_signature(name, found)}\n"
        yield f"{_text(found, _parameters(found))}\n"
        if name == "paint":
            yield "What is returned is an iterator over its events, and has beside them:\n"
            yield from _members(Painting, ("picture", "made", "close"))


def _class(name: str, found: type) -> Iterator[str]:
    fields = [f.name for f in dataclasses.fields(found)] if dataclasses.is_dataclass(found) else []
    if name == "Options":
        yield f"{_text(found, ())}\n"
        yield from _options()
    else:
        yield f"{_signature(name, found)}\n"
        yield f"{_text(found, fields)}\n"
    yield from _members(found, MEMBERS.get(name, ()))


def _members(found: type, names: Collection[str]) -> Iterator[str]:
    for name in names:
        member: Any = inspect.getattr_static(found, name)
        if isinstance(member, property):
            head = f"`.{name}`: `{inspect.signature(member.fget).return_annotation}`"  # pyright: ignore
            parameters: Collection[str] = ()
        else:
            member = getattr(found, name)
            head, parameters = f"`{_written(f'.{name}', member)}`", _parameters(member)
        text = _text(member, parameters).replace("\n", "\n  ")
        yield f"- {head}" + (f"  \n  {text}" if text else "")
    if names:
        yield ""


def _signature(name: str, found: Any) -> str:
    return f"```text\n{_written(name, found)}\n```"


def _parameters(found: Any) -> dict[str, inspect.Parameter]:
    return {k: v for k, v in inspect.signature(found).parameters.items() if k != "self"}


def _written(name: str, found: Any) -> str:
    """How it is called, as one would read it in a file: a line each, where one is too long."""
    parts: list[str] = []
    for key, one in _parameters(found).items():
        if one.kind is one.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        made = "..." if "factory" in repr(one.default) else repr(one.default)
        stars = "**" if one.kind is one.VAR_KEYWORD else ""
        given = "" if one.default is one.empty else f" = {made}"
        parts.append(f"{stars}{key}: {one.annotation}{given}")
    result = "" if inspect.isclass(found) else f" -> {inspect.signature(found).return_annotation}"
    whole = f"{name}({', '.join(parts)}){result}"
    if len(whole) <= 88:
        return whole
    return "\n".join([f"{name}(", *(f"    {part}," for part in parts), f"){result}"])


def _text(found: Any, names: Collection[str]) -> str:
    """A docstring as Markdown: what it says of each of the names is an item of a list."""
    text = inspect.getdoc(found) or ""
    return "\n\n".join(filter(None, (_block(block, names) for block in text.split("\n\n"))))


def _block(block: str, names: Collection[str]) -> str:
    if block.startswith("    ") or ">>>" in block:
        return f"```text\n{inspect.cleandoc(block)}\n```"
    prose = " ".join(line.strip() for line in block.splitlines())
    if names:
        # "layer: ...; size, pace: ... Raises ..." has three parts, of which two are items.
        one = "|".join(map(re.escape, names))
        names_there = rf"(?:^|(?<=[.;] ))((?:{one})(?:, (?:{one}))*): +"
        prose = re.sub(names_there, r"\n\1: ", prose)
        prose = re.sub(r"(?<=[.)]) (?=(?:Raises|Returns|Errors) )", "\n", prose)
    lines: list[str] = []
    for line in filter(None, (line.strip() for line in prose.split("\n"))):
        head, colon, rest = line.partition(": ")
        if colon and all(name in names for name in head.split(", ")):
            line = f"- `{head}`: {rest.rstrip(';')}"
            if lines and not lines[-1].startswith("- "):
                lines.append("")
        elif lines:
            lines.append("")
        lines.append(line)
    return _linked("\n".join(lines))


def _linked(text: str) -> str:
    """Public names in code become links to where they are told of."""

    def link(found: re.Match[str]) -> str:
        name = found[1].removeprefix("impasto.")
        here = name in impasto.__all__ and name != "__version__"
        return f"[`{found[1]}`](#{name.lower()})" if here else found[0]

    return re.sub(r"(?<!\[)`([A-Za-z_.]+)`", link, text)


def _options() -> Iterator[str]:
    """Every option, by group, as the command line has it too."""
    yield "Names are those of the flags in [the commands](reference.md), with `_` for `-`.\n"
    for group in GROUPS:
        yield f"**{group}**\n"
        yield "| option | default | what it is |\n|---|---|---|"
        for name, spec in SPECS.items():
            if spec.group == group:
                value = default(name).replace("|", "\\|")
                text = (
                    f"{spec.help} Any of {', '.join(spec.choices)}." if _listed(spec) else spec.help
                )
                yield f"| `{name}` | {f'`{value}`' if value else ''} | {text} |"
        yield ""


def _listed(spec: Any) -> bool:
    return spec.kind == "choice" and any(choice not in spec.help for choice in spec.choices)


def _presets() -> Iterator[str]:
    yield "A mapping of names to [`Preset`](#preset)s:\n"
    yield "| name | what it does | source |\n|---|---|---|"
    for name, preset in impasto.PRESETS.items():
        yield f"| `{name}` | {preset.summary} | {preset.source} |"
    yield ""
