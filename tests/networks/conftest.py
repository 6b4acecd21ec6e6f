"""Tiny checkpoints of the true layouts, a machine without caches, a server with faults."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from torch import Tensor

CONVS = [f"{block}_{i}" for block, n in enumerate((2, 2, 4, 4, 4), 1) for i in range(1, n + 1)]
INDICES = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34]

State = dict[str, Tensor]


@pytest.fixture
def vgg() -> Callable[..., State]:
    """Makes a VGG-19 with 2, 3, 4, 5 and 6 channels in its stages, and random weights."""

    def make(naming: str = "torchvision", *, depth: int = 16, prefix: str = "") -> State:
        generator = torch.Generator().manual_seed(0)
        state: State = {}
        before = 3
        for conv, index in list(zip(CONVS, INDICES, strict=True))[:depth]:
            width = int(conv[0]) + 1
            stem = f"features.{index}" if naming == "torchvision" else f"conv{conv}"
            state[f"{prefix}{stem}.weight"] = torch.randn(width, before, 3, 3, generator=generator)
            state[f"{prefix}{stem}.bias"] = torch.randn(width, generator=generator)
            before = width
        if naming == "torchvision":
            state[f"{prefix}classifier.0.weight"] = torch.randn(7, before, generator=generator)
            state[f"{prefix}classifier.0.bias"] = torch.zeros(7)
        return state

    return make


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees this machine's caches, proxies or settings."""
    for name in ("IMPASTO_MIRROR", "IMPASTO_OFFLINE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("NO_PROXY", "*")


@dataclass
class Server:
    """What the server has and how it misbehaves; `requests` are the Range headers it got."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    requests: list[str | None] = field(default_factory=list["str | None"])
    statuses: list[int] = field(default_factory=list[int])  # to answer first, one a request
    cuts: list[int] = field(
        default_factory=list[int]
    )  # bytes to send before cutting, one a request
    ranges: bool = True
    always_cut: int | None = None


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            state.requests.append(wanted)
            content = state.files.get(self.path.rsplit("/", 1)[-1])
            if state.statuses:
                return self.send_error(state.statuses.pop(0))
            if content is None:
                return self.send_error(404)
            start = 0
            if wanted and state.ranges:
                start = int(wanted.removeprefix("bytes=").rstrip("-"))
                if start >= len(content):
                    return self.send_error(416)
                self.send_response(206)
                self.send_header(
                    "Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}"
                )
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            body = content[start:]
            cut = state.cuts.pop(0) if state.cuts else state.always_cut
            self.wfile.write(body if cut is None else body[:cut])
            return None

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        state = Server(f"http://127.0.0.1:{http.server_address[1]}")
        threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        yield state
        http.shutdown()
