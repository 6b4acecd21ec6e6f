"""What the engine reports while it paints. Front ends read these; the engine prints nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from impasto.picture import Picture


@dataclass(frozen=True)
class Started:
    """Painting is about to begin.

    sizes:  (width, height) of each size, coarse to fine; the last is the result's.
    steps:  steps at each size.
    notes:  what a person should know ("the painting is smaller than asked; ...").
    """

    network: str
    network_sha256: str
    device: str
    precision: str
    sizes: tuple[tuple[int, int], ...]
    steps: tuple[int, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One step has been made.

    step, steps:  of all sizes together; step counts from 1.
    losses:       each term, weighted, as it entered `total`, at the picture before this step.
    progress:     share of the whole work done, in pixels, 0 to 1: fine steps count for more.
    seconds:      since painting began.
    picture:      call it for the picture so far, at this size, before the next step is made:
                  later it gives what is painted at this size by then.
    """

    step: int
    steps: int
    width: int
    height: int
    total: float
    losses: Mapping[str, float]
    progress: float
    seconds: float
    picture: Callable[[], Picture] = field(repr=False)

    @property
    def left(self) -> float:
        """Seconds that the rest will take, if it goes on like this."""
        return self.seconds * (1 - self.progress) / self.progress


@dataclass(frozen=True)
class Note:
    """Something that a person should know has come up on the way."""

    text: str


@dataclass(frozen=True)
class Finished:
    """Painting is over: all steps made, or stopped before.

    step, steps:  made, and planned.
    """

    picture: Picture
    step: int
    steps: int
    seconds: float


Event = Started | Step | Note | Finished
