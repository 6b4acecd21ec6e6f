"""Every mistake is one line on stderr, an exit code, and nothing left behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from impasto.jobs import single

Run = Callable[..., Any]
FAILED, USAGE = 1, 2


@pytest.fixture
def shelf(folder: Path) -> Path:
    """Files that are not what they should be, beside photo.png and painting.png."""
    whole = (folder / "photo.png").read_bytes()
    (folder / "empty.png").touch()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "text.png").write_text("not a picture\n")
    (folder / "folder.png").mkdir()
    (folder / "my cat.png").write_bytes(whole)
    (folder / "folder.png cat.png").write_bytes(whole)  # begins as a folder's name does
    (folder / "taken.png").write_bytes(b"mine")
    Image.new("RGBA", (64, 64), (200, 10, 10, 0)).save(folder / "clear.png")
    Image.new("RGB", (6, 6)).save(folder / "dot.png")
    Image.new("RGB", (2000, 4)).save(folder / "strip.png")
    torch.save({"a": torch.zeros(3)}, folder / "other.pth")
    (folder / "broken.safetensors").write_bytes(b"\x20\0\0\0\0\0\0\0{")
    (folder / "checkpoint.pth").write_bytes(b"")
    return folder


P, S = "photo.png", "painting.png"
SHALLOW = ("--content-layers", "relu1_1", "--style-layers", "relu1_1")
MISTAKES: list[tuple[tuple[str, ...], int, str]] = [
    # pictures
    (("nowhere.png", S), FAILED, "nowhere.png isn't there"),
    ((P, "nowhere.png"), FAILED, "nowhere.png isn't there"),
    (
        ("https://there/cat.png", S),
        FAILED,
        "https://there/cat.png is an address",
    ),
    (("nowhere.png", S, "-o", "taken.png"), FAILED, "nowhere.png isn't there"),
    (("empty.png", S), FAILED, "empty.png is empty"),
    (("cut.png", S), FAILED, "cut.png is damaged or cut short"),
    ((P, "text.png"), FAILED, "text.png is not a picture"),
    (("folder.png", S), FAILED, "folder.png is a folder; one photograph is painted at a time"),
    (("folder.png", S, "-o", "out"), FAILED, "folder.png is a folder; one photograph"),
    (("folder.png", S, "-o", "out.png"), FAILED, "go through all in a loop (docs/howto.md"),
    ((P, "folder.png"), FAILED, "folder.png is a folder; give a picture in it"),
    (
        ("my", "cat.png", S),
        FAILED,
        "my cat.png has spaces in its name; put it in quotes: 'my cat.png'",
    ),
    (("folder.png", "cat.png", S), FAILED, "put it in quotes: 'folder.png cat.png'"),
    ((P, "my", "cat.png"), FAILED, "put it in quotes: 'my cat.png'"),
    ((P, S, "out.png"), USAGE, "out.png isn't there; if it is to be written, say -o out.png"),
    (("clear.png", S), FAILED, "clear.png is transparent everywhere"),
    ((P, "clear.png"), FAILED, "clear.png is transparent everywhere"),
    ((P, "dot.png"), FAILED, "6x6"),
    ((P, "two\nlines.png"), FAILED, "two lines.png isn't there"),
    ((P, "nul\0.png"), FAILED, "nul"),
    ((P, "x" * 300), FAILED, "xxx"),
    # where to
    ((P, S, "-o", "folder.png"), FAILED, "folder.png is a folder"),
    ((P, S, "-o", "no/out.png"), FAILED, "isn't there; make it"),
    ((P, S, "-o", "taken.png"), FAILED, "taken.png exists"),
    (
        (P, S, "-o", "taken.png", "--checkpoint", "checkpoint.pth"),
        FAILED,
        "taken.png exists, and checkpoint.pth beside it: say --overwrite to go on from there",
    ),
    (
        (P, S, "--plot", "--timelapse", "a.gif"),
        USAGE,
        "--plot lacks its value",
    ),
    ((P, S, "-o"), USAGE, "(see impasto stylize --help)"),
    ((P, S, "-o", "taken.png/out.png"), FAILED, "is a file and not a folder"),
    ((P, S, "-o", "out.xcf"), FAILED, "can't be written as .xcf"),
    ((P, S, "-o", "out"), FAILED, "no extension"),
    (("strip.png", S), FAILED, "needs at least 32x32: choose a size of 16000 or more, not 512"),
    (("strip.png", S, *SHALLOW, "-o", "out.webp", "--size", "17000"), FAILED, "WebP holds 16383"),
    # values
    ((P, S, "--size", "16", "--style-layers", "relu5_1"), FAILED, "needs at least"),
    ((P, S, "--size", "99999999"), USAGE, "size is 99999999; it takes 16..32768 px"),
    ((P, S, "--size", "big"), USAGE, "size is 'big'; it takes a number"),
    ((P, S, "--size", "70.5"), USAGE, "whole number"),
    ((P, S, "--size", ""), USAGE, "size is ''"),
    ((P, S, "--content-weight", "nan"), USAGE, "--content-weight is nan"),
    ((P, S, "--style-weights", "1,nan"), USAGE, "--style-weights is nan"),
    ((P, S, "--style-weights", "1,2"), USAGE, "--style-weights has 2 numbers for 1 style"),
    ((P, S, S, "--style-weights", "2", "1"), USAGE, "1 is no picture; a list of numbers is joined"),
    (("--style-weights", "2,", "1", P, S, S), USAGE, "without spaces: --style-weights 2,1"),
    ((P, S, "--style-weights", "0"), USAGE, "--style-weights are all 0"),
    ((P, S, "--steps", "-1"), USAGE, "steps is -1"),
    ((P, S, "--seed", "-1"), USAGE, "seed is -1"),
    ((P, S, "--start", "nose"), USAGE, "noise"),
    ((P, S, "--bits", "12"), USAGE, "--bits is '12'; choose 8 or 16"),
    # names
    ((P, S, "--style-layers", "relu4_22"), USAGE, "did you mean relu4_2?"),
    ((P, S, "--content-layers", "relu4_1:"), USAGE, "no weight after the colon"),
    ((P, S, "--preset", "defualt"), USAGE, "did you mean default? (impasto presets lists them"),
    ((P, S, "--preset", "bla"), USAGE, "impasto presets lists them"),
    (
        (P, S, "--quality", "fast"),
        USAGE,
        "--quality is 'fast'; choose draft, normal or best",
    ),
    ((P, S, "--sise", "64"), USAGE, "--size"),
    ((P, S, "--network", "vgg18"), USAGE, "did you mean vgg19?"),
    ((P, S, "--network", "vgg18.pth"), FAILED, "no file"),
    (
        (P, S, "--pooling", "avrage"),
        USAGE,
        "--pooling is 'avrage'; choose auto, max or average",
    ),
    ((P, S, "--style-loss", "gram@relu4_22"), USAGE, "did you mean relu4_2?"),
    ((P, S, "--style-loss", "gramm@relu4_2"), USAGE, "did you mean gram?"),
    ((P, S, "--style-loss", "gram@relu4_2=x"), USAGE, "relu4_2 is 'x'; it takes a number"),
    ((P, S, "--rate-drop", "0.9"), USAGE, "a factor and a number of steps"),
    # what to start from
    ((P, S, "--start-picture", "nowhere.png"), FAILED, "nowhere.png isn't there"),
    ((P, S, "--start", "picture"), USAGE, "none was given to start from"),
    ((P, S, "--start", "noise", "--start-picture", S), USAGE, "start from unused"),
    ((P, S, "--network", "other.pth"), FAILED, "other.pth has no tensors called"),
    ((P, S, "--network", "broken.safetensors"), FAILED, "not a whole safetensors file"),
    ((P, S, "--network", "checkpoint.pth"), FAILED, "checkpoint.pth is empty"),
    ((P, S, "--network", "folder.png"), FAILED, "folder.png is a folder"),
    ((P, S, "--network", "photo.png"), FAILED, "photo.png"),
    ((P, S, "--like", "photo.png"), FAILED, "photo.png holds no recipe"),
    ((P, S, "--like", "nowhere.png"), FAILED, "nowhere.png isn't there"),
    (
        (P,),
        USAGE,
        "photo.png has no painting beside it; give one: impasto stylize photo.png PAINTING",
    ),
    ((), USAGE, "no picture was given; give two: impasto stylize PHOTOGRAPH PAINTING"),
]


@pytest.mark.parametrize(("args", "code", "text"), MISTAKES, ids=lambda v: None)
def test_mistakes_in_painting(
    shelf: Path, run: Run, args: tuple[str, ...], code: int, text: str
) -> None:
    before = {path: path.stat().st_mtime_ns for path in shelf.rglob("*")}
    done = run("stylize", *args)
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    assert text in done.err
    assert "unexpected" not in done.err
    assert (done.code, done.out) == (code, "")
    assert {path: path.stat().st_mtime_ns for path in shelf.rglob("*")} == before


@pytest.mark.parametrize(
    ("args", "code", "text"),
    [
        (("stilize",), USAGE, "no command 'stilize'; did you mean stylize?"),
        (("paint", "a.png"), USAGE, "no command 'paint'; did you mean stylize?"),
        (("help",), USAGE, "no command 'help'; did you mean --help?"),
        (("nowhere.png", "b.png"), USAGE, "say what to do: impasto stylize nowhere.png b.png"),
        (("--foo",), USAGE, "no flag '--foo' (see impasto --help)"),
        (("stylize", "--siez", "3"), USAGE, "no flag '--siez'; did you mean --size?"),
        (
            ("sweep", "a.png", "b.png", "--explain"),
            USAGE,
            "'--explain' here; impasto stylize has it",
        ),
        (("reconstruct", "--explain"), USAGE, "here; impasto reconstruct content has it"),
        (("texture", "a.png", "--content-weight=1"), USAGE, "here; impasto stylize has it"),
        (("stylize", "--explian"), USAGE, "no flag '--explian'; did you mean --explain?"),
        (("stylize", "--falling"), USAGE, "no flag '--falling' (see impasto stylize --help)"),
        (("presets", "show", "defualt"), USAGE, "did you mean default?"),
        (("presets", "shwo"), USAGE, "did you mean show?"),
        (("describe",), USAGE, "Missing argument 'PICTURE'"),
        (("describe", "photo.png"), FAILED, "photo.png holds no recipe"),
        (("describe", "nowhere.png"), FAILED, "nowhere.png isn't there"),
        (("completion", "fsh"), USAGE, "fish"),
        (("weights", "fetch"), USAGE, "Missing argument 'NAME'"),
        (("weights", "fetch", "vgg91"), USAGE, "did you mean vgg19?"),
        (("weights", "verify", "vgg19"), FAILED, "impasto weights fetch vgg19"),
        (("weights", "lst"), USAGE, "did you mean list?"),
    ],
)
def test_mistakes_elsewhere(
    folder: Path, run: Run, args: tuple[str, ...], code: int, text: str
) -> None:
    done = run(*args)
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    assert text in done.err
    assert (done.code, done.out) == (code, "")


@pytest.mark.parametrize(
    "args",
    [("weights", "fetch", "vgg19"), ("stylize", "photo.png", "painting.png", "--network", "vgg19")],
)
def test_a_network_that_is_elsewhere_and_no_way_to_it(
    folder: Path, tmp_path: Path, run: Run, args: tuple[str, ...]
) -> None:
    done = run(*args)
    assert (done.code, done.out) == (FAILED, "")
    assert done.err.startswith("error: vgg19 isn't on this machine")
    assert done.err.count("\n") == 1
    assert "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth" in done.err
    assert str(tmp_path / "cache") in done.err
    assert sorted(path.name for path in folder.iterdir()) == ["painting.png", "photo.png"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a cuda device")
def test_a_device_that_is_not_there(folder: Path, run: Run) -> None:
    done = run("stylize", "photo.png", "painting.png", "--device", "cuda")
    assert done.code == USAGE
    assert "cuda is not available" in done.err


def test_what_nobody_thought_of_is_one_line_and_debug_shows_all(
    folder: Path, run: Run, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **more: Any) -> None:
        raise ZeroDivisionError("a bug\nof two lines")

    monkeypatch.setattr(single, "begin", broken)
    done = run("stylize", "photo.png", "painting.png", *small)
    assert done.code == FAILED
    assert done.err.startswith("error: unexpected ZeroDivisionError: a bug (")
    assert done.err.count("\n") == 1
    with pytest.raises(ZeroDivisionError):
        from impasto.cli.main import main

        main(["--debug", "stylize", "photo.png", "painting.png", *small])


@pytest.mark.parametrize("where", ["closed", "/dev/full"])
def test_output_that_goes_nowhere(where: str) -> None:
    if where != "closed" and not Path(where).exists():
        pytest.skip(f"no {where} here")
    command = f"{sys.executable} -c 'from impasto.cli.main import main; main()' presets"
    redirected = f"{command} >&-" if where == "closed" else f"{command} > {where}"
    done = subprocess.run(redirected, shell=True, stderr=subprocess.PIPE, text=True, check=False)
    if where == "closed":
        assert (done.returncode, done.stderr) == (0, "")
    else:
        assert done.returncode == FAILED
        assert done.stderr == "error: the disk is full; make room and try again\n"
