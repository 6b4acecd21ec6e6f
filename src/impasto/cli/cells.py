"""Several paintings on their way to one sheet: a line for each, and what is made is kept."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from impasto.cli.deliver import kept
from impasto.cli.output import Output
from impasto.cli.words import printable
from impasto.errors import ImpastoError, OptionError, PictureError

if TYPE_CHECKING:
    from impasto.jobs.sheet import Cell, Panel


def deliver(
    cells: Sequence[Cell],
    output: Output,
    *,
    columns: int,
    job: str,
    leading: Sequence[Panel] = (),
    folder: Path | None = None,
) -> int:
    """Paint the cells and write their sheet; the exit code.

    leading: what stands on the sheet before them. folder: where each is saved by itself as well.
    Ctrl-C, and an error on the way, keep what is painted until then.
    """
    from impasto.cli.main import INTERRUPTED
    from impasto.cli.watch import interruptible, watch
    from impasto.jobs import sheet

    panels = [*leading, *(cell.panel() for cell in cells)]
    output.check(size=sheet.size(panels, columns))
    files = _files(cells, output, folder)
    _tell_plan(cells, output)
    network = cells[0].painting.network
    failure: ImpastoError | None = None
    with interruptible() as signals:
        for i, cell in enumerate(cells):
            began = time.perf_counter()
            failure = watch(cell.painting, signals, quiet=True, as_json=False)
            interrupted = bool(signals)
            if not cell.painting.made:
                break
            signals.clear()  # one more Ctrl-C must not cost the picture
            if files:
                try:
                    cell.painting.picture.save(
                        files[i], overwrite=output.overwrite, bits=output.bits
                    )
                except PictureError as error:
                    failure = failure or error
            _tell_cell(i, cells, output, time.perf_counter() - began, files)
            if failure or interrupted or signals:
                break
        signals.clear()
        if not cells[0].painting.made:  # nothing worth keeping
            raise failure or KeyboardInterrupt
        picture = sheet.of_cells(cells, leading, columns, job)
        output.save(picture)
    if failure:
        raise kept(failure, output.target)
    done = sum(cell.painting.made == sum(cell.painting.plan.steps) for cell in cells)
    output.tell(
        picture,
        network,
        f"{network.name} on {cells[0].painting.plan.device}",
        {"cells": done, "interrupted": done < len(cells)},
        f"stopped after {done} of {len(cells)} cells" if done < len(cells) else "",
    )
    return INTERRUPTED if done < len(cells) else 0


def _files(cells: Sequence[Cell], output: Output, folder: Path | None) -> list[Path]:
    """A file for each cell, in a folder that is there by then; [] without a folder."""
    from impasto.io.files import check_output

    if folder is None:
        return []
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise PictureError(
            f"folder {folder} can't be made ({error.strerror}); choose another"
        ) from error
    files = [folder / f"{_name(cell)}.png" for cell in cells]
    if len(set(files)) < len(files):
        files = [path.with_stem(f"{i:02} {path.stem}") for i, path in enumerate(files, 1)]
    for path in files:
        if path.resolve() == output.target.resolve():
            raise OptionError(f"the output {path} is also a cell's; choose another name")
        check_output(path, overwrite=output.overwrite, bits=output.bits)
    return files


def _name(cell: Cell) -> str:
    """A file's name that says the values, with nothing in it that a path would take for its own."""
    text = "_".join(cell.told()).replace(" ", "_")
    return "".join(c if c.isalnum() or c in "._-," else "-" for c in text)


def _tell_plan(cells: Sequence[Cell], output: Output) -> None:
    notes = dict.fromkeys(note for cell in cells for note in cell.painting.plan.notes)
    for note in notes:
        output.note(printable(note))
    if not output.silent:
        plan, network = cells[0].painting.plan, cells[0].painting.network
        click.echo(
            f"painting {len(cells)} cells of {'x'.join(map(str, plan.sizes[-1]))} with "
            f"{network.name} ({network.sha256[:8]}) on {plan.device}, {plan.precision}",
            err=True,
        )


def _tell_cell(
    i: int, cells: Sequence[Cell], output: Output, seconds: float, files: Sequence[Path]
) -> None:
    from impasto.jobs.clock import clock

    cell = cells[i]
    if output.as_json:
        line = {
            "cell": i + 1,
            "cells": len(cells),
            "values": dict(cell.values),
            "steps": cell.painting.made,
            "seconds": round(seconds, 3),
            **({"file": str(files[i])} if files else {}),
        }
        click.echo(json.dumps(line))
    elif not output.quiet:
        words = f"cell {i + 1} of {len(cells)}: {', '.join(cell.told())} ({clock(seconds)})"
        click.echo(printable(words), err=True)
