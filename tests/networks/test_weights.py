"""Weights: known by what they are, read from every layout, refused by name when they don't fit."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from impasto.errors import OptionError, WeightsError
from impasto.networks import catalogue, checkpoint, weights
from impasto.networks.layout import Weights, save_weights
from impasto.networks.vgg import CONVS, VGG
from impasto.networks.weights import fetch, load

if TYPE_CHECKING:
    from conftest import Server

State = dict[str, Tensor]
Make = Callable[..., State]


def saved(path: Path, state: object, **options: object) -> str:
    torch.save(state, path, **options)
    return str(path)


def refused(path: Path | str) -> str:
    """The message with which a file is refused: one line that names it."""
    with pytest.raises(WeightsError) as caught:
        load(str(path))
    message = str(caught.value)
    assert "\n" not in message and Path(path).name in message
    return message


def same(a: Weights, b: State, keys: dict[str, str]) -> bool:
    return list(a.tensors) == list(keys) and all(
        torch.equal(a.tensors[ours], b[theirs]) for ours, theirs in keys.items()
    )


# --- layouts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("form", ["zip", "legacy", "nested", "safetensors"])
def test_torchvision_keys(tmp_path: Path, vgg: Make, prefix: str, form: str) -> None:
    state = vgg(prefix=prefix)
    path = tmp_path / ("x.safetensors" if form == "safetensors" else "x.pth")
    if form == "safetensors":
        save_file(state, path)
    elif form == "nested":
        torch.save({"epoch": 3, "state_dict": state}, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=form == "zip")
    got = load(str(path))
    indices = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)
    keys = {
        f"{conv}.{part}": f"{prefix}features.{index}.{part}"
        for conv, index in zip(CONVS, indices, strict=True)
        for part in ("weight", "bias")
    }
    assert same(got, state, keys)
    assert (got.name, got.sha256) == (path.name, hashlib.sha256(path.read_bytes()).hexdigest())
    assert (got.order, got.scale, got.pooling, got.padding) == ("rgb", 1, "max", "zeros")
    assert (got.mean, got.std) == ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    assert got.tap_scale == {}


def test_gatys_keys_mean_caffe(tmp_path: Path, vgg: Make) -> None:
    state = vgg("gatys", depth=13)
    got = load(saved(tmp_path / "vgg_conv.pth", state))
    assert same(got, state, {key: key for key in state})
    assert (got.order, got.scale) == ("bgr", 255)
    assert (got.mean, got.std) == ((103.939, 116.779, 123.68), (1, 1, 1))


def test_preprocessing_can_be_said(
    tmp_path: Path, vgg: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "x.pth", vgg())
    assert load(path, preprocessing="caffe").order == "bgr"
    assert load(f"{path}:caffe").order == "bgr"
    with pytest.raises(WeightsError, match="did you mean caffe"):
        load(path, preprocessing="cafe")
    with pytest.raises(WeightsError, match="has its own preprocessing"):
        load("vgg19-lite", preprocessing="caffe")
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    monkeypatch.setattr(checkpoint, "_CAFFE_FILES", (digest[:8],))
    assert load(path).order == "bgr"
    assert load(path, preprocessing="torchvision").order == "rgb"


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_own_layout_gives_back_what_was_saved(
    tmp_path: Path, vgg: Make, dtype: torch.dtype
) -> None:
    tensors = {k: v.to(dtype).float() for k, v in vgg("gatys", depth=1).items()}
    mine = Weights(
        *("x.safetensors", "", tensors, "bgr", 2.0, (0.1, -0.2, 0.3), (0.4, 0.5, 0.6)),
        *("average", "reflect", {"relu1_1": 7.5}),
    )
    path = tmp_path / "x.safetensors"
    save_weights(path, mine, dtype)
    got = load(str(path))
    assert same(got, tensors, {key: key for key in tensors})
    assert replace(got, tensors={}, sha256="") == replace(mine, tensors={})
    assert {t.dtype for t in load_file(path).values()} == {dtype}
    assert {t.dtype for t in got.tensors.values()} == {torch.float32}


def test_the_same_weights_are_the_same_bytes(tmp_path: Path) -> None:
    """The bundled file is what another process wrote; safetensors' own writer shuffles metadata."""
    save_weights(tmp_path / "lite.safetensors", load("vgg19-lite"), torch.float16)
    bundled = Path(weights.__file__).with_name("lite.safetensors").read_bytes()
    assert (tmp_path / "lite.safetensors").read_bytes() == bundled


