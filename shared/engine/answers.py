"""An answer: checked against the screen it is for, stored, and what follows from that.

Nothing is stored unless everything is good; all mistakes are told at once. Reading values is ``coercion``, checking
them ``validation``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from shared.authoring.errors import MISSING, ValidationError
from shared.authoring.functions.words import word
from shared.engine import actions, blocks, dependents, lists, lookup, passes, responses, screens, seek, validation
from shared.engine.choices import Built
from shared.engine.coercion import boolean, coerce, is_empty
from shared.engine.errors import StaleAnswer
from shared.engine.fields import BuiltField
from shared.engine.names import canonical, missing_name, specific
from shared.engine.outcome import Rejection
from shared.engine.refusal import Refused
from shared.engine.request import Answer, Shown
from shared.engine.run import Run
from shared.engine.screen import Screen, ScreenField
from shared.language.model import Block, Field, Question

#: How often objects that a field belongs to may have to be made before its value can be stored.
_OWNERS = 20


class Rejected(Exception):
    """The answer is refused; carries what the user is told."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.message or "")
        self.rejection = rejection


def take(run: Run, answer: Answer) -> Screen | None:
    """Store the answer. Returns a Screen if it was a button that ends the step (restart, exit …).

    Raises `Rejected`, `StaleAnswer`, and whatever author code raises.
    """
    shown = answer.shown
    if shown.block == responses.MESSAGE:
        return responses.pressed(run, shown, answer.button)
    block, question = block_of(run, shown)
    bind(run, shown)
    run.context.block = block
    if shown.variable:
        run.trail[:] = [shown.variable]  # a group that is being gathered is used as far as it has come
    values = {canonical(name): value for name, value in answer.values.items()}
    shape = question.shape
    command: Screen | None = None
    if shape == "fields":
        stored = _fields(run, block, question, shown, values)
    elif shape in screens.YESNO:
        stored = _yesno(run, question, shown, values, answer.button)
    elif shape in screens.CHOICE_SHAPES:
        stored, command = _choice(run, block, question, shown, values, answer)
    elif shape == "continue":
        stored = _only(question, shown, values, True)
    elif shape == "signature":
        stored = _signature(run, question, shown, values)
    else:
        stored = _continue(question, shown, values)
    _store(run, block, question, stored)
    if shape == "fields" and lists.enabled(run, question):
        lists.after(run, question, shown.context, values.get(lists.DELETE))
    if command is not None:
        return command
    _finish(run, block, shown, set(stored))
    return None


def block_of(run: Run, shown: Shown) -> tuple[Block, Question]:
    """The block that was shown; one embedded in choices by the way that leads to it. Raises `StaleAnswer`."""
    block = run.interview.by_name.get(shown.block)
    for step in filter(None, shown.kind.split("/")):
        built = screens.choices_of(run, block) if block is not None else []
        block = built[int(step)].block if step.isdigit() and int(step) < len(built) else None
    if block is None or block.question is None:
        raise StaleAnswer(f"The question {shown.block} is not in the interview any more. Open the interview again.")
    return block, block.question


def bind(run: Run, shown: Shown) -> None:
    """``x`` and ``i`` … as they were when the screen was made."""
    for name, value in shown.context.items():
        run.namespace[name] = lookup.fetch_or(run.namespace, str(value), value) if name == "x" else value
    if shown.action is not None:
        stack = run.internal["stack"].get(run.client) or ()
        for entry in stack:
            if entry["action"] == shown.action:
                run.context.action = entry["action"]
                run.context.arguments = entry.get("arguments") or {}
                break


def _specific(written: str, shown: Shown) -> str:
    return canonical(specific(written, dict(shown.context)))


def _only(question: Question, shown: Shown, values: Mapping[str, Any], value: Any) -> dict[str, Any]:
    variable = _specific(question.variable or "", shown)
    _refuse_unknown(values, {variable, question.variable or ""})
    return {variable: value} if variable else {}


def _continue(question: Question, shown: Shown, values: Mapping[str, Any]) -> dict[str, Any]:
    """Review screens and screens without anything to answer: Continue sets its variable, if it has one."""
    written = question.continue_variable or (question.variable if question.shape == "review" else None)
    variable = _specific(written, shown) if written else ""
    _refuse_unknown(values, {variable, written or ""})
    return {variable: True} if variable else {}


def _yesno(run: Run, question: Question, shown: Shown, values: Mapping[str, Any], button: Any) -> dict[str, Any]:
    variable = _specific(question.variable or "", shown)
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


def _choice(
    run: Run, block: Block, question: Question, shown: Shown, values: Mapping[str, Any], answer: Answer
) -> tuple[dict[str, Any], Screen | None]:
    built = screens.choices_of(run, block)
    variable = _specific(question.variable or "", shown)
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


def _pressed(built: list[Built], button: Any) -> tuple[int, Built] | None:
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


