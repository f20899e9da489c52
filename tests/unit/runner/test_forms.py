"""The contracts' types as plain dicts and back, strictly."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.contract import effects
from shared.contract.outcome import Failure, Flags, Rejection, StepResult, TaskResult
from shared.contract.screen import DrawnScreen
from shared.engine.request import Action, Answer, CheckIn, Request, Shown
from shared.runner import forms, wire
from tests.helpers.examples import examples

NOW = datetime(2026, 1, 15, 10, 30, 0, 123456, tzinfo=UTC)

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
mappings = st.dictionaries(st.text(max_size=5), json, max_size=3)
words = st.text(max_size=6)
maybe = st.none() | words
raw = st.binary(max_size=5)

screens = st.builds(DrawnScreen, json=raw, shown=raw, kind=words, command=maybe)
sent = st.one_of(
    st.builds(effects.StartTask, task_id=words, action=words, arguments=raw, ui=maybe),
    st.builds(effects.RevokeTask, task_id=words),
    st.builds(
        effects.SendMail, mail_id=words, to=st.lists(words, max_size=2).map(tuple), subject=words, body=words,
        attachments=st.lists(st.integers(), max_size=2).map(tuple), headers=st.lists(st.tuples(words, words), max_size=2).map(tuple),
    ),
    st.builds(effects.NotifyBrowser, event=words, data=mappings),
    st.just(effects.DeleteSession()),
    st.builds(effects.LogMessage, message=words),
)  # fmt: skip
results = st.builds(
    StepResult, save=st.sampled_from(["new", "overwrite", "ignore"]), screen=st.none() | screens, effects=st.lists(sent, max_size=3).map(tuple),
    state=st.none() | raw, reverse=st.none() | raw,
    rejection=st.none() | st.builds(Rejection, fields=st.dictionaries(words, words, max_size=2), message=maybe),
    failure=st.none() | st.builds(Failure, type=words, message=words, line=st.none() | st.integers(), trail=st.lists(words, max_size=2).map(tuple)),
    task=st.none() | st.builds(TaskResult, ok=st.booleans(), value=st.none() | raw),
    flags=st.builds(Flags, events=st.lists(words, max_size=2).map(tuple), title=maybe), commands=st.lists(raw, max_size=2).map(tuple),
)  # fmt: skip
shown = st.builds(Shown, block=words, context=mappings)
requests = st.builds(
    Request, now=st.just(NOW), seed=st.integers(0, 2**64), user=mappings, loop_limit=st.integers(0, 9),
    answer=st.none() | st.builds(Answer, shown=shown, values=mappings, button=json, raw=st.booleans()),
    action=st.none() | st.builds(Action, name=words, arguments=mappings, encoded=st.none() | raw),
    check_in=st.none() | st.builds(CheckIn, action=maybe, values=st.dictionaries(words, words, max_size=2), shown=st.none() | shown),
)  # fmt: skip


@given(results)
@examples(25)
def test_results_travel(result: StepResult) -> None:
    assert forms.read(StepResult, wire.unpack(wire.pack(forms.write(result))[4:])) == result


@given(requests)
@examples(25)
def test_requests_travel(request: Request) -> None:
    assert forms.read(Request, wire.unpack(wire.pack(forms.write(request))[4:])) == request


def test_ports_do_not_travel() -> None:
    with pytest.raises(TypeError, match="does not travel"):
        forms.write(Request(now=NOW, seed=1, files=object()))  # type: ignore[arg-type]


def test_frozen_mappings_and_tuples_in_free_places_become_plain() -> None:
    user = MappingProxyType({"privileges": ("a",), "more": MappingProxyType({"x": 1})})
    form = wire.unpack(wire.pack(forms.write(Request(now=NOW, seed=1, user=user)))[4:])
    assert forms.read(Request, form).user["more"] == {"x": 1}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (5, "StepResult: Expected `object`, got `int`"),
        ({}, "required field `save`"),
        ({"save": "later"}, r"Invalid enum value 'later' - at `\$.save`"),
        ({"save": "new", "other": 1}, "unknown field `other`"),
        ({"save": "new", "effects": {}}, r"Expected `array`, got `object` - at `\$.effects`"),
        ({"save": "new", "effects": [{"type": "Popen"}]}, r"'Popen' - at `\$.effects\[0\].type`"),
        ({"save": "new", "effects": [{}]}, "required field `type`"),
        ({"save": "new", "effects": [{"type": "LogMessage"}]}, "required field `message`"),
        ({"save": "new", "state": "text"}, r"\$.state"),
        ({"save": "new", "flags": {"progress": True}}, r"got `bool` - at `\$.flags.progress`"),
        ({"save": "new", "screen": {"kind": "end", "json": b"{}"}}, "required field `shown`"),
        ({"save": "new", "effects": [{"type": "SendMail", "mail_id": "", "to": [], "subject": "", "body": "", "headers": [["x"]]}]}, "length 2"),
    ],
)  # fmt: skip
def test_another_form_is_refused_with_its_place(form: Any, words: str) -> None:
    with pytest.raises(forms.BadForm, match=words):
        forms.read(StepResult, form)


@given(json)
@examples(30)
@example({"now": NOW, "seed": 1, "mails": False})
@example({"mails": False})
def test_anything_else_is_refused_and_nothing_else_happens(form: Any) -> None:
    with pytest.raises(forms.BadForm):
        forms.read(Request, form)
