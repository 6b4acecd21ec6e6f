"""An order: what somebody wants painted, kept until its turn comes; and what goes on from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from impasto.engine.paint import Painting
from impasto.jobs import single
from impasto.options import Options
from impasto.picture import Picture
from impasto.studio import masks
from impasto.studio.kept import Kept


@dataclass(frozen=True)
class Order:
    """photograph, paintings: read when it is begun. drawn: what is drawn over them. start: a
    picture to start from, None = as the options say.
    """

    photograph: Kept
    paintings: tuple[Kept, ...]
    options: Options
    drawn: Mapping[str, Picture] = field(repr=False)
    start: Kept | None = None

    def begin(self) -> Painting:
        """Raises ImpastoError."""
        given = masks.of(self.drawn, [painting.key for painting in self.paintings])
        if self.start is not None:
            given = replace(given, start=self.start.read())
        styles = [painting.read() for painting in self.paintings]
        network = single.load_network(self.options)
        return single.begin(self.photograph.read(), styles, self.options, network, given)

    def after(self, painted: Kept) -> Order:
        """What refines a finished picture: the same from there, at its full size alone, so that the
        strokes that are there stay.
        """
        changes = {"start": "picture", "first_size": self.options.size}
        return replace(self, options=self.options.changed(changes), start=painted)


@dataclass(frozen=True)
class Further:
    """What Continue does: an order's painting that was stopped, or an order of its own.

    painted: its picture so far. losses, seconds: of what it has behind it.
    """

    order: Order
    painting: Painting | None = field(default=None, repr=False)
    painted: Kept | None = None
    losses: tuple[Mapping[str, float], ...] = field(default=(), repr=False)
    seconds: float = 0.0

    def begin(self) -> Painting:
        return self.painting if self.painting is not None else self.order.begin()

    def lighter(self) -> Further:
        """Without the painting and the memory it takes: going on refines its picture instead."""
        return self if self.painted is None else Further(self.order.after(self.painted))
