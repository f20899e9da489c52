"""What an answer says, by the shape of the question: the variables that it gives values, each read and validated.

Changes no variable (``storing`` does). Raises `Rejected` with all mistakes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shared.authoring.text.words import word
from shared.contract.screen import Screen, ScreenField
from shared.engine.answering.rejected import Rejected
from shared.engine.asking import lists, screens
from shared.engine.fields import validation
from shared.engine.fields.choices import Built
from shared.engine.fields.coercion import coerce
from shared.engine.fields.fields import BuiltField
from shared.engine.fields.readers import boolean, is_empty
from shared.engine.fields.refusal import Refused
from shared.engine.naming import lookup
from shared.engine.naming.names import canonical, specific
from shared.engine.outcome import Rejection
from shared.engine.request import Answer, Shown
from shared.engine.run import Run
from shared.engine.seeking import blocks
from shared.language.model import Block, Field, Question


def of_one(question: Question, shown: Shown, values: Mapping[str, object], value: object) -> dict[str, object]:
    """A screen with one variable, whose only button gives it `value`."""
    variable = specific_name(question.variable or "", shown)
    _refuse_unknown(values, {variable, question.variable or ""})
    return {variable: value} if variable else {}


def of_continue(question: Question, shown: Shown, values: Mapping[str, object]) -> dict[str, object]:
    """Review screens and screens without anything to answer: Continue sets its variable, if it has one."""
    written = question.continue_variable or (question.variable if question.shape == "review" else None)
    variable = specific_name(written, shown) if written else ""
    _refuse_unknown(values, {variable, written or ""})
    return {variable: True} if variable else {}


def of_yesno(
    run: Run, question: Question, shown: Shown, values: Mapping[str, object], button: object
) -> dict[str, object]:
    """A screen of yes, no and perhaps: the value, or the label of the button that was pressed."""
    variable = specific_name(question.variable or "", shown)
    _refuse_unknown(values, {variable, question.variable or ""})
    offered = screens.yesno_buttons(question.shape)
    given = values.get(variable, values.get(question.variable or "", lookup.NOTHING))
    if given is lookup.NOTHING:
        label = button.get("label") if isinstance(button, Mapping) else button
        for choice in offered:
            if choice.label == label:
                return {variable: choice.value}
        raise Rejected(Rejection(fields={variable: word("You need to select one.")}))
    value = _value_of(variable, lambda: boolean(given))
    if value not in [choice.value for choice in offered]:
        raise Rejected(Rejection(fields={variable: word("You need to select one.")}))
    return {variable: value}


def of_choice(
    run: Run, block: Block, question: Question, shown: Shown, values: Mapping[str, object], answer: Answer
) -> tuple[dict[str, object], Screen | None]:
    """A screen of choices: the value of one; else a button, whose block is remembered or whose command is a Screen at once."""
    built = screens.choices_of(run, block)
    variable = specific_name(question.variable or "", shown)
    _refuse_unknown(values, {variable, question.variable or ""})
    given = (
        values.get(variable, values.get(question.variable or "", lookup.NOTHING))
        if question.variable
        else lookup.NOTHING
    )
    if given is lookup.NOTHING or (isinstance(answer.button, Mapping) and not values):
        chosen = _pressed(built, answer.button)
        if chosen is None:
            raise Rejected(
                Rejection(
                    fields={variable: word("You need to select one.")} if variable else {},
                    message=word("You need to select one."),
                )
            )
        index, choice = chosen
        if choice.has_value:
            return ({variable: choice.value} if variable else {}), None
        if choice.block is None and choice.command != "continue":
            return {}, screens.command(run, choice.command, choice.url)
        path = tuple(int(step) for step in shown.kind.split("/") if step)
        run.internal["chosen"][blocks.key_of(shown.block, path)] = index
        return {}, None
    field = BuiltField(
        Field(place=block.place, variable=variable, choices=question.choices),
        variable,
        ScreenField(
            variable=variable,
            label=None,
            datatype=screens.choice_datatype(question),
            required=True,
            input="combobox" if question.shape == "combobox" else "radio",
        ),
        tuple(built),
    )
    value = _value_of(variable, lambda: validation.read(run, field, given, given=True))
    return {variable: value}, None


def _pressed(built: list[Built], button: object) -> tuple[int, Built] | None:
    label = button
    if isinstance(button, Mapping):
        label = button.get("label")
        index = button.get("index")
        if (
            isinstance(index, int)
            and 0 <= index < len(built)
            and (label is None or built[index].label == label or not built[index].has_value)
        ):
            return index, built[index]
    for index, choice in enumerate(built):
        if choice.label == label or (not choice.has_value and choice.label.strip() == str(label).strip()):
            return index, choice
    return None


def of_signature(run: Run, question: Question, shown: Shown, values: Mapping[str, object]) -> dict[str, object]:
    """The number of the file with the signature, as the DAFile that it becomes."""
    variable = specific_name(question.variable or "", shown)
    _refuse_unknown(values, {variable, question.variable or ""})
    place = question.question.place
    field = BuiltField(
        Field(place=place, variable=variable),
        variable,
        ScreenField(variable=variable, label=None, datatype="signature", required=True),
    )
    given = values.get(variable, values.get(question.variable or ""))
    return {variable: _value_of(variable, lambda: coerce(run, field, given))}


def _value_of(variable: str, read: Callable[[], object]) -> object:
    try:
        return read()
    except Refused as refused:
        raise Rejected(Rejection(fields={variable: refused.message})) from None


def of_fields(
    run: Run, block: Block, question: Question, shown: Shown, values: Mapping[str, object]
) -> dict[str, object]:
    """A screen of fields: each that was sent, and those that count as left empty. A list may have items deleted."""
    gone: tuple[str, ...] = ()
    if lists.enabled(run, question):
        gone = lists.deleted_prefixes(run, question, shown.context, values.get(lists.DELETE))
        values = {name: value for name, value in values.items() if name != lists.DELETE and not name.startswith(gone)}
    built = [
        field
        for field in screens.fields_of(run, block, shown.context, values)
        if not gone or not (field.variable or "").startswith(gone)
    ]
    known: dict[str, BuiltField] = {}
    for field in built:
        if field.variable:
            known[field.variable] = field
            known.setdefault(canonical(field.field.variable or ""), field)
    continued = specific_name(question.continue_variable, shown) if question.continue_variable else ""
    _refuse_unknown(values, {*known, continued, question.continue_variable or ""})
    by_field = {known[name].variable: value for name, value in values.items() if name in known}
    disabled = _disabled(built, by_field)
    stored: dict[str, object] = {}
    errors: dict[str, str] = {}
    for field in built:
        name = field.variable
        if not name or field.screen.disabled:
            continue
        given = name in by_field
        if not given and (name in disabled or not _expected(field)):
            continue
        try:
            stored[name] = validation.read(run, field, by_field.get(name), given=given)
        except Refused as refused:
            errors[name] = refused.message
    for name in _left_alone(built, stored):
        del stored[name]
    for name in stored:  # of two fields for one variable (as with "disable others") one is enough
        errors.pop(name, None)
    if errors:
        raise Rejected(Rejection(fields=errors))
    if continued:
        stored[continued] = True
    return stored


def _left_alone(built: list[BuiltField], stored: Mapping[str, object]) -> list[str]:
    """Object fields answered by nobody whose variable is not set to None (docs fields.md).

    One chose "none of the above" ("the variable will not be defined"), or gave the object's attributes in other fields of the
    screen ("either set the attributes of an object or set the object equal to another object").
    """
    alone = []
    for field in built:
        name = field.variable
        if not name or name not in stored or stored[name] is not None or not field.datatype.objects:
            continue
        attributes = (f"{name}.", f"{name}[")
        if field.screen.options.get("none of the above") or any(other.startswith(attributes) for other in stored):
            alone.append(name)
    return alone


def _disabled(built: list[BuiltField], given: Mapping[str | None, object]) -> set[str | None]:
    """Fields that the browser disabled because one with ``disable others`` was filled in (docs fields.md)."""
    disabled: set[str | None] = set()
    for field in built:
        rule = field.field.options.get("disable others")
        if not rule or is_empty(given.get(field.variable)):
            continue
        if isinstance(rule, list | tuple):
            disabled.update(canonical(str(name)) for name in rule)
        else:
            disabled.update(other.variable for other in built if other is not field)
    return disabled


def _expected(field: BuiltField) -> bool:
    """Whether a field that was not sent counts as left empty, rather than as not asked: hidden, or without anything to choose.

    An optional field that a program leaves out is empty, as it is with null (docs fields.md, "required"): its variable is set, or the
    screen would come again without a word.
    """
    return not field.screen.show_ifs and (field.choices is None or bool(field.choices))


def _refuse_unknown(values: Mapping[str, object], known: set[str]) -> None:
    unknown = [name for name in values if name not in known]
    if unknown:
        names = ", ".join(unknown)
        raise Rejected(Rejection(message=f"This screen has no field for {names}."))


def specific_name(written: str, shown: Shown) -> str:
    """A name as the block writes it, with `x` and `i` … as they were when the screen was made."""
    return canonical(specific(written, dict(shown.context)))
