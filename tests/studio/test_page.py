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
expect = pytest.importorskip("playwright.sync_api").expect
expect.set_options(timeout=60_000)
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


def unfold(page: Any, group: str) -> None:
    """Open a group of options. Fields are there a moment before they take what is typed."""
    page.locator("#advanced button", has_text=group).first.click()
    page.wait_for_timeout(300)


def small(page: Any, steps: int = 6) -> None:
    """A painting that takes a moment."""
    page.get_by_role("button", name="Advanced").click()
    unfold(page, "For experts")
    option(page, "size", 128)
    option(page, "steps", steps)


def paint(page: Any) -> None:
    page.get_by_role("button", name="Paint", exact=True).click()


def stop(page: Any) -> None:
    page.wait_for_timeout(750)  # sooner, it would be Paint pressed twice
    page.get_by_role("button", name="Stop").click()


def rested(page: Any, phase: str = "done") -> None:
    page.locator(f"#stage [data-phase={phase}] .frame:not(.empty)").wait_for()


def download(page: Any, to: Path, title: str = "Picture 1") -> Path:
    with page.expect_download() as got:
        page.get_by_role("link", name=f"Download {title}").click()
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
    stop(page)
    rested(page, "stopped")
    made = read_recipe(download(page, tmp_path / "stopped.png"))
    assert made is not None and 0 < made["painted"]["steps"] < 400
    assert page.locator("#stage .state").bounding_box()["height"] > 10  # it is seen, not only heard
    page.get_by_role("button", name="Continue Picture 1").click()
    page.locator("#stage [data-phase=painting]").wait_for()
    # A page that is loaded again is back where it was, with what is being painted.
    page.reload()
    page.locator("#stage [data-phase=painting] .frame:not(.empty)").wait_for()
    stop(page)
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
    page.get_by_role("button", name="Refine Picture 1").click()
    page.get_by_role("button", name="Show Picture 2").wait_for()
    rested(page)
    made = read_recipe(download(page, tmp_path / "refined.png", "Picture 2"))
    assert made is not None and made["options"]["start"] == "picture"
    assert made["inputs"]["start_picture"]["sha256"] == finished.sha256
    expect(page.get_by_role("button", name="Refine Picture 2")).to_be_visible()


def test_a_recipe_dropped_beside_all_places_sets_the_controls(
    studio: Studio, visit: Any, pictures: Path, tmp_path: Path
) -> None:
    painted = read_picture(pictures / "photo.png")
    recipe = {"options": {"strength": 0.4, "memory": 5}}
    dropped = dataclasses.replace(painted, recipe=recipe).save(tmp_path / "painted.png")
    page = visit(studio)
    data = base64.b64encode(dropped.read_bytes()).decode()
    page.evaluate(DROP, [data, "painted.png", ".masthead"])
    page.get_by_text("The controls are as they were").wait_for()
    page.wait_for_function("document.querySelector('#option-strength input').value === '0.4'")
    page.wait_for_function(SEEN, arg="#notice .notice")
    plain = base64.b64encode((pictures / "photo.png").read_bytes()).decode()
    page.evaluate(DROP, [plain, "photo.png", "#stage .frame"])  # without settings, a photograph
    page.locator("#drop-photograph .drop-items img[alt='photo.png']").wait_for()
    page.get_by_role("button", name="Remove photo.png").click()
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
    expect(slider).to_have_value("49")
    expect(page.locator("#option-strength input[type=number]")).to_have_value("0.9")
    page.locator("#drop-recipe input[type=file]").set_input_files(kept)
    page.get_by_text("The controls are as they were").wait_for()
    expect(page.locator("#option-strength input[type=number]")).to_have_value("0.4")
    page.get_by_role("button", name="Remove photo.png").click()
    page.get_by_role("button", name="Painting: Mosaic (example)").click()
    page.locator("#drop-painting .drop-items img[alt='mosaic.webp']").wait_for()
    page.get_by_role("button", name="Use again: Picture 2").click()
    page.get_by_text("The controls and the pictures are as they were").wait_for()
    page.wait_for_function("document.querySelector('#option-strength input').value === '0.9'")
    page.locator("#drop-photograph .drop-items img[alt='photo.png']").wait_for()
    page.locator("#drop-painting .drop-items img[alt='painting.png']").wait_for()