def test_values_that_float16_cannot_hold_are_not_saved(tmp_path: Path) -> None:
    lite = load("vgg19-lite")
    large = {**lite.tensors, "conv2_1.bias": torch.full((27,), 1e5)}
    with pytest.raises(WeightsError, match=r"conv2_1\.bias has values that F16 can't hold"):
        save_weights(tmp_path / "x.safetensors", replace(lite, tensors=large), torch.float16)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", "impasto-vgg/2"),
        ("pooling", "sum"),
        ("padding", None),
        ("order", "gbr"),
        ("scale", "0"),
        ("mean", "[1, 2]"),
        ("mean", "[1, 2, Infinity]"),
        ("std", "[1, 0, 1]"),
        ("std", "{"),
        ("tap_scale", '{"relu1_1": NaN}'),
        ("tap_scale", "[1]"),
    ],
)
def test_bad_metadata_is_named(tmp_path: Path, key: str, value: str | None) -> None:
    path = tmp_path / "x.safetensors"
    lite = load("vgg19-lite")
    first = {k: v for k, v in lite.tensors.items() if k.startswith("conv1_1")}
    save_weights(path, replace(lite, tensors=first))
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    metadata = json.loads(raw[8 : 8 + size])["__metadata__"]
    metadata[key] = value
    save_file(load_file(path), path, {k: v for k, v in metadata.items() if v is not None})
    said = f"layout {value!r}" if key == "format" else f"{key} = {value!r}"
    assert f"has {said}" in refused(path)


# --- files that don't fit --------------------------------------------------------------------


def test_any_width_and_any_depth_but_a_whole_chain(tmp_path: Path, vgg: Make) -> None:
    path = tmp_path / "x.pth"
    for depth in (1, 2, 13):
        got = load(saved(path, vgg(depth=depth)))
        assert list(got.tensors)[-1] == f"{CONVS[depth - 1]}.bias"
    for remove, message in {
        ("features.2.weight", "features.2.bias"): "x.pth has features.5 but no features.2",
        ("features.2.bias",): "x.pth has features.5 but no features.2.bias",
        ("features.5.weight",): "x.pth has features.5 but no features.5.weight",
        ("features.5.bias",): "x.pth has features.5 but no features.5.bias",
    }.items():
        state = vgg(depth=3)
        for key in remove:
            del state[key]
        assert refused(saved(path, state)) == message
    state = vgg("gatys", depth=3)
    del state["conv1_2.weight"], state["conv1_2.bias"]
    assert refused(saved(path, state)) == "x.pth has conv2_1 but no conv1_2"
    twice = refused(saved(path, {**vgg(depth=1), **vgg(depth=1, prefix="b.")}))
    assert "has both features.0.weight and b.features.0.weight" in twice


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "features.5.weight",
            torch.zeros(128, 3, 3, 3),
            "features.5.weight in x.pth has shape (128, 3, 3, 3); wanted (any, 2, 3, 3)",
        ),
        (
            "features.0.weight",
            torch.zeros(64, 3, 11, 11),
            "features.0.weight in x.pth has shape (64, 3, 11, 11); wanted (any, 3, 3, 3)",
        ),
        (
            "features.2.bias",
            torch.zeros(3),
            "features.2.bias in x.pth has shape (3,); wanted (2,)",
        ),
        (
            "features.2.weight",
            torch.zeros(()),
            "features.2.weight in x.pth has shape (); wanted (any, 2, 3, 3)",
        ),
        (
            "features.1.weight",  # batch normalisation; VGG-16 stumbles over features.17 likewise
            torch.zeros(2),
            "features.1.weight in x.pth has shape (2,); VGG-19 has no such layer",
        ),
        (
            "features.3.squeeze.weight",
            torch.zeros(2, 2, 1, 1),
            "features.3.squeeze.weight in x.pth has shape (2, 2, 1, 1); VGG-19 has no such layer",
        ),
        (
            "features.2.bias",
            torch.tensor([1, float("nan")]),
            "features.2.bias in x.pth has values that are not finite: it is damaged",
        ),
        (
            "features.2.bias",
            torch.tensor([1, 2]),
            "features.2.bias in x.pth holds torch.int64; wanted floating point",
        ),
    ],
)
def test_the_first_misfit_is_named(
    tmp_path: Path, vgg: Make, key: str, value: Tensor, message: str
) -> None:
    assert refused(saved(tmp_path / "x.pth", {**vgg(), key: value})) == message


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return exec, ("raise SystemExit('pickled code was run')",)


