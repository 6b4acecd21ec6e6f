"""What the documentation shows is run: smaller, and with fewer steps, but as it stands."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from impasto.cli.main import main
from impasto.options import SPECS
from impasto.presets import PRESETS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.S)


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for picture in (ROOT / "examples" / "pictures").glob("*.*g"):
        shutil.copy(picture, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_the_commands_of_the_readme_paint(pictures: Path) -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("impasto ")]
    for command in commands:
        if command[0] == "stylize":
            command += ["--size", "48", "--steps", "2"]
        with pytest.raises(SystemExit) as left:
            main(command)
        assert left.value.code == 0, command
        if "-o" in command:
            assert (pictures / command[command.index("-o") + 1]).stat().st_size > 0
    assert len(commands) >= 5


@pytest.mark.slow
def test_the_python_of_the_readme_runs(pictures: Path) -> None:
    found = blocks("python")
    for block in found:
        exec(re.sub(r"size=\d+", "size=48, steps=3", block), {})
    assert (pictures / "painted.png").exists() and (pictures / "early.png").exists()


def test_the_readme_names_real_flags_and_files() -> None:
    known = {"--" + name.replace("_", "-") for name in SPECS} | {
        "--help",
        "--like",
        "--bits",
        "--mask",
        "--style-mask",
        "--protect",
        "--start-picture",
        "--tileable",
        "--timelapse",
        "--plot",
        "--figure",
        "--extra-index-url",
        "--explain",
        "--checkpoint",
        "--no-preview",
    }
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README)) <= known
    for target in re.findall(r"\]\(([^)h][^)]*)\)", README):
        assert (ROOT / target).exists(), target


def test_the_page_of_methods_has_every_preset_and_its_pictures() -> None:
    page = (ROOT / "docs" / "methods.md").read_text()
    assert all(f"`{name}`" in page for name in PRESETS)
    for target in re.findall(r"\]\(([^)h][^)]*)\)", page):
        assert (ROOT / "docs" / target).exists(), target
    names = {"--" + name.replace("_", "-") for name in SPECS} | {"--figure", "--tileable"}
    known = names | {"--mask", "--style-mask"}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page)) <= known


def test_defaults_quoted_in_the_readme_are_true() -> None:
    from impasto.options import default

    assert f"(default {default('content_weight')})" in README
    assert f"default {default('size')})" in README
