"""Ctrl-C, a polite kill, and a reader that goes away."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from torch import Tensor

from impasto.cli import deliver
from impasto.engine.objective import Evaluation, Objective
from impasto.engine.paint import Painting
from impasto.errors import ImpastoError, PaintingError, PictureError
from impasto.events import Event, Started
from impasto.io.files import read_picture, read_recipe
from impasto.jobs import checkpoint, single

Run = Callable[..., Any]
Spawn = Callable[..., "subprocess.Popen[str]"]
BOTH = ("stylize", "photo.png", "painting.png")
LEFT = ["painting.png", "photo.png"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def press(number: int = signal.SIGINT) -> None:
    os.kill(os.getpid(), number)


def press_at(monkeypatch: pytest.MonkeyPatch, step: int, times: int = 1) -> None:
    """Have Ctrl-C pressed in the midst of a step."""
    calls, evaluate = [0], Objective.__call__

    def evaluated(self: Objective, picture: Tensor) -> Any:
        calls[0] += 1
        for _ in range(times if calls[0] == step else 0):
            press()
        return evaluate(self, picture)

    monkeypatch.setattr(Objective, "__call__", evaluated)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_that_is_stopped_leaves_a_whole_picture(
    folder: Path, spawn: Spawn, small: tuple[str, ...], number: int
) -> None:
    process = spawn(*BOTH, *small, "--steps", "200000", "-o", "out.png", "--json")
    assert process.stdout is not None
    for _ in range(3):
        process.stdout.readline()
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    last = json.loads(out.splitlines()[-1])
    assert last["interrupted"] is True
    assert last["file"] == "out.png"
    picture = read_picture("out.png")
    assert (picture.width, picture.height) == (56, 42)
    assert picture.recipe is not None
    assert picture.recipe["painted"]["of"] == 200000
    assert 3 <= picture.recipe["painted"]["steps"] == last["steps"] < 200000
    assert names(folder) == sorted([*LEFT, "out.png"])


@pytest.mark.slow
def test_a_reader_that_goes_away_ends_it_quietly(
    folder: Path, spawn: Spawn, small: tuple[str, ...]
) -> None:
    process = spawn(*BOTH, *small, "--steps", "200000", "-o", "out.png", "--json")
    assert process.stdout is not None
    assert process.stderr is not None
    assert json.loads(process.stdout.readline())["step"] == 1
    process.stdout.close()
    assert process.wait(timeout=60) == 1
    assert process.stderr.read() == ""
    process.stderr.close()
    assert names(folder) == LEFT


def test_pressed_once_it_ends_the_step(
    folder: Path, run: Run, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(signal.SIGINT)
    press_at(monkeypatch, 3)
    done = run(*BOTH, *small, "-o", "out.png")
    assert done.code == 130
    assert "stopped after 3 of 4 steps" in done.err
    assert done.out.startswith("out.png  56x42, ")
    recipe = read_recipe("out.png")
    assert recipe is not None
    assert recipe["painted"]["steps"] == 3
    assert signal.getsignal(signal.SIGINT) is before


def test_pressed_twice_it_ends_at_once_and_keeps_the_step_before(
    folder: Path, run: Run, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    press_at(monkeypatch, 3, times=2)
    done = run(*BOTH, *small, "-o", "out.png", "--quiet")
    assert (done.code, done.out, done.err) == (130, "", "")
    recipe = read_recipe("out.png")
    assert recipe is not None
    assert recipe["painted"]["steps"] == 2


def test_pressed_in_the_last_step_it_is_done(
    folder: Path, run: Run, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    press_at(monkeypatch, 4)
    done = run(*BOTH, *small, "-o", "out.png", "--json")
    assert done.code == 0
    assert json.loads(done.out.splitlines()[-1])["interrupted"] is False


def test_pressed_while_loading_there_is_nothing_to_keep(
    folder: Path, run: Run, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: Any, **more: Any) -> None:
        signal.default_int_handler(signal.SIGINT, None)

    monkeypatch.setattr(single, "load_network", interrupted)
    done = run(*BOTH, *small, "-o", "out.png")
    assert done.code == 130
    assert done.err.split() == ["interrupted"]
    assert done.out == ""
    assert names(folder) == LEFT


@pytest.mark.parametrize("times", [1, 2])
def test_pressed_before_the_first_step_there_is_nothing_to_keep(
    folder: Path, run: Run, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    from impasto.cli.progress import Bar

    def show(self: Bar, event: Event) -> None:
        for _ in range(times if isinstance(event, Started) else 0):
            press()

    monkeypatch.setattr(Bar, "show", show)
    done = run(*BOTH, *small, "-o", "out.png")
    assert done.code == 130
    assert done.err.split() == ["interrupted"]
    assert done.out == ""
    assert names(folder) == LEFT


@pytest.mark.parametrize("error", [PaintingError, PictureError])
@pytest.mark.parametrize("failing", [1, 3])
def test_an_error_while_painting_keeps_the_last_good_picture(
    folder: Path,
    run: Run,
    small: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    error: type[ImpastoError],
    failing: int,
) -> None:
    evaluated = Painting._evaluated

    def fail(self: Painting, *args: Any) -> Evaluation:
        if self.made + 1 == failing:
            raise error("out of paint; buy some")
        return evaluated(self, *args)

    monkeypatch.setattr(Painting, "_evaluated", fail)
    done = run(*BOTH, *small, "-o", "out.png", "--quiet")
    assert (done.code, done.out) == (1, "")
    if failing == 1:  # nothing was made
        assert done.err == "error: out of paint; buy some\n"
        assert names(folder) == LEFT
        return
    kept = "error: out of paint; buy some; the last good picture is kept as out.png\n"
    assert done.err == kept
    recipe = read_recipe("out.png")
    assert recipe is not None
    assert (recipe["painted"]["steps"], recipe["painted"]["of"]) == (2, 4)


@pytest.mark.slow
def test_what_is_killed_goes_on_to_the_very_bytes(
    folder: Path, spawn: Spawn, small: tuple[str, ...]
) -> None:
    command = (*BOTH, *small, "--steps", "400", "--checkpoint", "way")
    whole = spawn(*BOTH, *small, "--steps", "400", "-o", "whole.png")
    assert whole.wait(timeout=100) == 0
    process = spawn(*command, "-o", "out.png", "--json")
    assert process.stdout is not None
    for _ in range(20):
        process.stdout.readline()
    process.kill()
    process.communicate(timeout=60)
    assert names(folder) == sorted([*LEFT, "way", "whole.png"])
    again = spawn(*command, "-o", "out.png")
    _, err = again.communicate(timeout=100)
    assert again.returncode == 0
    assert "note: going on after step" in err
    assert Path("out.png").read_bytes() == Path("whole.png").read_bytes()
    assert names(folder) == sorted([*LEFT, "out.png", "whole.png"])


def test_ctrl_c_keeps_the_way_and_the_same_command_goes_on(
    folder: Path, run: Run, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = (*BOTH, *small, "-o", "out.png", "--checkpoint", "way")
    with monkeypatch.context() as patch:
        press_at(patch, 2)
        stopped = run(*command)
    assert stopped.code == 130
    assert "note: the same command with --overwrite goes on from way" in stopped.err
    again = run(*command, "--overwrite")
    assert (again.code, "going on after step 2" in again.err) == (0, True)
    other = run(*BOTH, *small, "-o", "whole.png")
    assert other.code == 0
    assert Path("out.png").read_bytes() == Path("whole.png").read_bytes()
    assert names(folder) == sorted([*LEFT, "out.png", "whole.png"])


@pytest.mark.parametrize("job", ["stylize", "texture"])
def test_ctrl_c_keeps_the_way_unasked_once_it_is_worth_it(
    folder: Path, run: Run, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, job: str
) -> None:
    monkeypatch.setattr(deliver, "WORTH", 0.0)
    noise = ("texture", "painting.png", "--size", "48x64", "--steps", "4", "--first-size", "48")
    command = (*BOTH, *small) if job == "stylize" else (*noise, "--precision", "float32")
    command = (*command, "-o", "out.png")
    with monkeypatch.context() as patch:
        press_at(patch, 3)
        stopped = run(*command)
    assert (stopped.code, "stopped after 3 of 4 steps" in stopped.err) == (130, True)
    told = "note: the same command with --overwrite goes on from out.png.checkpoint; delete that to"
    assert told in stopped.err
    assert names(folder) == sorted([*LEFT, "out.png", "out.png.checkpoint"])
    early = Path("out.png").read_bytes()
    assert run(*command).code == 1  # nothing is replaced unasked
    assert Path("out.png").read_bytes() == early
    again = run(*command, "--overwrite")
    assert (again.code, "going on after step 3" in again.err) == (0, True)
    assert names(folder) == sorted([*LEFT, "out.png"])
    assert run(*command[:-1], "whole.png").code == 0
    assert Path("out.png").read_bytes() == Path("whole.png").read_bytes()


@pytest.mark.parametrize(
    ("worth", "step", "times"),
    [pytest.param(deliver.WORTH, 2, 1, id="soon made"), pytest.param(0.0, 3, 2, id="cut in two")],
)
def test_what_is_soon_made_again_or_cut_in_two_leaves_no_way(
    folder: Path,
    run: Run,
    small: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    worth: float,
    step: int,
    times: int,
) -> None:
    monkeypatch.setattr(deliver, "WORTH", worth)
    press_at(monkeypatch, step, times=times)
    stopped = run(*BOTH, *small, "-o", "out.png")
    assert (stopped.code, "goes on from" in stopped.err) == (130, False)
    assert names(folder) == sorted([*LEFT, "out.png"])


def test_other_options_dont_go_on_from_it_nor_replace_it_at_once(
    folder: Path, run: Run, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = (*BOTH, *small, "-o", "out.png")
    with monkeypatch.context() as patch:
        patch.setattr(deliver, "WORTH", 0.0)
        press_at(patch, 2)
        assert run(*command).code == 130
        kept = Path("out.png.checkpoint").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(deliver, "WORTH", 0.0)
        press_at(patch, 2)
        other = run(*command, "--overwrite", "--content-weight", "0.2")
    assert "another painting (content_weight differ)" in other.err
    assert "painting from the beginning" in other.err and "goes on from" not in other.err
    assert Path("out.png.checkpoint").read_bytes() == kept
    assert run(*command, "--overwrite", "--content-weight", "0.2").code == 0
    assert run(*BOTH, *small, "--content-weight", "0.2", "-o", "whole.png").code == 0
    assert Path("out.png").read_bytes() == Path("whole.png").read_bytes()


def test_a_way_that_cant_be_kept_costs_no_more_than_that(
    folder: Path, run: Run, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any) -> None:
        raise PictureError("can't write out.png.checkpoint: no space left on device; make room")

    monkeypatch.setattr(deliver, "WORTH", 0.0)
    monkeypatch.setattr(checkpoint, "save", full)
    press_at(monkeypatch, 2)
    stopped = run(*BOTH, *small, "-o", "out.png")
    assert (stopped.code, stopped.out.startswith("out.png  56x42")) == (130, True)
    assert "note: can't write out.png.checkpoint: no space left" in stopped.err
    assert "goes on from" not in stopped.err
    assert names(folder) == sorted([*LEFT, "out.png"])


def test_another_paintings_checkpoint_is_refused_or_left_alone(
    folder: Path, run: Run, small: tuple[str, ...]
) -> None:
    Path("way").write_bytes(b"something else")
    refused = run(*BOTH, *small, "-o", "out.png", "--checkpoint", "way")
    assert refused.code == 1 and refused.err.startswith("error: way can't be read")
    Path("way").rename("out.png.checkpoint")
    fine = run(*BOTH, *small, "-o", "out.png")
    assert fine.code == 0 and "painting from the beginning" in fine.err
    assert Path("out.png.checkpoint").read_bytes() == b"something else"
