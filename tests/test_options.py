"""Options: declared once, checked where they are made, the same after a trip through JSON."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import fields
from typing import Any

import pytest

from impasto import presets
from impasto.errors import OptionError
from impasto.options import GROUPS, SPECS, Options, default
from impasto.spec import places

NUMERIC = [name for name, spec in SPECS.items() if spec.kind in ("int", "float")]
BOUNDED = [name for name in NUMERIC if math.isfinite(SPECS[name].high)]
CHOICES = [name for name, spec in SPECS.items() if spec.kind == "choice"]


def test_every_option_is_declared_and_its_default_fits() -> None:
    assert list(SPECS) == [field.name for field in fields(Options)]
    for name, spec in SPECS.items():
        value = getattr(Options(), name)
        assert spec.group in GROUPS and spec.help.endswith(".")
        assert spec.choices or spec.kind != "choice"
        assert not spec.choices or spec.kind in ("choice", "parts")
        if spec.kind == "choice":
            assert value in spec.choices
        if name in NUMERIC:
            assert spec.low <= value <= spec.high
        if spec.useful is not None:
            low, high = spec.useful
            assert spec.low <= low <= value <= high <= spec.high
            assert spec.help.endswith(f"; {low:g} to {high:g} are useful.")
        assert Options(**{name: default(name)}) == Options()  # as one would type it


@pytest.mark.parametrize(
    "given",
    [
        "relu1_1:2, relu2_1 ,relu3_1:0.1",
        {"relu1_1": 2, "relu2_1": 1, "relu3_1": "0.1"},
        ["relu1_1:2", "relu2_1", ("relu3_1", 0.1)],
        (("relu1_1", 2.0), ("relu2_1", 1.0), ("relu3_1", 0.1)),
    ],
)
def test_layers_are_read_from_text_mappings_and_sequences(given: Any) -> None:
    wanted = (("relu1_1", 2.0), ("relu2_1", 1.0), ("relu3_1", 0.1))
    assert Options(style_layers=given).style_layers == wanted


def test_a_loss_carries_layers_of_its_own() -> None:
    given = {"wasserstein": 1, "patches@relu3_1+relu4_1=2.5": 0.5}
    options = Options(style_loss=given)
    assert options == Options.from_dict(options.to_dict())
    assert options.to_dict()["style_loss"] == "wasserstein,patches@relu3_1+relu4_1=2.5:0.5"
    assert places("patches@ relu3_1 + relu4_1=2.5") == (
        "patches",
        (("relu3_1", 1.0), ("relu4_1", 2.5)),
    )
    assert places("gram") == ("gram", ())
    for wrong, why in (
        ("gram@", "once each"),
        ("gram@relu1_1+", "once each"),
        ("gram@relu1_1+relu1_1", "once each"),
        ("gram@relu1_1=", "once each"),
        ("gram@relu1_1=-1", "0 or more"),
        ("gram@relu1_1=0", "no layer of any weight"),
        ("gram@relu1_1,gram", "names a loss twice"),
        ("grams@relu1_1", "did you mean gram"),
    ):
        with pytest.raises(OptionError, match=why):
            Options(style_loss=wrong)


@pytest.mark.parametrize("given", ["2,0.1", [2, 0.1], (2.0, "0.1")])
def test_numbers_are_read_from_text_and_sequences(given: Any) -> None:
    assert Options(style_weights=given).style_weights == (2.0, 0.1)
    assert Options(style_weights=3).style_weights == (3.0,)


def test_whole_numbers_keep_every_digit() -> None:
    for given in (40, 40.0, "40", " +40 ", "40.0"):
        steps = Options.from_dict({"steps": given}).steps
        assert (steps, type(steps)) == (40, int)
    for seed in (2**53 + 1, 2**63 - 1):
        assert Options(seed=seed).seed == Options.from_dict({"seed": str(seed)}).seed == seed


def test_a_trip_through_json_gives_the_same_options() -> None:
    for options in (
        Options(),
        Options(
            size=333,
            style_weights=(1 / 3, 2, 1e-9),
            seed=2**63 - 1,
            network="nets/ä, b:caffe",
            content_layers=(),
            style_layers=(("relu1_1", 1 / 3), ("conv5_1", 1)),
            tv_weight=1e-300,
            learning_rate=0.1 + 0.2,
        ),
    ):
        assert Options.from_dict(json.loads(json.dumps(options.to_dict()))) == options
    assert Options(style_weights=(0.1, 2)).to_dict()["style_weights"] == "0.1,2"


@pytest.mark.parametrize("name", NUMERIC)
@pytest.mark.parametrize("value", [math.nan, math.inf, "-inf", "nan", 10**400])
def test_no_option_takes_what_is_not_a_finite_number(name: str, value: Any) -> None:
    with pytest.raises(OptionError, match=f"{name} is .*{str(value)[:20]}"):
        Options(**{name: value})


@pytest.mark.parametrize("name", BOUNDED)
def test_ranges_hold_at_both_ends_and_are_told(name: str) -> None:
    spec = SPECS[name]
    for edge in (spec.low, spec.high):
        assert getattr(Options(**{name: edge}), name) == edge
    beyond = (spec.low - 1, spec.high + 1)
    for value in beyond:
        with pytest.raises(OptionError) as caught:
            Options(**{name: value})
        assert f"{name} is {value}" in str(caught.value) and spec.range in str(caught.value)
    low, _, high = spec.range.removesuffix(f" {spec.unit}").partition("..")
    kind = int if spec.kind == "int" else float
    assert (kind(low), kind(high)) == (spec.low, spec.high)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"size": "big"}, "size is 'big'; it takes a number, 16..32768 px"),
        ({"size": None}, "size is None; it takes a number, 16..32768 px"),
        ({"steps": 1.5}, "steps is 1.5; it takes a whole number, 0..999999"),
        ({"steps": True}, "steps is True; it takes a number, 0..999999"),
        ({"content_weight": -1}, "content_weight is -1; it takes 0 or more"),
        ({"pooling": "maximum"}, "pooling is 'maximum'; choose auto, max or average"),
        ({"device": "fpga"}, "device is 'fpga'; choose auto, cpu, cuda or mps"),
        ({"start": 1}, "start is 1; it takes starts"),
        ({"start": "noize"}, "start has 'noize'; choose content, noise"),
        ({"network": None}, "network is None; it takes text"),
        ({"style_weights": "1,-2"}, "style_weights is -2; it takes 0 or more"),
        ({"style_weights": "1;2"}, "style_weights is '1;2'; it takes a number, 0 or more"),
        ({"style_weights": None}, "style_weights is None; it takes a number, 0 or more"),
        ({"style_weights": (0, 0)}, "style_weights are all 0; one at least must be more"),
        ({"style_layers": "relu1_1:-1"}, "style_layers: relu1_1 is -1; it takes 0 or more"),
        ({"style_layers": "relu1_1:x"}, "style_layers: relu1_1 is 'x'; it takes a number"),
        ({"style_layers": "relu1_1:nan"}, "style_layers: relu1_1 is nan; it takes 0 or more"),
        ({"style_layers": "relu1_1:"}, "style_layers: 'relu1_1:' has no weight after the colon"),
        ({"style_layers": ":2"}, "style_layers: '' is no layer's name"),
        ({"style_layers": [("relu1_1", 1, 2)]}, "('relu1_1', 1, 2) is no layer, and no pair"),
        ({"style_layers": [4]}, "style_layers: 4 is no layer"),
        ({"style_layers": 4}, "style_layers is 4; it takes layers"),
        ({"style_layers": "relu1_1,relu1_1:2"}, "style_layers names a layer twice"),
        ({"style_layers": "relu1_1:0"}, "style_layers has no layer of any weight"),
        ({"style_layers": ""}, "style_layers has no layer of any weight"),
        ({"stepz": 3}, "there is no option 'stepz'; did you mean steps?"),
        ({"style-weights": 3}, "there is no option 'style-weights'; did you mean style_weights?"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_value_and_what_would(
    values: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionError) as caught:
        Options.from_dict(values)
    assert message in str(caught.value)


def test_presets_resolve_with_changes_on_top() -> None:
    for name, preset in presets.PRESETS.items():
        options = presets.resolve(name)
        assert options.preset == name
        assert options == Options(**{"preset": name, **preset.options})
        assert presets.resolve(name, {"steps": 7}) == options.changed({"steps": 7})
    with pytest.raises(OptionError, match=r"there is no preset 'defualt'; did you mean default\?"):
        presets.resolve("defualt")
    with pytest.raises(OptionError, match=r"there is no option 'sise'; did you mean size\?"):
        presets.resolve("default", {"sise": 7})


def test_options_and_all_of_the_command_lines_help_load_no_heavy_library() -> None:
    program = """
import sys, impasto.options, impasto.presets, impasto.cli.main as main
for command in ([], *([name] for name in main.COMMANDS)):
    try:
        main.main([*command, "--help"])
    except SystemExit as done:
        assert done.code == 0, command
loaded = {"torch", "numpy", "PIL", "requests", "gradio"} & set(sys.modules)
sys.exit(f"loaded {sorted(loaded)}" if loaded else 0)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Usage: impasto stylize" in done.stdout


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("4GB", 4_000_000_000),
        ("512 MB", 512_000_000),
        ("2GiB", 2**31),
        ("1.5g", 1_500_000_000),
        (3e9, 3_000_000_000),
        ("800", 800),
        (0, 0),
    ],
)
def test_memory_in_units(given: Any, wanted: int) -> None:
    made = Options(memory=given)
    assert made.memory == wanted
    assert Options.from_dict(made.to_dict()) == made


@pytest.mark.parametrize("given", ["much", "4TB", "-1GB", "GB", True, "nan", "inf"])
def test_memory_that_is_no_number_of_bytes(given: Any) -> None:
    with pytest.raises(OptionError, match=r"memory is .*; it takes bytes, such as 4GB"):
        Options(memory=given)
