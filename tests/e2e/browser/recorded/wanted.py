"""What a page must show for a SCREEN of the replay: the rules of fields.md and questions.md, not those of the gateway.

Both sides are plain dicts of the same shape, so that a difference is read at once:
``{"heading", "text", "fields": [{"name", "control", "label", "required", "choices", "value"}], "buttons", …}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.gateway.render.references import FileLookup, around
from services.gateway.render.values import choice_text, text_of
from shared.markup import MarkupContext, to_html, to_inline
from tests.e2e.browser.recorded.plain import reading

Sight = dict[str, Any]

_FILES = frozenset({"file", "files", "camera", "user", "environment", "camcorder", "microphone"})
#: datatype -> type of the input; numbers are texts, because input type=number loses what it cannot parse.
_INPUT_TYPES = {
    "email": "email",
    "url": "url",
    "password": "password",
    "date": "date",
    "time": "time",
    "datetime": "datetime-local",
}
_YES, _NO, _MAYBE = ("Yes", "True"), ("No", "False"), ("I don't know", "None")
_RADIO_PAIRS = {
    "yesnoradio": [_YES, _NO],
    "noyesradio": [("Yes", "False"), ("No", "True")],
    "yesnomaybe": [_YES, _NO, _MAYBE],
    "noyesmaybe": [("Yes", "False"), ("No", "True"), _MAYBE],
}
#: Controls whose value a default puts there.
_HOLD_TEXT = ("input:", "area", "hidden")


def control(field: Mapping[str, Any]) -> str:
    """Which control a field gets (fields.md "Data types" and "Input types")."""
    datatype, kind = field["datatype"], field.get("input") or ""
    if datatype in ("note", "html"):
        return "text"
    if kind == "hidden":
        return "hidden"
    if datatype in _FILES:
        return "file"
    if datatype in ("signature", "range"):
        return str(datatype)
    if datatype in ("checkboxes", "object_checkboxes"):
        return "checkboxes"
    if datatype in ("multiselect", "object_multiselect"):
        return "multiselect"
    if kind in ("ajax", "combobox", "datalist", "radio", "area"):
        return str(kind)
    if datatype == "object_radio" or kind in _RADIO_PAIRS:
        return "radio"
    if datatype == "boolean":
        return "checkbox"
    if field.get("choices") is not None or datatype == "object" or kind == "dropdown":
        return "dropdown"
    return "input:" + _INPUT_TYPES.get(str(datatype), "text")


def may_be_away(screen: Mapping[str, Any], field: Mapping[str, Any]) -> bool:
    """Whether a script of the page may hide or disable a field: the records were not made by a browser, and answer it anyway."""
    by_script = any(condition.get("js") for condition in field.get("show_ifs") or ())
    return by_script or any((one.get("options") or {}).get("disable others") for one in screen["fields"])


def boxes_move_each_other(screen: Mapping[str, Any]) -> bool:
    """Whether ticking one box ticks or unticks others (fields.md "uncheck others", "check others")."""
    return any({"uncheck others", "check others"} & (one.get("options") or {}).keys() for one in screen["fields"])


def of(screen: Mapping[str, Any], interview: str, lookup: FileLookup, host: str) -> Sight:
    """The sight of a screen (its `to_json`)."""
    texts = around(screen, interview, lookup, host=host)
    parts = screen.get("parts") or {}
    kind = screen["kind"]
    listed = kind == "choices" and screen.get("input") in ("radio", "dropdown", "combobox")
    fields = screen["fields"] if kind in ("fields", "end", "signature") else ()
    made: Sight = {
        "heading": reading(to_inline(screen.get("question") or "", texts)),
        "text": reading(to_html(screen.get("subquestion") or "", texts)),
        "under": reading(to_html(parts.get("under") or "", texts)),
        "right": reading(to_html(parts.get("right") or "", texts)),
        "fields": [_field(one, texts) for one in fields if one["datatype"] not in ("raw html", "script", "css")],
        "buttons": _buttons(screen, texts) if kind in ("yesno", "choices") and not listed else [],
        "list": _list(screen, texts) if listed else None,
        "any order": any(one.get("any_order") for one in (screen, *screen["fields"])),
        "in the text": "[FIELD " in (screen.get("subquestion") or ""),
        "goes on": None if kind in ("review", "end") else kind in ("fields", "signature", "continue") or listed,
        "documents": [reading(to_inline(one.get("name") or "", texts)) for one in screen.get("attachments") or ()],
        "review": _review(screen, texts) if kind == "review" else [],
    }
    if made["any order"]:
        made["buttons"] = sorted(made["buttons"])
    return made


def _field(field: Mapping[str, Any], texts: MarkupContext) -> Sight:
    kind = control(field)
    label = field.get("label")
    if kind == "text":
        shown = to_html(label or "", texts) if field["datatype"] == "note" else str(label or "")
        return _sight(name=None, control=kind, label=reading(shown))
    choices: list[tuple[str, str]] | None = None
    if field.get("choices") is not None and kind != "ajax":
        choices = [_choice(one, texts) for one in field["choices"]]
    elif kind == "radio":
        choices = _RADIO_PAIRS.get(field.get("input") or "", [])
    elif kind in ("dropdown", "combobox", "datalist", "checkboxes", "multiselect"):
        choices = []
    any_order = bool(field.get("any_order"))
    # Hidden fields cannot be filled in, a box that is not ticked is an answer, and a group of boxes is marked at its label.
    unmarked = kind in ("hidden", "checkbox") or (kind == "checkboxes" and label is None)
    holds_text = kind.startswith(_HOLD_TEXT) and field["datatype"] not in ("date", "time", "datetime", "password")
    return _sight(
        name=field["variable"],
        control=kind,
        label=None if kind == "hidden" or label is None else reading(to_inline(label, texts)),
        required=None if unmarked else bool(field["required"]),
        choices=sorted(choices) if any_order and choices else choices,
        value=text_of(field.get("default")) if holds_text and field.get("default") is not None else None,
        any_order=any_order,
    )


def _sight(
    *,
    name: str | None,
    control: str,
    label: str | None,
    required: bool | None = None,
    choices: list[tuple[str, str]] | None = None,
    value: str | None = None,
    any_order: bool = False,
) -> Sight:
    known = {"name": name, "control": control, "label": label, "required": required, "choices": choices}
    return {**known, "value": value, "any order": any_order}


def _choice(choice: Mapping[str, Any], texts: MarkupContext) -> tuple[str, str]:
    return reading(to_inline(str(choice["label"]), texts)), choice_text(choice.get("value"))


def _buttons(screen: Mapping[str, Any], texts: MarkupContext) -> list[str]:
    return [reading(to_inline(one.get("label") or "", texts)) for one in screen.get("buttons") or ()]


def _list(screen: Mapping[str, Any], texts: MarkupContext) -> Sight:
    """Choices as a list with a Continue button; their labels, for values may be what runs a block."""
    kind = "dropdown" if screen["input"] == "dropdown" else str(screen["input"])
    offered = screen.get("buttons") or screen["fields"][0].get("choices") or ()
    labels = [reading(to_inline(one.get("label") or "", texts)) for one in offered]
    return {"control": kind, "labels": sorted(labels) if screen.get("any_order") else labels}


def _review(screen: Mapping[str, Any], texts: MarkupContext) -> list[tuple[str, str]]:
    rows = []
    for item in screen["fields"]:
        label = item.get("label") or ""
        if item["datatype"] in ("note", "html", "raw html"):
            rows.append((reading(to_html(label, texts) if item["datatype"] == "note" else label), ""))
        else:
            rows.append((reading(to_inline(label, texts)), reading(to_html(item.get("help") or "", texts))))
    return rows
