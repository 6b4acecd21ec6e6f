"""The site of the documentation: built without a warning, read from a folder, with no network."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

pytest.importorskip("mkdocs", reason="the site takes the packages of impasto[dev]")
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return folder


class Asked(HTMLParser):
    """What a page has a browser fetch, and what it links to."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.linked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a":
            self.linked.append(given.get("href") or "")
        elif given.get("rel") != "canonical":
            self.fetched += [
                given[k] or "" for k in ("src", "href", "poster", "data") if k in given
            ]
            self.fetched += [s.split()[0] for s in (given.get("srcset") or "").split(",") if s]


def test_nothing_comes_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) >= 12
    for page in pages:
        asked = Asked()
        asked.feed(page.read_text(encoding="utf-8"))
        assert asked.fetched
        linked = [link for link in asked.linked if not urlsplit(link).scheme]
        for target in (*asked.fetched, *linked):
            place = urlsplit(target)
            assert not place.scheme and not place.netloc, (page.name, target)
            assert page.name == "404.html" or (page.parent / unquote(place.path)).exists(), (
                page.name,
                target,
            )
    for sheet in site.rglob("*.css"):
        targets = re.findall(r"url\(([^)]*)\)|@import\s+([^;]*)", sheet.read_text("utf-8"))
        assert not [t for pair in targets for t in pair if "//" in t and "data:" not in t], sheet


def test_it_is_found_from_a_folder(site: Path, browser: Any) -> None:
    """Search as well, where a browser starts no worker; and no request but for files."""
    page = browser.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((site / "index.html").as_uri())
    # Key by key: the page looks at its field when a key goes up, not when its text is set.
    page.locator("[data-md-component=search-query]").press_sequentially("checkpoint")
    page.locator(".md-search-result__item").first.wait_for()
    page.locator(".md-search-result__link").first.click()
    page.wait_for_url(lambda url: "index.html" not in url)
    assert "checkpoint" in page.locator("article").inner_text().lower()
    page.close()
    assert not wrong
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
