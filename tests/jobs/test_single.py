"""One picture: whatever it comes from it is the same, and its recipe paints it again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import impasto
from impasto.engine.paint import paint
from impasto.errors import OptionError, PictureError, WeightsError
from impasto.io.files import read_picture, read_recipe
from impasto.jobs.recipe import options_in
from impasto.jobs.single import load_network
from impasto.networks import weights
from impasto.networks.vgg import VGG
from impasto.networks.weights import Weights, save_weights
from impasto.options import Options
from impasto.picture import Picture

Scene = Callable[..., Picture]
SMALL: dict[str, Any] = {
    "size": 56,
    "first_size": 48,
    "steps": 3,
    "precision": "float32",
    "style_layers": "relu1_1,relu2_1:0.5",
    "content_layers": "relu3_1",
    "tv_weight": 0.3,
}


def test_the_same_from_files_images_arrays_and_pictures(folder: Path) -> None:
    sources: list[Callable[[str], Any]] = [
        str,
        Path,
        read_picture,
        Image.open,
        lambda name: np.asarray(Image.open(name)),
        lambda name: read_picture(name).pixels,
        lambda name: read_picture(name).pixels.transpose(1, 2, 0),
    ]
    first = impasto.stylize("photo.png", "painting.png", **SMALL)
    assert not np.array_equal(first.pixels, read_picture("photo.png").pixels)
    for source in sources:
        again = impasto.stylize(source("photo.png"), source("painting.png"), **SMALL)
        np.testing.assert_array_equal(again.pixels, first.pixels)


def test_one_style_or_a_sequence_of_them(folder: Path, scene: Scene) -> None:
    one = impasto.stylize("photo.png", "painting.png", **SMALL)
    listed = impasto.stylize("photo.png", ["painting.png"], **SMALL)
    np.testing.assert_array_equal(listed.pixels, one.pixels)
    both = impasto.stylize("photo.png", ("painting.png", scene(64, 64, 9)), **SMALL)
    assert not np.array_equal(both.pixels, one.pixels)


def test_the_recipe_in_the_file_paints_it_again(folder: Path) -> None:
    impasto.stylize("photo.png", "painting.png", **SMALL).save("first.png")
    recipe = read_recipe("first.png")
    assert recipe is not None
    options = options_in(recipe)
    assert Options.from_dict(options) == Options.from_dict(SMALL)
    impasto.stylize("photo.png", "painting.png", **options).save("second.png")
    assert Path("second.png").read_bytes() == Path("first.png").read_bytes()


def test_the_recipe_says_what_was_used(folder: Path) -> None:
    painting = impasto.paint("photo.png", "painting.png", **SMALL)
    assert painting.picture.recipe is not None
    assert painting.picture.recipe["painted"]["steps"] == 0
    list(painting)
    recipe = painting.picture.recipe
    assert recipe["painted"] == {"steps": 3, "of": 3, "device": "cpu", "precision": "float32"}
    photo, style = read_picture("photo.png"), read_picture("painting.png")
    assert recipe["inputs"] == {
        "content": {"name": "photo.png", "sha256": photo.sha256},
        "styles": [{"name": "painting.png", "sha256": style.sha256}],
    }
    assert recipe["network"] == {"name": painting.network.name, "sha256": painting.network.sha256}
    assert len(recipe["network"]["sha256"]) == 64


def test_no_folder_is_in_the_recipe(folder: Path, lite: Weights) -> None:
    save_weights(folder / "mine.safetensors", lite)
    picture = impasto.stylize(
        folder / "photo.png",
        folder / "painting.png",
        network=str(folder / "mine.safetensors"),
        **SMALL,
    )
    text = json.dumps(picture.recipe)
    assert "mine.safetensors" in text
    assert str(folder.parent) not in text
    assert folder.name not in text.replace("network", "")


def test_weights_that_cannot_be_had_leave_two_ways_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any, **__: Any) -> Weights:
        raise WeightsError("vgg19 can't be downloaded; put it there")

    monkeypatch.setattr(weights, "load", gone)
    with pytest.raises(WeightsError, match=r"put it there; or paint with .* vgg19-lite"):
        impasto.stylize("photo.png", "painting.png", preset="crowson2021")
    with pytest.raises(WeightsError, match=r"put it there$"):
        impasto.stylize("photo.png", "painting.png", network="vgg19-lite")


@pytest.mark.parametrize("wrong", [7, None, b"photo.png", [["a", "b"]], {"a": 1}])
def test_what_is_no_picture_is_refused(folder: Path, wrong: Any) -> None:
    for inputs in ((wrong, "painting.png"), ("photo.png", wrong), ("photo.png", [wrong])):
        with pytest.raises(PictureError, match=f"a {type(wrong).__name__}|a list .*is no picture"):
            impasto.stylize(*inputs, **SMALL)


def test_unknown_names_are_refused_with_the_nearest(folder: Path) -> None:
    with pytest.raises(OptionError, match="no option 'stepz'; did you mean steps"):
        impasto.stylize("photo.png", "painting.png", stepz=3)
    with pytest.raises(OptionError, match="no preset 'defualt'; did you mean default"):
        impasto.stylize("photo.png", "painting.png", preset="defualt")
    with pytest.raises(OptionError, match="no style"):
        impasto.stylize("photo.png", [], **SMALL)


@pytest.mark.parametrize("recipe", [{}, {"options": None}, {"options": ["size", 5]}])
def test_a_recipe_without_options(recipe: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="holds no options"):
        options_in(recipe)


def test_options_of_other_versions_are_left_out() -> None:
    assert options_in({"options": {"size": 99, "brush": "fan"}}) == {"size": 99}


@pytest.mark.parametrize(
    "written", ["/etc/x.pth", "..\\x.pth", "\\\\host\\share\\x.pth", "a/../x.pth"]
)
def test_a_network_in_a_recipe_is_a_bare_name(written: str) -> None:
    """Whoever wrote the recipe, it opens no file but one that lies here."""
    assert options_in({"options": {"network": written}}) == {"network": "x.pth"}
    assert options_in({"options": {"network": "vgg19"}}) == {"network": "vgg19"}


def test_the_network_is_as_asked(lite: Weights) -> None:
    for pooling, padding in (("max", "reflect"), ("average", "replicate")):
        asked = load_network(Options(device="cpu", pooling=pooling, padding=padding))
        assert asked.pooling == pooling
        assert set(asked.padding.values()) == {padding}
    plain = load_network(Options(device="cpu"))
    assert (plain.pooling, plain.padding["conv2_1"]) == (lite.pooling, lite.padding)  # as trained


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a cuda device")
def test_a_device_that_is_not_there_is_said_before_a_network_is_looked_for(folder: Path) -> None:
    with pytest.raises(OptionError, match="device cuda is not available"):
        impasto.paint("photo.png", "painting.png", device="cuda", network="nonexistent")


def test_paintings_share_a_network_and_do_not_disturb_each_other(
    network: VGG, scene: Scene
) -> None:
    before = {k: (v.dtype, v.clone()) for k, v in network.state_dict().items()}

    def begin(precision: str) -> impasto.Painting:
        options = Options(**{**SMALL, "precision": precision, "device": "cpu"})
        return paint(scene(72, 54, 1), [scene(64, 80, 2)], options, network)

    def pixels(painting: impasto.Painting) -> bytes:
        list(painting)
        return painting.picture.pixels.tobytes()

    full, half = pixels(begin("float32")), pixels(begin("bfloat16"))
    assert full != half
    one, two = begin("float32"), begin("bfloat16")
    for _ in range(3):  # Started, and all steps but the last
        next(one), next(two)
    assert (pixels(two), pixels(one)) == (half, full)
    for k, v in network.state_dict().items():
        assert v.dtype == before[k][0]
        assert torch.equal(v, before[k][1])
