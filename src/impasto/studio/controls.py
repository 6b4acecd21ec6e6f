"""Controls: one for each option, made of its Spec; and options from what they are set to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from impasto import presets
from impasto.errors import OptionError
from impasto.options import GROUPS, SPECS, Options
from impasto.presets import PRESETS
from impasto.spec import Spec, checked, step
from impasto.studio import limits, words
from impasto.studio.limits import Limits
from impasto.studio.words import PLAIN, label

# Those that have a control.
SHOWN = tuple(name for name in SPECS if name not in limits.MACHINE)
_INSIDE = 2.0**53  # whole numbers that a browser holds exactly


def advanced() -> dict[str, list[str]]:
    """The other options by their groups."""
    found: dict[str, list[str]] = {group: [] for group in GROUPS}
    for name in SHOWN:
        if name not in PLAIN:
            found.setdefault(SPECS[name].group, []).append(name)
    return {group: names for group, names in found.items() if names}


def component(name: str, allowed: Limits) -> Component:
    """The control of an option: its range, default and help are its Spec's."""
    spec, value = SPECS[name], within(Options(), allowed).to_dict()[name]
    shared: dict[str, Any] = {
        "label": label(name),
        "info": _info(name, allowed),
        "value": value,
        "elem_id": f"option-{name}",
    }
    if name == "network":
        return gr.Dropdown(choices=[*limits.networks()], **shared)
    if spec.kind == "choice" or name == "preset":
        known = available_presets() if name == "preset" else spec.choices
        choices = [(words.choice(name, each), each) for each in known]
        if name in PLAIN and len(known) < 6:  # what a glance takes in
            return gr.Radio(choices=choices, **shared)
        return gr.Dropdown(choices=choices, **shared)
    if spec.kind in ("int", "float"):
        return _number(name, spec, shared, allowed)
    return gr.Textbox(max_lines=1, max_length=400, **shared)


def _info(name: str, allowed: Limits) -> str:
    here = f" Up to {allowed.size} px here." if name == "size" else ""
    return words.info(name) + here


def _number(name: str, spec: Spec, shared: dict[str, Any], allowed: Limits) -> Component:
    whole = spec.kind == "int"
    low, high = spec.low, min(spec.high, allowed.size if name == "size" else math.inf)
    shared["step"] = step(spec, shared["value"])
    useful = slider_range(name, allowed)
    if useful is not None:
        return gr.Slider(minimum=useful[0], maximum=useful[1], **shared)
    top = {} if high > _INSIDE else {"maximum": high}
    return gr.Number(minimum=low, precision=0 if whole else None, **top, **shared)


def slider_range(name: str, allowed: Limits) -> tuple[float, float] | None:
    """The ends of an option's slider, None for one that has a field instead."""
    spec = SPECS[name]
    if name not in PLAIN or spec.kind not in ("int", "float"):
        return None
    if name == "size":
        return max(spec.low, 128), min(spec.high, allowed.size)
    return spec.useful or (spec.low, spec.high)


def mended(
    values: Mapping[str, Any], before: Mapping[str, Any], allowed: Limits
) -> tuple[dict[str, Any], list[str]]:
    """Numbers that controls can't have as they were typed, as they can; and what to say of it.

    before: the values that were last in order. What was emptied is as before; what lies beyond what
    the option takes goes to the nearest end. A slider makes room for all else.
    """
    found: dict[str, Any] = {}
    said: list[str] = []
    for name, value in values.items():
        if name not in SPECS or SPECS[name].kind not in ("int", "float"):
            continue
        if not isinstance(value, int | float) or not abs(value) < math.inf:
            found[name] = before[name]
            said.append(f"{label(name)} is empty: it stays {before[name]:g}")
            continue
        spec = SPECS[name]
        low, high = spec.low, allowed.size if name == "size" else spec.high
        ends = slider_range(name, allowed) or (low, high)
        if not low <= value <= high:
            found[name] = round(ends[value > high]) if spec.kind == "int" else ends[value > high]
            here = f"{ends[0]:g} to {ends[1]:g}" if ends[1] < math.inf else f"{ends[0]:g} or more"
            said.append(f"{label(name)} takes {here} here, not {value:g}: it is {found[name]:g}")
        elif spec.kind == "int" and value != round(value):
            found[name] = round(value)
            said.append(f"{label(name)} takes whole numbers, not {value:g}: it is {found[name]}")
        elif not ends[0] <= value <= ends[1]:
            found[name] = value
    return found, said


