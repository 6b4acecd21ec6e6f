"""The caller: whose request it is, whether their page is fresh, and what an event says.

What comes from a page is believed only once it is checked.
"""

from __future__ import annotations

from typing import cast

import gradio as gr

from impasto.studio.desk import Desk
from impasto.studio.door import owner_in
from impasto.studio.session import Session


def owner(request: gr.Request) -> str:
    """Whose request it is: by the cookie of the page, or by a program's own session."""
    cookie = "" if request.request is None else request.request.headers.get("cookie", "")
    return owner_in({"cookie": cookie}) or f"program {request.session_hash}"


def page(request: gr.Request) -> str:
    """Which of somebody's pages it comes from."""
    return request.session_hash or ""


def session(at: Desk, request: gr.Request) -> Session:
    return at.registry.of(owner(request))


def changing(at: Desk, request: gr.Request) -> Session:
    """The session, whose other pages show no longer what there is."""
    found = session(at, request)
    found.fresh &= {page(request)}
    return found


def stale(at: Desk, request: gr.Request) -> bool:
    """Whether another page of the same person changed what this one doesn't show."""
    return page(request) not in session(at, request).fresh


def freshen(at: Desk, request: gr.Request) -> Session:
    """The session, all of which this page is shown now."""
    found = session(at, request)
    at.registry.opened(found.owner, page(request))
    found.fresh.add(page(request))
    return found


def yes(event: gr.EventData, name: str) -> bool:
    return getattr(event, name, False) is True


def text(event: gr.EventData, name: str) -> str:
    """A text of an event, "" for anything else."""
    found: object = getattr(event, name, "")
    return found if isinstance(found, str) else ""


def texts(event: gr.EventData, name: str) -> list[str]:
    found: object = getattr(event, name, [])
    several = cast("list[object]", found) if isinstance(found, list) else []
    return [each for each in several if isinstance(each, str)]
