"""A plan in words: sizes, steps, how each is gone through, and the memory it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from impasto.cli.flags import Flag

if TYPE_CHECKING:
    from impasto.engine.paint import Painting
    from impasto.engine.plan import Plan


def flag() -> Flag:
    """The flag that asks for it, of commands that paint one picture."""
    return Flag(
        ["--explain", "explains"],
        is_flag=True,
        help="Say what would be painted, and in how much memory; fetch and paint nothing.",
    )


def explain(painting: Painting) -> int:
    """Say what would be painted; the exit code."""
    click.echo(explained(painting.plan))
    return 0


def explained(plan: Plan) -> str:
    """A line for each size, and one for the whole."""
    from impasto.engine import memory

    blocks = plan.demand.network.blocks(plan.demand.layers)
    lines = [
        f"{'x'.join(map(str, size)):>11}  {steps:5} steps  {fit.peak / 1e9:6.2f} GB  "
        f"{memory.told(fit.cuts, blocks, size)}"
        for size, steps, fit in zip(plan.sizes, plan.steps, plan.fits, strict=True)
        if steps
    ]
    peak = max(fit.peak for fit, steps in zip(plan.fits, plan.steps, strict=True) if steps)
    lines.append(
        f"on {plan.device} in {plan.precision}, {sum(plan.steps)} steps, "
        f"{peak / 1e9:.2f} GB of memory at the peak"
    )
    return "\n".join([*lines, *(f"note: {note}" for note in plan.notes)])
