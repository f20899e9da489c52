"""The table of datatypes: every entry means something to each of its readers, and is told to authors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from services.cli.replay import MemoryFiles
from services.gateway.render.widgets import Widget
from shared.authoring import modules
from shared.authoring.objects import DADict, DAFile, DAFileList, DAList, Thing
from shared.authoring.text.dates import DADateTime
from shared.contract.datatype_columns import Control, Datatype, Limits, Reading, Rule
from shared.contract.datatypes import (
    DATATYPES,
    INPUT_TYPES,
    WRITTEN,
    WRITTEN_INPUT_TYPES,
    control_of,
    custom,
    datatype_of,
    resolve,
)
from shared.engine.fields import coercion, validation
from shared.language.keys import FIELD_KEYS
from tests.unit.engine.play import Play
from tests.unit.gateway.screens import one
from tests.unit.language.sample import Pack


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return Pack(tmp_path)


ROOT = Path(__file__).parents[2]

#: "Data types and input types" of the documentation, word by word.
DOCUMENTED = {
    *(
        "user",
        "camera",
        "environment",
        "camcorder",
        "checkboxes",
        "multiselect",
        "currency",
        "date",
        "datetime",
        "email",
    ),
    *("file", "files", "integer", "microphone", "ml", "mlarea", "noyes", "noyesmaybe", "noyesradio", "noyeswide"),
    *(
        "number",
        "object",
        "object_checkboxes",
        "object_multiselect",
        "object_radio",
        "password",
        "range",
        "raw",
        "text",
    ),
    *("time", "yesno", "yesnomaybe", "yesnoradio", "yesnowide"),
}
DOCUMENTED_INPUT_TYPES = {"area", "dropdown", "radio", "datalist", "combobox", "ajax", "hidden"}
#: Parley's own.
OUR_INPUT_TYPES = {"date parts"}

#: What a browser sends, and what the variable then is.
ANSWERS: Mapping[Reading, tuple[Any, Any]] = {
    Reading.TEXT: ("a <b>word</b>", "a word"),
    Reading.RAW: ("a <b>word</b>", "a <b>word</b>"),
    Reading.NUMBER: ("1,000.5", 1000.5),
    Reading.INTEGER: ("1,000", 1000),
    Reading.TRUTH: ("True", True),
    Reading.EMAIL: ("a@example.com", "a@example.com"),
    Reading.URL: ("https://example.com/", "https://example.com/"),
    Reading.DATE: ("2026-03-01", DADateTime),
    Reading.TIME: ("13:45", time(13, 45)),
    Reading.DATETIME: ("2026-03-01T13:45", DADateTime),
    Reading.TICKS: (["a"], DADict),
    Reading.OBJECT: ("thing", Thing),
    Reading.OBJECTS: (["thing"], DAList),
    Reading.FILES: ({"files": [1]}, DAFileList),
    Reading.SIGNATURE: ({"files": [1]}, DAFile),
}


def _choices(datatype: Datatype, written: str, input_type: str | None) -> str:
    if datatype.objects:
        return "choices: thing"
    look = INPUT_TYPES.get(resolve(written, input_type)[1] or "")
    if datatype.choose or (look is not None and look.choose):
        return "choices: [a, b]"
    return "comment: none"


def _play(pack: Pack, written: str, input_type: str | None = None) -> Play:
    datatype = datatype_of(resolve(written, input_type)[0])
    modules.install([pack.root])
    session = Play(
        pack.interview(f"""
            objects:
              - thing: Thing.using(name='Thing')
            ---
            mandatory: True
            question: ${{ answer }}
            ---
            question: Which?
            fields:
              - Answer: answer
                datatype: {written}
                {f"input type: {input_type}" if input_type else "persistent: False"}
                required: False
                {_choices(datatype, written, input_type)}
            """)
    )
    assert isinstance(session.files, MemoryFiles)
    session.files.write(filename="a.png", mimetype="image/png", content=b"x")
    return session


def _widget(session: Play) -> Widget:
    (field,) = session.screen.fields
    choices = field.choices and [{"label": choice.label, "value": choice.value} for choice in field.choices]
    return one(
        "answer",
        field.label,
        field.datatype,
        input=field.input,
        options=dict(field.options),
        **({} if choices is None else {"choices": choices}),
    )


@pytest.mark.parametrize("written", sorted(WRITTEN))
def test_what_is_written_is_shown_and_read(pack: Pack, written: str) -> None:
    """From YAML over the screen and the page's control to the value."""
    session = _play(pack, written)
    name, input_type = resolve(written)
    datatype = DATATYPES[name]
    (field,) = session.screen.fields
    assert (field.datatype, field.input) == (name, input_type)
    assert (
        _widget(session).kind
        == control_of(datatype, INPUT_TYPES.get(input_type or ""), has_choices=field.choices is not None).value
    )
    sent, expected = ANSWERS[datatype.reading]
    outcome = session.send({"answer": "a" if field.choices and not datatype.choose else sent})
    assert outcome.rejection is None
    if not field.choices or datatype.choose:
        value = session.variables["answer"]
        assert isinstance(value, expected) if isinstance(expected, type) else value == expected