def test_what_is_refused_is_said(studio: Studio, visit: Any, tmp_path: Path) -> None:
    page = visit(studio)
    paint(page)
    page.get_by_text("Choose a photograph first").wait_for()
    text = tmp_path / "<img src=x onerror=alert(1)>.png"
    text.write_text("no picture")
    page.locator("#drop-photograph input[type=file]").set_input_files(text)
    page.get_by_text("is not a picture that can be read").wait_for()
    expect(page.locator("#drop-photograph .said img")).to_have_count(0)
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
    expect(two.locator("#history li")).to_have_count(0)
    two.reload()
    two.get_by_role("button", name="Photograph: Cat (example)").wait_for()
    expect(two.locator("#drop-photograph .drop-items img")).to_have_count(0)


def test_a_sheet_of_two_options(studio: Studio, visit: Any, tmp_path: Path) -> None:
    page = visit(studio)
    choose(page)
    small(page, steps=2)
    page.get_by_role("tab", name="Sweep").click()
    page.get_by_label("Values of the rows, by commas").fill("0.03, 0.1")
    page.get_by_label("Values of the columns, by commas").fill("1, 2, 3")
    page.get_by_role("button", name="Paint the sheet").click()
    page.get_by_text("6 pictures on a sheet; 4 are the most").wait_for()
    page.get_by_label("Values of the columns, by commas").fill("1, 2")
    page.get_by_role("button", name="Paint the sheet").click()
    page.get_by_role("button", name="Show Sheet 1").wait_for()
    made = read_recipe(download(page, tmp_path / "sheet.png", "Sheet 1"))
    assert made is not None and len(made["job"]["cells"]) == 4


