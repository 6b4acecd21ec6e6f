"""`impasto doctor`: what is here to paint with, and what is missing for which feature."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import click
import psutil

from impasto.cli import terminal
from impasto.cli.words import coloured, printable
from impasto.errors import WeightsError
from impasto.networks import catalogue
from impasto.options import Options
from impasto.version import __version__

if TYPE_CHECKING:
    import torch

State = Literal["ok", "missing", "broken"]
COLOURS: dict[State, str] = {"ok": "green", "missing": "yellow", "broken": "red"}
# What an extra is for, and the module that it brings.
EXTRAS = {
    "studio": ("the page in the browser", "gradio"),
    "heic": ("reading HEIC pictures", "pillow_heif"),
    "video": ("films of painting as .mp4", "av"),
}


@dataclass(frozen=True)
class Finding:
    """A line: what was looked at, how it is, in words, and for programs.

    needed: whether painting with the defaults takes it.
    """

    name: str
    state: State
    words: str
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    needed: bool = True


def findings() -> Iterator[Finding]:
    """All there is to say, in the order that it is said in."""
    yield Finding("impasto", "ok", __version__, {"version": __version__})
    python, system = platform.python_version(), f"{platform.system()} {platform.machine()}"
    yield Finding("python", "ok", f"{python} on {system}", {"version": python, "system": system})
    yield from _torch()
    for name in catalogue.CATALOGUE:
        yield _weights(name)
    for extra in EXTRAS:
        yield _extra(extra)
    yield _terminal()


def _torch() -> Iterator[Finding]:
    """torch, and what it computes on."""
    try:
        import torch
    except (ImportError, OSError) as error:  # OSError: a library of its own that can't be loaded
        words = f"can't be loaded ({_line(error)}); install impasto again"
        yield Finding("torch", "broken", words, {"version": None})
        return
    version = str(torch.__version__)
    yield Finding("torch", "ok", version, {"version": version})
    from impasto.engine import machine

    device = machine.choose_device("auto")
    dtype = machine.choose_precision("auto", device)
    yield _device(device)
    yield _precision(device, dtype)
    yield _cores(torch.get_num_threads())
    yield _memory(device)


def _device(device: torch.device) -> Finding:
    import torch

    if device.type == "cuda":
        words = f"cuda: {torch.cuda.get_device_name(device)}"
    elif device.type == "mps":
        words = "mps, this Mac's graphics processor; there is no cuda"
    else:
        words = "cpu; there is no cuda and no mps"
    return Finding("device", "ok", words, {"device": device.type})


def _precision(device: torch.device, dtype: torch.dtype) -> Finding:
    """Which precision is chosen and why, and whether the device really computes in it."""
    import torch

    name = str(dtype).removeprefix("torch.")
    facts = {"precision": name}
    one = torch.ones(1, 3, 8, 8, device=device, dtype=dtype)
    try:
        got = float(torch.nn.functional.conv2d(one, torch.ones_like(one[:, :, :3, :3])).sum())
    except RuntimeError as error:
        words = f"{name} fails on {device.type} ({_line(error)}); try --device cpu"
        return Finding("precision", "broken", words, facts)
    if got != 27 * 36:  # of 36 sums of 27 ones; exact in either precision
        words = f"{name} computes wrongly on {device.type}; try --device cpu"
        return Finding("precision", "broken", words, facts)
    able = "multiplies" if name == "bfloat16" else "doesn't multiply"
    what = {"cpu": "the processor", "cuda": "the card"}.get(device.type)
    why = f"{what} {able} in bfloat16" if what else f"what is used on {device.type}"
    return Finding("precision", "ok", f"{name}: {why}", facts)


def _cores(threads: int) -> Finding:
    there = os.cpu_count() or 1
    ours = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else there
    cores = f"{there} core{'s' * (there > 1)}" + (f", {ours} of them ours" if ours < there else "")
    words = f"{cores}; painting takes {threads} thread{'s' * (threads > 1)}"
    if threads < ours:
        words += f" (OMP_NUM_THREADS={ours} would take all)"
    return Finding("cores", "ok", words, {"cores": there, "ours": ours, "threads": threads})


def _memory(device: torch.device) -> Finding:
    from impasto.engine import memory

    free, whole = memory.free_on(device), psutil.virtual_memory().total
    words = f"{free / 1e9:.1f} GB free"
    if device.type == "cuda":
        words += f" on the card, {psutil.virtual_memory().available / 1e9:.1f} GB beside it"
    else:
        words += f" of {whole / 1e9:.1f} GB"
    return Finding("memory", "ok", words, {"free": round(free), "whole": whole})


def _terminal() -> Finding:
    found = terminal.find(sys.stderr)
    facts = {"graphics": found.graphics if found else None}
    words = (
        f"{found.graphics} graphics: the picture is seen growing"
        if found
        else "no graphics are known of: `impasto studio` shows it growing"
    )
    return Finding("terminal", "ok", words, facts, needed=False)


def _weights(name: str) -> Finding:
    """A network's weights, read through."""
    needed = name == Options().network
    found = catalogue.locate(name)
    facts: dict[str, Any] = {"place": found.place, "verified": False}
    if found.path is None:
        words = f"not here; for --network {name}: impasto weights fetch {name}"
        return Finding(name, "missing", words, facts, needed)
    facts["file"] = str(found.path)
    try:
        catalogue.verify(name)
    except (WeightsError, OSError) as error:
        return Finding(name, "broken", _line(error), facts, needed)
    return Finding(name, "ok", f"verified, {found.path}", {**facts, "verified": True}, needed)


def _extra(name: str) -> Finding:
    purpose, module = EXTRAS[name]
    if importlib.util.find_spec(module) is None:
        words = f'not here; for {purpose}: pip install "impasto[{name}]"'
        return Finding(name, "missing", words, {"version": None}, needed=False)
    try:
        version = importlib.metadata.version(module)
    except importlib.metadata.PackageNotFoundError:  # put there without its papers
        version = ""
    words = f"{module} {version}".rstrip() + f", for {purpose}"
    return Finding(name, "ok", words, {"version": version}, needed=False)


def _line(error: Exception) -> str:
    """The first line of an error's text."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


@click.command(short_help="Say what is here to paint with, and what is missing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(as_json: bool) -> int:
    """Say what is here to paint with, and what is missing for which feature.

    Versions, the device and precision that are chosen by themselves and why, cores, memory, each
    network's weights (read through and verified) and the extras. Ends with 0 if impasto can paint
    with its defaults, otherwise with 1.
    """
    from impasto.cli.main import FAILED

    found: list[Finding] = []
    for one in findings():
        found.append(one)
        if not as_json:
            mark = coloured(f"{one.state:<8}", fg=COLOURS[one.state])
            click.echo(f"{mark} {one.name:<12} {printable(one.words)}")
    paints = all(one.state == "ok" for one in found if one.needed)
    if as_json:
        lines = {one.name: {"state": one.state, "words": one.words, **one.facts} for one in found}
        click.echo(json.dumps({"paints": paints, **lines}))
    else:
        click.echo("impasto can paint" if paints else "impasto can't paint with its defaults")
    return 0 if paints else FAILED
