"""The page: what stands where, and which event asks the desk for what."""

# Gradio makes its components' events while it runs, and types little of what they take.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import gradio as gr
from gradio.components import Component

from impasto.errors import ImpastoError, OptionError
from impasto.options import SPECS
from impasto.studio import controls, curves, desk, widgets
from impasto.studio.desk import Desk
from impasto.studio.door import owner_in
from impasto.studio.session import Painted, Session
from impasto.studio.work import Job

TITLE = "impasto studio"


@dataclass(frozen=True)
class Parts:
    """What events read and set."""

    photograph: gr.HTML
    paintings: gr.HTML
    recipe: gr.HTML
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
    running: gr.Checkbox

    @property
    def working(self) -> list[Component]:
        """What changes while something is painted."""
        return [self.stage, self.history, self.curves, self.paint, self.sheet, self.stop, self.more]

    @property
    def drawn_over(self) -> list[Component]:
        return [self.target, self.board]

    @property
    def set(self) -> list[Component]:
        return [*self.options.values()]


def build(at: Desk) -> gr.Blocks:
    """The whole page."""
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(600, 3600)) as page:
        _interface(at)  # first, so that its name is its own
        _events(page, _layout(at), at)
    # Each painting waits in the workshop's own queue; Gradio only carries what is said of it.
    page.queue(default_concurrency_limit=None, max_size=200)
    return page


def _layout(at: Desk) -> Parts:
    gr.HTML(
        '<header class="masthead"><h1>impasto</h1>'
        "<p>Repaint a photograph in the style of a painting</p></header>",
        apply_default_css=False,
    )
    made: dict[str, Any] = {}
    options: dict[str, Component] = {}
    with gr.Row(elem_classes="workspace"):
        with gr.Column(scale=4, min_width=300, elem_classes="side"):
            hint = "Drop a photograph, or choose one"
            made["photograph"] = widgets.drop("Photograph", hint, "Photograph", many=False)
            hint = "Drop one painting or more"
            made["paintings"] = widgets.drop("Painted like", hint, "Painting", many=True)
            with gr.Row(elem_classes="buttons"):
                made["paint"] = gr.Button("Paint", variant="primary", elem_id="paint")
                made["stop"] = gr.Button("Stop", visible=False, elem_id="stop")
                made["more"] = gr.Button("Continue", visible=False, elem_id="continue")
            with gr.Group(elem_classes="plain"):
                for name in controls.PLAIN:
                    options[name] = controls.component(name, at.limits)
            with gr.Accordion("Advanced", open=False, elem_id="advanced"):
                for group, names in controls.advanced().items():
                    with gr.Accordion(group, open=False):
                        for name in names:
                            options[name] = controls.component(name, at.limits)
            hint = "Drop a picture that impasto painted"
            made["recipe"] = widgets.drop(
                "Settings from a picture", hint, "Recipe", many=False, anywhere=True
            )
        with gr.Column(scale=8, min_width=320, elem_classes="easel"), gr.Tabs():
            with gr.Tab("Picture"):
                made["stage"] = widgets.stage()
                made["history"] = widgets.history()
                with gr.Accordion("Loss curves", open=False, elem_id="losses"):
                    made["curves"] = gr.HTML(_NO_CURVES, apply_default_css=False)
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
            with gr.Tab("Sweep"):
                made |= _sweep_layout(at)
    made["running"] = gr.Checkbox(False, visible="hidden")
    return Parts(options={name: options[name] for name in SPECS}, **made)


_NO_CURVES = '<p class="nothing">Paint something, and how its losses fell is drawn here.</p>'


def _sweep_layout(at: Desk) -> dict[str, Component]:
    gr.Markdown(
        "Paint small pictures with several values of an option or two, on one labelled sheet of "
        f"at most {at.limits.cells}. All else is as the controls say; a small size is quick."
    )
    known = controls.sweepable()
    with gr.Row():
        first = gr.Dropdown(known, value="content_weight", label="Down the sheet")
        first_values = gr.Textbox("0.03, 0.07, 0.15", label="Its values, by commas", max_length=200)
    with gr.Row():
        second = gr.Dropdown([("Nothing", ""), *known], value="style_scale", label="Across")
        second_values = gr.Textbox("0.5, 1, 2", label="Its values, by commas", max_length=200)
    sheet = gr.Button("Paint the sheet", variant="primary", elem_id="sheet")
    return {
        "first": first,
        "first_values": first_values,
        "second": second,
        "second_values": second_values,
        "sheet": sheet,
    }


