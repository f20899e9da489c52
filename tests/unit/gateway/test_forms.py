"""What a browser sends becomes values by variable name."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage, MultiDict

from services.gateway.render.values import choice_text, text_of, ticked
from services.gateway.web import forms

PNG = base64.b64encode(b"\x89PNG....").decode()


class Kept:
    """Stands for the session's files: remembers what it was given."""

    def __init__(self) -> None:
        self.files: list[tuple[str, bytes]] = []

    def __call__(self, name: str, file: FileStorage) -> int:
        assert name
        self.files.append((file.filename or "", file.read()))
        return len(self.files)


def read(*pairs: tuple[str, str], files: list[tuple[str, FileStorage]] | None = None, keep: Any = None) -> forms.Sent:
    return forms.read(MultiDict(list(pairs)), MultiDict(files or []), keep or Kept())


def test_our_own_controls_are_no_variables() -> None:
    sent = read((":csrf", "x"), (":token", "t"), ("user.name", "Jane"), ("list[0]", "b"))
    assert sent.values == {"user.name": "Jane", "list[0]": "b"}
    assert sent.button is None


def test_a_tick_wins_over_the_value_of_the_empty_box() -> None:
    assert read(("agree", "False"), ("agree", "True")).values == {"agree": "True"}
    assert read(("agree", "False")).values == {"agree": "False"}


def test_lists_are_lists_even_with_nothing_ticked() -> None:
    assert read((":list", "fruit"), ("fruit", "a"), ("fruit", "b")).values == {"fruit": ["a", "b"]}
    assert read((":list", "fruit")).values == {"fruit": []}


@pytest.mark.parametrize("said", [(), ((":list", forms.REMOVED),)])
def test_items_to_be_removed_are_numbers_and_not_digits(said: tuple[tuple[str, str], ...]) -> None:
    assert read(*said, (forms.REMOVED, "12"), (forms.REMOVED, "3")).values == {forms.REMOVED: [12, 3]}
    assert read(*said).values == {}
    with pytest.raises(forms.BadForm):
        read(*said, (forms.REMOVED, "1,2"))


def test_line_ends_are_those_of_python() -> None:
    assert read(("a", "one\r\ntwo")).values == {"a": "one\ntwo"}


def test_a_button_that_runs_a_block_and_a_choice_that_does() -> None:
    assert read((":button", '{"index": 2, "label": "Exit"}')).button == {"index": 2, "label": "Exit"}
    assert read((":choice", '{"index": 0, "label": "A"}')).button == {"index": 0, "label": "A"}
    assert read((":choice", '{"variable": "v", "value": "x"}')).values == {"v": "x"}


def test_files_are_kept_and_named_by_number() -> None:
    keep = Kept()
    file = FileStorage(BytesIO(b"abc"), filename="a.txt")
    sent = read((":files", "doc"), (":files", "other"), files=[("doc", file)], keep=keep)
    assert sent.values == {"doc": {"files": [1]}, "other": {"files": []}}
    assert keep.files == [("a.txt", b"abc")]


def test_a_file_from_before_stays_when_none_is_chosen() -> None:
    empty = FileStorage(BytesIO(b""), filename="")
    sent = read((":files", "doc"), (":kept.doc", "7"), files=[("doc", empty)])
    assert sent.values == {"doc": {"files": [7]}}


def test_a_drawn_signature_becomes_a_file() -> None:
    keep = Kept()
    sent = read((":signature", "sig"), ("sig", f"data:image/png;base64,{PNG}"), keep=keep)
    assert sent.values == {"sig": {"files": [1]}}
    assert keep.files == [("canvas.png", b"\x89PNG....")]
    assert read((":signature", "sig"), ("sig", "")).values == {"sig": {"files": []}}


@pytest.mark.parametrize(
    "pair",
    [
        (":button", "no json"),
        (":button", "[1]"),
        (":choice", "7"),
    ],
)
def test_what_no_page_of_ours_sends_is_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(forms.BadForm):
        read(pair)


@pytest.mark.parametrize(
    "drawn", ["data:text/html;base64,AAAA", "data:image/png;base64,AAAA", "data:image/png;base64,!!", "x"]
)
def test_a_signature_that_is_no_picture_is_refused(drawn: str) -> None:
    with pytest.raises(forms.BadForm):
        read((":signature", "sig"), ("sig", drawn))


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@given(
    name=st.text(min_size=1, max_size=40),
    arguments=st.dictionaries(
        st.text(max_size=10), st.none() | st.booleans() | st.integers() | st.text(max_size=20), max_size=4
    ),
)
def test_actions_of_links_come_back_as_they_were(name: str, arguments: dict[str, Any]) -> None:
    assert forms.decode_action(encoded({"action": name, "arguments": arguments})) == (name, arguments, "")
    assert forms.decode_action(encoded({"action": name, "proof": "abc"})) == (name, {}, "abc")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%%%",
        "é",
        encoded([1]),
        encoded({"action": 3}),
        encoded({"action": ""}),
        encoded({"action": "a", "arguments": 1}),
    ],
)
def test_actions_that_cannot_be_read(text: str) -> None:
    with pytest.raises(forms.BadForm):
        forms.decode_action(text)


@given(st.text(max_size=300))
def test_no_action_text_does_more_than_be_refused(text: str) -> None:
    try:
        name, arguments = forms.decode_action(text)
    except forms.BadForm:
        return
    assert name
    assert isinstance(arguments, dict)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "True"),
        (False, "False"),
        (3, "3"),
        (3.0, "3"),
        (2.5, "2.5"),
        ({"date": "2026-01-15"}, "2026-01-15"),
        ("x", "x"),
    ],
)
def test_values_as_text(value: Any, text: str) -> None:
    assert text_of(value) == text


def test_none_as_a_choice_has_a_name() -> None:
    assert choice_text(None) == "None"
    assert ticked(None) == set()
