"""The terms at one layer: gathered strip by strip, compared once, pulled strip by strip."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from impasto.engine.distances import Compare, Distance
from impasto.losses import content as content_loss
from impasto.losses import moments
from impasto.losses.content import SquaredError
from impasto.losses.moments import Moments

ROOM = 2**18  # values at a time on a processor


@dataclass(frozen=True)
class Restyling:
    """How a region's features are brought to its style's statistics: a factor and what is added.

    gain, shift:  (C,). mask: (1, 1, H, W); None = 1 everywhere.
    """

    gain: Tensor
    shift: Tensor
    mask: Tensor | None


@dataclass(frozen=True)
class ContentTerm:
    """What a layer's features are asked to be, position by position.

    seen:     the photograph's features (1, C, H, W), as the network gave them.
    restyled: how they are changed, by regions; () = not at all.
    mask:     (1, 1, H, W); None = 1 everywhere.
    factor:   a scalar, the weight in it.
    """

    seen: Tensor
    restyled: Sequence[Restyling]
    mask: Tensor | None
    compare: Callable[[SquaredError], Tensor]
    factor: Tensor

    def target(self, rows: slice) -> Tensor:
        """Rows of what is wanted, in float32 at least: restyled as the position's regions are, and
        plain where it is in none.
        """
        seen = moments.widened(self.seen[:, :, rows])
        if not self.restyled:
            return seen
        if len(self.restyled) == 1 and self.restyled[0].mask is None:
            only = self.restyled[0]
            own = seen.dtype != self.seen.dtype  # a copy already
            scaled = seen.mul_(_across(only.gain)) if own else seen * _across(only.gain)
            return scaled.add_(_across(only.shift))
        total, covered = torch.zeros_like(seen), seen.new_zeros(())
        for part in self.restyled:
            assert part.mask is not None
            mask = part.mask[:, :, rows]
            total += mask * (seen * _across(part.gain)).add_(_across(part.shift))
            covered = covered + mask
        return torch.where(covered > 0, total / covered.clamp(min=1e-6), seen)


def _across(channels: Tensor) -> Tensor:
    return channels[None, :, None, None]


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
        for part, at in _pieces(features, rows):
            if term := self.content:
                error = content_loss.gather(part, term.target(at), _rows(term.mask, at))
                self._error = error if self._error is None else self._error + error
            for i in self._regions():
                found = moments.gather(part, _rows(self.masks[i], at))
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
        pulled = torch.empty_like(features)
        for part, at in _pieces(features, rows):
            first = at.start - rows.start
            pulled[:, :, first : first + part.shape[2]] = self._pulled(part, at)
        return pulled

    def _pulled(self, features: Tensor, rows: slice) -> Tensor:
        slopes, parts = self._slopes, list[Tensor]()
        for i in self._regions():
            mask = _rows(self.masks[i], rows)
            parts.append(moments.pull(features, slopes[f"first {i}"], slopes[f"second {i}"], mask))
        if term := self.content:
            mask, wanted = _rows(term.mask, rows), term.target(rows)
            parts.append(content_loss.pull(features, wanted, slopes["content"], mask))
        if "whole" in slopes:
            parts.append(moments.widened(slopes["whole"][:, :, rows]))
        total = parts[0]  # its own memory, unless it is the only one
        for part in parts[1:]:
            total += part
        return total


def _pieces(features: Tensor, rows: slice) -> Iterator[tuple[Tensor, slice]]:
    """Some rows at a time, widened, and where they are; on a processor what its cache holds."""
    _, channels, height, width = features.shape
    room = ROOM if features.device.type == "cpu" else 2**8 * ROOM
    step = max(1, room // (channels * width))
    for start in range(0, height, step):
        stop = min(start + step, height)
        yield (
            moments.widened(features[:, :, start:stop]),
            slice(rows.start + start, rows.start + stop),
        )


def _rows(mask: Tensor | None, rows: slice) -> Tensor | None:
    return None if mask is None else mask[:, :, rows]
