"""Write docs/reference.md from the command line itself; with --check, say whether it is current."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from impasto.cli.main import cli

PAGE = Path(__file__).with_name("reference.md")
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


if __name__ == "__main__":
    if "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text() != page():
            sys.exit("docs/reference.md is not current; run: make reference")
        print("docs/reference.md is current")
    else:
        PAGE.write_text(page())