def within(options: Options, allowed: Limits) -> Options:
    """Options no larger than may be painted here."""
    return options.changed({"size": min(options.size, allowed.size)})


def available_presets() -> tuple[str, ...]:
    """Those whose network is here."""
    there = limits.networks()
    known = {name: preset.options.get("network", "") for name, preset in PRESETS.items()}
    return tuple(name for name, network in known.items() if not network or network in there)


def changes(values: Mapping[str, Any]) -> dict[str, Any]:
    """The preset, and what differs from it, of the controls' values. Raises OptionError.

    What is as the preset has it is left to the preset, and to options that decide several others.
    """
    preset = str(values.get("preset") or "default")
    base = presets.resolve(preset)
    found: dict[str, Any] = {"preset": preset}
    for name, value in values.items():
        if name == "preset" or name not in SPECS or value is None:
            continue
        given = checked(name, value, SPECS[name])
        if given != getattr(base, name):
            found[name] = given
    return found


def looked(preset: str, before: str, allowed: Limits) -> dict[str, Any]:
    """What choosing a preset after another sets: what either of them has of its own, nothing else.

    Raises OptionError for one that isn't there.
    """
    values = within(presets.resolve(preset), allowed).to_dict()
    allowed.check(Options.from_dict(values))
    own = {*PRESETS[preset].options, *PRESETS[before].options}
    return {name: values[name] for name in SHOWN if name in own or name == "preset"}


def options(given: Mapping[str, Any], allowed: Limits) -> Options:
    """The options of a preset and changes. OptionError where a value, or the limits, forbid it."""
    rest = {**given}
    allowed.check_names(rest)
    found = presets.resolve(str(rest.pop("preset", "default")), rest)
    if "size" not in rest:
        found = within(found, allowed)
    allowed.check(found)
    if "picture" in dict(found.start):
        raise OptionError("start is picture, which is what Continue does; choose another start")
    return found


def filled(found: Mapping[str, Any], allowed: Limits) -> tuple[dict[str, Any], list[str]]:
    """Values for the controls from a recipe's options, and notes of what can't be had here."""
    notes: list[str] = []
    known = {k: v for k, v in found.items() if k in SHOWN}
    if known.get("preset") not in available_presets():
        known.pop("preset", None)
    there = limits.networks()
    if known.get("network", there[0]) not in there:
        notes.append(f"it was painted by {known.pop('network')}, which isn't here")
    found_options = Options.from_dict(known)
    if "picture" in dict(found_options.start):
        # Continue paints at the full size alone, which is no way to begin.
        notes.append("it went on from a picture; this will begin anew")
        base = presets.resolve(found_options.preset)
        found_options = found_options.changed(
            {n: getattr(base, n) for n in ("start", "first_size")}
        )
    if found_options.size > allowed.size:
        notes.append(f"it is {found_options.size} px; this studio paints up to {allowed.size}")
    return within(found_options, allowed).to_dict(), notes


def updates(values: Mapping[str, Any], names: Sequence[str], allowed: Limits) -> list[Any]:
    """What sets each control to its value, where there is one; sliders make room for what lies
    outside of them.
    """
    found: list[Any] = []
    for name in names:
        if name not in values:
            found.append(gr.update())
            continue
        value = values[name]
        ends = slider_range(name, allowed)
        if ends is None:
            found.append(gr.update(value=value))
        else:
            low, high = min(ends[0], value), max(ends[1], value)
            found.append(gr.update(value=value, minimum=low, maximum=high))
    return found


def sweepable() -> list[tuple[str, str]]:
    """The options that a sheet can vary: (label, name), the plain ones first."""
    lists = ("numbers", "parts")
    rest = [n for n in SHOWN if n not in PLAIN and SPECS[n].kind not in lists and n != "network"]
    return [(label(name), name) for name in (*PLAIN, *rest)]
