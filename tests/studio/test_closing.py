"""Ctrl-C closes the studio, page open or not, in a line."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from typing import Any

import pytest

pytest.importorskip("gradio", reason="the studio is an extra: pip install 'impasto[studio]'")
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_closes_in_a_line_while_a_page_is_open(browser: Any, number: int) -> None:
    command = [sys.executable, "-m", "impasto", "studio", "--port", "0", "--no-browser"]
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
    )
    try:
        assert child.stdout
        first = child.stdout.readline()
        (url,) = re.findall(r"http://\S+", first)
        page = browser.new_page()
        page.goto(url)
        page.get_by_role("button", name="Photograph: Cat (example)").wait_for()
        child.send_signal(number)
        rest, _ = child.communicate(timeout=60)
        page.close()
    finally:
        child.kill()
    assert child.returncode == 0
    assert rest == "the studio is closed, its pictures deleted\n"
