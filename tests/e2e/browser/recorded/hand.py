"""Giving a recorded answer to the page that is shown, with mouse and keyboard."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import FilePayload, Locator, Page, expect

from services.cli.replay import sample_image
from services.gateway.render.values import choice_text, text_of
from tests.e2e.browser.recorded import wanted

Screen = Mapping[str, Any]
Answer = Mapping[str, Any]

_CONTROLS = "input:not([type=hidden]), textarea, select, canvas"


def fill_in(page: Page, screen: Screen, answer: Answer) -> Answer:
    """Every field that has an answer, from top to bottom. Returns the answer without what the page does not let one give."""
    given = dict(answer.get("set") or {})
    if screen["kind"] in ("fields", "signature"):
        for field in screen["fields"]:
            if field["variable"] not in given or _means_its_twin(screen, field, given[field["variable"]]):
                continue
            box = _box(page, screen, field)
            if _is_away(box, field) and (field.get("disabled") or wanted.may_be_away(screen, field)):
                del given[field["variable"]]
            else:
                _fill(page, box, field, given[field["variable"]])
        if wanted.boxes_move_each_other(screen):
            given |= _ticks(page, screen)
    elif screen["kind"] == "choices" and screen.get("input") in ("radio", "dropdown", "combobox"):
        _choose_from_list(page, screen, answer)
    return {**answer, "set": given}


def go_on(page: Page, screen: Screen, answer: Answer, *, refused: bool = False) -> None:
    """Press what was pressed, and wait for the next page; if the answer will be `refused`, for the message."""
    buttons = page.locator("#answer .actions > button.btn")
    if screen["kind"] in ("yesno", "choices") and screen.get("input") not in ("radio", "dropdown", "combobox"):
        pressed = buttons.nth(_pressed(screen, answer))
    else:
        pressed = page.locator("#answer .actions > button.btn-lg")
    here = page.locator('#answer input[name=":request"]').input_value()
    pressed.click()
    if refused:
        expect(page.locator("#errors")).to_be_visible()
    else:
        expect(page.locator(f'#page input[name=":request"][value="{here}"]')).to_have_count(0)


def _pressed(screen: Screen, answer: Answer) -> int:
    """Which of the buttons, by its index or label; if labels vary by chance, by its value."""
    said, offered = answer.get("button"), screen["buttons"]
    if isinstance(said, Mapping):
        return int(said["index"])
    labels = [one.get("label") for one in offered]
    if said in labels:
        return labels.index(said)
    value = next(iter((answer.get("set") or {}).values()))
    return [one.get("value") for one in offered].index(value)


def _choose_from_list(page: Page, screen: Screen, answer: Answer) -> None:
    offered = screen.get("buttons") or screen["fields"][0]["choices"]
    number = _pressed({"buttons": offered}, answer)
    box = page.locator("#answer .field").first
    if screen["input"] == "radio":
        box.locator("input[type=radio]").nth(number).check()
    elif screen["input"] == "dropdown":
        box.locator("select").select_option(index=number + 1)
    else:
        _pick(box, str(offered[number]["label"]))


def _means_its_twin(screen: Screen, field: Mapping[str, Any], value: Any) -> bool:
    """Whether `value` was given in another field for the same variable, because this one does not offer it."""
    twins = [one for one in screen["fields"] if one["variable"] == field["variable"]]
    offered = [choice_text(one.get("value")) for one in field.get("choices") or ()]
    return len(twins) > 1 and field.get("choices") is not None and choice_text(value) not in offered


def _box(page: Page, screen: Screen, field: Mapping[str, Any]) -> Locator:
    twins = [one for one in screen["fields"] if one["variable"] == field["variable"]]
    boxes = page.locator(f"#answer .field[data-field={json.dumps(field['variable'])}]")
    return boxes.nth(twins.index(field))


def _ticks(page: Page, screen: Screen) -> dict[str, bool]:
    """What the boxes on the page say now: one that unticks the others cannot be given together with them."""
    found = {}
    for field in screen["fields"]:
        if wanted.control(field) == "checkbox":
            box = _box(page, screen, field).locator(_CONTROLS).first
            found[field["variable"]] = box.is_checked() == (box.input_value() == "True")
    return found


def _is_away(box: Locator, field: Mapping[str, Any]) -> bool:
    if wanted.control(field) == "hidden":
        return False
    first = box.locator(_CONTROLS).first
    return not (first.is_visible() and first.is_enabled())


def _fill(page: Page, box: Locator, field: Mapping[str, Any], value: Any) -> None:
    kind = wanted.control(field)
    if kind == "hidden":
        # As an author's script does it; nothing happens if it has the value already.
        page.evaluate(
            "([name, value]) => val(name) === value || setField(name, value)", [field["variable"], text_of(value)]
        )
        return
    first = box.locator(_CONTROLS).first
    if kind == "file":
        name, mimetype = value["file"]["name"], value["file"]["type"]
        first.set_input_files([FilePayload(name=name, mimeType=mimetype, buffer=sample_image())])
    elif kind == "signature":
        _sign(page, first)
    elif kind == "checkbox":
        first.set_checked(first.input_value() == choice_text(value))
    elif kind == "radio":
        box.locator(f"input[type=radio][value={json.dumps(_choice(value))}]").check()
    elif kind == "dropdown":
        first.select_option(value=_choice(value))
    elif kind == "multiselect":
        first.select_option(value=_ticked(value))
    elif kind == "checkboxes":
        on = _ticked(value)
        for one in box.locator("input[type=checkbox]:not([data-exclusive])").all():
            one.set_checked(one.input_value() in on)
    elif kind == "combobox":
        labels = {choice_text(one.get("value")): one["label"] for one in field.get("choices") or ()}
        if choice_text(value) in labels:
            _pick(box, labels[choice_text(value)])
        else:
            first.fill(text_of(value))
    else:
        first.fill(text_of(value))


def _choice(value: Any) -> str:
    """What is sent for a choice; nobody (an object field answered by null) is the empty one."""
    return "" if value is None else choice_text(value)


def _ticked(value: Any) -> list[str]:
    return [key for key, on in value.items() if on] if isinstance(value, Mapping) else list(value)


def _pick(box: Locator, label: str) -> None:
    box.get_by_role("combobox").fill(label)
    box.get_by_role("option", name=label, exact=True).first.click()


def _sign(page: Page, canvas: Locator) -> None:
    canvas.scroll_into_view_if_needed()
    frame = canvas.bounding_box()
    assert frame is not None
    x, y = frame["x"], frame["y"]
    page.mouse.move(x + 40, y + 60)
    page.mouse.down()
    page.mouse.move(x + 160, y + 30, steps=4)
    page.mouse.up()
