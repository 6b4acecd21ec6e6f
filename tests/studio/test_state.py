"""Sessions, queue, masks and controls, without a browser or a server."""

from __future__ import annotations

import base64
import io as bytes_io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from impasto.engine.paint import Painting
from impasto.errors import OptionError, PictureError
from impasto.jobs import single
from impasto.jobs.curves import POINTS
from impasto.options import SPECS, Options
from impasto.studio import curves, masks, words
from impasto.studio.incoming import shown, stem
from impasto.studio.job import OVERTIME, Job
from impasto.studio.limits import Limits
from impasto.studio.registry import GRACE, Registry
from impasto.studio.workshop import Workshop

TINY = {"size": 48, "first_size": 48, "precision": "float32"}


@pytest.fixture
def begin(scene: Any) -> Any:
    def make(steps: int = 3) -> Painting:
        options = Options(**TINY, steps=steps, style_layers="relu1_1", content_layers="relu2_1")
        return single.begin(
            scene(64, 48, 1), [scene(48, 48, 2)], options, single.load_network(options)
        )

    return make


@pytest.fixture
def workshop() -> Iterator[Workshop]:
    made = Workshop(Limits(waiting=2, own=2))
    yield made
    made.close()


def over(job: Job) -> Job:
    seen = -1
    while not job.over:
        seen = job.wait(seen, 10)
    return job


def test_a_job_is_painted_stopped_and_goes_on(workshop: Workshop, begin: Any) -> None:
    done = over(workshop.submit(Job("anna", begin)))
    assert (done.state, done.progress, len(done.losses)) == ("done", 1.0, 3)
    assert done.view.startswith(b"\xff\xd8") and done.picture is not None
    long = workshop.submit(Job("anna", lambda: begin(100_000)))
    while not long.view:
        long.wait(long.version, 10)
    long.stop()
    assert over(long).state == "stopped" and long.painting is not None
    made = long.painting.made
    begun = long.painting
    again = workshop.submit(Job("anna", lambda: begun, losses=[*long.losses]))
    while len(again.losses) < made + 3:
        again.wait(again.version, 10)
    again.stop()
    assert over(again).picture is not None
    assert again.painting is not None and again.painting.made == len(again.losses) > made


def test_the_queue_has_an_order_and_an_end(workshop: Workshop, begin: Any) -> None:
    slow = workshop.submit(Job("anna", lambda: begin(100_000)))
    while slow.state == "waiting":
        slow.wait(slow.version, 10)
    second, third = (workshop.submit(Job(name, begin)) for name in ("bert", "cleo"))
    assert [workshop.position(job) for job in (slow, second, third)] == [0, 1, 2]
    with pytest.raises(OptionError, match="2 paintings are waiting already"):
        workshop.submit(Job("dora", begin))
    second.stop()  # who waits may leave, and the others move up
    assert workshop.position(third) == 1 and second.state == "stopped"
    workshop.submit(Job("anna", begin))
    third.stop()
    with pytest.raises(OptionError, match="2 of your paintings"):
        workshop.submit(Job("anna", begin))
    slow.stop()


def test_time_is_limited_and_what_fails_is_said(begin: Any) -> None:
    job = Job("anna", lambda: begin(100_000))
    job.run(minutes=0)
    assert job.state == "stopped" and job.picture is not None and OVERTIME in job.notes

    def fails() -> Painting:
        raise PictureError("there is no such picture")

    job = Job("anna", fails)
    job.run(minutes=1)
    assert (job.state, job.error) == ("failed", "there is no such picture")


def test_sessions_are_apart_and_end(tmp_path: Path, scene: Any) -> None:
    now = [0.0]
    registry = Registry(tmp_path, Limits(sessions=2), keep=3600, clock=lambda: now[0])
    scene(40, 30).save(tmp_path / "x.png")
    anna, bert = registry.of("anna"), registry.of("bert")
    assert registry.of("anna") is anna
    with pytest.raises(OptionError, match="too many people"):
        registry.of("cleo")
    kept = anna.read(tmp_path / "x.png", "x.png")
    anna.set_photograph(kept)
    assert anna.find(kept.key) is kept
    with pytest.raises(KeyError):
        bert.find(kept.key)
    registry.opened("anna", "page")
    registry.opened("bert", "page")
    now[0] = 9000.0
    registry.sweep()  # their pages are open
    assert registry.there("anna") and kept.path.exists()
    registry.closed("anna", "page")
    now[0] += 3599
    registry.sweep()
    assert registry.there("anna")
    now[0] += 2
    registry.sweep()
    assert registry.there("anna") is None and not anna.folder.exists()
    assert registry.there("bert") is bert
    assert Registry(tmp_path, Limits(), 0, time.monotonic).keep == GRACE


