from __future__ import annotations

from inspect import signature
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus import wire
from shared.bus.messages import BadMessage, Retry
from shared.contract import errors
from shared.contract.reply import Reply

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=20), inner, max_size=5),
    max_leaves=12,
)


@given(JSON)
def test_what_is_json_comes_back(value):
    assert wire.decode(wire.encode(value, "x"), "x") == value


@pytest.mark.parametrize("value", [object(), {"k": b"secret"}, float("inf"), {(1, 2): 3}])
def test_what_is_not_json_is_named_by_place_and_not_shown(value):
    with pytest.raises(BadMessage, match="the arguments of a call") as caught:
        wire.encode(value, "the arguments of a call")
    assert "secret" not in str(caught.value)


def test_a_value_that_contains_itself_is_refused():
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(BadMessage):
        wire.encode(loop, "x")


@pytest.mark.parametrize("text", [b"", b"\xff", b"{", "nope"])
def test_text_that_is_not_json_is_refused(text):
    with pytest.raises(BadMessage):
        wire.decode(text, "x")


@given(JSON)
def test_a_result_comes_back(value):
    assert wire.result(wire.answer(value, "x"), Any, "x") == value


def test_a_result_of_the_contract_comes_back_typed_and_its_screen_as_the_bytes_it_was():
    screen = b'{"kind": "end",  "fields": []}'
    reply = Reply(session="s", interview="i", version=1, step=0, screen=msgspec.Raw(screen))
    back = wire.result(wire.answer(reply, "x"), Reply, "x")
    assert (back.session, bytes(back.screen)) == ("s", screen)


@pytest.mark.parametrize("text", [b"", b"{}", b'{"result": null}', b'{"result": {}, "error": {"kind": 1}}'])
def test_what_is_no_answer_is_refused(text):
    with pytest.raises(BadMessage):
        wire.result(text, Any, "x")


def test_a_result_of_another_form_than_agreed_is_refused():
    with pytest.raises(BadMessage, match="version"):
        wire.result(wire.answer({"session": "s", "interview": "i", "version": "1", "step": 0}, "x"), Reply, "x")


def test_an_error_is_raised_as_what_it_was():
    with pytest.raises(errors.NoSession, match="gone"):
        wire.result(wire.failed(errors.NoSession("gone")), Any, "x")


def test_any_other_error_goes_by_the_name_of_its_class():
    with pytest.raises(errors.Unknown, match="later") as caught:
        wire.result(wire.failed(Retry(3, "later")), Any, "x")
    assert caught.value.kind == "Retry"


@pytest.mark.parametrize(("arguments", "fits"), [({"a": 1}, True), ({}, False), ({"a": 1, "c": 2}, False)])
def test_arguments_are_checked_against_the_signature(arguments, fits):
    def method(a: int, b: int = 0) -> None: ...

    assert (wire.misfit(signature(method), arguments) is None) == fits


def test_where_tells_the_place_and_not_the_text():
    try:
        raise ValueError("an answer")
    except ValueError as error:
        place = wire.where(error)
    assert "test_wire.py" in place
    assert "an answer" not in place
