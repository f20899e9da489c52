"""Which control a field gets, and what it holds (fields.md)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.gateway.render.control import Given
from tests.unit.gateway.screens import choice, field, one, screen, shown

FRUIT = [choice("Apple"), choice("Pear")]


@pytest.mark.parametrize(
    ("datatype", "more", "kind", "type_"),
    [
        ("text", {}, "input", "text"),
        ("text", {"input": "area"}, "area", "text"),
        ("mlarea", {}, "area", "text"),
        ("text", {"input": "hidden"}, "hidden", "text"),
        ("email", {}, "input", "email"),
        ("url", {}, "input", "url"),
        ("password", {}, "input", "password"),
        ("integer", {}, "input", "text"),
        ("currency", {}, "input", "text"),
        ("date", {}, "input", "date"),
        ("time", {}, "input", "time"),
        ("datetime", {}, "input", "datetime-local"),
        ("range", {}, "range", "range"),
        ("file", {}, "file", "text"),
        ("camera", {}, "file", "text"),
        ("boolean", {"input": "yesno"}, "checkbox", "text"),
        ("boolean", {"input": "noyeswide"}, "checkbox", "text"),
        ("boolean", {"input": "yesnoradio"}, "radio", "text"),
        ("threestate", {"input": "yesnomaybe"}, "radio", "text"),
        ("boolean", {"choices": FRUIT}, "dropdown", "text"),
        ("text", {"choices": FRUIT}, "dropdown", "text"),
        ("text", {"choices": FRUIT, "input": "radio"}, "radio", "text"),
        ("text", {"choices": FRUIT, "input": "combobox"}, "combobox", "text"),
        ("text", {"choices": FRUIT, "input": "datalist"}, "datalist", "text"),
        ("text", {"input": "ajax"}, "ajax", "text"),
        ("checkboxes", {"choices": FRUIT}, "checkboxes", "text"),
        ("multiselect", {"choices": FRUIT}, "multiselect", "text"),
        ("object", {"choices": FRUIT}, "dropdown", "text"),
        ("object_radio", {"choices": FRUIT}, "radio", "text"),
        ("object_checkboxes", {"choices": FRUIT}, "checkboxes", "text"),
        ("anything_custom", {}, "input", "text"),
    ],
)
def test_the_control_of_a_datatype(datatype: str, more: dict[str, Any], kind: str, type_: str) -> None:
    made = one("a", "Label", datatype, **more)
    assert made.kind == kind
    if kind == "input":
        assert made.type == type_


def test_an_unticked_noyes_box_means_true() -> None:
    made = one("a", "I refuse", "boolean", input="noyes", default=False)
    assert (made.value, made.off, made.checked) == ("False", "True", True)


def test_radio_yes_no_maybe_values() -> None:
    made = one("a", "Sure?", "threestate", input="noyesmaybe", default=True)
    assert [(item.plain, item.value, item.selected) for item in made.items] == [
        ("Yes", "False", False),
        ("No", "True", True),
        ("I don't know", "None", False),
    ]


@pytest.mark.parametrize("default", [["Pear"], {"Pear": True, "Apple": False}, "Pear"])
def test_defaults_of_checkboxes_in_every_documented_form(default: Any) -> None:
    made = one("a", "Fruit", "checkboxes", choices=FRUIT, default=default)
    assert [item.value for item in made.items if item.selected] == ["Pear"]


def test_none_of_the_above_is_there_unless_refused_and_may_be_renamed() -> None:
    def last(value: Any) -> str:
        return one("a", "Fruit", "checkboxes", choices=FRUIT, options={"none of the above": value}).items[-1].plain

    assert one("a", "Fruit", "checkboxes", choices=FRUIT).items[-1].plain == "None of the above"
    assert last("No fruit") == "No fruit"
    assert last(False) == "Pear"


def test_the_default_is_selected_and_else_what_the_choice_says() -> None:
    choices = [choice("Apple", selected=True), choice("Pear")]
    assert [item.selected for item in one("a", choices=choices).items] == [True, False]
    assert [item.selected for item in one("a", choices=choices, default="Pear").items] == [False, True]


@pytest.mark.parametrize(
    ("datatype", "default", "value"),
    [
        ("date", {"date": "2026-01-15"}, "2026-01-15"),
        ("date", "2026-01-15T00:00:00", "2026-01-15"),
        ("time", "13:43:00", "13:43"),
        ("time", "13:43:23", "13:43:23"),
        ("datetime", {"datetime": "2026-01-15T10:30"}, "2026-01-15T10:30"),
        ("number", 3.5, "3.5"),
        ("integer", 12.0, "12"),
        ("currency", 0, "0"),
        ("text", None, ""),
        ("text", True, "True"),
    ],
)
def test_defaults_as_the_text_of_the_input(datatype: str, default: Any, value: str) -> None:
    assert one("a", "Label", datatype, default=default).value == value


def test_what_was_entered_stands_before_the_default_and_has_its_error() -> None:
    given = Given(values={"a": "mine"}, errors={"a": "Not this."})
    made = one("a", default="theirs", given=given)
    assert (made.value, made.error) == ("mine", "Not this.")


def test_a_refused_tick_list_stays_unticked() -> None:
    made = one("a", "Fruit", "checkboxes", choices=FRUIT, default=["Apple"], given=Given(values={"a": []}))
    assert not any(item.selected for item in made.items)


def test_currency_symbol_and_bounds() -> None:
    made = one("a", "Sum", "currency", options={"currency symbol": "€", "min": 5})
    assert made.prefix == "€"
    assert made.attributes["data-min"] == 5
    assert made.attributes["inputmode"] == "decimal"


def test_conditions_of_the_browser_travel_and_js_ones_apart() -> None:
    made = shown(
        screen(
            fields=[
                field("a"),
                field("b", show_ifs=[{"sign": True, "disable": False, "variable": "a", "is": "x"}]),
                field("c", show_ifs=[{"sign": False, "disable": False, "js": "val('a')"}]),
            ]
        )
    )
    assert json.loads(made.form.widgets[1].conditions) == [{"sign": True, "disable": False, "variable": "a", "is": "x"}]
    assert made.form.js_conditions == ({"number": 2, "js": "val('a')", "sign": False, "disable": False},)


def test_labels_are_markdown_and_plain_for_aria() -> None:
    made = one("a", "Your **full** name")
    assert made.label == "Your <strong>full</strong> name"
    assert made.plain_label == "Your full name"


def test_adjacent_grid_fields_share_a_row_as_start_and_end_say() -> None:
    made = shown(
        screen(
            fields=[
                field("a", options={"grid": 6}),
                field("b", options={"grid": {"width": 6, "end": True, "breakpoint": "sm", "offset": 2}}),
                field("c", options={"grid": 4}),
                field("d"),
                field("e", options={"grid": 3}),
                field("f", options={"grid": {"width": 3, "start": True}}),
            ]
        )
    )
    assert [[one.name for one in row.widgets] for row in made.form.rows] == [["a", "b"], ["c"], ["d"], ["e"], ["f"]]
    assert made.form.widgets[1].grid is not None
    assert made.form.widgets[1].grid.classes == "col-sm-6 col-12 offset-sm-2"


@pytest.mark.parametrize("grid", [0, 13, "x", None, {"offset": 2}])
def test_a_grid_that_is_none_is_ignored(grid: Any) -> None:
    assert one("a", options={"grid": grid}).grid is None


def test_a_file_that_is_there_need_not_be_sent_again() -> None:
    made = one("a", "Letter", "file", default=[{"number": 4, "filename": "a.pdf"}])
    assert made.files == ({"number": 4, "filename": "a.pdf"},)
    assert not made.required


def test_accept_is_taken_out_of_its_quotes() -> None:
    assert (
        one("a", "Picture", "file", options={"accept": '"image/png, image/jpeg"'}).attributes["accept"]
        == "image/png, image/jpeg"
    )
    assert one("a", "Picture", "camera").attributes["accept"] == "image/*"


def test_only_what_the_author_accepts_is_held() -> None:
    assert one("a", "Picture", "file", options={"accept": "image/png"}).attributes["data-accept"] == "image/png"
    assert one("a", "Picture", "camera").attributes.get("data-accept") is None


def test_a_datatype_of_the_authors_brings_its_classes_rules_and_parameters() -> None:
    custom = {
        "name": "ssn",
        "container_class": "da-ssn-container",
        "input_class": "da-ssn",
        "input_type": "tel",
        "javascript": "$.validator.addMethod('ssn', function(){ return true; });",
        "jq_rule": "ssn",
        "jq_message": "Not a number.",
        "parameters": {"max words": 3},
    }
    made = shown(screen(fields=[field("a", "SSN", "ssn", options={"custom": custom})]))
    control = made.form.widgets[0]
    assert (control.type, control.css) == ("tel", "da-ssn")
    assert "da-ssn-container" in control.container
    assert control.attributes["data-rules"] == "ssn"
    assert control.attributes["data-max-words"] == "3"
    assert json.loads(control.messages) == {"ssn": "Not a number."}
    assert made.code.datatypes == (custom["javascript"],)
