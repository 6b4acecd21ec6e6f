"""The terms at one layer: gathered strip by strip, compared once, pulled strip by strip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from impasto.engine.distances import Compare, Distance
from impasto.losses import content as content_loss
from impasto.losses import moments
from impasto.losses.content import SquaredError
from impasto.losses.moments import Moments


@dataclass(frozen=True)
class ContentTerm:
    """What a layer's features are asked to be, position by position.

    wanted:   (1, C, H, W), in the network's dtype.
    mask:     (1, 1, H, W); None = 1 everywhere.
    factor:   a scalar, the weight in it.
    """

    wanted: Tensor
    mask: Tensor | None
    compare: Callable[[SquaredError], Tensor]
    factor: Tensor


@dataclass(frozen=True)
class StyleTerm:
    """One style loss in one region of a layer. region: its number among the layer's."""

    distance: Distance
    compare: Compare
    region: int
    factor: Tensor

    @property
    def of_moments(self) -> bool:
        return self.distance.gather is moments.gather


@dataclass
class Layer:
    """A layer's terms, and what is gathered for them in one evaluation.

    masks:   of its regions, (1, 1, H, W); None = 1 everywhere.
    styles:  by name, a term for each region.

    An evaluation is `begin`, `see` for each strip, the losses, as functions of the `leaves`, `turn`
    with their gradient in those, and `pull` for each strip.
    """

    name: str
    masks: Sequence[Tensor | None]
    content: ContentTerm | None
    styles: dict[str, list[StyleTerm]]
    _error: SquaredError | None = None
    _moments: dict[int, Moments] = field(default_factory=dict[int, Moments])
    _whole: Tensor | None = None  # features, for a loss that wants all of them
    _slopes: dict[str, Tensor] = field(default_factory=dict[str, Tensor])

    @property
    def adds_up(self) -> bool:
        """Whether sums over positions are all that its losses need."""
        return all(term.of_moments for terms in self.styles.values() for term in terms)

    def begin(self) -> None:
        """Forget what was gathered before."""
        self._error, self._moments, self._whole, self._slopes = None, {}, None, {}

    def see(self, features: Tensor, rows: slice) -> None:
        """Gather from rows of the layer's features, (1, C, h, W)."""
        if term := self.content:
            error = content_loss.gather(features, term.wanted[:, :, rows], _rows(term.mask, rows))
            self._error = error if self._error is None else self._error + error
        for i in self._regions():
            found = moments.gather(features, _rows(self.masks[i], rows))
            self._moments[i] = self._moments[i] + found if i in self._moments else found
        if not self.adds_up:
            self._whole = features.detach()

    def _regions(self) -> set[int]:
        """Those of which moments are asked."""
        return {t.region for terms in self.styles.values() for t in terms if t.of_moments}

    def leaves(self) -> dict[str, Tensor]:
        """What was gathered, by name: the losses are functions of it."""
        found: dict[str, Tensor] = {}
        if self._error:
            found["content"] = self._error.error
        for i, sums in self._moments.items():
            found |= {f"first {i}": sums.first, f"second {i}": sums.second}
        if self._whole is not None:
            found["whole"] = self._whole
        return {name: leaf.requires_grad_() for name, leaf in found.items()}

    def content_loss(self) -> Tensor:
        """Weighted, a scalar."""
        assert self.content and self._error
        return self.content.compare(self._error) * self.content.factor

    def style_loss(self, name: str) -> Tensor:
        """Of all regions, weighted, a scalar."""
        parts = [term.compare(self._sums(term)) * term.factor for term in self.styles[name]]
        return torch.stack(parts).sum()

    def _sums(self, term: StyleTerm) -> Any:
        if term.of_moments:
            return self._moments[term.region]
        assert self._whole is not None
        return term.distance.gather(self._whole, self.masks[term.region])

    def turn(self, slopes: dict[str, Tensor]) -> None:
        """Keep the gradient in what `leaves` named for `pull`."""
        self._slopes = slopes
        self._error, self._moments, self._whole = None, {}, None

    def pull(self, features: Tensor, rows: slice) -> Tensor:
        """The gradient in rows of the layer's features."""
        slopes, parts = self._slopes, list[Tensor]()
        for i in self._regions():
            mask = _rows(self.masks[i], rows)
            parts.append(moments.pull(features, slopes[f"first {i}"], slopes[f"second {i}"], mask))
        if term := self.content:
            mask, wanted = _rows(term.mask, rows), term.wanted[:, :, rows]
            parts.append(content_loss.pull(features, wanted, slopes["content"], mask))
        if "whole" in slopes:
            parts.append(slopes["whole"][:, :, rows].to(features.dtype, copy=True))
        total = parts[0]
        for part in parts[1:]:
            total += part
        return total


def _rows(mask: Tensor | None, rows: slice) -> Tensor | None:
    return None if mask is None else mask[:, :, rows]