def test_a_phone_has_it_all_within_its_width(studio: Studio, visit: Any) -> None:
    page = visit(studio, viewport={"width": 390, "height": 844}, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    stage_at = page.locator("#stage").bounding_box()["y"]
    turned_at = page.locator("#option-strength").bounding_box()["y"]
    assert turned_at < stage_at and page.evaluate(SEEN, "#paint")
    choose(page)
    small(page, steps=400)
    paint(page)
    page.locator("#stage [data-phase=painting] .frame:not(.empty)").wait_for()
    page.wait_for_function(SEEN, arg="#stage .frame")
    page.wait_for_function(SEEN, arg="#stop")
    stop(page)
    rested(page, "stopped")


def test_what_is_refused_leaves_the_page_as_it_is_and_goes_when_it_is_mended(
    studio: Studio, visit: Any
) -> None:
    page = visit(studio)
    choose(page)
    small(page, steps=3)
    paint(page)
    rested(page)
    unfold(page, "Picture")
    weights = page.locator("#option-style_weights :is(input, textarea)")
    weights.fill("1,x")
    paint(page)
    page.get_by_text("Style weights is 'x'").wait_for()
    page.wait_for_function(SEEN, arg="#notice .notice")
    expect(page.locator("#stage .frame.both .picture")).to_be_visible()
    expect(page.get_by_role("button", name="Refine Picture 1")).to_be_visible()
    weights.fill("1,2,3")  # which is found out only where it begins
    page.get_by_text("Style weights is 'x'").wait_for(state="hidden")
    paint(page)
    page.get_by_text("Style weights has 3 numbers").wait_for()
    expect(page.locator("#stage .frame.both .picture")).to_be_visible()
    expect(page.get_by_role("button", name="Refine Picture 1")).to_be_visible()
    page.get_by_role("button", name="Photograph: Coffee (example)").click()
    page.get_by_text("Style weights has 3 numbers").wait_for(state="hidden")


def test_a_look_and_a_reload_leave_the_other_controls(studio: Studio, visit: Any) -> None:
    page = visit(studio)
    option(page, "size", 160)
    page.get_by_label("Draft").check()
    with page.expect_response(lambda answer: "/run/" in answer.url):
        page.get_by_label("Bold").check()
    scale = "document.querySelector('#option-style_scale input')?.value === '1.4'"
    page.wait_for_function(scale)
    expect(page.locator("#option-size input").first).to_have_value("160")
    expect(page.get_by_label("Draft")).to_be_checked()
    page.reload()
    page.wait_for_function(scale)
    expect(page.get_by_label("Draft")).to_be_checked()
    expect(page.get_by_label("Bold")).to_be_checked()


def test_an_example_replaces_and_blends_only_when_asked(
    studio: Studio, visit: Any, pictures: Path
) -> None:
    page = visit(studio)
    chosen = page.locator("#drop-painting .drop-items img")
    choose(page)
    page.get_by_role("button", name="Painting: Mosaic (example)").click()
    page.locator("#drop-painting .drop-items img[alt='mosaic.webp']").wait_for()
    expect(chosen).to_have_count(1)
    page.get_by_label("Blend: add to what is there").check()
    page.get_by_role("button", name="Painting: Swirls (example)").click()
    page.locator("#drop-painting .drop-items img[alt='swirls.webp']").wait_for()
    expect(chosen).to_have_count(2)
    pressed = page.locator("#drop-painting [aria-pressed=true]")
    expect(pressed).to_have_text(["Swirls", "Mosaic"])
    page.get_by_label("Blend: add to what is there").uncheck()
    page.get_by_text("Drop your own instead").wait_for()
    page.locator("#drop-painting input[type=file]").set_input_files(pictures / "painting.png")
    page.locator("#drop-painting .drop-items img[alt='painting.png']").wait_for()
    expect(chosen).to_have_count(1)
    page.get_by_text("Add another painting, to blend").wait_for()
    page.locator("#drop-painting input[type=file]").set_input_files(pictures / "painting.png")
    chosen.nth(1).wait_for()


def test_the_slider_begins_near_the_edge_and_a_card_can_be_deleted(
    studio: Studio, visit: Any, tmp_path: Path
) -> None:
    page = visit(studio)
    choose(page)
    small(page, steps=3)
    slider = page.get_by_label("Slide between the two pictures")
    for count in (1, 2):
        paint(page)
        page.get_by_role("button", name=f"Show Picture {count}, cat, like swirls").wait_for()
        rested(page)
        expect(slider).to_have_value("8")
        slider.fill("3")
    expect(page.locator("#stage .names span").first).to_be_hidden()
    with page.expect_download() as got:
        page.locator("#stage").get_by_role("link", name="Download").click()
    assert got.value.suggested_filename == "cat-swirls-2.png"
    page.get_by_role("button", name="Delete: Picture 2").click()
    page.get_by_role("button", name="Sure? Delete Picture 2").click()
    page.locator("#history li").nth(1).wait_for(state="detached")
    page.locator("#stage .picture[alt^='Picture 1']").wait_for()
    page.get_by_role("button", name="Refine Picture 1").wait_for()  # what is shown now


def test_the_button_goes_on_with_the_picture_that_is_shown(
    studio: Studio, visit: Any, tmp_path: Path
) -> None:
    page = visit(studio)
    choose(page)
    small(page, steps=3)
    for count in (1, 2):
        paint(page)
        page.get_by_role("button", name=f"Refine Picture {count}").wait_for()
    page.get_by_role("button", name="Show Picture 1").click()
    page.get_by_role("button", name="Refine Picture 1").click()
    page.get_by_role("button", name="Refine Picture 3").wait_for()
    made = read_recipe(download(page, tmp_path / "third.png", "Picture 3"))
    assert made is not None and made["inputs"]["start_picture"]["name"] == "cat-swirls.png"
    page.get_by_role("button", name="Compare: Picture 1").click()
    page.get_by_role("button", name="Compare: Picture 2").click()
    page.get_by_role("button", name="Refine").wait_for(state="hidden")  # of two it would be either


def test_a_number_out_of_range_or_none_is_put_right_and_said(studio: Studio, visit: Any) -> None:
    page = visit(studio)
    size = page.locator("#option-size input[type=number]")
    size.fill("99999")
    size.press("Tab")
    page.get_by_text("Size takes 128 to 256 here, not 99999: it is 256").wait_for()
    page.wait_for_function("document.querySelector('#option-size input').value === '256'")
    size.fill("")
    size.press("Tab")
    page.get_by_text("Size is empty: it stays 256").wait_for()
    page.wait_for_function("document.querySelector('#option-size input').value === '256'")


def test_by_keyboard_nothing_loses_its_place(studio: Studio, visit: Any) -> None:
    page = visit(studio)
    focused = "document.activeElement.getAttribute('aria-label') || document.activeElement.id"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To Paint"
    for name in ("Photograph: Cat (example)", "Painting: Swirls (example)"):
        page.get_by_role("button", name=name).focus()
        page.keyboard.press("Enter")
        page.locator(f"#drop-{name.split(':')[0].lower()} .drop-items img").wait_for()
        assert page.evaluate(focused) == name
    expect(page.locator("#stage .invite")).to_have_text("Now press Paint.")
    small(page, steps=400)
    page.locator("#paint").focus()
    page.keyboard.press("Enter")
    # Pressed twice, which is no wish to stop: as soon as the focus has moved.
    page.wait_for_function(f"({focused}) === 'stop' && (document.activeElement.click(), true)")
    page.locator("#stage [data-phase=painting] .frame:not(.empty)").wait_for()
    page.wait_for_timeout(700)
    assert page.locator("#stage [data-phase=painting]").count() == 1
    page.keyboard.press("Enter")
    rested(page, "stopped")
    page.wait_for_function(f"({focused}) === 'paint'")


def test_who_looks_at_another_picture_goes_on_seeing_it(studio: Studio, visit: Any) -> None:
    page = visit(studio)
    choose(page)
    small(page, steps=3)
    paint(page)
    rested(page)
    option(page, "steps", 100_000)
    paint(page)
    page.locator("#stage [data-phase=painting]").wait_for()
    page.get_by_role("button", name="Show Picture 1").click()
    page.locator("#stage .picture[alt^='Picture 1']").wait_for()
    page.get_by_text("Back to what is being painted (128").wait_for()
    expect(page.locator("#stage .words")).to_contain_text("Picture 1")
    expect(page.locator("#stage .bar")).to_be_visible()
    page.get_by_role("button", name="Back to what is being painted").click()
    page.locator("#stage .picture[alt='The picture so far']").wait_for()
    page.get_by_role("button", name="Show Picture 1").click()
    page.get_by_text("Back to what is being painted (128").wait_for()
    stop(page)
    page.get_by_text("Picture 2 was stopped").wait_for()
    expect(page.locator("#stage .picture[alt^='Picture 1']")).to_be_visible()
    expect(page.get_by_role("button", name="Refine Picture 1")).to_be_visible()


def test_another_page_of_the_same_person_is_set_to_what_this_one_did(
    studio: Studio, visit: Any
) -> None:
    one = visit(studio)
    choose(one)
    two = one.context.new_page()
    two.goto(studio.address.url)
    two.locator("#drop-painting .drop-items img[alt='swirls.webp']").wait_for()
    one.get_by_role("button", name="Painting: Mosaic (example)").click()
    one.locator("#drop-painting .drop-items img[alt='mosaic.webp']").wait_for()
    paint(two)  # which it may not with what it doesn't show
    two.get_by_text("Another page of yours changed this").wait_for()
    two.locator("#drop-painting .drop-items img[alt='mosaic.webp']").wait_for()
    expect(two.locator("#history li")).to_have_count(0)
    one.get_by_role("button", name="Painting: Flowers (example)").click()
    one.locator("#drop-painting .drop-items img[alt='flowers.webp']").wait_for()
    small(one, steps=400)
    paint(one)
    one.locator("#stage [data-phase=painting] .frame:not(.empty)").wait_for()
    two.evaluate("window.dispatchEvent(new Event('focus'))")
    two.locator("#drop-painting .drop-items img[alt='flowers.webp']").wait_for()
    two.locator("#stage [data-phase=painting] .frame:not(.empty)").wait_for()
    stop(two)
    for page in (one, two):
        page.locator("#history li").wait_for()
