"""What a control holds: its default or what was entered, its choices, the attributes of its input (fields.md)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from services.gateway.render.control import Grid, Item, Part
from services.gateway.render.trusted import author_html
from services.gateway.render.values import choice_text, number_of, text_of, ticked, truth
from shared.contract.datatype_columns import Control, Datatype, InputType, Limits, Reading
from shared.contract.jsonvalue import JsonMap
from shared.markup import MarkupContext, to_html, to_inline, to_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a SCREEN, and what is needed to fill its control."""

    control: Control
    spec: JsonMap
    datatype: Datatype
    look: InputType | None  #: the author's `input type`
    options: JsonMap
    entered: object  #: what the user had entered, or the default
    words: Mapping[str, str]  #: the page's own, in its language
    around: MarkupContext

    @property
    def kind(self) -> str:
        """Of the widget."""
        return self.control.value

    @property
    def inverted(self) -> bool:
        return self.look is not None and self.look.inverted


def picture(name: str, around: MarkupContext) -> Markup | None:
    """The decoration `name`: an image of the interview, or an icon."""
    found = around.icon(name) if around.icon is not None else None
    return author_html(found) if found else None


def choice_item(choice: JsonMap, around: MarkupContext, *, value: str, label: str, selected: bool) -> Item:
    """A choice of a SCREEN as an item that sends `value`."""
    return Item(
        value=value,
        label=author_html(to_inline(label, around)),
        plain=to_plain(label),
        selected=selected,
        help=author_html(to_html(choice["help"], around)) if choice.get("help") else None,
        image=picture(str(choice["image"]), around) if choice.get("image") else None,
        color=choice.get("color"),
        css=choice.get("css_class") or "",
        group=choice.get("group"),
    )


def held(field: Field) -> Part:
    """What the control of `field` holds."""
    made = _FILL.get(field.control, _input)(field)
    if field.options.get("item grid"):
        columns = grid(field.options["item grid"])
        made = {**made, "item_grid": columns.classes if columns else ""}
    return made


def of_author(field: Field, messages: str) -> Part:
    """A datatype of the author's (fields.md "Custom data types"): his classes, rules, messages and parameters."""
    given = field.options.get("custom")
    if not isinstance(given, Mapping):
        return {}
    rules, message = given.get("jq_rule") or (), given.get("jq_message")
    rules = [rules] if isinstance(rules, str) else [str(rule) for rule in rules]
    attributes: dict[str, object] = {"data-rules": " ".join(rules) or None}
    for name, value in (given.get("parameters") or {}).items():
        attributes[f"data-{str(name).replace(' ', '-')}"] = text_of(value)
    made = Part(
        css=str(given.get("input_class") or ""),
        container=str(given.get("container_class") or ""),
        attributes=attributes,
        extra={"javascript": given.get("javascript")},
    )
    if isinstance(message, Mapping) or (isinstance(message, str) and rules):
        said = dict(message) if isinstance(message, Mapping) else dict.fromkeys(rules, message)
        made["messages"] = json.dumps({**said, **(json.loads(messages) if messages else {})})
    return made


def grid(value: object) -> Grid | None:
    """Columns of twelve, as the author's `grid` says; None if it says nothing that makes sense."""
    if value is None or value is False:
        return None
    given = dict(value) if isinstance(value, Mapping) else {"width": value}
    width = number_of(given.get("width"))
    if width is None or not 1 <= width <= 12:
        return None
    point = str(given.get("breakpoint") or "md")
    infix = "" if point == "xs" else f"-{point}"
    classes = [f"col{infix}-{int(width)}", *([] if point == "xs" else ["col-12"])]
    offset = number_of(given.get("offset"))
    if offset and 1 <= offset <= 11:
        classes.append(f"offset{infix}-{int(offset)}")
    return Grid(classes=" ".join(classes), start=truth(given.get("start")) is True, end=truth(given.get("end")) is True)


# ---------------------------------------------------------------------- by kind


def _checkbox(field: Field) -> Part:
    value, off = ("False", "True") if field.inverted else ("True", "False")
    checked = field.entered is not None and text_of(field.entered) == value
    wide = field.look is not None and field.look.wide
    return Part(value=value, off=off, checked=checked, extra={"wide": wide})


def _radio(field: Field) -> Part:
    if field.spec.get("choices") is None:
        return Part(items=_with_none(_yes_no(field), field, default=False), extra={"short": True})
    return Part(items=_with_none(_items(field), field, default=False))


def _checkboxes(field: Field) -> Part:
    items = _with_all(_with_none(_items(field, many=True), field, default=True), field)
    keys = field.datatype.limits.keys
    limits = {f"data-{key}": field.options[key] for key in keys if field.options.get(key) is not None}
    return Part(items=items, attributes=limits)


def _choices(field: Field) -> Part:
    many = field.kind == "multiselect"
    made = Part(
        items=_items(field, many=many),
        value=text_of(field.entered),
        attributes={"size": field.options.get("rows") if many else None},
    )
    if field.kind == "dropdown" and not field.spec.get("hint"):
        made["hint"] = field.words["select"]
    return made


def _ajax(field: Field) -> Part:
    trigger = int(number_of(field.options.get("trigger at")) or 4)
    return Part(
        value=text_of(field.entered),
        attributes={"data-action": str(field.options.get("action") or ""), "data-trigger": trigger},
    )