def test_uploads_leave_their_metadata_behind(tmp_path: Path, begin: Any) -> None:
    exif = Image.Exif()
    exif[0x010E] = "home sweet home"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)  # GPS latitude
    Image.new("RGB", (40, 30)).save(tmp_path / "x.jpg", exif=exif, comment=b"secret")
    registry = Registry(tmp_path, Limits(), 0, time.monotonic)
    own = registry.of("anna")
    kept = own.read(tmp_path / "x.jpg", "x.jpg")
    for data in (kept.view, kept.thumb):
        image = Image.open(bytes_io.BytesIO(data))
        assert not image.getexif() and "comment" not in image.info
    job = Job("anna", begin, picture=kept.read())
    painted = own.remember(job, b"")
    assert painted is not None
    written = painted.picture.path.read_bytes()
    assert b"home sweet" not in written and b"secret" not in written
    assert not Image.open(painted.picture.path).getexif().get_ifd(0x8825)


def drawn(draw: Any, size: tuple[int, int] = (40, 30)) -> str:
    image = Image.new("RGBA", size)
    draw(image)
    out = bytes_io.BytesIO()
    image.save(out, "PNG")
    return masks.PREFIX + base64.b64encode(out.getvalue()).decode()


def test_brushes_become_flat_regions_and_soft_protection() -> None:
    def stroke(image: Image.Image) -> None:
        image.paste((*masks.COLOURS["blue"], 255), (0, 0, 20, 30))
        image.paste((60, 90, 200, 140), (20, 0, 21, 30))  # an edge, blue beyond half
        image.paste((*masks.COLOURS["pink"], 90), (21, 0, 22, 30))  # and one that is not

    found = masks.drawing(drawn(stroke))
    assert found is not None
    flat = masks.regions(found).to_bytes()
    colours = {tuple(colour) for colour in flat.reshape(-1, 3)}
    assert colours == {masks.COLOURS["blue"], masks.REST}
    assert (flat[:, :21] == masks.COLOURS["blue"]).all() and (flat[:, 21:] == 0).all()
    soft = masks.protection(found).pixels
    assert soft.shape == (3, 30, 40) and np.isclose(soft[0, 0, 20], 140 / 255)
    both = masks.of({"photo": found, "b": found}, ["a", "b"])
    assert both.content is not None and both.styles[0] is None and both.styles[1] is not None
    assert list(masks.of({"b": found}, ["b"]).given()) == []


def test_drawings_are_not_believed() -> None:
    assert masks.drawing(drawn(lambda image: None)) is None
    huge = drawn(lambda image: image.paste((0, 0, 0, 255), (0, 0, 9, 9)), (2000, 4))
    jpeg = "data:image/png;base64," + base64.b64encode(b"\xff\xd8\xff\xe0 no").decode()
    for url in ("http://x/y.png", "data:image/svg+xml,<svg/>", masks.PREFIX + "@@", jpeg, huge):
        with pytest.raises(PictureError, match=r"drawing|most"):
            masks.drawing(url)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\anna\\cat.jpg", "cat.jpg"),
        ("a\n\x1b[31mb\0.png", "a[31mb.png"),
        ("", "picture"),
        ("/", "picture"),
        ("x" * 300, "x" * 60),
    ],
)
def test_names_are_shown_harmlessly(name: str, wanted: str) -> None:
    assert shown(name) == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("../../etc/passwd", "passwd"),
        ('my "best" cat; x=1.jpg', "my-best-cat-x-1"),
        ("Katze am Fluß.heic", "Katze-am-Fluß"),
        ("..png", "picture"),
        ("x" * 300, "x" * 40),
    ],
)
def test_a_download_is_named_by_letters_digits_and_dashes(name: str, wanted: str) -> None:
    assert stem(name) == wanted


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        ("style_weights has 3 numbers for 1 style", "Style weights has 3 numbers for 1 style"),
        ("content_weight is 'low'; it takes a number", "Content weight is 'low'; it takes"),
        ("color is 'red'; it takes", "Colours is 'red'"),
        ("size is 4096; this studio paints up to 2048 px", "Size is 4096; this studio"),
        ("choose a photograph first", "Choose a photograph first"),
        ("cat.png is not a picture; its size is 0", "cat.png is not a picture; its size is 0"),
        ("region #3060e0 of style 1 is not in the", "Region blue of painting 1 is not in the"),
        ("region #000000 is too small at relu5_1", "Region of the rest is too small at relu5_1"),
    ],
)
def test_errors_call_options_as_the_page_does(error: str, wanted: str) -> None:
    assert words.told(error).startswith(wanted)


def test_what_is_painted_is_told_by_its_inputs_and_what_is_unusual() -> None:
    made = Options(preset="faithful", content_weight=0.2, quality="draft", strength=0.4)
    recipe = {
        "options": made.to_dict(),
        "inputs": {"content": {"name": "cat.png"}, "styles": [{"name": "ink_wash.jpg"}] * 2},
    }
    assert words.inputs(recipe) == "cat, like ink wash and ink wash"
    assert words.settings(recipe) == "Faithful · Draft · Strength 0.4"
    assert words.settings({"options": Options().to_dict()}) == "Normal"
    assert words.values("color", "The painting's, keep") == ["free", "keep"]
    with pytest.raises(OptionError, match="Stroke size has no values"):
        words.values("style_scale", " , ")


