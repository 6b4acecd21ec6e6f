"""The page: what stands where, and which event asks the desk for what."""

# Gradio makes its components' events while it runs, and types little of what they take.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from impasto.studio import controls, program, widgets
from impasto.studio.answers import NO_CURVES
from impasto.studio.desk import Desk
from impasto.studio.hand.drawings import Drawings
from impasto.studio.hand.history import History
from impasto.studio.hand.pages import Pages
from impasto.studio.hand.painting import Painting
from impasto.studio.hand.pictures import Pictures
from impasto.studio.hand.settings import Settings

TITLE = "impasto studio"


@dataclass(frozen=True)
class Parts:
    """What events read and set."""

    photograph: gr.HTML
    paintings: gr.HTML
    recipe: gr.HTML
    notice: gr.HTML
    sheet_notice: gr.HTML
    mask_notice: gr.HTML
    options: Mapping[str, Component]
    stage: gr.HTML
    history: gr.HTML
    curves: gr.HTML
    paint: gr.Button
    stop: gr.Button
    more: gr.Button
    target: gr.Radio
    board: gr.HTML
    first: gr.Dropdown
    first_values: gr.Textbox
    second: gr.Dropdown
    second_values: gr.Textbox
    sheet: gr.Button
    tabs: gr.Tabs

    @property
    def working(self) -> list[Component | gr.Tabs]:
        """What changes while something is painted."""
        seen = (self.stage, self.history, self.curves)
        buttons = (self.paint, self.sheet, self.stop, self.more)
        return [*seen, *buttons, self.notice, self.sheet_notice, self.tabs]

    @property
    def drawn_over(self) -> list[Component]:
        return [self.target, self.board, self.mask_notice]

    @property
    def given(self) -> list[Component]:
        """What is painted, and what steers it."""
        return [self.photograph, self.paintings, *self.drawn_over]

    @property
    def set(self) -> list[Component]:
        return [*self.options.values()]


def build(at: Desk) -> gr.Blocks:
    """The whole page."""
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(600, 3600)) as page:
        program.interface(at)  # first, so that its name is its own
        _events(page, _layout(at), at)
    # Each painting waits in the workshop's own queue; Gradio only carries what is said of it.
    page.queue(default_concurrency_limit=None, max_size=200)
    return page


def _layout(at: Desk) -> Parts:
    gr.HTML(
        '<header class="masthead"><a class="skip" href="#paint">To Paint</a><h1>impasto</h1>'
        "<p>Repaint a photograph in the style of a painting</p></header>",
        apply_default_css=False,
    )
    made: dict[str, Any] = {}
    options: dict[str, Component] = {}
    with gr.Row(elem_classes="workspace"):
        with gr.Column(scale=4, min_width=300, elem_classes="side"):
            hint = "Drop a photograph, or choose one"
            made["photograph"] = widgets.drop("Photograph", hint, "Photograph")
            hint = "Drop a painting, or several to blend"
            most = at.limits.styles
            made["paintings"] = widgets.drop("Painted like", hint, "Painting", most=most)
            with gr.Group(elem_classes="plain"):
                for name in controls.PLAIN:
                    options[name] = controls.component(name, at.limits)
            with gr.Column(elem_classes="action"):
                made["notice"] = widgets.notice("notice")
                with gr.Row(elem_classes="buttons"):
                    made["paint"] = gr.Button("Paint", variant="primary", elem_id="paint")
                    made["stop"] = gr.Button("Stop", visible=False, elem_id="stop")
                    made["more"] = gr.Button("Continue", visible=False, elem_id="continue")
            with gr.Accordion("Advanced", open=False, elem_id="advanced"):
                for group, names in controls.advanced().items():
                    with gr.Accordion(group, open=False):
                        for name in names:
                            options[name] = controls.component(name, at.limits)
            hint = "Drop a picture that impasto painted"
            made["recipe"] = widgets.drop("Settings from a picture", hint, "Recipe", anywhere=True)
        with gr.Column(scale=8, min_width=320, elem_classes="easel"), gr.Tabs() as tabs:
            made["tabs"] = tabs
            with gr.Tab("Picture", id="picture"):
                made["stage"] = widgets.stage()
                made["history"] = widgets.history()
                with gr.Accordion("Loss curves", open=False, elem_id="losses"):
                    made["curves"] = gr.HTML(NO_CURVES, apply_default_css=False)
            with gr.Tab("Masks"):
                gr.Markdown(
                    "Draw with the same colour on the photograph and on a painting: what has the "
                    "same colour is painted alike, and so is all that is left without. *Keep as it "
                    "is* protects a face, or whatever should stay photograph."
                )
                made["target"] = gr.Radio(
                    [], label="Draw over", elem_id="target", visible=False, interactive=True
                )
                made["board"] = widgets.brush()
                made["mask_notice"] = widgets.notice("mask-notice")
            with gr.Tab("Sweep"):
                made |= _sweep_layout(at)
    return Parts(options={name: options[name] for name in controls.SHOWN}, **made)


