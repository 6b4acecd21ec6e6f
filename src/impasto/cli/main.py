"""`impasto`: finds the command, and turns errors into one line and an exit code."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import click

from impasto.cli.words import coloured, printable
from impasto.engine import environment
from impasto.errors import ImpastoError, OptionError, closest, nearest
from impasto.version import __version__

FAILED, USAGE, INTERRUPTED = 1, 2, 130

COMMANDS = {
    "stylize": "impasto.cli.stylize",
    "sweep": "impasto.cli.sweep",
    "texture": "impasto.cli.texture",
    "reconstruct": "impasto.cli.reconstruct",
    "studio": "impasto.cli.studio",
    "describe": "impasto.cli.describe",
    "presets": "impasto.cli.presets",
    "weights": "impasto.cli.weights",
    "doctor": "impasto.cli.doctor",
    "completion": "impasto.cli.completion",
}
# What people say, and what it is called here.
MEANT = {
    "paint": "stylize",
    "transfer": "stylize",
    "run": "stylize",
    "web": "studio",
    "gui": "studio",
    "serve": "studio",
    "download": "weights",
    "info": "describe",
    "list": "presets",
    "help": "--help",
    "version": "--version",
}


class Lazy(click.Group):
    """Commands by name, each imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found = getattr(importlib.import_module(COMMANDS[cmd_name]), cmd_name)
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            if Path(args[0]).suffix or Path(args[0]).is_file():
                raise click.UsageError(f"say what to do: impasto stylize {' '.join(args)}")
            meant = MEANT.get(args[0])
            advice = f"did you mean {meant}?" if meant else nearest(args[0], COMMANDS)
            raise click.UsageError(f"there is no command {args[0]!r}; {advice}")
        return super().resolve_command(ctx, args)


WELCOME = f"""\
impasto {__version__} repaints a photograph in the style of a painting. To begin with:

  impasto stylize photo.jpg painting.jpg -o out.png    paint
  impasto studio                                       paint in the browser
  impasto stylize --help                               everything that can be set
  impasto presets                                      named looks to start from

All commands: impasto --help
"""


@click.group(
    cls=Lazy,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", message="impasto %(version)s")
@click.option("--debug", is_flag=True, help="Show the whole traceback of an error.")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:  # `main` has seen to debug
    """Neural style transfer: repaint a photograph in the style of a painting.

    \b
    Exit codes:
      0    done
      1    it could not be done: a file is missing, damaged or in the way, a network can't be had,
           memory ran out; the last good picture is kept
      2    it makes no sense as it stands: a flag, a name or a value that isn't there, options that
           don't go together
      130  stopped by Ctrl-C; the picture is kept as it was by then
    """
    if ctx.invoked_subcommand is None:
        click.echo(WELCOME, nl=False)


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit; `impasto --help` says with which codes."""
    environment.prepare()
    args = list(sys.argv[1:] if args is None else args)
    debug = "--debug" in args  # wherever it stands
    args = [arg for arg in args if arg != "--debug"]
    try:
        result = cli.main(args=args, prog_name="impasto", standalone_mode=False)
        code = result if isinstance(result, int) else 0
        if sys.stdout:  # None when it was closed before we began
            sys.stdout.flush()  # here, where a reader that is gone is no surprise
    except Exception as error:
        told = (click.ClickException, click.exceptions.Exit, click.Abort)
        if debug and not isinstance(error, told):
            raise
        code = _told(error)
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        code = INTERRUPTED
    sys.exit(code)


def _told(error: Exception) -> int:
    """Say an error in one line; its exit code."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.Abort):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):  # whoever read our output has heard enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        _error("the disk is full; make room and try again")
        return FAILED
    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx else "impasto"
        text = _unknown(error) or _alone(error) or error.format_message().rstrip(".")
        _error(f"{text} (see {command} --help)")
        return USAGE
    if isinstance(error, click.ClickException):
        _error(error.format_message())
        return error.exit_code
    if isinstance(error, ImpastoError):
        _error(str(error))
        return USAGE if isinstance(error, OptionError) else FAILED
    text = f"{error}".strip().splitlines() or [""]
    _error(f"unexpected {type(error).__name__}: {text[0]} (impasto --debug ... shows where)")
    return FAILED


def _unknown(error: click.UsageError) -> str:
    """What to say of a flag that isn't there: the nearest one. "" for other errors."""
    if not isinstance(error, click.NoSuchOption):
        return ""
    flag = error.option_name
    if error.ctx and (path := _having(flag, error.ctx)):
        return f"there is no flag {flag!r} here; {path} has it"
    close = closest(flag, error.possibilities or (), alike=0.6)
    return f"there is no flag {flag!r}" + (f"; did you mean {close}?" if close else "")


def _having(flag: str, ctx: click.Context) -> str:
    """The first command that has a flag, of those below `ctx`'s, else of all; "" where none has."""
    for within in (ctx, ctx.find_root()):
        for path, command in _below(within.command_path, within.command, within):
            if any(flag in (*each.opts, *each.secondary_opts) for each in command.params):
                return path
    return ""


def _below(
    path: str, command: click.Command, ctx: click.Context
) -> Iterator[tuple[str, click.Command]]:
    """The commands below one, by what is typed to call them."""
    if not isinstance(command, click.Group):
        return
    for name in command.list_commands(ctx):
        if found := command.get_command(ctx, name):
            yield f"{path} {name}", found
            yield from _below(f"{path} {name}", found, ctx)


def _alone(error: click.UsageError) -> str:
    """What to say where a photograph has no painting beside it. "" for other errors."""
    if not isinstance(error, click.MissingParameter) or error.ctx is None:
        return ""
    if error.param is None or error.param.name not in ("content", "styles"):
        return ""
    command = error.ctx.command_path
    if content := error.ctx.params.get("content"):
        return f"{content} has no painting beside it; give one: {command} {content} PAINTING"
    return f"no picture was given; give two: {command} PHOTOGRAPH PAINTING"


def _error(text: str) -> None:
    told = printable(" ".join(text.splitlines()))
    click.echo(f"{coloured('error:', fg='red', bold=True)} {told}", err=True)
