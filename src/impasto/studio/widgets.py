"""Widgets: the parts of the page that Gradio hasn't, each a little HTML and its script.

What they show comes as their value, and is put into the page as text, never as HTML. What people do
comes back as an event with a few plain values in it.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

CLIENT = Path(__file__).with_name("client")
CSS = CLIENT / "style.css"


def _widget(script: str, template: str, value: Any, **props: Any) -> gr.HTML:
    return gr.HTML(
        value,
        html_template=template,
        js_on_load=(CLIENT / script).read_text(encoding="utf-8"),
        apply_default_css=False,
        **props,
    )


def drop(title: str, hint: str, noun: str, *, most: int = 1, anywhere: bool = False) -> gr.HTML:
    """Where pictures are dropped, so many at most.

    Events: brought (paths, anywhere, blend), removed (key), example (name, blend).
    """
    many = most > 1
    more = " multiple" if many else ""
    blend = (
        '<label class="blend" hidden><input type="checkbox"> Blend: add to what is there, instead '
        "of replacing it</label>"
    )
    blend = blend if many else ""
    label = f"{title}: choose {'files' if many else 'a file'}"
    return _widget(
        "drop.js",
        f'<section class="drop"><h2>{escape(title)}</h2>'
        f'<div class="drop-zone"><ul class="drop-items"></ul><label class="drop-label">'
        f'<input type="file" accept="image/*,.heic,.heif,.tif,.tiff,.avif"{more} '
        f'aria-label="{escape(label)}"><span>{escape(hint)}</span></label></div>'
        '<ul class="drop-examples"></ul>'
        f'{blend}<p class="said" role="status"></p></section>',
        {},
        elem_id=f"drop-{noun.lower()}",
        noun=noun,
        hint=hint,
        another="Add another painting, to blend" if many else "Choose another instead",
        most=most,
        anywhere=anywhere,
    )


def stage() -> gr.HTML:
    """The picture, with its progress, or two under a slider. Events: over, back, seen."""
    return _widget(
        "stage.js",
        '<section class="stage" aria-label="The picture">'
        '<div class="frame empty"><p class="invite"></p>'
        '<img class="picture" alt=""><img class="before" alt="">'
        '<input class="slider" type="range" min="0" max="100" value="8" '
        'aria-label="Slide between the two pictures">'
        '<i class="grip" aria-hidden="true">‹ ›</i>'
        '<div class="names" aria-hidden="true"><span></span><span></span></div></div>'
        '<div class="bar" role="progressbar" aria-label="Progress" aria-valuemin="0" '
        'aria-valuemax="100" hidden><div class="fill"></div></div>'
        '<div class="under"><div><p class="state" role="status"></p><p class="words"></p>'
        '<button type="button" class="back" hidden></button></div>'
        '<a class="save" hidden>Download</a></div>'
        '<p class="error" role="alert"></p><ul class="notes"></ul></section>',
        {"phase": "idle"},
        elem_id="stage",
    )


def notice(name: str) -> gr.HTML:
    """What is said beside a button, until something is done about it."""
    return _widget(
        "notice.js",
        '<p class="notice" role="status"></p>',
        {},
        elem_id=name,
    )


def history() -> gr.HTML:
    """The session's pictures.

    Event: chosen (action: show, settings, compare or delete; key; other).
    """
    return _widget(
        "history.js",
        '<section class="history" aria-label="History"><h2>Pictures of this session</h2>'
        '<p class="asks" role="status"></p>'
        '<p class="nothing">What you paint is kept here until you leave.</p><ol></ol></section>',
        [],
        elem_id="history",
    )


def brush() -> gr.HTML:
    """Where masks are drawn. Event: drawn (over, url)."""
    return _widget(
        "brush.js",
        '<section class="brush"><p class="nothing">Choose a photograph and a painting first.</p>'
        '<div class="tools"><div class="colours" role="group" aria-label="Brush"></div>'
        '<label>Brush size <input class="brush-size" type="range" min="6" max="120" value="40">'
        '</label><button type="button" class="fill">Fill all</button>'
        '<button type="button" class="undo">Undo</button>'
        '<button type="button" class="wipe">Clear</button></div>'
        '<div class="board" hidden><img alt=""><canvas tabindex="0" role="img"></canvas>'
        '<i class="cursor"></i></div></section>',
        {},
        elem_id="brush",
    )
