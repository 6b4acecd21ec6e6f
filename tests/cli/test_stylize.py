"""`impasto stylize` paints, says so where it should, and takes options as they are given."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from impasto.io.files import read_picture, read_recipe
from impasto.picture import Picture

Run = Callable[..., Any]
BOTH = ("stylize", "photo.png", "painting.png")


def test_it_paints_and_says_where(folder: Path, run: Run, small: tuple[str, ...]) -> None:
    done = run(*BOTH, *small, "-o", "out.png")
    assert done.code == 0
    assert done.out.startswith("out.png  56x42, ")
    assert done.out.count("\n") == 1
    assert "vgg19-lite" in done.out
    assert "painting 56x42 with vgg19-lite" in done.err
    assert "step 1 of 4, now 48x36" in done.err
    painted, photo = read_picture("out.png"), read_picture("photo.png")
    assert (painted.width, painted.height) == (56, 42)
    assert abs(float(painted.pixels.mean() - photo.pixels.mean())) < 0.3


def test_masks_are_told_and_missed(folder: Path, run: Run, small: tuple[str, ...]) -> None:
    photo = read_picture("photo.png")
    mask = np.zeros_like(photo.pixels)
    mask[:, :, :30] = 1
    Picture(mask).save("half.png")
    assert run(*BOTH, *small, "-o", "out.png", "--protect", "half.png").code == 0
    assert "half.png  sha256" in run("describe", "out.png").out
    again = run(*BOTH, *small, "--like", "out.png", "-o", "again.png")
    assert again.code == 0 and "was painted with --protect: give them again" in again.err
    alone = run(*BOTH, *small, "--mask", "half.png", "-o", "alone.png")
    assert alone.code == 0 and "no style has a mask" in alone.err


@pytest.mark.parametrize(("level", "note"), [(0, True), (90, False)])
def test_a_protection_that_protects_nothing_is_told(
    folder: Path, run: Run, small: tuple[str, ...], level: int, note: bool
) -> None:
    photo = read_picture("photo.png")
    Picture(np.full_like(photo.pixels, level / 255)).save("map.png")
    done = run(*BOTH, *small, "-o", "out.png", "--protect", "map.png")
    assert done.code == 0
    told = "note: map.png is black everywhere, which protects nothing; paint white what is to stay"
    assert (told in done.err.splitlines()) is note


def test_a_protection_of_everything_is_refused_in_a_line(
    folder: Path, run: Run, small: tuple[str, ...]
) -> None:
    Picture(np.ones_like(read_picture("photo.png").pixels)).save("map.png")
    done = run(*BOTH, *small, "-o", "out.png", "--protect", "map.png")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "map.png is white everywhere" in done.err and "paint black what is" in done.err


def test_an_earlier_result_is_gone_on_with(folder: Path, run: Run, small: tuple[str, ...]) -> None:
    assert run(*BOTH, *small, "-o", "one.png").code == 0
    assert run(*BOTH, *small, "--start-picture", "one.png", "-o", "two.png").code == 0
    recipe = read_recipe("two.png")
    assert recipe is not None and recipe["options"]["start"] == "picture"
    digest = hashlib.sha256(Path("one.png").read_bytes()).hexdigest()
    assert recipe["inputs"]["start_picture"] == {"name": "one.png", "sha256": digest}
    assert f"one.png  sha256 {digest}" in run("describe", "two.png").out
    again = run(*BOTH, "--like", "two.png", "--start-picture", "one.png", "-o", "again.png")
    assert again.code == 0 and "give them again" not in again.err
    assert Path("again.png").read_bytes() == Path("two.png").read_bytes()
    missed = run(*BOTH, "--like", "two.png", "-o", "missed.png")
    assert missed.code == 2 and "was painted with --start-picture" in missed.err
    mixed = ("--start-picture", "one.png", "--start", "noise,picture")
    assert run(*BOTH, *small, *mixed, "-o", "mix.png").code == 0
    assert run(*BOTH, "--like", "mix.png", *mixed[:2], "-o", "mix2.png").code == 0
    assert Path("mix2.png").read_bytes() == Path("mix.png").read_bytes()


def test_pictures_from_along_the_way(folder: Path, run: Run, small: tuple[str, ...]) -> None:
    done = run(*BOTH, *small, "-o", "out.png", "--save-every", "2")
    assert done.code == 0
    assert sorted(path.name for path in folder.glob("out*")) == [
        *("out-2.png", "out-4.png", "out.png")
    ]
    middle, last = read_picture("out-2.png"), read_picture("out-4.png")
    assert (middle.width, last.width) == (48, 56)
    assert np.array_equal(last.pixels, read_picture("out.png").pixels)
    assert run(*BOTH, *small, "-o", "out.png", "--save-every", "x").code == 2


def test_json_is_one_object_a_line(folder: Path, run: Run, small: tuple[str, ...]) -> None:
    done = run(*BOTH, *small, "-o", "out.png", "--json")
    assert (done.code, done.err) == (0, "")
    *steps, last = [json.loads(line) for line in done.out.splitlines()]
    assert [step["step"] for step in steps] == [1, 2, 3, 4]
    assert {step["steps"] for step in steps} == {4}
    assert steps[0]["size"] == [48, 36]
    assert steps[-1]["size"] == [56, 42]
    for step in steps:
        assert step["total"] == pytest.approx(sum(step["losses"].values()), rel=1e-5)
        assert {"content relu3_1", "style relu1_1", "style relu2_1"} <= set(step["losses"])
    assert last["file"] == "out.png"
    assert last["network"] == "vgg19-lite"
    assert last["size"] == [56, 42]
    assert last["steps"] == 4
    assert last["interrupted"] is False
    assert last["seconds"] >= steps[-1]["seconds"] > 0
    recipe = read_recipe("out.png")
    assert recipe is not None
    assert recipe["network"]["sha256"] == last["network_sha256"]


def test_what_it_prints_is_no_markup(folder: Path, run: Run, small: tuple[str, ...]) -> None:
    name = "[bold]style[red] :smile:.png"
    Path("painting.png").rename(name)
    done = run("stylize", "photo.png", name, *small, "--size", "128", "-o", "out.png")
    assert done.code == 0
    enlarged, note = done.err.splitlines()[:2]
    assert enlarged == "note: photo.png is only 72 px, enlarged to 128"
    assert note.startswith(f"note: {name} is only 80 px")
    assert note.endswith("smaller")  # one line, however wide the terminal is


def test_like_repeats_a_picture(folder: Path, run: Run, small: tuple[str, ...]) -> None:
    assert run(*BOTH, *small, "--seed", "5", "--start", "noise", "-o", "one.png").code == 0
    assert run(*BOTH, "--like", "one.png", "-o", "two.png").code == 0
    assert Path("two.png").read_bytes() == Path("one.png").read_bytes()
    assert run(*BOTH, "--like", "one.png", "--seed", "6", "-o", "three.png").code == 0
    np.testing.assert_equal(read_picture("three.png").width, 56)
    options = [read_recipe(f"{name}.png")["options"] for name in ("one", "three")]  # pyright: ignore
    assert options[1] == {**options[0], "seed": 6}
    assert Path("three.png").read_bytes() != Path("one.png").read_bytes()


def test_styles_are_blended(folder: Path, run: Run, small: tuple[str, ...]) -> None:
    both = ("stylize", "photo.png", "painting.png", "photo.png", *small, "--quiet")
    assert run(*BOTH, *small, "-o", "one.png", "--quiet").code == 0
    assert run(*both, "--style-weights", "1,0", "-o", "first.png").code == 0
    assert run(*both, "--style-weights", "1,1", "-o", "mixed.png").code == 0
    one, first, mixed = (read_picture(f"{name}.png").pixels for name in ("one", "first", "mixed"))
    assert np.abs(first - one).max() < 0.02
    assert np.abs(mixed - one).max() > 0.02


def test_explain_tells_the_plan_and_paints_nothing(folder: Path, run: Run) -> None:
    flags = "--size", "96", "--first-size", "64", "--steps", "9", "--explain"
    done = run("stylize", "photo.png", "painting.png", *flags)
    assert done.code == 0
    first, *_, last = done.out.splitlines()
    assert first.split()[0] == "64x48"
    assert "all at once" in first
    assert "96x72" in done.out
    assert "9 steps" in last
    assert "GB of memory at the peak" in last
    (folder / "there.png").write_bytes(b"")
    assert run("stylize", "photo.png", "painting.png", *flags, "-o", "there.png").code == 0
    assert not (folder / "photo-painting.png").exists()


def test_explain_plans_with_a_network_that_is_elsewhere_and_fetches_nothing(
    folder: Path, tmp_path: Path, run: Run
) -> None:
    flags = "--size", "96", "--steps", "9", "--network", "vgg19", "--explain"
    done = run(*BOTH, *flags, "--content-layers", "conv5_4")  # which vgg19-lite hasn't
    assert done.code == 0
    assert done.err == (
        "note: vgg19 isn't on this machine; painting fetches it first "
        "(impasto weights fetch vgg19, 575 MB)\n"
    )
    assert done.out.splitlines()[0].split()[:3] == ["96x72", "9", "steps"]
    assert not (tmp_path / "cache").exists()
    assert run(*BOTH, *flags, "--quiet").err == ""
    absent = run(*BOTH, *flags, "--content-layers", "conv5_9")
    assert absent.code == 2 and "vgg19 has no layer 'conv5_9'" in absent.err


def test_a_limit_that_cannot_be_kept_is_said_before(folder: Path, run: Run) -> None:
    done = run("stylize", "photo.png", "painting.png", "--memory", "1MB")
    assert done.code != 0
    assert "there is 0.0 GB for it" in done.err
    done = run("stylize", "photo.png", "painting.png", "--memory", "lots")
    assert "--memory is 'lots'; it takes bytes, such as 4GB" in done.err
