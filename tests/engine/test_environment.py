"""What torch finds in the environment when it is loaded, and that it is heard."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from impasto.engine import environment

NAMES = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")


def test_it_is_asked_for_unless_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    environment.prepare()
    assert os.environ["GOMP_SPINCOUNT"] == "1000"
    monkeypatch.setenv("GOMP_SPINCOUNT", "5")
    environment.prepare()
    assert os.environ["GOMP_SPINCOUNT"] == "5"


def test_who_says_how_threads_wait_is_not_overruled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    environment.prepare()
    assert "GOMP_SPINCOUNT" not in os.environ


def test_the_command_asks_before_torch_is_loaded() -> None:
    code = (
        "import sys\n"
        "from impasto.cli import main\n"
        "from impasto.engine import environment\n"
        "def prepare():\n"
        "    print('torch' in sys.modules)\n"
        "environment.prepare = prepare\n"
        "main.main(['--version'])\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[0] == "False"
