"""Downloading: what arrives is the file, or the error says what to do."""

from __future__ import annotations

import errno
import hashlib
import random
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from impasto.errors import WeightsError
from impasto.networks import catalogue, fetch
from impasto.networks.catalogue import Entry

if TYPE_CHECKING:
    from conftest import Server

DATA = random.Random(0).randbytes(1_000_003)  # several blocks, the last of them not whole
HALF = 600_000


@pytest.fixture
def entry(server: Server) -> Entry:
    server.files["net.pth"] = DATA
    return Entry(
        name="net",
        version="1",
        file="net.pth",
        url=f"{server.url}/models/net.pth",
        sha256=hashlib.sha256(DATA).hexdigest()[:8],
        bytes=len(DATA),
        licence="",
        source="",
        description="",
    )


def download(entry: Entry, folder: Path, **options: object) -> Path:
    return fetch.download(entry, folder, delays=(0, 0), **options)


def test_progress_runs_from_nothing_to_all(entry: Entry, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    path = download(entry, tmp_path / "new", progress=lambda *done: heard.append(done))
    assert path == tmp_path / "new" / "net.pth"
    assert path.read_bytes() == DATA
    assert heard[0] == (0, len(DATA)) and heard[-1] == (len(DATA), len(DATA))
    assert heard == sorted(heard)
    assert [p.name for p in path.parent.iterdir()] == ["net.pth"]


def test_a_file_of_unknown_size_is_whole_by_its_digest(
    entry: Entry, server: Server, tmp_path: Path
) -> None:
    unsized = replace(entry, bytes=0)
    heard: list[tuple[int, int]] = []
    server.cuts = [HALF]
    path = download(unsized, tmp_path, progress=lambda *done: heard.append(done))
    assert path.read_bytes() == DATA and heard[-1] == (len(DATA), len(DATA))
    assert len(server.requests) == 2  # cut, and continued
    path.rename(tmp_path / "net.pth.part")
    assert download(unsized, tmp_path).read_bytes() == DATA
    assert len(server.requests) == 2  # what is whole needs none
    assert catalogue.check(unsized, path) == hashlib.sha256(DATA).hexdigest()
    path.write_bytes(DATA[:-1])
    with pytest.raises(WeightsError, match="is damaged"):
        catalogue.check(unsized, path)
    path.unlink()
    server.files["net.pth"] = b"<html>please log in</html>"
    with pytest.raises(WeightsError, match="it has been deleted"):
        download(unsized, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_cut_connection_is_continued(entry: Entry, server: Server, tmp_path: Path) -> None:
    server.cuts = [HALF]
    assert download(entry, tmp_path).read_bytes() == DATA
    first, second = server.requests
    assert first is None
    assert 0 < int(str(second).removeprefix("bytes=").rstrip("-")) <= HALF


def test_progress_renews_patience(entry: Entry, server: Server, tmp_path: Path) -> None:
    server.always_cut = 300_000  # four requests: more than two retries, each with something new
    assert download(entry, tmp_path).read_bytes() == DATA
    assert len(server.requests) == 4


def test_a_server_without_ranges_sends_it_all_again(
    entry: Entry, server: Server, tmp_path: Path
) -> None:
    server.ranges, server.cuts = False, [HALF]
    assert download(entry, tmp_path).read_bytes() == DATA


def test_a_server_that_never_gets_further_is_given_up(
    entry: Entry, server: Server, tmp_path: Path
) -> None:
    server.ranges, server.always_cut = False, HALF
    with pytest.raises(WeightsError, match=r"cut|ended"):
        download(entry, tmp_path)
    assert len(server.requests) == 3


def test_errors_that_pass_are_tried_again(entry: Entry, server: Server, tmp_path: Path) -> None:
    server.statuses = [500, 429]
    assert download(entry, tmp_path).read_bytes() == DATA
    assert len(server.requests) == 3


def test_a_whole_partial_file_needs_no_request(
    entry: Entry, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "net.pth.part").write_bytes(DATA)
    assert download(entry, tmp_path).read_bytes() == DATA
    assert server.requests == []


@pytest.mark.parametrize("status", [416, 206])
def test_a_part_that_cannot_be_continued_is_fetched_whole(
    entry: Entry, server: Server, tmp_path: Path, status: int
) -> None:
    (tmp_path / "net.pth.part").write_bytes(DATA[:HALF])
    server.statuses = [status]  # 206 without a Content-Range
    assert download(entry, tmp_path).read_bytes() == DATA
    assert server.requests == [f"bytes={HALF}-", None]


def test_a_missing_file_is_not_asked_for_twice(
    entry: Entry, server: Server, tmp_path: Path
) -> None:
    del server.files["net.pth"]
    with pytest.raises(WeightsError) as caught:
        download(entry, tmp_path)
    assert "404" in str(caught.value)
    assert str(entry.url) in str(caught.value) and str(tmp_path) in str(caught.value)
    assert len(server.requests) == 1


def test_the_wrong_file_is_named_and_not_kept(entry: Entry, server: Server, tmp_path: Path) -> None:
    wrong = bytes(len(DATA))
    server.files["net.pth"] = wrong
    with pytest.raises(WeightsError) as caught:
        download(entry, tmp_path)
    assert entry.sha256 in str(caught.value)
    assert hashlib.sha256(wrong).hexdigest() in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_log_in_page_does_not_replace_what_has_arrived(
    entry: Entry, server: Server, tmp_path: Path
) -> None:
    part = tmp_path / "net.pth.part"
    part.write_bytes(DATA[:HALF])
    server.files["net.pth"], server.ranges = b"<html>please log in</html>", False
    with pytest.raises(WeightsError, match="offers 26 bytes instead of 1000003"):
        download(entry, tmp_path)
    assert part.read_bytes() == DATA[:HALF]


def test_a_full_disk_keeps_what_arrived(
    entry: Entry, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    class Full:
        def __init__(self, file: object) -> None:
            self.file, self.room = file, 500_000

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()

        def write(self, block: bytes) -> None:
            self.room -= len(block)
            if self.room < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            self.file.write(block)

    def opened(self: Path, mode: str = "r", **options: object) -> object:
        file = real(self, mode, **options)
        return Full(file) if self.suffix == ".part" and mode in ("ab", "wb") else file

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", opened)
        with pytest.raises(WeightsError, match="disk is full: net needs 1 MB more"):
            download(entry, tmp_path)
    kept = (tmp_path / "net.pth.part").read_bytes()
    assert kept and DATA.startswith(kept)
    assert download(entry, tmp_path).read_bytes() == DATA
    assert server.requests[-1] == f"bytes={len(kept)}-"


def test_ctrl_c_keeps_what_arrived(entry: Entry, server: Server, tmp_path: Path) -> None:
    def stop(done: int, _: int) -> None:
        if done > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(entry, tmp_path, progress=stop)
    kept = (tmp_path / "net.pth.part").read_bytes()
    assert kept and DATA.startswith(kept)
    assert download(entry, tmp_path).read_bytes() == DATA
    assert server.requests == [None, f"bytes={len(kept)}-"]


def test_offline_asks_nothing(
    entry: Entry, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMPASTO_OFFLINE", "1")
    with pytest.raises(WeightsError) as caught:
        download(entry, tmp_path)
    assert str(entry.url) in str(caught.value) and str(tmp_path) in str(caught.value)
    assert server.requests == []
    monkeypatch.setenv("IMPASTO_OFFLINE", "0")
    assert download(entry, tmp_path).read_bytes() == DATA


def test_a_mirror_replaces_all_before_the_file_name(
    entry: Entry, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMPASTO_MIRROR", f"{server.url}/far/away/")
    assert fetch.address(entry) == f"{server.url}/far/away/net.pth"
    monkeypatch.setenv("IMPASTO_MIRROR", "nonsense")
    with pytest.raises(WeightsError, match=r"nonsense/net\.pth is no web address"):
        download(entry, tmp_path)


def test_an_unreachable_server_is_one_line_with_a_remedy(
    entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMPASTO_MIRROR", "http://127.0.0.1:1")
    with pytest.raises(WeightsError) as caught:
        download(entry, tmp_path)
    message = str(caught.value)
    assert "127.0.0.1 can't be reached" in message and "\n" not in message
    assert str(entry.url) in message and str(tmp_path) in message


def test_a_lock_is_held_by_one_process_and_ends_with_it(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    hold = (
        "import sys, time, pathlib\n"
        "from impasto.networks.fetch import lock\n"
        "with lock(pathlib.Path(sys.argv[1])):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", hold, str(path)]
    entered = threading.Event()

    def enter() -> None:
        with fetch.lock(path):
            entered.set()

    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout and holder.stdout.readline() == b"held\n"
        thread = threading.Thread(target=enter)
        thread.start()
        assert not entered.wait(0.3)
        holder.kill()
    assert entered.wait(10)
    thread.join()
