"""What the documentation shows is run: smaller, and with fewer steps, but as it stands.

Every `impasto` command in a block of sh runs: what paints at 96 pixels, with two steps and the
bundled network; what only tells, as it is; what would fetch or serve is read by the command line
and no more. Shell around commands (loops, pipes) runs too, and every block of python. Lines that
set up an environment don't: `make test` has done what they do.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from PIL import Image

from impasto.cli.main import cli, main
from impasto.options import default
from impasto.presets import PRESETS

ROOT = Path(__file__).parent.parent
PAGES = {
    page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8")
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
}
SMALL = {
    "stylize": ["--size", "96", "--steps", "2", "--network", "vgg19-lite"],
    "sweep": ["--size", "96", "--steps", "2"],
    "texture": ["--size", "96", "--steps", "2"],
    "reconstruct": ["--size", "96", "--steps", "2"],
}
ONLY_READ = {"studio", "fetch", "verify"}
SETTING_UP = ("make ", "pip ", "python", ". ", "cp ", "cd ")
# A stand-in for the command: what it is asked for, a line of JSON each, to be run in this process.
ASKED = """#!{python}
import json, os, sys
with open(os.environ["ASKED"], "a") as asked:
    asked.write(json.dumps(sys.argv[1:]) + "\\n")
"""


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """The language and the lines of each block of code that can be run."""
    yield from re.findall(r"^```(sh|python)\n(.*?)^```", text, flags=re.S | re.M)


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that pages speak of: the examples, photos/, and a file of weights."""
    for picture in (ROOT / "examples" / "pictures").glob("*.*g"):
        shutil.copy(picture, tmp_path)
    (tmp_path / "photos").mkdir()
    for name in ("coffee.jpg", "astronaut.jpg"):
        shutil.copy(tmp_path / name, tmp_path / "photos")
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "impasto"
    command.write_text(ASKED.format(python=sys.executable))
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def commands(block: str, folder: Path) -> Iterator[list[str]]:
    """What a block of shell asks of `impasto`, once its loops and quotes are resolved."""
    lines = [line for line in block.splitlines() if not line.startswith(SETTING_UP)]
    asked = folder / "asked.jsonl"
    asked.write_text("")
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        ["bash", "-eu", "-c", "\n".join(lines)],
        env={**os.environ, "PATH": path, "ASKED": str(asked)},
        cwd=folder,
        check=True,
    )
    yield from map(json.loads, asked.read_text().splitlines())


def run(command: list[str], folder: Path) -> None:
    if ONLY_READ & {*command[:2]}:
        read(command)
        return
    command = ["gatys2016" if word == "NAME" else word for word in command]
    read(command)  # with its own size and network, before they are made small
    with pytest.raises(SystemExit) as left:
        main([*command, *SMALL.get(command[0], [])])
    assert left.value.code == 0, command
    if "-o" in command and "--explain" not in command:
        assert (folder / command[command.index("-o") + 1]).stat().st_size > 0, command


def read(command: list[str]) -> None:
    """That the command line understands it; nothing is done."""
    found: click.Command = cli
    context = click.Context(cli)
    rest = command
    while isinstance(found, click.Group) and rest:
        _, below, rest = found.resolve_command(context, rest)
        assert below is not None, command
        found = below
    found.make_context(found.name, [*rest], parent=context)


@pytest.mark.slow
@pytest.mark.parametrize("page", [name for name, text in PAGES.items() if any(blocks(text))])
def test_what_a_page_shows_runs(page: str, pictures: Path) -> None:
    for language, block in blocks(PAGES[page]):
        if language == "sh":
            for command in commands(block, pictures):
                run(command, pictures)
        elif "gradio_client" not in block:  # which tests/studio runs
            exec(re.sub(r"\bsize=\d+", "size=96, steps=3", block), {"__name__": "__main__"})


def flags(command: click.Command, parent: click.Context | None = None) -> Iterator[str]:
    context = click.Context(command, parent=parent)
    for parameter in command.get_params(context):
        yield from (*parameter.opts, *parameter.secondary_opts)
    for name in command.list_commands(context) if isinstance(command, click.Group) else ():
        below = command.get_command(context, name)  # loaded when it is asked for
        assert below is not None
        yield from flags(below, context)


OTHERS = {"--help", "--version", "--extra-index-url", "--out", "--check", "--strict"}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_real_flags(page: str) -> None:
    known = {*flags(cli)} | OTHERS
    assert {*re.findall(r"(?<![\w-])--[a-z][a-z-]+(?<!-)", PAGES[page])} <= known


def test_the_readme_links_to_what_is_there() -> None:
    for target in re.findall(r"\]\(([^)h][^)#]*)", PAGES["README.md"]):
        assert (ROOT / target).exists(), target


def test_the_masks_of_the_examples_are_what_their_program_draws(tmp_path: Path) -> None:
    program, drawn = ROOT / "examples" / "draw_masks.py", ("cup.png", "flower.png")
    subprocess.run([sys.executable, program, tmp_path], check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [*drawn]
    for name in drawn:
        kept = ROOT / "examples" / "pictures" / name
        assert Image.open(kept).tobytes() == Image.open(tmp_path / name).tobytes()
        assert kept.stat().st_size < 20_000


def test_the_page_of_methods_has_every_preset() -> None:
    assert all(f"`{name}`" in PAGES["docs/methods.md"] for name in PRESETS)


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md", "docs/howto.md"])
def test_defaults_that_are_quoted_are_true(page: str) -> None:
    text = PAGES[page]
    quoted = re.findall(r"default(?: is)? (0\.\d+)", text)
    assert quoted and {*quoted} == {default("content_weight")}
    if page == "README.md":
        assert f"default {default('size')})" in text