def _events(page: gr.Blocks, parts: Parts, at: Desk) -> None:
    # What is quick is answered at once. Gradio's queue, which streams, is for painting alone: an
    # event that meets the end of another's stream would wait for good.
    private: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    hidden: dict[str, Any] = {**private, "queue": False}
    shown: dict[str, Any] = {**private, "concurrency_limit": None}
    hand = _Hand(at)
    begun = [parts.photograph, parts.paintings, *parts.drawn_over, *parts.working, parts.running]
    page.load(hand.opened, None, begun, **hidden)
    parts.running.change(hand.resumed, parts.running, parts.working, **shown)
    page.unload(hand.closed)
    for widget, brought, example, removed in (
        (parts.photograph, hand.photograph, hand.photograph_example, hand.no_photograph),
        (parts.paintings, hand.paintings, hand.painting_example, hand.no_painting),
    ):
        changed = [widget, *parts.drawn_over]
        widget.brought(brought, None, changed, **hidden)
        widget.example(example, None, changed, **hidden)
        widget.removed(removed, None, changed, **hidden)
    parts.recipe.brought(hand.recipe, None, [parts.recipe, *parts.set], **hidden)
    parts.history.chosen(
        hand.chosen, None, [parts.stage, parts.curves, parts.recipe, *parts.set], **hidden
    )
    preset = parts.options["preset"]
    assert isinstance(preset, gr.Dropdown)
    preset.input(hand.preset, preset, parts.set, **hidden)
    parts.target.change(hand.board, parts.target, parts.board, **hidden)
    parts.board.drawn(hand.drawn, None, None, **hidden)
    parts.paint.click(hand.paint, parts.set, parts.working, **shown)
    parts.more.click(hand.further, None, parts.working, **shown)
    swept = [parts.first, parts.first_values, parts.second, parts.second_values]
    parts.sheet.click(hand.sweep, [*swept, *parts.set], parts.working, **shown)
    parts.stop.click(hand.stop, None, None, **hidden)


