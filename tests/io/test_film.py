"""Films hold their frames, each as long as it should be shown."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from impasto.io import film

COLOURS = ((200, 40, 30), (30, 160, 60), (20, 60, 190))


@pytest.mark.parametrize("count", [2, 3])
def test_the_first_and_the_last_are_held(count: int) -> None:
    shown = film.times(count)
    assert shown[0] == film.PACE * film.FIRST and shown[-1] == film.PACE * film.LAST
    assert all(time == film.PACE for time in shown[1:-1])


@pytest.mark.parametrize("encode", [film.gif, film.webp])
def test_pillow_reads_what_was_written(encode: object) -> None:
    frames = [Image.new("RGB", (31, 20), colour) for colour in COLOURS]
    assert callable(encode)
    with Image.open(io.BytesIO(encode(frames))) as read:
        assert getattr(read, "n_frames", 1) == 3
        for i, colour in enumerate(COLOURS):
            read.seek(i)
            off = np.abs(np.asarray(read.convert("RGB"), float) - colour)
            assert off.max() < 6
            assert read.info["duration"] == film.times(3)[i]
        assert read.info["loop"] == 0


def test_mp4_holds_them_too() -> None:
    av = pytest.importorskip("av", reason="films as MP4 need the extra 'video'")
    frames = [Image.new("RGB", (31, 21), colour) for colour in COLOURS]
    with av.open(io.BytesIO(film.mp4(frames))) as read:
        shown = [frame.to_ndarray(format="rgb24") for frame in read.decode(video=0)]
    assert len(shown) == film.FIRST + 1 + film.LAST
    for frame, colour in ((shown[0], COLOURS[0]), (shown[-1], COLOURS[2])):
        assert frame.shape == (20, 30, 3)  # even
        assert np.abs(frame.astype(float) - colour).max() < 12
