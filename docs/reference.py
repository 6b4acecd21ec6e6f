"""Write docs/reference.md from the command line itself, and docs/api.md from the docstrings; with
--check, say whether they are current.
"""

from __future__ import annotations

import sys
from pathlib import Path

import api
import click

from impasto.cli.main import cli

HERE = Path(__file__).parent
HEAD = """# Command reference

Written by `make reference` from the commands' own help; do not edit.
"""


def page() -> str:
    """The whole page, every command under its own heading."""
    return "\n".join([HEAD, *_commands(cli, None, "impasto")])


def _commands(command: click.Command, parent: click.Context | None, name: str) -> list[str]:
    settings = {**command.context_settings, "max_content_width": 88, "terminal_width": 88}
    context = click.Context(command, parent=parent, info_name=name, **settings)
    usage = command.get_help(context).rstrip()
    parts = [f"## {context.command_path}\n\n```text\n{usage}\n```\n"]
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None
            parts += _commands(found, context, child)
    return parts


PAGES = {"reference.md": page, "api.md": api.page}

if __name__ == "__main__":
    for name, written in PAGES.items():
        path = HERE / name
        if "--check" not in sys.argv:
            path.write_text(written(), encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != written():
            sys.exit(f"docs/{name} is not current; run: make reference")
        else:
            print(f"docs/{name} is current")