class _Hand:
    """What each event does. Values come from the page, and are believed only once checked."""

    def __init__(self, at: Desk) -> None:
        self.at = at
        self.names = [*SPECS]

    def session(self, request: gr.Request) -> Session:
        return self.at.registry.of(owner(request))

    # The page comes and goes

    def opened(self, request: gr.Request) -> list[Any]:
        self.at.registry.opened(owner(request), request.session_hash or "")
        session = self.session(request)
        last = session.history[-1] if session.history else None
        running = session.job is not None and not session.job.over
        return [
            self.at.photograph(session),
            self.at.paintings(session),
            *self._drawn_over(session),
            *self._at_rest(session, self.at.result(last) if last else desk.IDLE, last),
            running,
        ]

    def closed(self, request: gr.Request) -> None:
        self.at.registry.closed(owner(request), request.session_hash or "")

    def resumed(self, running: bool, request: gr.Request) -> Iterator[list[Any]]:
        """A page that was loaded again while something is painted goes on watching it."""
        session = self.session(request)
        if running and session.job is not None:
            yield from self._watched(session, session.job)

    # Pictures

    def photograph(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)
        said = ""
        try:
            for path in _texts(event, "paths")[:1]:
                session.set_photograph(self.at.bring(session, path))
        except ImpastoError as error:
            said = str(error)
        return [self.at.photograph(session, said), *self._drawn_over(session)]

    def photograph_example(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)
        session.set_photograph(self.at.example(session, _text(event, "name")))
        return [self.at.photograph(session), *self._drawn_over(session)]

    def no_photograph(self, request: gr.Request) -> list[Any]:
        session = self.session(request)
        session.set_photograph(None)
        return [self.at.photograph(session), *self._drawn_over(session)]

    def paintings(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)
        said = ""
        try:
            for path in _texts(event, "paths"):
                session.add_painting(self.at.bring(session, path))
        except ImpastoError as error:
            said = str(error)
        return [self.at.paintings(session, said), *self._drawn_over(session)]

    def painting_example(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)
        said = ""
        try:
            session.add_painting(self.at.example(session, _text(event, "name")))
        except ImpastoError as error:
            said = str(error)
        return [self.at.paintings(session, said), *self._drawn_over(session)]

    def no_painting(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)
        session.remove_painting(_text(event, "key"))
        return [self.at.paintings(session), *self._drawn_over(session)]

    # Settings

    def recipe(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        session = self.session(request)
        try:
            for path in _texts(event, "paths")[:1]:
                return self._filled(self.at.settings(session, path))
        except ImpastoError as error:
            return [{"said": str(error)}, *self._unchanged()]
        return [{}, *self._unchanged()]

    def preset(self, name: str) -> list[Any]:
        values = controls.options({"preset": name}, self.at.limits).to_dict()
        return controls.updates(values, self.names, self.at.limits)

    def _filled(self, found: Mapping[str, Any]) -> list[Any]:
        values, notes = controls.filled(found, self.at.limits)
        said = "; ".join(["The controls are set as it was painted", *notes])
        return [{"said": said}, *controls.updates(values, self.names, self.at.limits)]

    def _unchanged(self) -> list[Any]:
        return [gr.skip() for _ in self.names]

    # Masks

    def _drawn_over(self, session: Session) -> list[Any]:
        """The choice of what to draw over, and the board with the first of it."""
        targets = self.at.targets(session)
        first = targets[0][1] if targets else None
        radio = gr.update(choices=targets, value=first, visible=bool(targets))
        return [radio, self.at.board(session, first)]

    def board(self, target: str | None, request: gr.Request) -> Any:
        return self.at.board(self.session(request), target)

    def drawn(self, event: gr.EventData, request: gr.Request) -> None:
        self.at.draw(self.session(request), _text(event, "over"), _text(event, "url"))

    # Painting

    def paint(self, request: gr.Request, *values: Any) -> Iterator[list[Any]]:
        session = self.session(request)
        try:
            given = controls.changes(dict(zip(self.names, values, strict=True)))
            job = self.at.paint(session, controls.options(given, self.at.limits))
        except ImpastoError as error:
            yield self._refused(session, error)
            return
        yield from self._watched(session, job)

    def further(self, request: gr.Request) -> Iterator[list[Any]]:
        session = self.session(request)
        try:
            job = self.at.further(session)
        except ImpastoError as error:
            yield self._refused(session, error)
            return
        yield from self._watched(session, job)

    def sweep(
        self,
        request: gr.Request,
        first: str,
        first_values: str,
        second: str,
        second_values: str,
        *values: Any,
    ) -> Iterator[list[Any]]:
        session = self.session(request)
        try:
            vary = {first: controls.swept(first, first_values)}
            if second:
                if second == first:
                    raise OptionError("both directions vary the same option; choose another")
                vary[second] = controls.swept(second, second_values)
            given = controls.changes(dict(zip(self.names, values, strict=True)))
            rest = {name: value for name, value in given.items() if name not in vary}
            job = self.at.sweep(session, vary, rest)
        except ImpastoError as error:
            yield self._refused(session, error)
            return
        yield from self._watched(session, job)

    def stop(self, request: gr.Request) -> None:
        session = self.session(request)
        if session.job is not None:
            session.job.stop()

    def chosen(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        """Something of the history was chosen."""
        session = self.session(request)
        action, key = _text(event, "action"), _text(event, "key")
        try:
            found = self.at.painted(session, key)
            if action == "compare":
                shown = self.at.compared(session, _text(event, "other"), key)
                return [shown, _curves(found), gr.skip(), *self._unchanged()]
            if action == "settings":
                from impasto.jobs import recipe

                options = recipe.options_in(found.picture.recipe or {})
                return [gr.skip(), gr.skip(), *self._filled(options)]
            return [self.at.result(found), _curves(found), gr.skip(), *self._unchanged()]
        except ImpastoError as error:
            return [gr.skip(), gr.skip(), {"said": str(error)}, *self._unchanged()]

    def _watched(self, session: Session, job: Job) -> Iterator[list[Any]]:
        history: Any = self.at.history(session)
        for shown in self.at.watch(session, job):
            if not job.over:
                yield [shown, history, gr.skip(), *_buttons(busy=True)]
                history = gr.skip()
        last = session.history[-1] if session.history and job.picture is not None else None
        final = self.at.shown(job)
        if last is not None:
            notes = {name: final[name] for name in ("phase", "notes", "error")}
            final = {**self.at.result(last), **notes}
        yield self._at_rest(session, final, last)

    def _at_rest(self, session: Session, shown: Any, painted: Painted | None) -> list[Any]:
        going = session.unfinished is not None
        curve = _curves(painted) if painted else gr.skip()
        return [shown, self.at.history(session), curve, *_buttons(busy=False, going=going)]

    def _refused(self, session: Session, error: ImpastoError) -> list[Any]:
        job = session.job
        busy = job is not None and not job.over
        shown = self.at.shown(job) if job and busy else desk.IDLE
        going = session.unfinished is not None
        value = {**shown, "error": str(error)}
        return [value, gr.skip(), gr.skip(), *_buttons(busy=busy, going=going)]


def _buttons(*, busy: bool, going: bool = False) -> list[Any]:
    """Paint, Paint the sheet, Stop, Continue."""
    return [
        gr.update(interactive=not busy),
        gr.update(interactive=not busy),
        gr.update(visible=busy),
        gr.update(visible=going and not busy),
    ]


def _curves(painted: Painted) -> str:
    return curves.svg(painted.losses) or _NO_CURVES


def owner(request: gr.Request) -> str:
    """Whose request it is: by the cookie of the page, or by a program's own session."""
    headers: dict[str, str] = {}
    if request.request is not None:
        headers = {"cookie": request.request.headers.get("cookie", "")}
    return owner_in(headers) or f"program {request.session_hash}"


def _text(event: gr.EventData, name: str) -> str:
    """A text of an event, "" for anything else."""
    found: object = getattr(event, name, "")
    return found if isinstance(found, str) else ""


def _texts(event: gr.EventData, name: str) -> list[str]:
    found: object = getattr(event, name, [])
    several = cast("list[object]", found) if isinstance(found, list) else []
    return [each for each in several if isinstance(each, str)]


def _interface(at: Desk) -> None:
    """What programs call: paint(photograph, paintings, options) -> picture, recipe."""

    def paint(
        request: gr.Request,
        photograph: str | None,
        paintings: list[str] | None,
        options: Any,
    ) -> Iterator[tuple[Any, Any]]:
        session = at.registry.of(owner(request))
        try:
            if not isinstance(options, dict | None):
                raise OptionError('options is no object; give {"size": 512}, or nothing')
            given = controls.options(cast("dict[str, Any]", options or {}), at.limits)
            if not photograph or not paintings:
                raise OptionError("give a photograph, and a list of paintings")
            session.set_photograph(at.bring(session, str(photograph)))
            for painting in [*session.paintings]:
                session.remove_painting(painting.key)
            for path in paintings:
                session.add_painting(at.bring(session, str(path)))
            job = at.paint(session, given)
            for shown in at.watch(session, job):
                state = {name: shown[name] for name in ("phase", "progress", "words", "notes")}
                if not job.over:
                    yield None, state
            made = desk.outgoing(at.incoming, job)
            yield str(made), dict(session.history[-1].picture.recipe or {})
        except ImpastoError as error:
            raise gr.Error(str(error), print_exception=False) from None

    with gr.Row(visible=False):
        photograph = gr.File(label="photograph", type="filepath")
        paintings = gr.File(label="paintings", type="filepath", file_count="multiple")
        options = gr.JSON(label="options")
        picture, recipe = gr.File(label="picture"), gr.JSON(label="recipe")
        gr.Button("paint").click(
            paint,
            [photograph, paintings, options],
            [picture, recipe],
            api_name="paint",
            api_description="Paint a photograph like one painting or more. options: as for "
            "impasto.stylize. While it is painted the second value says how far it is.",
            concurrency_limit=None,
        )
