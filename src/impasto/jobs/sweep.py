"""Sweeps: the same picture painted with several values of one option, or of two, on one sheet."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from impasto import presets
from impasto.engine.control import Masks
from impasto.errors import OptionError, nearest
from impasto.jobs import sheet, single
from impasto.jobs.sheet import Cell
from impasto.jobs.single import Source
from impasto.networks.vgg import VGG
from impasto.options import SPECS, Options
from impasto.picture import Picture
from impasto.spec import checked

Vary = Mapping[str, Sequence[Any]]


def columns(vary: Vary) -> int:
    """Cells in a row of the sheet: the values of the last option swept."""
    return len([*vary.values()][-1])


def chosen(vary: Vary, changes: Mapping[str, Any]) -> list[tuple[dict[str, Any], Options]]:
    """Each cell's values of what is swept, and its options, row by row: what can be checked with
    neither pictures nor network. Arguments and OptionError as of `begin`.
    """
    if len(vary) not in (1, 2):
        raise OptionError(f"{len(vary)} options are swept ({', '.join(vary)}); sweep one or two")
    found: list[tuple[dict[str, Any], Options]] = []
    for values in itertools.product(*(_read(*each) for each in vary.items())):
        here = dict(zip(vary, values, strict=True))
        given = {**changes, **here}
        options = presets.resolve(given.pop("preset", "default"), given)
        found.append(({name: options.to_dict()[name] for name in vary}, options))
    return found


def begin(
    content: Picture,
    styles: Sequence[Picture],
    vary: Vary,
    changes: Mapping[str, Any],
    masks: Masks | None = None,
    load: Callable[[Options], VGG] = single.load_network,
) -> list[Cell]:
    """All paintings of a sweep, checked and about to be made, row by row.

    vary: the values of one option or two; the first changes from row to row. changes: the other
    options. load: how networks are had; those that are alike are loaded once.
    """
    networks: dict[tuple[str, ...], VGG] = {}
    cells: list[Cell] = []
    for values, options in chosen(vary, changes):
        how = (options.pooling, options.rounding, options.padding, options.preprocessing)
        alike = (options.network, *how)
        if alike not in networks:
            networks[alike] = load(options)
        painting = single.begin(content, styles, options, networks[alike], masks)
        cell = Cell(values, "", painting)
        cells.append(replace(cell, caption="\n".join(cell.told())))
    return cells


def _read(name: str, values: Sequence[Any]) -> list[Any]:
    """The values of an option, understood."""
    if name not in SPECS:
        raise OptionError(f"there is no option {name!r}; {nearest(name, SPECS)}")
    read = [checked(name, value, SPECS[name]) for value in values]
    if not read:
        raise OptionError(f"{name} has no value to sweep; give one at least")
    for value in read:
        if read.count(value) > 1:
            raise OptionError(f"{name} {value} comes twice in the sweep; give each value once")
    return read


def sweep(
    content: Source,
    style: Source | Sequence[Source],
    vary: Vary,
    *,
    mask: Source | None = None,
    style_mask: Source | Sequence[Source | None] | None = None,
    protect: Source | None = None,
    start_picture: Source | None = None,
    **options: Any,
) -> Picture:
    """A sheet of `content` in the style of `style`, painted with each of several options' values.

    vary: {"content_weight": [0.01, 0.04], "style_scale": [0.5, 1, 2]}: one option or two, of which
    the first goes down the sheet and the second across. All else as for `stylize`.
    """
    styles: Sequence[Source] = style if isinstance(style, (list, tuple)) else [style]  # pyright: ignore
    photograph, paintings = single.open_picture(content), [single.open_picture(s) for s in styles]
    masks = single.open_masks(mask, style_mask, protect, start_picture)
    changes = single.started(options, start_picture is not None)
    cells = begin(photograph, paintings, vary, changes, masks)
    for cell in cells:
        single.finished(cell.painting)
    return sheet.of_cells(cells, (), columns(vary), "sweep")