def test_curves_escape_names_and_fall_with_the_losses() -> None:
    rows = [{"style relu1_1": 10.0 ** -(i / 10), "<b>": 1.0} for i in range(1000)]
    drawn = curves.svg(rows)
    assert "<b>" not in drawn and "&lt;b&gt;" in drawn
    line = drawn.split('<polyline points="')[1].split('"')[0].split()
    heights = [float(point.split(",")[1]) for point in line]
    assert len(heights) == POINTS and heights == sorted(heights)
    assert curves.svg([]) == curves.svg(rows[:1]) == curves.svg([{"a": float("nan")}] * 3) == ""


controls = pytest.importorskip("impasto.studio.controls")


def test_every_option_has_a_control_made_of_its_spec() -> None:
    allowed = Limits(size=1000)
    names = [*controls.PLAIN, *(n for names in controls.advanced().values() for n in names)]
    kept = {"device", "precision", "memory"}  # for whoever runs the studio
    assert sorted(names) == sorted({*SPECS} - kept)
    values = {}
    for name in names:
        made = controls.component(name, allowed)
        assert made.info.startswith(words.info(name))
        values[name] = made.value
        if SPECS[name].kind == "choice":
            assert [value for _, value in made.choices] == list(SPECS[name].choices)
        if SPECS[name].kind in ("int", "float") and made.value:
            assert 0 < made.step <= max(1, made.value / 5)  # turned down once, it isn't nothing
    assert controls.component("content_weight", allowed).step == 0.01
    # As they stand they are the defaults, and nothing is changed.
    assert controls.changes(values) == {"preset": "default"}
    assert controls.options(values, allowed) == Options()
    assert controls.slider_range("style_scale", allowed) == (0.5, 2.0)
    assert controls.slider_range("size", allowed) == (128, 1000)


def test_a_look_sets_what_is_its_own_and_nothing_else() -> None:
    allowed = Limits(size=1000)
    bold = controls.looked("bold", "default", allowed)
    assert bold == {"preset": "bold", "content_weight": 0.03, "style_scale": 1.4, "first_size": 181}
    back = controls.looked("faithful", "bold", allowed)
    assert back == {
        "preset": "faithful",
        "strength": 0.7,
        "content_weight": 0.2,
        "style_scale": 1.0,
        "first_size": 256,
    }
    assert controls.looked("default", "default", allowed) == {"preset": "default"}


def test_options_beyond_what_is_allowed_are_refused() -> None:
    allowed = Limits(size=256)
    assert controls.options({}, allowed).size == 256
    with pytest.raises(OptionError, match="up to 256 px"):
        controls.options({"size": 257}, allowed)
    for network in ("/etc/passwd", "../x.pth", "vgg19"):
        with pytest.raises(OptionError, match="paints with vgg19-lite"):
            controls.options({"network": network}, allowed)
    for name, value in (("memory", "1GB"), ("device", "cpu"), ("precision", "float64")):
        with pytest.raises(OptionError, match=f"for whoever runs this studio \\(--{name}\\)"):
            controls.options({name: value}, allowed)
    went_on = {"size": 200, "start": "picture:2,noise", "first_size": 200, "memory": 5}
    values, notes = controls.filled(went_on, allowed)
    assert (values["start"], values["first_size"], values["memory"]) == ("content", 256, 0)
    assert notes == ["it went on from a picture; this will begin anew"]
    with pytest.raises(OptionError, match="what Continue does"):
        controls.options({"start": "picture"}, allowed)
    values, notes = controls.filled(
        {"size": 999, "network": "vgg19", "preset": "gatys2016"}, allowed
    )
    assert values["size"] == 256 and values["network"] == "vgg19-lite" and len(notes) == 2
    with pytest.raises(OptionError, match="strength"):
        controls.filled({"strength": "<script>"}, allowed)


def test_numbers_are_put_right_as_far_as_they_must() -> None:
    pytest.importorskip("gradio")
    from impasto.studio import controls

    allowed = Limits(size=1024)
    before = Options().to_dict()
    typed = {
        "size": 4096,
        "strength": None,
        "steps": 12.0,
        "seed": 7.4,
        "style_scale": 1e9,
        "preset": "bold",
    }
    found, said = controls.mended(typed, before, allowed)
    least, most = controls.slider_range("style_scale", allowed) or (0, 0)
    assert found == {"size": 1024, "strength": before["strength"], "seed": 7, "style_scale": most}
    assert [line.split(" ")[0] for line in said] == ["Size", "Strength", "Seed", "Stroke"]
    # What the option takes, beyond the slider's ends, it may have: the slider makes room.
    beyond = 0.5 * (SPECS["style_scale"].low + least)
    assert controls.mended({"style_scale": beyond}, before, allowed) == (
        {"style_scale": beyond},
        [],
    )