def _sweep_layout(at: Desk) -> dict[str, Component]:
    gr.Markdown(
        "Paint small pictures with several values of an option or two, on one labelled sheet of "
        f"at most {at.limits.cells}. All else is as the controls say; a small size is quick."
    )
    known = controls.sweepable()
    with gr.Row():
        first = gr.Dropdown(known, value="content_weight", label="Rows vary")
        first_values = gr.Textbox(
            "0.03, 0.07, 0.15", label="Values of the rows, by commas", max_length=200
        )
    with gr.Row():
        second = gr.Dropdown([("Nothing", ""), *known], value="style_scale", label="Columns vary")
        second_values = gr.Textbox(
            "0.5, 1, 2", label="Values of the columns, by commas", max_length=200
        )
    sheet = gr.Button("Paint the sheet", elem_id="sheet")
    return {
        "sheet_notice": widgets.notice("sheet-notice"),
        "first": first,
        "first_values": first_values,
        "second": second,
        "second_values": second_values,
        "sheet": sheet,
    }


def _events(page: gr.Blocks, parts: Parts, at: Desk) -> None:
    # All is answered at once, and none through Gradio's queue: an event that meets the end of
    # another's stream there waits for good. What grows is watched by the stage itself. Values come
    # as they were typed, for the hand to put right: Gradio would only refuse them.
    hidden: dict[str, Any] = {
        "show_progress": "hidden",
        "api_visibility": "private",
        "queue": False,
        "preprocess": False,
    }
    pages, pictures, drawings, settings = Pages(at), Pictures(at), Drawings(at), Settings(at)
    painting, history = Painting(at, settings), History(at, settings)
    begun = [*parts.given, *parts.working]
    page.load(pages.opened, None, [*begun, *parts.set], **hidden)
    parts.stage.over(painting.over, None, parts.working, **hidden)
    parts.stage.back(painting.back, None, parts.stage, **hidden)
    parts.stage.seen(pages.seen, None, [*begun, *parts.set], **hidden)
    page.unload(pages.closed)
    took = [parts.photograph, *parts.drawn_over]
    parts.photograph.brought(pictures.photograph, None, took, **hidden)
    parts.photograph.example(pictures.photograph_example, None, took, **hidden)
    parts.photograph.removed(pictures.no_photograph, None, took, **hidden)
    changed = [parts.paintings, *parts.drawn_over]
    parts.paintings.brought(pictures.paintings, None, changed, **hidden)
    parts.paintings.example(pictures.painting_example, None, changed, **hidden)
    parts.paintings.removed(pictures.no_painting, None, changed, **hidden)
    parts.recipe.brought(settings.recipe, None, [parts.notice, *parts.set, *took], **hidden)
    seen = [parts.stage, parts.history, parts.curves, parts.notice, parts.more]
    chosen = [*seen, *parts.set, *parts.given]
    parts.history.chosen(history.chosen, None, chosen, **hidden)
    for name, control in parts.options.items():
        assert isinstance(control, gr.Dropdown | gr.Radio | gr.Slider | gr.Number | gr.Textbox)
        if name == "preset":
            control.input(settings.preset, parts.set, parts.set, **hidden)
        else:
            settled = getattr(control, "release", None) or getattr(control, "blur", control.input)
            if isinstance(control, gr.Dropdown):
                settled = control.input
            told = [parts.notice, *parts.set]
            settled(settings.noted, parts.set, told, trigger_mode="always_last", **hidden)
    parts.target.change(drawings.board, parts.target, parts.board, **hidden)
    parts.board.drawn(drawings.drawn, None, parts.mask_notice, **hidden)
    parts.paint.click(painting.paint, parts.set, begun, **hidden)
    parts.more.click(painting.further, None, begun, **hidden)
    swept = [parts.first, parts.first_values, parts.second, parts.second_values]
    parts.sheet.click(painting.sweep, [*swept, *parts.set], begun, **hidden)
    parts.stop.click(painting.stop, None, None, **hidden)
