"""The recipe: what a painted picture says of how it was made, and options read back from it.

    {"version": "0.1.0", "torch": "2.13.0",
     "network": {"name": "vgg19-lite", "sha256": "..."},
     "options": {"preset": "default", "size": 512, ...},
     "inputs": {"content": {"name": "cat.png", "sha256": "..."}, "styles": [...]},
     "painted": {"steps": 300, "of": 300, "device": "cpu", "precision": "bfloat16"}}

It holds no time, no folder and nothing of the inputs' own metadata; `painted` is the engine's. Jobs
other than one painting add "job": their name, and what the options don't say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PureWindowsPath
from typing import Any, cast

import torch

from impasto.engine.control import Masks
from impasto.errors import OptionError
from impasto.networks.vgg import VGG
from impasto.options import SPECS, Options
from impasto.picture import Picture


def make(
    version: str,
    network: VGG,
    options: Options,
    content: Picture,
    styles: Sequence[Picture],
    masks: Masks,
    job: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The recipe of a painting about to be made; job: what it is made for."""
    steering = {
        "mask": masks.content and _input(masks.content),
        "style_masks": [mask and _input(mask) for mask in masks.styles],
        "protect": masks.protect and _input(masks.protect),
        "start_picture": masks.start and _input(masks.start),
    }
    return {
        "version": version,
        "torch": torch.__version__.partition("+")[0],
        "network": {"name": network.name, "sha256": network.sha256},
        # A checkpoint's file without its folder, as with the inputs.
        "options": options.to_dict() | {"network": Path(options.network).name},
        "inputs": {
            "content": _input(content),
            "styles": [_input(style) for style in styles],
            **{name: given for name, given in steering.items() if given},
        },
        **({"job": dict(job)} if job else {}),
    }


def common(recipes: Sequence[Mapping[str, Any]], job: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe of several paintings on one sheet: the options that all of them have in common."""
    first = recipes[0]
    options = {
        name: value
        for name, value in first["options"].items()
        if all(recipe["options"][name] == value for recipe in recipes)
    }
    same = {k: first[k] for k in ("version", "torch", "network", "inputs")}
    return {**same, "options": options, "job": dict(job)}


def _input(picture: Picture) -> dict[str, str]:
    return {"name": picture.name, "sha256": picture.sha256}


def options_in(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a recipe, as `presets.resolve` takes them; those this version doesn't know are
    left out. Raises OptionError where there are none.
    """
    found = recipe.get("options")
    if not isinstance(found, Mapping):
        raise OptionError("the recipe holds no options; it can't be painted again")
    known = {k: v for k, v in cast("Mapping[str, Any]", found).items() if k in SPECS}
    if "network" in known:
        # Recipes hold bare names. Whoever wrote another had a file of yours in mind.
        known["network"] = PureWindowsPath(str(known["network"])).name
    return known
