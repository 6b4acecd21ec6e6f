"""The page itself, in a browser: what a person does, and what comes of it."""

from __future__ import annotations

import base64
import dataclasses
from pathlib import Path
from typing import Any

import pytest

from impasto.io.files import read_picture, read_recipe
from impasto.studio.server import Studio

pytest.importorskip("gradio", reason="the studio is an extra: pip install 'impasto[studio]'")
pytestmark = pytest.mark.slow


# A file that is dropped as a person drops it. Of [base64, name, selector of what is under it].
DROP = """([data, name, under]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, { type: "image/png" }));
  const event = new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true });
  document.querySelector(under).dispatchEvent(event);
  if (!event.defaultPrevented) throw new Error("the browser would open the file");
}"""


# Whether all of what a selector finds is within the window.
SEEN = """(what) => {
  const box = document.querySelector(what).getBoundingClientRect();
  return box.top > -1 && box.bottom < window.innerHeight + 1;
}"""


def choose(page: Any, photograph: str = "Cat", painting: str = "Swirls") -> None:
    page.get_by_role("button", name=f"Photograph: {photograph} (example)").click()
    page.get_by_role("button", name=f"Painting: {painting} (example)").click()
    page.locator("#drop-photograph .drop-items img").wait_for()
    page.locator("#drop-painting .drop-items img").first.wait_for()


def option(page: Any, name: str, value: object) -> None:
    """Set an option by its field. Those of Advanced need it open."""
    field = page.locator(f"#option-{name} input:not([type=range])").first
    field.fill(str(value))
    field.press("Tab")


def small(page: Any, steps: int = 6) -> None:
    """A painting that takes a moment."""
    page.get_by_role("button", name="Advanced").click()
    page.get_by_role("button", name="For experts").click()
    option(page, "size", 128)
    option(page, "steps", steps)


def paint(page: Any) -> None:
    page.get_by_role("button", name="Paint", exact=True).click()


def rested(page: Any, phase: str = "done") -> None:
    page.locator(f"#stage [data-phase={phase}] .frame:not(.empty)").wait_for()


def download(page: Any, to: Path, title: str = "Picture 1") -> Path:
    with page.expect_download() as got:
        page.get_by_role("link", name=f"Download {title}", exact=True).click()
    got.value.save_as(to)
    return to


def test_paint_and_download_with_the_recipe_and_nothing_from_elsewhere(
    studio: Studio, visit: Any, tmp_path: Path
) -> None:
    page = visit(studio)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.get_by_role("button", name="Photograph: Cat (example)").wait_for()
    choose(page)
    small(page)
    paint(page)
    rested(page)
    assert page.locator("#stage .frame.both .before").get_attribute("src").startswith("data:")
    written = read_picture(download(page, tmp_path / "out.png"))
    assert (written.width, written.height) == (128, 85)
    assert written.recipe is not None and written.recipe["options"]["steps"] == 6
    page.get_by_role("button", name="Loss curves").click()
    page.locator("#losses polyline").first.wait_for()
    elsewhere = [url for url in asked if not url.startswith((studio.address.url, "data:", "blob:"))]
    assert asked and not elsewhere


def test_stop_keeps_the_picture_and_continue_finishes_it(
    studio: Studio, visit: Any, tmp_path: Path
) -> None:
    page = visit(studio)
    choose(page)
    small(page, steps=400)
    paint(page)
    page.locator("#stage [data-phase=painting] .frame:not(.empty)").wait_for()
    page.get_by_role("button", name="Stop").click()
    rested(page, "stopped")
    made = read_recipe(download(page, tmp_path / "stopped.png"))
    assert made is not None and 0 < made["painted"]["steps"] < 400
    page.get_by_role("button", name="Continue").click()
    page.locator("#stage [data-phase=painting]").wait_for()
    # A page that is loaded again is back where it was, with what is being painted.
    page.reload()
    page.locator("#stage [data-phase=painting] .frame:not(.empty)").wait_for()
    page.get_by_role("button", name="Stop").click()
    rested(page, "stopped")
    further = read_recipe(download(page, tmp_path / "further.png", "Picture 2"))
    assert further is not None and further["painted"]["steps"] > made["painted"]["steps"]


