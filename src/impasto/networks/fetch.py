"""Download a published file: resumed, retried, verified, by one process at a time.

$IMPASTO_MIRROR is a base URL to use instead of the publisher's; $IMPASTO_OFFLINE=1 forbids
requests. What has arrived stays in a `.part` file whatever happens, and the next try continues it.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

import requests

from impasto.errors import WeightsError
from impasto.networks.catalogue import Entry, Progress, digest

DELAYS: Final = (1.0, 2.0, 4.0, 8.0)  # seconds before each retry that follows no progress
_TIMEOUT: Final = (10, 30)  # seconds to connect, and between two arrivals
_BLOCK: Final = 1 << 18  # bytes written at a time; small, so that progress moves on slow lines


class _Stopped(Exception):  # noqa: N818
    """The download stopped; the message is the reason, `lasting` if trying again is no use."""

    def __init__(self, reason: str, *, lasting: bool = False) -> None:
        super().__init__(reason)
        self.lasting = lasting


def address(entry: Entry) -> str:
    """Where `entry` is downloaded from: its URL, or the same file on $IMPASTO_MIRROR."""
    mirror = os.environ.get("IMPASTO_MIRROR", "").strip()
    return f"{mirror.rstrip('/')}/{entry.file}" if mirror else entry.url or ""


def offline() -> bool:
    """Whether $IMPASTO_OFFLINE forbids requests."""
    return os.environ.get("IMPASTO_OFFLINE", "").strip().lower() not in ("", "0", "false", "no")


def download(
    entry: Entry,
    folder: Path,
    *,
    progress: Progress | None = None,
    delays: Sequence[float] | None = None,
) -> Path:
    """Download `entry` into `folder` and return its path, verified.

    `progress` hears (bytes done, bytes in all), starting with what an earlier try left. `delays`
    are the seconds before each retry (DELAYS); they start over whenever something new has arrived.

    Raises WeightsError: offline, unreachable, not the file it should be, no room for it.
    """
    url = address(entry)
    by_hand = f"get {entry.url} by any means and put it into {folder}"
    if offline():
        raise WeightsError(
            f"{entry.name} isn't on this machine and IMPASTO_OFFLINE forbids fetching it; {by_hand}"
        )
    path, part = folder / entry.file, folder / f"{entry.file}.part"
    delays = DELAYS if delays is None else delays
    try:
        folder.mkdir(parents=True, exist_ok=True)
        furthest, waits = _size(part), iter(delays)
        while not _whole(entry, part) and (stopped := _try(entry, url, part, progress)):
            if _size(part) > furthest:
                furthest, waits = _size(part), iter(delays)
            wait = None if stopped.lasting else next(waits, None)
            if wait is None:
                remedy = by_hand if stopped.lasting else f"try again, or {by_hand}"
                raise WeightsError(
                    f"{entry.name} can't be downloaded ({stopped}); {remedy}"
                ) from stopped
            time.sleep(wait)
        if not (got := digest(part)).startswith(entry.sha256):
            part.unlink()
            raise WeightsError(
                f"{url} is not {entry.name}: its SHA-256 should begin with {entry.sha256} and is "
                f"{got}; it has been deleted; try again, or {by_hand}"
            )
        part.replace(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            missing = (entry.bytes - _size(part)) / 1e6
            need = f"{missing:.0f} MB more" if entry.bytes else "more room"
            raise WeightsError(
                f"the disk is full: {entry.name} needs {need} in {folder}; "
                "make room and try again (what has arrived is kept), or set IMPASTO_CACHE"
            ) from error
        raise WeightsError(
            f"{entry.name} can't be written to {folder} ({error.strerror}); "
            "set IMPASTO_CACHE to a folder that can be written"
        ) from error
    return path


def _try(entry: Entry, url: str, part: Path, progress: Progress | None) -> _Stopped | None:
    """Download what `part` lacks; None when it is whole, else why it isn't."""
    try:
        _continue(entry, url, part, progress)
    except _Stopped as stopped:
        return stopped
    return None


