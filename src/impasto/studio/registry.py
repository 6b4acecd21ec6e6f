"""The registry: all sessions by their owners, and when they are deleted."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from pathlib import Path

from impasto.errors import OptionError
from impasto.studio.limits import Limits
from impasto.studio.session import Session

GRACE = 60.0  # seconds that a session outlives its last page: time to load it again


class Registry:
    """All sessions, by their owners' keys. clock: seconds, for deciding what is old."""

    def __init__(
        self, folder: Path, limits: Limits, keep: float, clock: Callable[[], float]
    ) -> None:
        """keep: seconds that a session is kept after it ends; GRACE at least."""
        self.folder, self.limits, self.keep, self.clock = folder, limits, max(keep, GRACE), clock
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def of(self, owner: str) -> Session:
        """Somebody's session, a new one where there is none. OptionError where all are taken."""
        with self._lock:
            found = self._sessions.get(owner)
            if found is not None:
                found.left = self.clock()
                return found
            self._sweep()
            if len(self._sessions) >= self.limits.sessions:
                raise OptionError("too many people are here at once; try again in some minutes")
            folder = self.folder / secrets.token_urlsafe(16)
            folder.mkdir(mode=0o700)
            made = self._sessions[owner] = Session(owner, folder, self.limits)
            made.left = self.clock()
            return made

    def there(self, owner: str) -> Session | None:
        """Somebody's session, None where there is none."""
        with self._lock:
            return self._sessions.get(owner)

    def opened(self, owner: str, page: str) -> None:
        self.of(owner).pages.add(page)

    def closed(self, owner: str, page: str) -> None:
        session = self.there(owner)
        if session is not None:
            session.pages.discard(page)
            session.left = self.clock()

    def touch(self, owner: str) -> None:
        """Somebody is still there."""
        session = self.there(owner)
        if session is not None:
            session.left = self.clock()

    def sweep(self) -> None:
        """Delete the sessions that nobody has looked at for long enough."""
        with self._lock:
            self._sweep()

    def _sweep(self) -> None:
        now = self.clock()
        for owner, session in [*self._sessions.items()]:
            if not session.pages and now - session.left > self.keep:
                del self._sessions[owner]
                session.end()

    def end(self) -> None:
        with self._lock:
            for session in self._sessions.values():
                session.end()
            self._sessions.clear()