def test_continue_at_rest_refines_from_the_picture(
    studio: Studio, visit: Any, tmp_path: Path
) -> None:
    page = visit(studio)
    choose(page)
    small(page)
    paint(page)
    rested(page)
    finished = read_picture(download(page, tmp_path / "finished.png"))
    page.get_by_role("button", name="Remove cat.webp").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Show Picture 2").wait_for()
    rested(page)
    made = read_recipe(download(page, tmp_path / "refined.png", "Picture 2"))
    assert made is not None and made["options"]["start"] == "picture"
    assert made["inputs"]["start_picture"]["sha256"] == finished.sha256
    assert page.get_by_role("button", name="Continue").is_visible()


def test_a_recipe_dropped_beside_all_places_sets_the_controls(
    studio: Studio, visit: Any, pictures: Path, tmp_path: Path
) -> None:
    painted = read_picture(pictures / "photo.png")
    recipe = {"options": {"strength": 0.4, "memory": 5}}
    dropped = dataclasses.replace(painted, recipe=recipe).save(tmp_path / "painted.png")
    page = visit(studio)
    data = base64.b64encode(dropped.read_bytes()).decode()
    page.evaluate(DROP, [data, "painted.png", ".masthead"])
    page.get_by_text("The controls are set as it was painted").wait_for()
    page.wait_for_function("document.querySelector('#option-strength input').value === '0.4'")
    page.wait_for_function(SEEN, arg="#drop-recipe .said")
    page.evaluate(DROP, [data, "painted.png", "#drop-photograph .drop-zone"])
    page.locator("#drop-photograph .drop-items img").wait_for()  # there it is a photograph
    assert page.evaluate("document.querySelectorAll('#drop-painting .drop-items img').length") == 0


def test_drawing_regions_and_protection_steers_the_painting(
    studio: Studio, visit: Any, tmp_path: Path
) -> None:
    page = visit(studio)
    choose(page)
    small(page)
    page.get_by_role("tab", name="Masks").click()
    board = page.locator("#brush canvas")

    def stroke() -> None:
        with page.expect_response(lambda answer: "/run/" in answer.url):
            box = board.bounding_box()
            page.mouse.move(box["x"] + 5, box["y"] + box["height"] / 3)
            page.mouse.down()
            page.mouse.move(box["x"] + box["width"] - 5, box["y"] + box["height"] / 3, steps=5)
            page.mouse.up()

    board.wait_for()
    stroke()
    page.get_by_label("Painting: regions").check()
    page.locator("#brush img[alt='swirls.webp']").wait_for()
    stroke()
    page.get_by_label("Photograph: keep as it is").check()
    page.locator("#brush .colours [aria-label=keep]").wait_for()
    with page.expect_response(lambda answer: "/run/" in answer.url):
        board.press("Space")  # by keyboard: a dab in the middle
    paint(page)  # which shows the picture's own tab
    rested(page)
    made = read_recipe(download(page, tmp_path / "masked.png"))
    assert made is not None
    assert made["inputs"]["mask"] and made["inputs"]["style_masks"] and made["inputs"]["protect"]


