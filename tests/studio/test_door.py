"""What the door lets through, and what it doesn't: asked of a studio that answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

pytest.importorskip("gradio", reason="the studio is an extra: pip install 'impasto[studio]'")
pytestmark = pytest.mark.slow

from impasto.errors import OptionError  # noqa: E402
from impasto.studio.door import COOKIE, owner_in  # noqa: E402
from impasto.studio.server import Address, Studio, password  # noqa: E402

from .conftest import png, serving  # noqa: E402

PASSWORD = "a long password"


@pytest.fixture(scope="module")
def guarded() -> Iterator[Studio]:
    with serving(address=Address(port=0, auth=("anna", PASSWORD))) as found:
        yield found


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=https://example.com/",
        "/gradio_api/file=http://127.0.0.1:22/",
        "/gradio_api/file=pyproject.toml",
        "/gradio_api/file=/tmp/../etc/passwd",
        "/gradio_api/file=/proc/self/environ",
        "/gradio_api/file/etc/passwd",
        "/file=/etc/passwd",
        "/gradio_api/proxy=https://example.com/",
        "/gradio_api/run-history/buckets",
        "/gradio_api/runs",
        "/gradio_api/deep_link?session_hash=x",
        "/gradio_api/custom_component/1/client/component/x",
        "/gradio_api/vibe-code",
        "/monitoring",
        "/docs",
        "/static/../../../../etc/passwd",
        "/assets/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/studio/view/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/studio/file/x",
    ],
)
def test_no_file_of_the_machine_and_no_address_is_read(ask: Any, path: str) -> None:
    answer = ask(path)
    assert answer.status_code in (400, 403, 404)
    assert "root:" not in answer.text


def test_an_address_given_as_a_file_is_not_fetched(ask: Any) -> None:
    file = {"path": "http://127.0.0.1:1/x", "meta": {"_type": "gradio.FileData"}}
    for body in ({"data": [file, [], {}]}, {"data": [None, [file], {}]}):
        answer = ask("/gradio_api/call/paint", json=body)
        assert answer.status_code == 400 and "fetches nothing" in answer.text
    deep = "[" * 5000 + "]" * 5000
    assert ask("/gradio_api/queue/join", data=deep).status_code == 400


def test_a_path_that_was_not_uploaded_is_not_opened(ask: Any, studio: Studio) -> None:
    (studio.folder / "secret.png").write_bytes(png())
    for path in ("/etc/passwd", str(studio.folder / "secret.png")):
        file = {"path": path, "meta": {"_type": "gradio.FileData"}}
        begun = ask("/gradio_api/call/paint", json={"data": [file, [file], {}]})
        told = ask(f"/gradio_api/call/paint/{begun.json()['event_id']}").text
        assert "event: error" in told and "complete" not in told


def test_other_names_and_other_pages_are_refused(ask: Any) -> None:
    assert ask("/", headers={"Host": "evil.example"}).status_code == 421  # DNS rebinding
    answer = ask("/gradio_api/queue/join", json={}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert requests.put(ask("/").url, timeout=5).status_code == 405


def test_the_page_may_ask_nobody_else(ask: Any) -> None:
    answer = ask("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "http" not in policy
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    for text in (answer.text, ask("/theme.css").text):
        assert not re.search(r"(src|href)=.https?://(?!127)|@import|fonts\.g", text)


def test_an_upload_is_taken_by_who_brought_it(ask: Any, studio: Studio) -> None:
    one, two = ({COOKIE: "one" * 9}, {COOKIE: "two" * 9})
    given: list[Any] = []
    for _ in range(2):
        (path,) = ask(
            "/gradio_api/upload", files={"files": ("x.png", png(64, 64))}, cookies=one
        ).json()
        given.append({"path": path, "meta": {"_type": "gradio.FileData"}})
    body = {"data": [given[0], [given[1]], {"size": 48, "steps": 1, "first_size": 48}]}
    for cookies, wanted in ((two, "isn't there"), (one, "event: complete")):
        begun = ask("/gradio_api/call/paint", json=body, cookies=cookies).json()
        assert wanted in ask(f"/gradio_api/call/paint/{begun['event_id']}", cookies=cookies).text


def test_a_session_belongs_to_the_browser_that_began_it(ask: Any) -> None:
    one, two = ({COOKIE: "one" * 9}, {COOKIE: "two" * 9})
    body = {"data": [], "fn_index": 1, "session_hash": "abc123"}
    assert ask("/gradio_api/queue/join", json=body, cookies=one).status_code == 200
    for cookies in (two, {}):
        assert ask("/gradio_api/queue/join", json=body, cookies=cookies).status_code == 403
        assert ask("/gradio_api/queue/data?session_hash=abc123", cookies=cookies).status_code == 403
        assert ask("/gradio_api/heartbeat/abc123", cookies=cookies).status_code == 403
        cancel = {"session_hash": "abc123", "fn_index": 1, "event_id": "x"}
        assert ask("/gradio_api/cancel", json=cancel, cookies=cookies).status_code == 403


def test_every_path_asks_for_the_password(guarded: Studio) -> None:
    url = guarded.address.url
    for path in ("/", "/config", "/gradio_api/info", "/gradio_api/heartbeat/x", "/theme.css"):
        assert requests.get(url + path, timeout=20).status_code == 401
    for path in ("/gradio_api/queue/join", "/gradio_api/upload", "/gradio_api/cancel"):
        assert requests.post(url + path, json={}, timeout=20).status_code == 401
    for auth in (("anna", "wrong"), ("", ""), ("bert", PASSWORD)):
        assert requests.get(url, auth=auth, timeout=20).status_code == 401
    assert requests.get(url, auth=("anna", PASSWORD), timeout=20).status_code == 200
    odd = requests.get(url, headers={"Authorization": "Basic %%%"}, timeout=20)
    assert odd.status_code == 401


def test_an_address_that_others_reach_needs_a_password() -> None:
    for host in ("0.0.0.0", "192.168.1.7", "::", "example.com"):
        with pytest.raises(OptionError, match="--auth user:password"):
            Address(host).check()
        Address(host, auth=("anna", PASSWORD)).check()
    for host in ("127.0.0.1", "::1", "localhost", "127.9.9.9"):
        Address(host).check()
    assert password("anna:a:b c d e f") == ("anna", "a:b c d e f")
    for text in ("anna", "anna:", ":longenough", "anna:short"):
        with pytest.raises(OptionError, match="--auth takes"):
            password(text)


def test_a_cookie_names_nobody_but_whom_it_was_given_to() -> None:
    assert owner_in({"cookie": f'{COOKIE}="program abc"'}) == ""
    assert owner_in({"cookie": f"{COOKIE}=aB_3-x"}) == "aB_3-x"
