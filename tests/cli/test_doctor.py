"""doctor says what is so, and ends with 0 just where painting works."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from impasto.io.files import read_recipe
from impasto.networks import catalogue

Run = Callable[..., Any]


def test_it_says_what_painting_then_uses(folder: Path, run: Run, small: tuple[str, ...]) -> None:
    told = run("doctor", "--json")
    assert (told.code, told.err) == (0, "")
    found = json.loads(told.out)
    assert found["paints"] is True
    flags = [*small[: small.index("--precision")], *small[small.index("--precision") + 2 :]]
    assert run("stylize", "photo.png", "painting.png", *flags, "-o", "out.png").code == 0
    recipe = read_recipe("out.png")
    assert recipe is not None
    assert recipe["painted"]["device"] == found["device"]["device"]
    assert recipe["painted"]["precision"] == found["precision"]["precision"]
    assert recipe["version"] == found["impasto"]["version"]
    assert found["torch"]["version"].startswith(recipe["torch"])  # which leaves out "+cpu"
    assert found["vgg19-lite"]["verified"] is True
    assert 0 < found["memory"]["free"] <= found["memory"]["whole"]


def test_what_is_missing_is_said_with_its_remedy(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "vgg19-dcbb9e9d.pth").write_bytes(b"not it")
    told = run("doctor")
    assert (told.code, told.err) == (0, "")  # with the bundled network it paints all the same
    lines = {line.split()[1]: line for line in told.out.splitlines()}
    assert lines["terminal"].startswith("ok ")
    assert lines["studio"].startswith("missing ")
    assert 'pip install "impasto[studio]"' in lines["studio"]
    assert "impasto weights fetch vgg19-caffe" in lines["vgg19-caffe"]
    assert lines["vgg19"].startswith("broken ") and "has 6 bytes" in lines["vgg19"]
    assert set(catalogue.CATALOGUE) <= set(lines)


@pytest.mark.parametrize("broken", ["torch", "vgg19-lite"])
def test_where_it_cannot_paint_it_ends_with_1(
    run: Run, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    if broken == "torch":
        monkeypatch.setitem(sys.modules, "torch", None)
    else:
        damaged = replace(catalogue.CATALOGUE[broken], sha256="0" * 64)
        monkeypatch.setitem(catalogue.CATALOGUE, broken, damaged)
    told = run("doctor", "--json")
    found = json.loads(told.out)
    assert (told.code, found["paints"], found[broken]["state"]) == (1, False, "broken")
    assert "install impasto again" in found[broken]["words"]
