"""The door: what of a request may reach the page at all. Plain ASGI, in front of everything.

Gradio's own server can do much that a studio needs none of: fetch addresses for people, keep runs
elsewhere, serve whatever lies in its folders. Here the few paths that the page and its clients use
are let through, and nothing else.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from impasto.studio.limits import Limits

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "impasto_session"
BODY = 4_000_000  # bytes of a request that is no upload; drawings are the largest
ENVELOPE = 64_000  # bytes of an upload that are not the file
UPLOAD = "/gradio_api/upload"

# The whole of each path, or its beginning where it ends with /.
PATHS = (
    *("/", "/config", "/theme.css", "/favicon.ico", "/manifest.json", "/robots.txt"),
    *("/assets/", "/static/", "/svelte/", "/studio/"),
    *("/gradio_api/info", "/gradio_api/theme.css", "/gradio_api/startup-events"),
    *("/gradio_api/queue/join", "/gradio_api/queue/data", "/gradio_api/cancel"),
    *("/gradio_api/heartbeat/", "/gradio_api/run/", "/gradio_api/call/", "/gradio_api/reset"),
    *(UPLOAD, "/gradio_api/upload_progress"),
)
FILE = "/gradio_api/file="

# The browser itself refuses whatever isn't from here. Gradio builds its page with inline scripts.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Refusal(Exception):  # noqa: N818
    """What is answered instead: status and text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class Door:
    """app: what stands behind. hosts: names that the page may be called by, () = any (with auth).
    auth: (user, password), None = whoever reaches the address.
    """

    def __init__(
        self,
        app: App,
        limits: Limits,
        hosts: tuple[str, ...] = (),
        auth: tuple[str, str] | None = None,
    ) -> None:
        self.app, self.limits, self.hosts, self.auth = app, limits, hosts, auth
        self._owners: OrderedDict[str, str] = OrderedDict()  # page's session -> whose it is

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        try:
            receive = await self._checked(scope, headers, receive)
        except Refusal as refusal:
            if refusal.status == 401:
                await asyncio.sleep(0.5)  # guessing takes time
            await _answer(send, refusal)
            return
        try:
            await self.app(scope, receive, _dressed(scope, headers, send))
        except asyncio.CancelledError:  # the studio closes while a page listens
            with suppress(RuntimeError):  # which it says of an answer that was all sent
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _checked(self, scope: Scope, headers: Mapping[str, str], receive: Receive) -> Receive:
        """What is to be received instead. Raises Refusal."""
        host = headers.get("host", "")
        if self.hosts and (urlsplit(f"//{host}").hostname or "") not in self.hosts:
            raise Refusal(421, f"this studio isn't called {host[:80]!r}")
        if self.auth and not _knows(headers.get("authorization", ""), self.auth):
            raise Refusal(401, "name and password, please")
        path, method = scope["path"], scope["method"]
        _check_path(path)
        if method not in ("GET", "HEAD", "POST"):
            raise Refusal(405, "GET and POST are all there is")
        owner = owner_in(headers)
        asked: bytes = scope.get("query_string", b"")
        for page in parse_qs(asked.decode("latin-1")).get("session_hash", []):
            self._bind(page, owner)
        if path.startswith("/gradio_api/heartbeat/"):
            self._bind(path.rsplit("/", 1)[-1], owner)
        if method != "POST":
            return receive
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            raise Refusal(403, "this comes from another page")
        if path == UPLOAD:
            return _counted(receive, headers, self.limits.upload + ENVELOPE)
        body = await _whole(receive, headers)
        self._check_body(body, owner)
        return _again(body, receive)

    def _check_body(self, body: bytes, owner: str) -> None:
        try:
            found: object = json.loads(body) if body else {}
        except (ValueError, RecursionError):
            raise Refusal(400, "this is no JSON, or too deep") from None
        if isinstance(found, dict):
            page = cast("dict[str, object]", found).get("session_hash")
            if isinstance(page, str):
                self._bind(page, owner)
        if _fetches(cast("object", found)):
            raise Refusal(400, "this studio fetches nothing; give the picture itself")

    def _bind(self, page: str, owner: str) -> None:
        """A page's session belongs to who used it first."""
        known = self._owners.setdefault(page, owner)
        self._owners.move_to_end(page)
        if len(self._owners) > 20_000:
            self._owners.popitem(last=False)
        if known != owner:
            raise Refusal(403, "this is somebody else's session")


def owner_in(headers: Mapping[str, str]) -> str:
    """The secret in the cookie, "" where there is none."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    # Nothing but what `_dressed` gave: programs' owners are called otherwise.
    return found.value if found and re.fullmatch(r"[\w-]+", found.value) else ""


def _check_path(path: str) -> None:
    if path.startswith(FILE):
        # Only what lies in the folder of uploads is served, which Gradio sees to; addresses aren't.
        if "://" in path or path.removeprefix(FILE)[:1] != "/" or ".." in path.split("/"):
            raise Refusal(403, "no such file here")
        return
    folders = tuple(each for each in PATHS if each[-1] == "/" != each)
    if path not in PATHS and not path.startswith(folders):
        raise Refusal(404, "there is nothing here")


def _knows(given: str, auth: tuple[str, str]) -> bool:
    """Whether HTTP's basic authorization (RFC 7617) has the name and the password."""
    kind, _, code = given.partition(" ")
    try:
        told = base64.b64decode(code, validate=True) if kind.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        return False
    return secrets.compare_digest(told, ":".join(auth).encode())


def _fetches(found: object, depth: int = 0) -> bool:
    """Whether a request names an address as a file, which Gradio would fetch."""
    if depth > 40:
        return True
    if isinstance(found, dict):
        for key, value in cast("dict[str, object]", found).items():
            if key == "path" and isinstance(value, str) and "://" in value:
                return True
            if _fetches(value, depth + 1):
                return True
    if isinstance(found, list):
        return any(_fetches(each, depth + 1) for each in cast("list[object]", found))
    return False


def _length(headers: Mapping[str, str]) -> int:
    text = headers.get("content-length", "0")
    return int(text) if text.isdigit() and len(text) < 16 else 0


async def _whole(receive: Receive, headers: Mapping[str, str]) -> bytes:
    if _length(headers) > BODY:
        raise Refusal(413, "this request is too large")
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "gone")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > BODY:
            raise Refusal(413, "this request is too large")
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _counted(receive: Receive, headers: Mapping[str, str], most: int) -> Receive:
    """Receives up to so many bytes. What says beforehand that it is more is refused here."""
    if _length(headers) > most:
        megas = (most - ENVELOPE) / 1e6
        raise Refusal(413, f"the file is larger than {megas:g} MB, the limit here; reduce it first")
    size = 0

    async def counting() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        return message if size <= most else {"type": "http.disconnect"}

    return counting


def _dressed(scope: Scope, headers: Mapping[str, str], send: Send) -> Send:
    """Adds the headers, and the session's cookie to the page."""
    cookie = b""
    if scope["path"] == "/" and scope["method"] == "GET" and not owner_in(headers):
        secret = secrets.token_urlsafe(24)
        cookie = f"{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Strict".encode()

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            added = [*HEADERS, *([(b"set-cookie", cookie)] if cookie else [])]
            message = {**message, "headers": [*message.get("headers", []), *added]}
        await send(message)

    return sending


async def _answer(send: Send, refusal: Refusal) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *HEADERS]
    if refusal.status == 401:
        headers.append((b"www-authenticate", b'Basic realm="impasto studio", charset="UTF-8"'))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": refusal.text.encode()})