def _continue(
    entry: Entry, url: str, part: Path, progress: Progress | None, *, resume: bool = True
) -> None:
    """One request for what `part` lacks, or for all of it. Returns only with all of it there.

    Raises _Stopped for what the network does, OSError for what the disk does.
    """
    have = _size(part) if resume and (not entry.bytes or _size(part) < entry.bytes) else 0
    headers = {"Accept-Encoding": "identity"}  # so that Content-Length is the file's
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as response:
            start = _start(response, have)
            if start is not None:
                end = entry.bytes or start + _offered(response)
                _length(response, end - start)
                with part.open("ab" if start else "wb") as file:
                    _write(response, file, start, end, progress)
                return
    except (ConnectionError, requests.RequestException) as error:
        raise _stopped(error, url) from error
    _continue(entry, url, part, progress, resume=False)


def _start(response: requests.Response, have: int) -> int | None:
    """The byte of the file that a response starts at; None if it can't be asked for a part."""
    status = response.status_code
    if status == HTTPStatus.OK:
        return 0
    if have and status == HTTPStatus.PARTIAL_CONTENT:
        fits = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        return have if fits else None
    if have and status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return None
    passing = status == HTTPStatus.TOO_MANY_REQUESTS or status >= 500
    raise _Stopped(f"{response.url} answers {status} {response.reason}", lasting=not passing)


def _length(response: requests.Response, wanted: int) -> None:
    """Refuse a response of another length before a byte of it replaces what has arrived."""
    offered = _offered(response)
    if offered and offered != wanted:
        raise _Stopped(
            f"it offers {offered} bytes instead of {wanted}: another file or a log-in page",
            lasting=True,
        )


def _offered(response: requests.Response) -> int:
    """The bytes that a response says it has; 0 where it doesn't say."""
    offered = response.headers.get("Content-Length", "")
    plain = "Content-Encoding" not in response.headers
    return int(offered) if plain and offered.isdigit() else 0


def _whole(entry: Entry, part: Path) -> bool:
    """Whether all has arrived, as far as that can be told before a request."""
    if entry.bytes:
        return _size(part) == entry.bytes
    return part.exists() and digest(part).startswith(entry.sha256)


def _write(
    response: requests.Response, file: IO[bytes], start: int, end: int, progress: Progress | None
) -> None:
    """Write the file's bytes from `start` to `end`; never more, whatever the server sends. Where no
    end is known, which is where it is the start, all that come.
    """
    known, have = end > start, start
    if progress:
        progress(have, end)
    for block in response.iter_content(_BLOCK):
        kept = block[: end - have] if known else block
        file.write(kept)
        have += len(kept)
        if progress:
            progress(have, end if known else have)
        if known and have == end:
            return
    if not known:
        return
    raise _Stopped(f"the connection ended after {have} of {end} bytes")


def _stopped(error: Exception, url: str) -> _Stopped:
    """In words, what `requests` says with class names and addresses in memory."""
    host = urlsplit(url).hostname or url
    if isinstance(error, ValueError):  # InvalidURL, InvalidSchema, MissingSchema
        return _Stopped(f"{url} is no web address; mend IMPASTO_MIRROR", lasting=True)
    if isinstance(error, requests.exceptions.SSLError):
        return _Stopped(f"the certificate of {host} can't be trusted", lasting=True)
    if isinstance(error, requests.exceptions.ProxyError):
        return _Stopped(f"the proxy on the way to {host} refuses")
    if isinstance(error, requests.exceptions.Timeout):
        return _Stopped(f"{host} takes too long to answer")
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return _Stopped(f"the connection to {host} was cut")
    return _Stopped(f"{host} can't be reached")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@contextmanager
def lock(path: Path) -> Generator[None]:
    """Hold an exclusive lock on `path` for the length of a `with`, waiting while others hold it.

    The system releases it when a process ends, however it ends. Where files can't be locked (a
    read-only folder, some network drives) there is no lock, and two processes do the work twice.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    except OSError:
        yield
        return
    with file:
        while not _locked(file):
            time.sleep(0.1)
        yield  # closing the file releases the lock


if sys.platform == "win32":
    import msvcrt

    def _locked(file: IO[bytes]) -> bool:
        """Whether a try at the lock succeeded."""
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        except OSError:
            return True
        return True

else:
    import fcntl

    def _locked(file: IO[bytes]) -> bool:
        """Whether a try at the lock succeeded, or none is to be had on this drive."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True