def test_what_is_no_checkpoint_is_refused_without_running_it(tmp_path: Path, vgg: Make) -> None:
    good = io.BytesIO()
    torch.save(vgg(), good)
    legacy = io.BytesIO()
    torch.save(vgg(), legacy, _use_new_zipfile_serialization=False)
    lite = Path(weights.__file__).with_name("lite.safetensors").read_bytes()
    for name, content, message in [
        ("empty.pth", b"", "is empty"),
        ("text.pth", b"<html>not found</html>", "checkpoint"),
        ("short.pth", good.getvalue()[:5000], "not a whole checkpoint"),
        ("short-legacy.pth", legacy.getvalue()[:-100], "checkpoint"),
        ("evil.pth", pickle.dumps({"features.0.weight": Evil()}, 2), "Python objects"),
        ("list.pth", pickle.dumps([1, 2], 2), "checkpoint"),
        ("short.safetensors", lite[:-1], "not a whole safetensors file"),
        ("text.safetensors", b"<html>not found</html>", "not a whole safetensors file"),
    ]:
        (tmp_path / name).write_bytes(content)
        assert message in refused(tmp_path / name), name
    assert "no tensors by name" in refused(saved(tmp_path / "x.pth", [torch.zeros(1)]))
    assert "not a VGG-19" in refused(saved(tmp_path / "x.pth", {"fc.weight": torch.zeros(1)}))
    assert "is a folder" in refused(tmp_path)


def test_an_unknown_name_suggests_a_known_one() -> None:
    with pytest.raises(OptionError, match=r"did you mean vgg19-lite\?"):
        load("vgg19-light")
    for call in (catalogue.locate, catalogue.verify, fetch):
        with pytest.raises(OptionError, match="did you mean vgg19"):
            call("vgg-19")
    with pytest.raises(WeightsError, match="no file"):  # a name with an extension is a file's
        load("vgg19.pth")


# --- the catalogue ---------------------------------------------------------------------------


def test_the_bundled_network_is_what_its_card_says() -> None:
    lite = load("vgg19-lite")
    assert lite.sha256 == catalogue.entry("vgg19-lite").sha256
    assert list(lite.tensors)[-1] == "conv5_1.bias" and len(lite.tensors) == 26
    assert [lite.tensors[f"conv{i}_1.weight"].shape[0] for i in range(1, 6)] == [
        *(16, 27, 59, 77, 99)
    ]
    assert (lite.order, lite.scale, lite.pooling, lite.padding) == ("rgb", 1, "max", "reflect")
    assert (lite.mean, lite.std) == ((0.45,) * 3, (0.25,) * 3)
    assert {*lite.tap_scale} == {"relu" + key[4:7] for key in lite.tensors}
    assert catalogue.verify("vgg19-lite").verified
    assert Path(weights.__file__).with_name("lite.md").is_file()


def test_a_damaged_bundled_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = replace(catalogue.entry("vgg19-lite"), sha256="0" * 64)
    monkeypatch.setitem(catalogue.CATALOGUE, "vgg19-lite", wrong)
    with pytest.raises(WeightsError, match="install impasto again"):
        load("vgg19-lite")