@pytest.mark.parametrize("written", sorted(WRITTEN))
def test_nothing_entered_is_the_blank_of_the_table(pack: Pack, written: str) -> None:
    session = _play(pack, written)
    name, _ = resolve(written)
    datatype = DATATYPES[name]
    if datatype.choose or session.screen.fields[0].choices is not None:
        return
    session.send({"answer": ""})
    assert session.variables["answer"] == datatype.blank


@pytest.mark.parametrize("input_type", sorted(WRITTEN_INPUT_TYPES))
def test_input_types_choose_the_control(pack: Pack, input_type: str) -> None:
    assert _widget(_play(pack, "text", input_type)).kind == INPUT_TYPES[input_type].control.value


def test_the_documentation_has_no_datatype_that_is_not_here() -> None:
    assert DOCUMENTED | DOCUMENTED_INPUT_TYPES <= WRITTEN
    assert DOCUMENTED_INPUT_TYPES | OUR_INPUT_TYPES == WRITTEN_INPUT_TYPES


def test_authors_are_told_of_each() -> None:
    section = (ROOT / "docs/authors.md").read_text(encoding="utf-8").partition("## What a field can hold")[2]
    told = set(re.findall(r"`([a-z_ ]+)`", section.partition("\n## ")[0]))
    assert told >= WRITTEN | WRITTEN_INPUT_TYPES


def test_every_word_of_the_table_has_a_meaning() -> None:
    known = coercion.READERS.keys() | coercion.FIELD_READERS.keys() | {Reading.CUSTOM}
    assert known == set(Reading) == {entry.reading for entry in DATATYPES.values()} | {Reading.CUSTOM}
    assert validation.LIMITS.keys() == set(Limits) == {entry.limits for entry in DATATYPES.values()} | {Limits.ANY}
    macros = (ROOT / "services/gateway/templates/fields.html").read_text(encoding="utf-8")
    for control in {entry.control for entry in (*DATATYPES.values(), *INPUT_TYPES.values())} - {Control.INPUT}:
        assert f"'{control.value}'" in macros or control in (Control.RADIO, Control.CHECKBOXES)
    scripts = ROOT / "services/gateway/static/js"
    assert "number, min, max, step } = element.dataset" in (scripts / "validate.js").read_text(encoding="utf-8")
    assert f'kind === "{Rule.INTEGER.value}"' in (scripts / "rules.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("entry", DATATYPES.values(), ids=lambda entry: entry.name)
def test_keys_are_keys_of_fields(entry: Datatype) -> None:
    assert {*entry.keys, *entry.limits.keys} <= FIELD_KEYS


def test_an_authors_datatype_is_an_entry_like_the_others() -> None:
    entry = custom("al_international_phone", "tel")
    assert (entry.reading, entry.control, entry.input.mode) == (Reading.CUSTOM, Control.INPUT, "tel")
    assert datatype_of("al_international_phone") == custom("al_international_phone")
    assert custom("plain").input.mode is None
    assert resolve("al_international_phone", "hidden") == ("al_international_phone", "hidden")
