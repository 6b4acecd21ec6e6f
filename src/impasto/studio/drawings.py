"""Drawings: what is drawn over photograph and paintings, and what of it does nothing."""

from __future__ import annotations

from impasto.errors import OptionError
from impasto.studio import display, masks, words
from impasto.studio.display import Shown
from impasto.studio.session import Session


def targets(session: Session) -> list[tuple[str, str]]:
    """What can be drawn over: (label, name)."""
    if session.photograph is None:
        return []
    names = [("Photograph: regions", masks.REGIONS), ("Photograph: keep as it is", masks.KEEP)]
    many = len(session.paintings) > 1
    return names + [
        (f"Painting{f' {i + 1}' if many else ''}: regions", painting.key)
        for i, painting in enumerate(session.paintings)
    ]


def board(session: Session, target: str | None) -> Shown:
    """The picture to draw over, and what is drawn there."""
    over_photograph = target in (masks.REGIONS, masks.KEEP)
    own = {painting.key: painting for painting in session.paintings}
    picture = session.photograph if over_photograph else own.get(target or "")
    if picture is None:
        return {}
    return display.board(target or "", picture, session.drawn.get(target or ""))


def lacking(session: Session) -> str:
    """What is drawn that does nothing, in words; "" where all does something."""
    here = [each.key in session.drawn for each in session.paintings]
    over, without = any(here), [str(n) for n, drawn in enumerate(here, 1) if not drawn]
    if over and masks.REGIONS not in session.drawn:
        return (
            "This does nothing yet: draw with the same colour on the photograph too, "
            "where the painting's region should go."
        )
    if over and without:
        return (
            f"Nothing is drawn on painting {words.listed(without)}, "
            "and nothing is taken from there: draw on it too."
        )
    if masks.REGIONS in session.drawn and not over:
        return (
            "Now draw with the same colour on a painting, over what this region should be "
            "painted like. Until then each region takes after all of the painting."
        )
    return ""


def draw(session: Session, target: str, url: str) -> None:
    """Remember what was drawn. Raises PictureError."""
    known = [name for _, name in targets(session)]
    if target not in known:
        raise OptionError("this picture isn't here any more")
    drawn = masks.drawing(url)
    with session.lock:
        if drawn is None:
            session.drawn.pop(target, None)
        else:
            session.drawn[target] = drawn