def _file(field: Field) -> Part:
    options, kind = field.options, field.datatype.input
    wanted = str(options.get("accept") or "").strip().strip("'\"")
    attributes = {
        "accept": wanted or kind.accept or None,
        "data-accept": wanted or None,  # what the author says is held; what a microphone offers is only offered
        "multiple": kind.multiple,
        "capture": kind.capture,
        "data-max-image": options.get("maximum image size"),
        "data-image-type": options.get("image upload type"),
    }
    entered = field.entered.get("files") if isinstance(field.entered, Mapping) else field.entered
    files = (
        tuple(dict(item) for item in entered if isinstance(item, Mapping)) if isinstance(entered, list | tuple) else ()
    )
    made = Part(attributes=attributes, files=files)
    if files:
        made["required"] = False
    return made


def _hidden(field: Field) -> Part:
    return {**_input(field), "attributes": _address(field)}


def _area(field: Field) -> Part:
    options = field.options
    attributes = {
        "rows": options.get("rows") or 4,
        "minlength": options.get("minlength"),
        "maxlength": options.get("maxlength"),
    }
    return {**_input(field), "attributes": attributes | _address(field)}


def _input(field: Field) -> Part:
    options, datatype, kind = field.options, field.datatype, field.datatype.input
    attributes: dict[str, object] = {
        "inputmode": kind.mode,
        "autocomplete": options.get("autocomplete") or kind.autocomplete,
        **{key: options.get(key) for key in ("minlength", "maxlength", "pattern")},
        **_limits(datatype, options),
    }
    if field.look is not None and field.look.name == "date parts" and kind.type == "date":
        attributes["data-date-parts"] = True
    value = text_of(field.entered)
    if datatype.reading in _WRITTEN_FOR_INPUTS:
        value = _WRITTEN_FOR_INPUTS[datatype.reading](value)
    if datatype.limits is Limits.SLIDER:
        attributes["min"], attributes["max"] = attributes.get("min") or "0", attributes.get("max") or "100"
        value = value or text_of(attributes["min"])
        attributes["data-scale"] = options.get("scale")
    made = Part(type=kind.type, value=value, attributes=attributes | _address(field))
    if "currency symbol" in datatype.keys:
        symbol = str(options.get("currency symbol") or options.get("currency_symbol") or "$")
        if truth(options.get("currency symbol after")):
            made["suffix"] = symbol
        else:
            made["prefix"] = symbol
    return made


def _limits(datatype: Datatype, options: JsonMap) -> dict[str, object]:
    """The limits as attributes: the browser's own where it checks them, else those that the page's script reads."""
    if datatype.rule is not None:
        return {"data-number": datatype.rule.value} | {f"data-{key}": options.get(key) for key in datatype.limits.keys}
    if datatype.limits in (Limits.MOMENT, Limits.SLIDER):
        return {key: text_of(options.get(key)) or None for key in datatype.limits.keys}
    return {}


#: The form in which an input of the browser takes a value.
_WRITTEN_FOR_INPUTS: Mapping[Reading, Callable[[str], str]] = {
    Reading.DATE: lambda text: text[:10],
    Reading.TIME: lambda text: text[:5] if len(text) == 8 and text.endswith(":00") else text,
    Reading.DATETIME: lambda text: text.replace(" ", "T")[:16],
}


def _address(field: Field) -> dict[str, str]:
    return {"autocomplete": "street-address"} if field.options.get("address autocomplete") else {}


def _signature(field: Field) -> Part:
    return {}


_FILL: Mapping[Control, Callable[[Field], Part]] = {
    Control.CHECKBOX: _checkbox,
    Control.RADIO: _radio,
    Control.CHECKBOXES: _checkboxes,
    Control.DROPDOWN: _choices,
    Control.MULTISELECT: _choices,
    Control.COMBOBOX: _choices,
    Control.DATALIST: _choices,
    Control.AJAX: _ajax,
    Control.FILE: _file,
    Control.SIGNATURE: _signature,
    Control.HIDDEN: _hidden,
    Control.AREA: _area,
}


# ---------------------------------------------------------------------- choices


def _items(field: Field, *, many: bool = False) -> tuple[Item, ...]:
    entered = field.entered
    on = ticked(entered) if many else ({choice_text(entered)} if entered is not None and entered != "" else set())
    items = []
    for choice in field.spec.get("choices") or ():
        value = choice_text(choice.get("value")) if choice.get("has_value", True) else ""
        label = str(choice.get("label") if choice.get("label") is not None else value)
        selected = value in on or (not on and bool(choice.get("selected")))
        items.append(choice_item(choice, field.around, value=value, label=label, selected=selected))
    return tuple(items)


def _yes_no(field: Field) -> tuple[Item, ...]:
    ours = field.words
    pairs = [("True", ours["yes"]), ("False", ours["no"])]
    if field.inverted:
        pairs = [("False", ours["yes"]), ("True", ours["no"])]
    if field.datatype.maybe or (field.look is not None and field.look.maybe):
        pairs.append(("None", ours["maybe"]))
    now = text_of(field.entered)
    return tuple(
        Item(value=value, label=author_html(label), plain=label, selected=value == now) for value, label in pairs
    )


def _with_none(items: tuple[Item, ...], field: Field, *, default: bool) -> tuple[Item, ...]:
    wanted = field.options.get("none of the above", default)
    return _with(items, default if wanted is None else wanted, field.words["none of the above"], "nota")


def _with_all(items: tuple[Item, ...], field: Field) -> tuple[Item, ...]:
    return _with(items, field.options.get("all of the above") or False, field.words["all of the above"], "aota")


def _with(items: tuple[Item, ...], wanted: object, ours: str, exclusive: str) -> tuple[Item, ...]:
    """`items`, and behind them the one that excludes or includes all others, if it is `wanted` (True, or its label)."""
    if truth(wanted) is False or not items:
        return items
    label = ours if truth(wanted) is True else str(wanted)
    last = Item(value="", label=author_html(to_inline(label)), plain=to_plain(label), exclusive=exclusive)
    return (*items, last)