@pytest.fixture
def published(server: Server, vgg: Make, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The content of the "vgg19" file that the server publishes: a small one."""
    buffer = io.BytesIO()
    torch.save(vgg(), buffer)
    content = buffer.getvalue()
    entry = replace(
        catalogue.entry("vgg19"),
        url=f"{server.url}/vgg19-dcbb9e9d.pth",
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
    )
    server.files[entry.file] = content
    monkeypatch.setitem(catalogue.CATALOGUE, "vgg19", entry)
    return content


def kept() -> Path:
    return catalogue.folder() / "vgg19-convolutions.safetensors"


def check_is_published(got: Weights, content: bytes) -> None:
    state = torch.load(io.BytesIO(content), weights_only=True)
    assert (got.name, got.sha256) == ("vgg19", hashlib.sha256(content).hexdigest())
    assert (got.order, got.mean, got.pooling) == ("rgb", (0.485, 0.456, 0.406), "max")
    assert list(got.tensors) == [f"{c}.{part}" for c in CONVS for part in ("weight", "bias")]
    assert torch.equal(got.tensors["conv5_4.weight"], state["features.34.weight"])


def test_only_the_convolutions_of_a_download_are_kept(server: Server, published: bytes) -> None:
    heard: list[tuple[int, int]] = []
    check_is_published(load("vgg19", progress=lambda *done: heard.append(done)), published)
    assert heard[-1] == (len(published), len(published))
    names = {path.name for path in catalogue.folder().iterdir()}
    assert names == {kept().name, "vgg19-convolutions.json", "vgg19.lock"}
    check_is_published(load("vgg19"), published)
    assert fetch("vgg19") == kept() == catalogue.verify("vgg19").path
    assert len(server.requests) == 1


@pytest.mark.parametrize("where", [catalogue.folder, catalogue.torch_folder])
def test_a_copy_on_this_machine_is_used_and_left_alone(
    server: Server, published: bytes, where: Callable[[], Path]
) -> None:
    copy = where() / "vgg19-dcbb9e9d.pth"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(published)
    assert catalogue.locate("vgg19").path == copy
    check_is_published(load("vgg19"), published)
    assert copy.read_bytes() == published
    copy.write_bytes(b"")  # nothing reads it any more
    check_is_published(load("vgg19"), published)
    assert server.requests == []


@pytest.mark.parametrize("damage", ["file", "size", "record", "layout"])
def test_damaged_convolutions_are_made_anew(server: Server, published: bytes, damage: str) -> None:
    load("vgg19")
    good, record = kept().read_bytes(), kept().with_suffix(".json")
    if damage == "file":
        kept().write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    elif damage == "size":
        kept().write_bytes(good[:-1])
    elif damage == "record":
        record.write_text("{")
    else:
        record.write_text(record.read_text().replace("impasto-vgg/1", "impasto-vgg/0"))
    if damage == "size":
        assert catalogue.locate("vgg19").place == "missing"
    if damage == "file":
        with pytest.raises(WeightsError, match="is damaged"):
            catalogue.verify("vgg19")
    check_is_published(load("vgg19"), published)
    assert kept().read_bytes() == good
    assert len(server.requests) == 2


def test_the_wrong_file_put_there_by_hand_is_not_read(server: Server, published: bytes) -> None:
    copy = catalogue.folder() / "vgg19-dcbb9e9d.pth"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(published[:-1] + b"x")
    for call in (load, fetch, catalogue.verify):
        with pytest.raises(WeightsError, match=r"is damaged: its SHA-256 is .*: delete it and run"):
            call("vgg19")
    copy.write_bytes(published[:-1])
    with pytest.raises(WeightsError, match=f"{len(published) - 1} bytes, but vgg19 has"):
        load("vgg19")
    assert copy.exists() and server.requests == []


def test_two_at_once_download_once(server: Server, published: bytes) -> None:
    with ThreadPoolExecutor(4) as pool:
        for got in pool.map(load, ["vgg19"] * 4):
            check_is_published(got, published)
    assert len(server.requests) == 1


def test_a_folder_that_cannot_be_written_only_costs_time(
    published: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(WeightsError, match="set IMPASTO_CACHE to a folder"):
        load("vgg19")
    copy = catalogue.torch_folder() / "vgg19-dcbb9e9d.pth"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(published)
    check_is_published(load("vgg19"), published)
    assert fetch("vgg19") == copy


def test_status_says_what_there_is(published: bytes) -> None:
    def places() -> dict[str, tuple[str, bool]]:
        found = {s.entry.name: (s.place, s.verified) for s in catalogue.status()}
        assert found.pop("vgg19-caffe") == ("missing", False)
        return found

    assert places() == {"vgg19-lite": ("bundled", True), "vgg19": ("missing", False)}
    with pytest.raises(WeightsError, match="run: impasto weights fetch vgg19"):
        catalogue.verify("vgg19")
    copy = catalogue.folder() / "vgg19-dcbb9e9d.pth"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(published)
    assert places()["vgg19"] == ("file", False)
    assert catalogue.verify("vgg19").verified
    load("vgg19")
    assert places()["vgg19"] == ("kept", True)


def test_listing_needs_no_torch() -> None:
    code = "import sys, impasto.networks.fetch; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["vgg19", "vgg19-caffe"])
def test_an_outline_has_the_shape_of_what_was_published(name: str) -> None:
    found = weights.outline(name)
    # As torchvision's documentation counts VGG-19's parameters, less those of its classifier.
    classifier = (512 * 49 + 1) * 4096 + (4096 + 1) * 4096 + (4096 + 1) * 1000
    assert sum(each.numel() for each in found.tensors.values()) == 143_667_240 - classifier
    assert VGG(found).layers()[-1] == "relu5_4"
    assert found.name == name
    with pytest.raises(OptionError, match="did you mean vgg19"):
        weights.outline("vgg18")
