"""`impasto studio`: a page in the browser where people paint."""

from __future__ import annotations

from typing import Any

import click

from impasto.cli.flags import Flag, Grouped, chosen, given, painting_flags
from impasto.cli.loading import loading
from impasto.cli.opening import opened
from impasto.errors import OptionError
from impasto.options import SPECS

HELP = """\
Open the studio: a page in the browser to paint in, with nothing fetched from the internet.

\b
  impasto studio
  impasto studio --host 0.0.0.0 --auth anna:a-long-password --keep-hours 12

It answers this machine alone, unless --host and --auth say otherwise. Pictures are deleted when
their pages are closed, and when the studio ends. Ctrl-C ends it.
"""


def _studio(
    host: str,
    port: int,
    auth: str | None,
    workers: int,
    keep_hours: float,
    max_upload: float,
    max_megapixels: float,
    max_size: int,
    max_minutes: float,
    max_queue: int,
    no_browser: bool,
    **machine: Any,
) -> None:
    with loading():
        try:
            import gradio  # noqa: F401  # pyright: ignore[reportUnusedImport]: whether it is there
        except ImportError:
            raise OptionError(
                "the studio needs one more package: pip install 'impasto[studio]'"
            ) from None
        from impasto.studio import server
        from impasto.studio.limits import MEGA, Limits

    limits = Limits(
        upload=int(max_upload * MEGA),
        pixels=int(max_megapixels * MEGA),
        size=max_size,
        minutes=max_minutes,
        waiting=max_queue,
        machine={name: getattr(chosen(machine), name) for name in given(machine)},
    )
    address = server.Address(host, port, server.password(auth) if auth else None)

    def ready(at: server.Address) -> None:
        click.echo(f"the studio is open at {at.url} (Ctrl-C closes it)")
        if not no_browser and server.local(at.host):
            opened(at.url)

    with server.Studio(address, limits, workers, keep_hours) as studio:
        studio.serve(ready)
    click.echo("the studio is closed, its pictures deleted")


def _number(low: float, high: float | None = None) -> click.FloatRange:
    return click.FloatRange(min=low, max=high)


studio = Grouped(
    "studio",
    callback=_studio,
    help=HELP,
    short_help="Paint in the browser.",
    params=[
        Flag(
            ["--host"],
            group="Address",
            default="127.0.0.1",
            metavar="ADDRESS",
            help="Where it answers; others than this machine need --auth.  [default 127.0.0.1]",
        ),
        Flag(
            ["--port"],
            group="Address",
            type=click.IntRange(0, 65535),
            default=7860,
            metavar="N",
            help="0 = any that is free.  [default 7860]",
        ),
        Flag(
            ["--auth"],
            group="Address",
            envvar="IMPASTO_STUDIO_AUTH",
            metavar="USER:PASSWORD",
            help="Ask for these; or set IMPASTO_STUDIO_AUTH, which other users can't read.",
        ),
        Flag(["--no-browser"], group="Address", is_flag=True, help="Don't open a browser."),
        Flag(
            ["--workers"],
            group="Limits",
            type=click.IntRange(1, 16),
            default=1,
            metavar="N",
            help="Paintings at a time; others wait.  [default 1]",
        ),
        Flag(
            ["--keep-hours"],
            group="Limits",
            type=_number(0, 24 * 365),
            default=0.0,
            metavar="X",
            help="Keep a session's pictures for so long after its page is closed, for the same "
            "browser to find again.  [default 0: a minute]",
        ),
        Flag(
            ["--max-upload"],
            group="Limits",
            type=_number(0.01, 1000),
            default=25.0,
            metavar="X",
            help="Megabytes of a file.  [default 25]",
        ),
        Flag(
            ["--max-megapixels"],
            group="Limits",
            type=_number(0.01, 500),
            default=40.0,
            metavar="X",
            help="Of a picture that is given.  [default 40]",
        ),
        Flag(
            ["--max-size"],
            group="Limits",
            type=click.IntRange(128, 32_768),
            default=2048,
            metavar="N",
            help="Long side of what is painted.  [default 2048 px]",
        ),
        Flag(
            ["--max-minutes"],
            group="Limits",
            type=_number(0.01, 24 * 60),
            default=30.0,
            metavar="X",
            help="For one painting; what there is by then is kept.  [default 30]",
        ),
        Flag(
            ["--max-queue"],
            group="Limits",
            type=click.IntRange(0, 1000),
            default=8,
            metavar="N",
            help="Paintings that may wait.  [default 8]",
        ),
        *painting_flags([name for name, spec in SPECS.items() if spec.group != "Machine"]),
    ],
)