def test_uploads_history_comparison_and_a_dropped_recipe(
    studio: Studio, visit: Any, pictures: Path
) -> None:
    page = visit(studio)
    page.locator("#drop-photograph input[type=file]").set_input_files(pictures / "photo.png")
    page.locator("#drop-painting input[type=file]").set_input_files(pictures / "painting.png")
    page.locator("#drop-painting .drop-items img").wait_for()
    small(page, steps=3)
    option(page, "strength", 0.4)
    for count in (1, 2):
        paint(page)
        page.get_by_role("button", name=f"Show Picture {count}").wait_for()
        option(page, "strength", 0.9)
    kept = download(page, pictures / "kept.png")
    page.get_by_role("button", name="Compare: Picture 1").click()
    page.get_by_role("button", name="Compare: Picture 2").click()
    page.get_by_text("Picture 1 at the left, Picture 2 at the right").wait_for()
    slider = page.get_by_label("Slide between the two pictures")
    slider.press("ArrowLeft")
    assert slider.input_value() == "49"
    assert page.locator("#option-strength input[type=number]").input_value() == "0.9"
    page.locator("#drop-recipe input[type=file]").set_input_files(kept)
    page.get_by_text("The controls are set as it was painted").wait_for()
    assert page.locator("#option-strength input[type=number]").input_value() == "0.4"
    page.get_by_role("button", name="Use settings: Picture 2").click()
    page.wait_for_function("document.querySelector('#option-strength input').value === '0.9'")


def test_what_is_refused_is_said(studio: Studio, visit: Any, tmp_path: Path) -> None:
    page = visit(studio)
    paint(page)
    page.get_by_text("choose a photograph first").wait_for()
    text = tmp_path / "<img src=x onerror=alert(1)>.png"
    text.write_text("no picture")
    page.locator("#drop-photograph input[type=file]").set_input_files(text)
    page.get_by_text("is not a picture that can be read").wait_for()
    assert page.locator("#drop-photograph .said img").count() == 0
    large = tmp_path / "large.png"
    large.write_bytes(bytes(studio.limits.upload + 100_000))
    page.locator("#drop-photograph input[type=file]").set_input_files(large)
    page.get_by_text("larger than 0.4 MB").wait_for()


def test_two_people_see_nothing_of_each_other(studio: Studio, visit: Any) -> None:
    one, two = visit(studio), visit(studio)
    choose(one)
    small(one, steps=3)
    paint(one)
    rested(one)
    address = one.locator("#stage .picture").get_attribute("src")
    assert address.startswith("studio/view/")
    assert one.request.get(f"{studio.address.url}/{address}").status == 200
    assert two.request.get(f"{studio.address.url}/{address}").status == 404
    assert two.locator("#history li").count() == 0
    two.reload()
    two.get_by_role("button", name="Photograph: Cat (example)").wait_for()
    assert two.locator("#drop-photograph .drop-items img").count() == 0


def test_a_sheet_of_two_options(studio: Studio, visit: Any, tmp_path: Path) -> None:
    page = visit(studio)
    choose(page)
    small(page, steps=2)
    page.get_by_role("tab", name="Sweep").click()
    page.get_by_label("Its values, by commas").first.fill("0.03, 0.1")
    page.get_by_label("Its values, by commas").last.fill("1, 2, 3")
    page.get_by_role("button", name="Paint the sheet").click()
    page.get_by_text("6 pictures on a sheet; 4 are the most").wait_for()
    page.get_by_role("tab", name="Sweep").click()
    page.get_by_label("Its values, by commas").last.fill("1, 2")
    page.get_by_role("button", name="Paint the sheet").click()
    page.get_by_role("button", name="Show Sheet 1").wait_for()
    made = read_recipe(download(page, tmp_path / "sheet.png", "Sheet 1"))
    assert made is not None and len(made["job"]["cells"]) == 4


def test_a_phone_has_it_all_within_its_width(studio: Studio, visit: Any) -> None:
    page = visit(studio, viewport={"width": 390, "height": 844}, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    paint_at = page.get_by_role("button", name="Paint", exact=True).bounding_box()["y"]
    stage_at = page.locator("#stage").bounding_box()["y"]
    turned_at = page.locator("#option-strength").bounding_box()["y"]
    assert paint_at < stage_at < turned_at
    choose(page)
    small(page, steps=3)
    paint(page)
    rested(page)
    page.get_by_role("button", name="Show Picture 1").wait_for()
    page.wait_for_function(SEEN, arg="#stage .frame")
