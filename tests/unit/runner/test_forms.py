"""The contracts' dataclasses as plain dicts and back, strictly."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.authoring import effects
from shared.engine.outcome import Failure, Flags, Outcome, Rejection, TaskResult
from shared.engine.request import Action, Answer, CheckIn, Request, Shown
from shared.engine.screen import Screen, ScreenChoice, ScreenField
from shared.runner import forms, wire

NOW = datetime(2026, 1, 15, 10, 30, 0, 123456, tzinfo=UTC)

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
mappings = st.dictionaries(st.text(max_size=5), json, max_size=3)
words = st.text(max_size=6)
maybe = st.none() | words

choices = st.builds(ScreenChoice, label=words, value=json, has_value=st.booleans(), show_if=st.none() | mappings)
fields = st.builds(
    ScreenField, variable=maybe, label=maybe, datatype=words, required=st.booleans(), default=json, options=mappings,
    choices=st.none() | st.lists(choices, max_size=2).map(tuple), show_ifs=st.lists(mappings, max_size=2).map(tuple),
)  # fmt: skip
screens = st.builds(
    Screen, kind=words, question=maybe, fields=st.lists(fields, max_size=3).map(tuple), buttons=st.lists(choices, max_size=2).map(tuple),
    progress=st.none() | st.integers(), reload=st.none() | st.floats(allow_nan=False), terms=st.dictionaries(words, words, max_size=2),
)  # fmt: skip
sent = st.one_of(
    st.builds(effects.StartTask, task_id=words, action=words, arguments=st.binary(max_size=5), ui=maybe),
    st.builds(effects.RevokeTask, task_id=words),
    st.builds(
        effects.SendMail, mail_id=words, to=st.lists(words, max_size=2).map(tuple), subject=words, body=words,
        attachments=st.lists(st.integers(), max_size=2).map(tuple), headers=st.lists(st.tuples(words, words), max_size=2).map(tuple),
    ),
    st.builds(effects.NotifyBrowser, event=words, data=mappings),
    st.just(effects.DeleteSession()),
    st.builds(effects.LogMessage, message=words),
)  # fmt: skip
outcomes = st.builds(
    Outcome, save=words, screen=st.none() | screens, effects=st.lists(sent, max_size=3).map(tuple),
    rejection=st.none() | st.builds(Rejection, fields=st.dictionaries(words, words, max_size=2), message=maybe),
    failure=st.none() | st.builds(Failure, type=words, message=words, line=st.none() | st.integers(), trail=st.lists(words, max_size=2).map(tuple)),
    task=st.none() | st.builds(TaskResult, ok=st.booleans(), value=st.none() | st.binary(max_size=4)),
    flags=st.builds(Flags, events=st.lists(words, max_size=2).map(tuple), title=maybe), commands=st.lists(mappings, max_size=2).map(tuple),
)  # fmt: skip
shown = st.builds(Shown, block=words, context=mappings)
requests = st.builds(
    Request, now=st.just(NOW), seed=st.integers(0, 2**64), user=mappings, loop_limit=st.integers(0, 9),
    answer=st.none() | st.builds(Answer, shown=shown, values=mappings, button=json, raw=st.booleans()),
    action=st.none() | st.builds(Action, name=words, arguments=mappings, encoded=st.none() | st.binary(max_size=3)),
    check_in=st.none() | st.builds(CheckIn, action=maybe, values=st.dictionaries(words, words, max_size=2), shown=st.none() | shown),
)  # fmt: skip


@given(outcomes)
@settings(max_examples=50, deadline=None)
def test_outcomes_travel(outcome: Outcome) -> None:
    assert forms.read(Outcome, wire.unpack(wire.pack(forms.write(outcome))[4:])) == outcome


@given(requests)
@settings(max_examples=50, deadline=None)
def test_requests_travel(request: Request) -> None:
    assert forms.read(Request, wire.unpack(wire.pack(forms.write(request))[4:])) == request


def test_what_has_its_default_is_left_out() -> None:
    assert forms.write(Request(now=NOW, seed=1)) == {"now": NOW, "seed": 1}
    assert forms.write(Outcome(save="new")) == {"save": "new"}


def test_ports_stay_where_they_are() -> None:
    request = Request(now=NOW, seed=1, tasks=object(), files=object(), emails=lambda key: [])  # type: ignore[arg-type]
    assert forms.write(request) == {"now": NOW, "seed": 1}
    with pytest.raises(forms.BadForm, match="there is no field 'tasks'"):
        forms.read(Request, {"now": NOW, "seed": 1, "tasks": 5})


def test_values_equal_to_a_default_of_another_type_travel() -> None:
    outcome = Outcome(
        save="new",
        screen=Screen(
            kind="end", fields=(ScreenField(variable="x", label=None, datatype="n", required=True, default=0),)
        ),
    )
    again = forms.read(Outcome, forms.write(outcome))
    assert again.screen is not None
    assert again.screen.fields[0].default == 0
    assert again.screen.fields[0].default is not False


def test_frozen_mappings_and_tuples_in_free_places_become_plain() -> None:
    request = Request(
        now=NOW, seed=1, user=MappingProxyType({"privileges": ("a",), "more": MappingProxyType({"x": 1})})
    )
    assert forms.write(request)["user"] == {"privileges": ["a"], "more": {"x": 1}}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (5, "Outcome: a dict is expected"),
        ({}, "Outcome: the field save is missing"),
        ({"save": 1}, "Outcome.save: str is expected, not int"),
        ({"save": "new", "other": 1}, "there is no field 'other'"),
        ({"save": "new", "effects": {}}, "Outcome.effects: a list is expected"),
        ({"save": "new", "effects": [{"is": "Popen"}]}, "Outcome.effects: one of StartTask"),
        ({"save": "new", "effects": [{}]}, "Outcome.effects: one of StartTask"),
        ({"save": "new", "effects": [{"is": "LogMessage"}]}, "LogMessage: the field message is missing"),
        ({"save": "new", "screen": {"kind": "end", "progress": True}}, "Screen.progress: int or NoneType is expected, not bool"),
        ({"save": "new", "screen": {"kind": "end", "terms": {1: "x"}}}, "Screen.terms: keys must be texts"),
        ({"save": "new", "screen": {"kind": "end", "terms": {"x": 1}}}, "Screen.terms: str is expected"),
        ({"save": "new", "screen": {"kind": "end", "fields": [[]]}}, "ScreenField: a dict is expected"),
        ({"save": "new", "effects": [{"is": "SendMail", "mail_id": "", "to": [], "subject": "", "body": "", "headers": [["x"]]}]}, "a list of 2"),
    ],
)  # fmt: skip
def test_another_form_is_refused_with_its_place(form: Any, words: str) -> None:
    with pytest.raises(forms.BadForm, match=words):
        forms.read(Outcome, form)


@given(json)
@settings(max_examples=60, deadline=None)
def test_anything_else_is_refused_and_nothing_else_happens(form: Any) -> None:
    with pytest.raises(forms.BadForm):
        forms.read(Request, form)