def _signature(run: Run, question: Question, shown: Shown, values: Mapping[str, Any]) -> dict[str, Any]:
    variable = _specific(question.variable or "", shown)
    _refuse_unknown(values, {variable, question.variable or ""})
    place = question.question.place
    field = BuiltField(
        Field(place=place, variable=variable),
        variable,
        ScreenField(variable=variable, label=None, datatype="signature", required=True),
    )
    given = values.get(variable, values.get(question.variable or ""))
    return {variable: _value_of(variable, lambda: coerce(run, field, given))}


def _value_of(variable: str, read: Any) -> Any:
    try:
        return read()
    except Refused as refused:
        raise Rejected(Rejection(fields={variable: refused.message})) from None


def _fields(run: Run, block: Block, question: Question, shown: Shown, values: Mapping[str, Any]) -> dict[str, Any]:
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
    continued = _specific(question.continue_variable, shown) if question.continue_variable else ""
    _refuse_unknown(values, {*known, continued, question.continue_variable or ""})
    by_field = {known[name].variable: value for name, value in values.items() if name in known}
    disabled = _disabled(built, by_field)
    stored: dict[str, Any] = {}
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


def _left_alone(built: list[BuiltField], stored: Mapping[str, Any]) -> list[str]:
    """Object fields answered by nobody whose variable is not set to None (docs fields.md).

    One chose "none of the above" ("the variable will not be defined"), or gave the object's attributes in other fields of the
    screen ("either set the attributes of an object or set the object equal to another object").
    """
    alone = []
    for field in built:
        name = field.variable
        if not name or name not in stored or stored[name] is not None or not field.datatype.startswith("object"):
            continue
        attributes = (f"{name}.", f"{name}[")
        if field.screen.options.get("none of the above") or any(other.startswith(attributes) for other in stored):
            alone.append(name)
    return alone


def _disabled(built: list[BuiltField], given: Mapping[str | None, Any]) -> set[str | None]:
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
    """Whether a field that was not sent had to be: the browser leaves out hidden fields, empty groups of choices and unticked boxes."""
    if field.screen.show_ifs:
        return False
    if field.choices is not None and not field.choices:
        return False
    if field.datatype in ("checkboxes", "multiselect", "object_checkboxes", "object_multiselect"):
        return True
    return field.screen.required


def _refuse_unknown(values: Mapping[str, Any], known: set[str]) -> None:
    unknown = [name for name in values if name not in known]
    if unknown:
        names = ", ".join(unknown)
        raise Rejected(Rejection(message=f"This screen has no field for {names}."))


def _store(run: Run, block: Block, question: Question, stored: Mapping[str, Any]) -> None:
    """Set the variables; take them back if the author's validation code refuses them."""
    before = {name: lookup.fetch_or(run.namespace, name, lookup.NOTHING) for name in stored}
    watched = dependents.remember(run, stored)
    for name, value in stored.items():
        _assign(run, block, name, value)
    if question.validation_code is not None:
        try:
            run.execute(question.validation_code)
        except MISSING:
            raise
        except ValidationError as error:
            _restore(run, before)
            field = error.field
            raise Rejected(
                Rejection(
                    fields={canonical(field): error.message} if field else {}, message=None if field else error.message
                )
            ) from error
        except Exception as error:
            _restore(run, before)
            raise Rejected(Rejection(message=str(error))) from error
    for name in stored:
        run.internal["dirty"].pop(name, None)
    run.internal["prior"] = {}
    dependents.compare(run, watched)


def _assign(run: Run, block: Block, name: str, value: Any) -> None:
    """Set one variable, making the object that it belongs to first if the interview describes it."""
    for _ in range(_OWNERS):
        try:
            lookup.assign(run.namespace, name, value)
            return
        except MISSING as error:
            missed = missing_name(error)
            if missed is None or passes.settle(run, partial(_seek_owner, run, block, missed)) is not None:
                raise
    raise StaleAnswer(f"The variable {name} cannot be set: what it belongs to cannot be defined.")


def _seek_owner(run: Run, block: Block, name: str) -> Screen | None:
    """Have an object made whose attributes were answered; the question that asked for them would only ask again."""
    attempt = (block.number, name)
    run.attempts.append(attempt)
    screen = seek.seek(run, name)
    run.attempts.remove(attempt)
    return screen


def _restore(run: Run, before: Mapping[str, Any]) -> None:
    for name, value in before.items():
        if value is lookup.NOTHING:
            lookup.remove(run.namespace, name)
        else:
            lookup.assign(run.namespace, name, value)


def _finish(run: Run, block: Block, shown: Shown, names: set[str]) -> None:
    """The question is answered: a mandatory one is not asked again, actions that waited for it are done."""
    root = run.interview.by_name.get(shown.block, block)
    embedding = root.question is not None and root.question.choices is not None and not names
    if (root.mandatory is not False) and not embedding:
        run.internal["answered"][root.name] = True
    done = {*names, *block.events}
    if shown.variable and shown.variable in names:
        done.add(shown.variable)
    actions.pop_names(run, done)
    run.context.action = None
    run.context.arguments = {}
