"""The server: the page behind its door, at an address, until it is stopped."""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

import ipaddress
import logging
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from impasto.errors import OptionError
from impasto.studio.desk import Desk
from impasto.studio.door import Door
from impasto.studio.incoming import Incoming
from impasto.studio.limits import Limits
from impasto.studio.registry import Registry
from impasto.studio.workshop import Workshop

ENVIRONMENT = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "GRADIO_TEMP_DIR": "",
    "GRADIO_EXAMPLES_CACHE": "",
}
SWEEP = 5.0  # seconds between looks at what is old enough to be deleted


@dataclass(frozen=True)
class Address:
    """Where the page is. auth: (user, password), None = whoever reaches the address."""

    host: str = "127.0.0.1"
    port: int = 7860
    auth: tuple[str, str] | None = None

    def check(self) -> None:
        """OptionError for an address that others reach, without a password."""
        if not local(self.host) and self.auth is None:
            raise OptionError(
                f"{self.host} can be reached by others, and anyone there could paint on this "
                "machine; give --auth user:password, or leave the address 127.0.0.1"
            )

    @property
    def url(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{name}:{self.port}"


def local(host: str) -> bool:
    """Whether an address is this machine's own alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def password(text: str) -> tuple[str, str]:
    """ "user:password" in two. OptionError for one that is no protection."""
    user, colon, secret = text.partition(":")
    if not user or not colon or len(secret) < 8:
        raise OptionError("--auth takes user:password, the password of 8 characters or more")
    return user, secret


class Studio:
    """Everything behind an address. Use it as a context; `serve` blocks until it is stopped."""

    def __init__(
        self,
        address: Address | None = None,
        limits: Limits | None = None,
        workers: int = 1,
        keep_hours: float = 0.0,
    ) -> None:
        """Raises OptionError for an address that may not be used."""
        self.address, self.limits = address or Address(), limits or Limits()
        self.address.check()
        self.folder = Path(tempfile.mkdtemp(prefix="impasto-studio-"))
        (self.folder / "sessions").mkdir(mode=0o700)
        (self.folder / "incoming").mkdir(mode=0o700)
        _prepare(self.folder / "incoming", self.limits)
        from impasto.studio import routes  # which imports Gradio

        self.workshop = Workshop(self.limits, workers)
        self.registry = Registry(
            self.folder / "sessions", self.limits, keep_hours * 3600, time.monotonic
        )
        self.incoming = Incoming(self.folder / "incoming", self.limits)
        self.desk = Desk(self.registry, self.workshop, self.incoming, self.limits)
        hosts = ("127.0.0.1", "localhost", "::1", self.address.host)
        self.app = Door(
            routes.application(self.desk),
            self.limits,
            hosts if local(self.address.host) else (),
            self.address.auth,
        )
        self._over = threading.Event()
        self._cleaner = threading.Thread(target=self._clean, name="cleaner", daemon=True)
        self._cleaner.start()

    def serve(self, ready: Callable[[Address], None] | None = None) -> None:
        """Serve until Ctrl-C, or SIGTERM. ready: told once the page can be opened."""
        server = self.server()
        if ready is not None:
            ready(self.address)
        server.run(sockets=[self._socket])

    def server(self) -> Any:
        """The server, with its socket already open: OptionError where the address is taken."""
        import uvicorn

        class Server(uvicorn.Server):
            """Closes when it is told to, once; what pages were listening to is no error then."""

            def handle_exit(self, sig: int, frame: Any) -> None:
                self.force_exit = self.should_exit
                self.should_exit = True
                logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)

        try:
            found = socket.getaddrinfo(
                self.address.host, self.address.port, type=socket.SOCK_STREAM
            )
            family = found[0][0]
            self._socket = socket.socket(family, socket.SOCK_STREAM)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((self.address.host, self.address.port))
        except OSError as error:
            raise OptionError(
                f"{self.address.url} can't be used ({error.strerror or error}); "
                "choose another --port"
            ) from None
        host, port = self._socket.getsockname()[:2]
        self.address = Address(host, port, self.address.auth)
        config = uvicorn.Config(
            self.app,
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=1,
            limit_concurrency=400,
        )
        return Server(config)

    @property
    def sockets(self) -> list[socket.socket]:
        return [self._socket]

    def close(self) -> None:
        """Stop painting and delete all pictures."""
        self._over.set()
        self.workshop.close()
        self.registry.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Studio:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _clean(self) -> None:
        while not self._over.wait(SWEEP):
            self.registry.sweep()
            self.incoming.sweep(time.time())


def _prepare(folder: Path, limits: Limits) -> None:
    """What must be set before Gradio is imported, and for all that Pillow opens from here on."""
    os.environ |= {name: value or str(folder) for name, value in ENVIRONMENT.items()}
    Image.MAX_IMAGE_PIXELS = limits.pixels // 2  # Pillow refuses what has twice as many
