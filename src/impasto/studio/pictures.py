"""Pictures: the photograph and the paintings of a session, as they come, go and come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from impasto.errors import OptionError
from impasto.io.files import read_recipe
from impasto.jobs import recipe
from impasto.studio import views
from impasto.studio.incoming import Incoming
from impasto.studio.kept import Kept
from impasto.studio.session import Session

WITH_IT = "The regions that were drawn on the one before are gone"
INSTEAD = "It is here instead of your own; tick Blend to have an example beside them"


def bring(incoming: Incoming, session: Session, path: str) -> Kept:
    """An upload into the session. Raises PictureError."""
    parcel = incoming.take(path, session.owner)
    try:
        return session.read(parcel.path, parcel.name)
    finally:
        incoming.drop(path)


def bring_paintings(incoming: Incoming, session: Session, paths: Sequence[str], blend: bool) -> str:
    """Uploads beside the paintings that are there; instead of them, where these are examples
    that were only tried and nobody asked to blend. As `example_painting`.
    """
    found = [bring(incoming, session, path) for path in paths]
    gone = False
    if found and not blend and all(each.example for each in session.paintings):
        gone = _no_paintings(session)
    for each in found:
        session.add_painting(each)
    return WITH_IT if gone else ""


def example(session: Session, name: str) -> Kept:
    if name not in (*views.PHOTOGRAPHS, *views.PAINTINGS):
        raise OptionError(f"there is no example {name[:40]!r}")
    return session.read(views.EXAMPLES / f"{name}.webp", f"{name}.webp", name)


def example_painting(session: Session, name: str, blend: bool) -> str:
    """An example instead of the paintings that are there, or beside them; or away again. What
    is to be said of it. Raises ImpastoError.
    """
    for own in [each for each in session.paintings if each.example == name]:
        if blend or len(session.paintings) == 1:
            return WITH_IT if session.remove_painting(own.key) else ""
    found = example(session, name)
    own = sum(not each.example for each in session.paintings)
    gone = False if blend else _no_paintings(session)
    session.add_painting(found)
    said = [INSTEAD] if own and not blend else []
    return ". ".join([*said, WITH_IT] if gone else said)


def restore(session: Session, key: str) -> bool:
    """The photograph and the paintings that a picture of the history was painted from, again;
    whether that changes anything.
    """
    further = session.furthers.get(key)
    if further is None:
        return False
    order = further.order
    before = session.photograph, tuple(session.paintings)
    if order.photograph is not session.photograph:
        session.set_photograph(order.photograph)
    if order.paintings != tuple(session.paintings):
        _no_paintings(session)
        for painting in order.paintings:
            session.add_painting(painting)
    return before != (order.photograph, order.paintings)


def settings(
    incoming: Incoming, session: Session, path: str, *, or_photograph: bool = False
) -> Mapping[str, Any] | None:
    """The options in the recipe of an upload; None where it has none, and then it becomes the
    photograph, if it may. Raises ImpastoError.
    """
    parcel = incoming.take(path, session.owner)
    try:
        found = read_recipe(parcel.path)
        if found is None and or_photograph:
            session.set_photograph(bring(incoming, session, path))
    finally:
        incoming.drop(path)
    return None if found is None else recipe.options_in(found)


def _no_paintings(session: Session) -> bool:
    """Whether something was drawn over one of them."""
    gone = [session.remove_painting(each.key) for each in session.paintings]
    return any(gone)
