"""What layers see: a picture painted from noise until they can't tell it from another.

Gatys, Ecker and Bethge, Image Style Transfer Using Convolutional Neural Networks (CVPR 2016),
figures 1 and 2: content from a layer's features (equation 1) with style off, style from the Gram
matrices of layers (equations 4 and 5) with content off. Departures: the bundled network, unless
another is asked for, and convolutions padded as everywhere in impasto, which keeps borders clean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import torch

from impasto import presets
from impasto.engine import canvas
from impasto.engine.control import Masks
from impasto.engine.paint import Painting
from impasto.engine.pyramid import Size
from impasto.errors import OptionError
from impasto.jobs import bases, sheet, single
from impasto.jobs.sheet import Cell, Panel
from impasto.jobs.single import Source
from impasto.networks.vgg import VGG
from impasto.options import Options
from impasto.picture import Picture

Kind = Literal["content", "style"]


def options_for(kind: Kind, layers: Any, changes: Mapping[str, Any]) -> Options:
    """The options of a reconstruction. layers: as for the options content_layers, style_layers."""
    other = "style" if kind == "content" else "content"
    given: dict[str, Any] = {
        **bases.RECONSTRUCT,
        **changes,
        f"{kind}_layers": layers,
        f"{other}_weight": 0.0,
    }
    if given.get("optimizer") == "adam":  # whose steps aren't those of the preset's L-BFGS
        given = {"pixel_range": 1.0, "learning_rate": 0.0, **given}
    made = presets.resolve(given.pop("preset"), given)
    if not any(weight for _, weight in getattr(made, f"{kind}_layers")):
        raise OptionError(f"{kind}_layers has no layer of any weight; give one, such as conv3_1")
    return made


def begin(
    kind: Kind, picture: Picture, options: Options, network: VGG, masks: Masks | None = None
) -> Painting:
    """A reconstruction about to be made. masks: what it starts from, where that is a picture."""
    job = {"name": f"reconstruct {kind}"}
    return single.begin(picture, [picture], options, network, masks, job)


def begin_figure(
    kind: Kind,
    picture: Picture,
    changes: Mapping[str, Any],
    network: VGG,
    masks: Masks | None = None,
) -> tuple[list[Cell], tuple[str, ...]]:
    """A painting for each layer of the paper's figure, and notes of layers that aren't there."""
    figure = bases.CONTENT_FIGURE if kind == "content" else bases.STYLE_FIGURE
    there = [layer for layer in figure if layer in network.layers()]
    if not there:
        raise OptionError(f"{network.name} has none of {', '.join(figure)}; take another network")
    cells: list[Cell] = []
    for i, layer in enumerate(there):
        layers = layer if kind == "content" else ",".join(there[: i + 1])
        painting = begin(kind, picture, options_for(kind, layers, changes), network, masks)
        caption = layer if not i or kind == "content" else f"{there[0]} to {layer}"
        cells.append(Cell({f"{kind}_layers": layers}, caption, painting))
    gone = ", ".join(layer for layer in figure if layer not in there)
    return cells, ((f"{network.name} has no {gone}: left out of the figure",) if gone else ())


def original(picture: Picture, size: Size) -> Panel:
    """The picture itself, beside what is painted of it."""
    pixels = canvas.resized(canvas.to_tensor(picture, torch.device("cpu"))[0], *size)
    return Panel.of("the picture", Picture(canvas.to_pixels(pixels)))


def reconstruct_content(
    picture: Source,
    layer: Any = bases.CONTENT_LAYER,
    *,
    start_picture: Source | None = None,
    **options: Any,
) -> Picture:
    """A picture from noise with the features that `picture` has at a layer.

    layer: one, or several with weights, as the option content_layers. start_picture: as for
    `paint`. options: those of `impasto.Options`, over the job's own: 256 pixels, 300 steps of
    L-BFGS. Errors as of `paint`.
    """
    return _reconstructed("content", picture, layer, start_picture, options)


def reconstruct_style(
    picture: Source,
    layers: Any = bases.STYLE_LAYERS,
    *,
    start_picture: Source | None = None,
    **options: Any,
) -> Picture:
    """A picture from noise with the Gram matrices that `picture` has at layers: its texture.

    layers: as the option style_layers. options: as for `reconstruct_content`.
    """
    return _reconstructed("style", picture, layers, start_picture, options)


def reconstruct_figure(picture: Source, kind: Kind, **options: Any) -> Picture:
    """The paper's figure: the picture, and what is left of it layer by layer, side by side.

    kind: content (a layer each) or style (sets of layers that grow).
    """
    shown = single.open_picture(picture)
    network = single.load_network(options_for(kind, "conv1_1", options))
    cells, _ = begin_figure(kind, shown, options, network)
    for cell in cells:
        single.finished(cell.painting)
    leading = [original(shown, cells[0].painting.plan.sizes[-1])]
    return sheet.of_cells(cells, leading, len(cells) + 1, f"reconstruct {kind}")


def _reconstructed(
    kind: Kind, picture: Source, layers: Any, start: Source | None, changes: Mapping[str, Any]
) -> Picture:
    options = options_for(kind, layers, single.started(changes, start is not None))
    masks = single.open_masks(None, None, None, start)
    shown = single.open_picture(picture)
    return single.finished(begin(kind, shown, options, single.load_network(options), masks))
