"""Flags derived from `impasto.options`, and help that shows them in groups."""

from __future__ import annotations

from typing import Any

import click

from impasto.options import GROUPS, SPECS, default
from impasto.presets import PRESETS
from impasto.spec import Spec

_METAVARS = {
    "int": "N",
    "float": "X",
    "numbers": "X,X,...",
    "text": "NAME",
}


class Flag(click.Option):
    """A click option that knows which group of the help it belongs to."""

    def __init__(self, *args: Any, group: str = "Output", **attrs: Any) -> None:
        super().__init__(*args, **attrs)
        self.group = group


class Grouped(click.Command):
    """A command whose help shows its options under the headings of their groups."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {
            name: [] for name in ("Output", "Masks", *GROUPS)
        }
        for parameter in self.get_params(ctx):
            if isinstance(parameter, click.Argument):  # the usage line shows these
                continue
            record = parameter.get_help_record(ctx)
            if record is not None:
                group = parameter.group if isinstance(parameter, Flag) else "Other"
                sections.setdefault(group, []).append(record)
        for name, records in sections.items():
            if records:
                with formatter.section(name):
                    formatter.write_dl(records)


def painting_flags() -> list[click.Parameter]:
    """A flag for each option of painting. Those not given are None, so that a preset decides."""
    return [_flag(name, spec) for name, spec in SPECS.items()]


def _flag(name: str, spec: Spec) -> Flag:
    named = f" There are {', '.join(PRESETS)}." if name == "preset" else ""
    choices = spec.choices if spec.kind == "choice" else ()
    facts = [f"default {text}"] if (text := default(name).removesuffix(".0")) else []
    if spec.range and not choices:  # choices are in the metavar
        facts.append(spec.range)
    return Flag(
        ["--" + name.replace("_", "-")],
        group=spec.group,
        type=click.Choice(choices) if choices else str,
        metavar=None if choices else _METAVARS.get(spec.kind, f"{spec.part.upper()}[:X],..."),
        help=f"{spec.help}{named}  [{'; '.join(facts)}]" if facts else spec.help,
    )
