"""Notebooks: what is shown of a painting while it is made, and the tutorial."""

from __future__ import annotations

import base64
import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbclient
import nbformat
import numpy as np
import pytest
from PIL import Image

import impasto
from impasto.engine.paint import Painting
from impasto.errors import PaintingError
from impasto.events import Event, Note
from impasto.notebook import View, watch
from impasto.picture import Picture

Scene = Callable[..., Picture]
TUTORIAL = Path(__file__).parent.parent / "examples" / "tutorial.ipynb"
SMALL = {
    "size": 56,
    "first_size": 48,
    "steps": 4,
    "precision": "float32",
    "content_layers": "relu3_1",
    "style_layers": "relu1_1,relu2_1",
}


class Cell:
    """What is below a notebook's cell: each thing displayed there, in its versions."""

    def __init__(self) -> None:
        self.places: list[list[dict[str, str]]] = []

    def display(self, data: dict[str, str], *, raw: bool, display_id: bool) -> Any:
        assert raw and display_id
        place = [data]
        self.places.append(place)
        return SimpleNamespace(update=lambda data, *, raw: place.append(data))

    def pictures(self) -> list[Image.Image]:
        shown = [data["image/jpeg"] for data in self.places[0]]
        return [Image.open(io.BytesIO(base64.b64decode(data))) for data in shown]

    def words(self) -> list[str]:
        return [data["text/html"] for data in self.places[1]]


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> Cell:
    """As if this were a kernel of a notebook."""
    made = Cell()
    shell = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=object()))
    monkeypatch.setitem(sys.modules, "IPython", shell)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=made.display))
    return made


@pytest.fixture
def painting(scene: Scene) -> Painting:
    return impasto.paint(scene(72, 54, 1), scene(64, 80, 2), **SMALL)


def after(painting: Painting, steps: int, then: Callable[[], Any]) -> Painting:
    """The painting, to which something happens after so many steps."""

    def run(events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            yield event
            if painting.made == steps:
                yield then()

    painting._events = run(painting._events)
    return painting


def interrupt() -> None:
    raise KeyboardInterrupt


def fail() -> None:
    raise PaintingError("out of paint; buy some")


def test_picture_and_bar_grow_and_end_with_what_is_returned(cell: Cell, painting: Painting) -> None:
    picture = watch(after(painting, 2, lambda: Note("the <b>second</b> step")))
    assert len(cell.places) == 2
    last = cell.pictures()[-1]
    assert last.size == (picture.width, picture.height) == (56, 42)
    assert np.corrcoef(np.ravel(last), picture.to_bytes().ravel())[0, 1] > 0.95
    bars = [re.search(r'<progress value="([\d.]+)">', words) for words in cell.words()]
    shares = [float(bar[1]) for bar in bars if bar]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    assert bars[-1] is None
    assert "painted: 56x42, 4 of 4 steps" in cell.words()[-1]
    assert "note: the &lt;b&gt;second&lt;/b&gt; step" in cell.words()[-1]


@pytest.mark.parametrize("while_showing", [False, True])
def test_an_interrupt_keeps_the_picture(
    cell: Cell, painting: Painting, monkeypatch: pytest.MonkeyPatch, while_showing: bool
) -> None:
    if while_showing:
        monkeypatch.setattr(View, "show", lambda *_: painting.made == 3 and interrupt())
    picture = watch(painting if while_showing else after(painting, 3, interrupt))
    assert picture.recipe is not None and picture.recipe["painted"]["steps"] == 3
    assert "stopped: 56x42, 3 of 4 steps" in cell.words()[-1]
    assert list(painting) == []  # and what the rest would need is freed


def test_an_interrupt_before_the_first_step_is_one(cell: Cell, painting: Painting) -> None:
    with pytest.raises(KeyboardInterrupt):
        watch(after(painting, 0, interrupt))


def test_an_error_is_raised_and_the_last_good_picture_is_there(
    cell: Cell, painting: Painting
) -> None:
    with pytest.raises(PaintingError, match="buy some"):
        watch(after(painting, 2, fail))
    assert "failed: 56x42, 2 of 4 steps" in cell.words()[-1]
    assert painting.picture.recipe["painted"]["steps"] == 2


@pytest.mark.parametrize("shell", [None, SimpleNamespace()])
def test_without_a_notebook_it_only_paints(
    cell: Cell, painting: Painting, scene: Scene, monkeypatch: pytest.MonkeyPatch, shell: Any
) -> None:
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda: shell)
    whole = impasto.stylize(scene(72, 54, 1), scene(64, 80, 2), **SMALL)
    assert (watch(painting).pixels == whole.pixels).all()
    assert cell.places == []


def test_large_pictures_are_shown_smaller(cell: Cell, scene: Scene) -> None:
    flags = {**SMALL, "size": 700, "steps": 1, "first_size": 700}
    picture = watch(impasto.paint(scene(70, 35, 1), scene(64, 80, 2), **flags))
    assert (picture.width, cell.pictures()[-1].size) == (700, (640, 320))


@pytest.mark.slow
def test_the_tutorial_runs_and_shows_a_picture_in_each_of_its_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.read(TUTORIAL, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs for cell in cells), "commit it without what it shows"
    resources = {"metadata": {"path": str(TUTORIAL.parent)}}
    before = sorted(TUTORIAL.parent.rglob("*"))
    nbclient.NotebookClient(notebook, timeout=300, resources=resources).execute()
    assert sorted(TUTORIAL.parent.rglob("*")) == before
    for cell in cells[1:]:  # the first imports
        kinds = {"image/png", "image/jpeg"}
        shown = [o.data[k] for o in cell.outputs if "data" in o for k in kinds & set(o.data)]
        assert len(shown) == 1, cell.source
        image = Image.open(io.BytesIO(base64.b64decode(shown[0])))
        assert image.width >= 224 and np.asarray(image.convert("L")).std() > 20
