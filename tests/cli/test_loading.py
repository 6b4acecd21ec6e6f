"""Loading without looking for garbage."""

from __future__ import annotations

import gc

import pytest

from impasto.cli.loading import loading


def test_what_is_loaded_is_never_looked_through_again() -> None:
    stays: list[list[int]] = []
    before = gc.get_freeze_count()
    with loading():
        assert not gc.isenabled()
        stays.extend([i] for i in range(1000))
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + 1000
    gc.unfreeze()


def test_it_leaves_collecting_as_it_was() -> None:
    gc.disable()
    try:
        with loading():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
    with pytest.raises(ImportError), loading():
        raise ImportError
    assert gc.isenabled()
    gc.unfreeze()
