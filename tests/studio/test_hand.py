"""What the events of a page do, without the page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from impasto.studio.desk import Desk
from impasto.studio.door import COOKIE

gr = pytest.importorskip("gradio", reason="the studio is an extra: pip install 'impasto[studio]'")

from impasto.studio.hand import caller  # noqa: E402
from impasto.studio.hand.pages import Pages  # noqa: E402
from impasto.studio.hand.pictures import Pictures  # noqa: E402


def request(owner: str, page: str) -> Any:
    headers = {"cookie": f"{COOKIE}={owner}"} if owner else {}
    return gr.Request(SimpleNamespace(headers=headers), session_hash=page)


def event(**values: object) -> Any:
    return SimpleNamespace(**values)


def test_whose_request_it_is_the_cookie_says_or_a_program_by_itself() -> None:
    assert caller.owner(request("anna", "one")) == "anna"
    assert caller.owner(request("", "one")) == "program one"
    assert caller.owner(gr.Request(session_hash="two")) == "program two"


def test_values_of_an_event_are_of_their_kind_or_nothing() -> None:
    odd = event(yes=1, text=["a"], texts=["a", 1, None, "b"])
    assert not caller.yes(odd, "yes") and caller.yes(event(yes=True), "yes")
    assert caller.text(odd, "text") == caller.text(odd, "missing") == ""
    assert (
        caller.texts(odd, "texts") == ["a", "b"] and caller.texts(event(texts="a"), "texts") == []
    )


def test_a_page_is_stale_once_another_of_the_same_person_changed_something(desk: Desk) -> None:
    one, two, other = request("anna", "1"), request("anna", "2"), request("bert", "3")
    pages, pictures = Pages(desk), Pictures(desk)
    for each in (one, two, other):
        pages.opened(each)
    shown, *_ = pictures.photograph_example(event(name="cat"), one)
    assert [item["example"] for item in shown["items"]] == [True] and not shown["wrong"]
    assert [caller.stale(desk, each) for each in (one, two, other)] == [False, True, False]
    assert pages.seen(two)[0]["items"] == shown["items"]
    assert not caller.stale(desk, two)


def test_what_is_no_example_is_said_beside_the_pictures(desk: Desk) -> None:
    asks = request("anna", "1")
    shown, *_ = Pictures(desk).painting_example(event(name="../secret", blend=False), asks)
    assert shown["wrong"] and "no example '../secret'" in shown["said"]
    assert desk.registry.of("anna").paintings == []
