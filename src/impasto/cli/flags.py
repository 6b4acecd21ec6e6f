"""Flags derived from `impasto.options`, and help that shows them in groups."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import click

from impasto import presets
from impasto.errors import OptionError, choose, nearest
from impasto.options import GROUPS, SPECS, Options, default
from impasto.presets import PRESETS
from impasto.spec import Spec

_METAVARS = {
    "int": "N",
    "float": "X",
    "numbers": "X,X,...",
    "text": "NAME",
    "bytes": "SIZE",
}

LISTS = ("numbers", "parts")  # kinds of options whose own values have commas


class Choice(click.Choice[str]):
    """A click choice whose error says which there are."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.choices:
            flag = param.opts[-1] if param else "this"
            raise click.UsageError(f"{flag} is {value!r}; {choose(str(value), self.choices)}", ctx)
        return str(value)


class Nearest(click.Group):
    """A group of commands whose error names the nearest one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            raise click.UsageError(
                f"{ctx.command_path} has no command {args[0]!r}; {nearest(args[0], known)}", ctx
            )
        return super().resolve_command(ctx, args)


class Flag(click.Option):
    """A click option that knows which group of the help it belongs to."""

    def __init__(self, *args: Any, group: str = "Output", **attrs: Any) -> None:
        super().__init__(*args, **attrs)
        self.group = group


class Grouped(click.Command):
    """A command whose help shows its options under the headings of their groups."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing:  # which completes what is only half typed
            self._check_values(ctx, args)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # click forgets whose flag it was that lacks its value
            raise

    def _check_values(self, ctx: click.Context, args: list[str]) -> None:
        """UsageError where a flag that takes a value is followed by another flag, which click would
        take for the value.
        """
        known = [each for each in self.get_params(ctx) if isinstance(each, click.Option)]
        flags = {flag for each in known for flag in (*each.opts, *each.secondary_opts)}
        flags -= {*ctx.help_option_names}
        takes = {flag for each in known if not (each.is_flag or each.count) for flag in each.opts}
        for flag, value in pairwise(args):
            if flag in takes and value in flags:
                raise click.UsageError(f"{flag} lacks its value: {value} follows", ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {
            name: [] for name in ("Picture", "Output", "Masks", *GROUPS)
        }
        for parameter in self.get_params(ctx):
            if isinstance(parameter, click.Argument):  # the usage line shows these
                continue
            record = parameter.get_help_record(ctx)
            if record is not None:
                group = parameter.group if isinstance(parameter, Flag) else "Output"
                sections.setdefault(group, []).append(record)
        for name, records in sections.items():
            if records:
                with formatter.section(name):
                    formatter.write_dl(records)


def painting_flags(
    leave_out: Collection[str] = (),
    defaults: Mapping[str, Any] | None = None,
    *,
    several: bool = False,
) -> list[click.Parameter]:
    """A flag for each option of painting. Those not given are None, so that a preset decides.

    leave_out: options without a flag. defaults: what help says where a command has its own.
    several: each takes texts with several values, which click doesn't look at.
    """
    own = defaults or {}
    return [
        _flag(name, spec, str(own.get(name, default(name))), several)
        for name, spec in SPECS.items()
        if name not in leave_out
    ]


def given(flags: Mapping[str, Any]) -> dict[str, Any]:
    """The flags that were given, and what they were given."""
    return {name: value for name, value in flags.items() if value is not None}


def chosen(flags: Mapping[str, Any]) -> Options:
    """Options from the flags that were given, over the preset's."""
    changes = given(flags)
    with named_by_flags(flags):
        return presets.resolve(changes.pop("preset", "default"), changes)


@contextmanager
def named_by_flags(flags: Collection[str]) -> Generator[None]:
    """On the command line options are called by their flags, in errors too."""
    try:
        yield
    except OptionError as error:
        name, _, rest = str(error).partition(" ")
        if name.rstrip(":") not in flags:
            raise
        raise OptionError(f"--{name.replace('_', '-')} {rest}") from None


def _flag(name: str, spec: Spec, own: str, several: bool) -> Flag:
    named = f" There are {', '.join(PRESETS)}." if name == "preset" else ""
    choices = spec.choices if spec.kind == "choice" else ()
    facts = [f"default {text}"] if (text := own.removesuffix(".0")) else []
    if spec.range and not (choices and not several):  # choices are in the metavar
        facts.append(spec.range)
    metavar = _METAVARS.get(spec.kind, f"{spec.part.upper()}[:X],...")
    if several and spec.kind not in LISTS:
        metavar = f"{_METAVARS.get(spec.kind, 'NAME')},..."
    return Flag(
        ["--" + name.replace("_", "-")],
        group=spec.group,
        type=Choice(choices) if choices and not several else str,
        metavar=None if choices and not several else metavar,
        help=f"{spec.help}{named}  [{'; '.join(facts)}]" if facts else spec.help,
    )
