"""describe, presets, weights, completion and help."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from impasto.cli.main import COMMANDS
from impasto.io.files import read_recipe
from impasto.networks import catalogue
from impasto.options import SPECS, Options, default
from impasto.picture import Picture
from impasto.presets import PRESETS, resolve

Run = Callable[..., Any]
Scene = Callable[..., Picture]
RECIPE = {
    "version": "9.8.7",
    "torch": "2.99.0",
    "network": {"name": "vgg19-lite", "sha256": "feed"},
    "options": Options(seed=77).to_dict(),
    "inputs": {
        "content": {"name": "cat.png", "sha256": "c0ffee"},
        "styles": [{"name": "ink.png", "sha256": "1234"}, {"name": "", "sha256": "5678"}],
    },
    "painted": {"steps": 30, "of": 31, "device": "cpu", "precision": "float32"},
}


def paint(folder: Path, scene: Scene, recipe: Any) -> None:
    Picture(scene(16, 16).pixels, recipe=recipe).save(folder / "out.png", overwrite=True)


def test_describe_says_what_was_used(folder: Path, scene: Scene, run: Run) -> None:
    paint(folder, scene, RECIPE)
    done = run("describe", "out.png")
    assert (done.code, done.err) == (0, "")
    for text in ("9.8.7", "2.99.0", "vgg19-lite  sha256 feed", "cat.png  sha256 c0ffee"):
        assert text in done.out
    for text in ("ink.png  sha256 1234", "(from memory)  sha256 5678", "30 of 31 steps on cpu"):
        assert text in done.out
    assert "\noptions    --seed 77\n" in done.out  # what was changed, and nothing else
    whole = run("describe", "out.png", "--all")
    assert whole.out.startswith(done.out)
    listed = whole.out.removeprefix(done.out)
    assert [line.split()[0] for line in listed.splitlines()[1:]] == [
        "--" + name.replace("_", "-") for name in SPECS
    ]
    assert f"--size {'':<11} {Options().size}" in listed


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (Options(), "the defaults"),
        (resolve("bold"), "--preset bold"),
        (
            resolve("bold", {"content_weight": 0.07, "seed": 3}),
            "--preset bold --content-weight 0.07 --seed 3",
        ),
        (Options(network="a b;c"), "--network 'a b;c'"),
    ],
)
def test_describe_tells_what_to_say_beside_the_preset(
    folder: Path, scene: Scene, run: Run, options: Options, told: str
) -> None:
    paint(folder, scene, {**RECIPE, "options": options.to_dict()})
    assert f"\noptions    {told}\n" in run("describe", "out.png").out


@pytest.mark.parametrize("preset", ["unheard-of", 7, ["bold"], None])
def test_describe_of_a_preset_that_is_not_here(
    folder: Path, scene: Scene, run: Run, preset: Any
) -> None:
    paint(folder, scene, {**RECIPE, "options": {"preset": preset, "size": 512}})
    done = run("describe", "out.png")
    assert (done.code, done.err) == (0, "")
    assert "options    --preset" in done.out and "--size" not in done.out


def test_describe_json_is_the_recipe(folder: Path, scene: Scene, run: Run) -> None:
    paint(folder, scene, RECIPE)
    done = run("describe", "--json", "out.png")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == read_recipe("out.png") == RECIPE


@pytest.mark.parametrize(
    "recipe",
    [
        {"options": {"size": [1, {}], "\x1b[2J": "\x1b]0;owned\x07\nerror: no"}, "network": 7},
        {"options": 3, "inputs": [], "painted": "x", "version": {"a": None}},
        {"inputs": {"styles": {"a": 1}, "content": [2]}},
    ],
)
def test_a_recipe_of_strangers_does_no_harm(
    folder: Path, scene: Scene, run: Run, recipe: Any
) -> None:
    paint(folder, scene, recipe)
    done = run("describe", "out.png")
    assert (done.code, done.err) == (0, "")
    assert all(character.isprintable() or character == "\n" for character in done.out)
    assert "\nerror: no" not in done.out
    like = run("stylize", "photo.png", "painting.png", "--like", "out.png", "-o", "new.png")
    if like.code:  # what can't be understood is said
        assert like.code == 2
        assert like.err.startswith("error: ")
        assert "unexpected" not in like.err


def test_presets_are_listed_and_shown(run: Run) -> None:
    listed = run("presets")
    assert listed.code == 0 and run("presets", "list") == listed
    named = [line.split()[0] for line in listed.out.splitlines() if not line.startswith(" ")]
    assert named == list(PRESETS)
    assert all(preset.source in listed.out for preset in PRESETS.values())
    for name in PRESETS:
        shown = run("presets", "show", name)
        found = {line[2:].split()[0] for line in shown.out.splitlines()}
        assert found == {"--" + option.replace("_", "-") for option in SPECS}
        starred = [line.split()[1] for line in shown.out.splitlines() if line.startswith("*")]
        assert starred == ["--" + k.replace("_", "-") for k in SPECS if k in PRESETS[name].options]
        assert f"--preset {'':<9} {name}" in shown.out


def test_weights_are_listed_and_verified(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = run("weights", "list")
    assert listed.code == 0
    assert run("weights") == listed
    for entry in catalogue.CATALOGUE.values():
        assert entry.name in listed.out
        assert f"licence: {entry.licence}" in listed.out
    assert "bundled" in listed.out
    assert "fetch with: impasto weights fetch vgg19" in listed.out
    verified = run("weights", "verify")
    assert verified.code == 0
    assert "vgg19-lite: verified" in verified.out
    assert "vgg19: not on this machine" in verified.out
    (tmp_path / "cache").mkdir(exist_ok=True)
    (tmp_path / "cache" / "vgg19-dcbb9e9d.pth").write_bytes(b"not it")
    damaged = run("weights", "verify")
    assert damaged.code == 1
    assert "has 6 bytes" in damaged.err
    assert damaged.err.count("\n") == 1


def test_fetching_what_is_bundled(run: Run) -> None:
    done = run("weights", "fetch", "vgg19-lite")
    assert done.code == 0
    assert done.out.startswith("vgg19-lite is ready: ")
    assert Path(done.out.strip().rpartition(": ")[2]).exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(run: Run, shell: str) -> None:
    done = run("completion", shell)
    assert (done.code, done.err) == (0, "")
    assert f"_IMPASTO_COMPLETE={shell}_complete" in done.out
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=done.out, text=True, check=False)
        assert checked.returncode == 0


@pytest.mark.parametrize(
    ("words", "wanted"),
    [("impasto sty", "stylize"), ("impasto stylize --sty", "--style-weights")],
)
def test_completing(run: Run, monkeypatch: pytest.MonkeyPatch, words: str, wanted: str) -> None:
    monkeypatch.setenv("_IMPASTO_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    assert wanted in run().out


PAGES = [
    *((name,) for name in COMMANDS),
    ("presets", "show"),
    ("reconstruct", "content"),
    ("reconstruct", "style"),
    ("weights", "list"),
    ("weights", "fetch"),
    ("weights", "verify"),
]


@pytest.mark.parametrize("page", [(), *PAGES])
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_has_help(run: Run, page: tuple[str, ...], flag: str) -> None:
    done = run(*page, flag)
    assert (done.code, done.err) == (0, "")
    assert " ".join(("Usage: impasto", *page)) in done.out


def test_help_has_every_option_its_default_and_range(run: Run) -> None:
    text = " " + " ".join(run("stylize", "--help").out.partition("Picture:")[2].split())
    for name, spec in SPECS.items():
        start = text.index(f" --{name.replace('_', '-')} ")
        end = text.find(" --", start + 4)
        entry = text[start : end if end > 0 else None]
        assert " ".join(spec.help.split()) in entry
        if default(name):
            shown = entry.replace(", ", ",").replace("- ", "-")  # where lines may be broken
            assert f"default {default(name).removesuffix('.0')}" in shown
        assert spec.range.replace(" | ", "|") in entry


def test_help_puts_what_most_people_need_first_and_what_is_for_experts_last(run: Run) -> None:
    text = run("stylize", "--help").out
    heads = [line[:-1] for line in text.splitlines() if line[:1].isupper() and line[-1] == ":"]
    assert (heads[0], heads[-1]) == ("Picture", "For experts")
    assert "One photograph is painted at a time" in " ".join(text.split())


def test_bare_it_says_hello_and_its_version(run: Run) -> None:
    hello = run()
    assert hello.code == 0
    tried = [line.split("  ")[1] for line in hello.out.splitlines() if line.startswith("  impasto")]
    assert tried[0].startswith("impasto stylize ") and "impasto studio" in tried
    for command in tried[1:]:  # what it says to try is there
        assert run(*command.split()[1:], "--help").code == 0
    version = run("--version")
    assert version.code == 0
    assert version.out.startswith("impasto 0.")


def test_only_painting_imports_torch(folder: Path, scene: Scene) -> None:
    paint(folder, scene, RECIPE)
    code = """
import sys
from impasto.cli.main import main
for line in ("", "--help", "stylize --help", "stylize", "presets", "presets show default",
             "sweep --help", "texture --help", "reconstruct style --help", "sweep a b",
             "weights list", "weights verify", "completion bash", "describe out.png", "stilize"):
    try:
        main(line.split())
    except SystemExit:
        pass
    assert not {"torch", "gradio"} & set(sys.modules), line
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("unwanted", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_errors_are_red_on_a_terminal_unless_colour_is_unwanted(unwanted: dict[str, str]) -> None:
    ours, theirs = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm"}
    done = subprocess.run(
        [sys.executable, "-c", "from impasto.cli.main import main; main(['nope'])"],
        stderr=theirs,
        env=env | unwanted,
        check=False,
    )
    os.close(theirs)
    seen = os.read(ours, 4096)
    os.close(ours)
    assert done.returncode == 2
    assert b"there is no command 'nope'" in seen
    assert (b"\x1b[" in seen) is not bool(unwanted)
