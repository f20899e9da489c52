"""The fields of a screen: what an author's field is today, with its texts, choices, default and limits evaluated.

The same fields are built when the screen is shown and when its answer arrives, so that an answer is checked against
what was asked. Rules: docs fields.md. Choices are in ``choices``, the reading of answers in ``answers``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from shared.contract.datatype_columns import Datatype, InputType, Limits, Reading
from shared.contract.datatypes import INPUT_TYPES, NOTES, datatype_of, resolve
from shared.contract.screen import ScreenChoice, ScreenField
from shared.engine.errors import BadAuthorValue
from shared.engine.fields import choices as choice_builder
from shared.engine.fields import datatypes, html, sent
from shared.engine.fields.choices import Built
from shared.engine.keeping import plain
from shared.engine.naming import lookup
from shared.engine.naming.names import canonical, specific
from shared.engine.run import Run
from shared.language.computed import fields_from
from shared.language.model import Field, ShowIf
from shared.markup.clean import clean


@dataclass(frozen=True, slots=True)
class BuiltField:
    """A field on this screen: the author's `field`, its specific `variable`, what the screen says, and its choices."""

    field: Field
    variable: str | None
    screen: ScreenField
    choices: tuple[Built, ...] | None = None

    @property
    def datatype(self) -> Datatype:
        return datatype_of(self.screen.datatype)

    @property
    def look(self) -> InputType | None:
        return INPUT_TYPES.get(self.screen.input or "")


def build_all(
    run: Run, fields: tuple[Field, ...], context: Mapping[str, object], *, by_code: bool = False
) -> list[BuiltField]:
    """Every field that is on the screen; computed ones (``code``) in their place. `by_code`: these are some."""
    built: list[BuiltField] = []
    for field in fields:
        if field.kind == "code":
            built.extend(build_all(run, computed(run, field), context, by_code=True))
            continue
        if all(
            rule.code is None or rule.disable or bool(run.evaluate(rule.code)) == rule.sign for rule in field.show_ifs
        ):
            built.append(build(run, field, context, by_code=by_code))
    return built


def computed(run: Run, field: Field) -> tuple[Field, ...]:
    """Fields that the author's code describes, in the form in which he would have written them."""
    result = run.evaluate(field.code) if field.code is not None else []
    result = getattr(result, "elements", result)
    if isinstance(result, Mapping):
        result = [result]
    if not isinstance(result, list | tuple):
        raise BadAuthorValue("The code of the fields must give a list of fields.", place=field.place)
    return tuple(fields_from(list(result), field.place))


def build(run: Run, field: Field, context: Mapping[str, object], *, by_code: bool = False) -> BuiltField:
    """One field. `context` says what ``x``, ``i`` … in its variable stand for; `by_code`: code made it."""
    if field.kind in NOTES:
        return BuiltField(field, None, _note(run, field, context, by_code=by_code))
    written = field.variable or ""
    variable = canonical(specific(written, dict(context)))
    name, input_type = resolve(field.datatype or "text", field.input_type)
    datatype = datatype_of(name)
    made = _choices(run, field, datatype)
    offered = made
    if made is not None and variable in run.sent and not datatype.objects:
        put = sent.built(run.sent[variable])
        # What the screen began with is still taken: a form without script, or one whose check-in came late, shows that.
        offered, made = put, [*put, *(one for one in made if not any(one.key == other.key for other in put))]
    default = _default(run, field, variable, datatype, made)
    screen = ScreenField(
        variable=variable,
        source_variable=written if canonical(written) != variable else None,
        label=_label(run, field, input_type),
        datatype=name,
        required=required(run, field, datatype, input_type),
        choices=None if offered is None else tuple(shown_choice(run, choice, default) for choice in offered),
        input=input_type,
        help=None if field.help is None else run.render(field.help),
        hint=None if field.hint is None else run.render(field.hint),
        default=default,
        disabled=run.truth(field.options.get("disabled")) if "disabled" in field.options else False,
        show_ifs=_rules(run, field, context),
        messages=_messages(run, field),
        options=_options(run, field, datatype),
    )
    return BuiltField(field, variable, screen, None if made is None else tuple(made))


def _note(run: Run, field: Field, context: Mapping[str, object], *, by_code: bool) -> ScreenField:
    """A field that only shows something. Scripts of its HTML stand beside it, under ``scripts``."""
    if field.kind == "note":
        made = html.Html(run.render(field.label) if field.label is not None else "")
    else:
        made = html.of(run, field.label, field.kind, computed=by_code)
    return ScreenField(
        variable=None,
        label=made.printed,
        datatype="html" if field.kind == "raw html" else field.kind,
        required=False,
        show_ifs=_rules(run, field, context),
        options={"scripts": list(made.scripts)} if made.scripts else {},
    )


def _messages(run: Run, field: Field) -> dict[str, str]:
    """What is said when a rule is broken, by the name of the rule: the author's words for the field, then for the interview."""
    own = {rule: run.render(text) for rule, text in field.validation_messages.items()}
    shared = run.interview.validation_messages
    general = {**shared.get("*", {}), **shared.get(run.context.language, {})}
    # Words of the field's for all that is required, say, go before the interview's for one kind of field.
    return {rule: text for rule, text in general.items() if rule.rpartition(" ")[2] not in own} | own


def _label(run: Run, field: Field, input_type: str | None) -> str | None:
    if not field.label_present or field.label is None:
        return "hidden" if input_type == "hidden" else None
    return run.render(field.label)


def required(run: Run, field: Field, datatype: Datatype, input_type: str | None) -> bool:
    """Ticks and sliders need no answer unless the author insists; everything else does unless he says it does not."""
    if field.options.get("disable others") or ("disabled" in field.options and run.truth(field.options["disabled"])):
        return False
    wanted = field.required
    if wanted is True and not field.options.get("required as written"):
        look = INPUT_TYPES.get(input_type or "")
        return datatype.insist if look is None or look.insist is None else look.insist
    return run.truth(wanted)


def _choices(run: Run, field: Field, datatype: Datatype) -> list[Built] | None:
    if datatype.objects:
        options = {
            key: run.value(field.options[key]) for key in ("help generator", "image generator") if key in field.options
        }
        exclude = field.choices.exclude if field.choices is not None else ()
        return choice_builder.of_objects(run, field.object_choices, exclude, field.object_labeler, options)
    if field.choices is None or not (field.choices.items or field.choices.code is not None):
        return None
    return choice_builder.build(run, field.choices)


def shown_choice(run: Run, choice: Built, default: object) -> ScreenChoice:
    shown = choice.on_screen(run)
    if default is None:
        return shown
    if isinstance(default, dict):
        selected = bool(default.get(str(choice.key)))
    elif isinstance(default, list):
        selected = choice.key in default or str(choice.key) in default
    else:
        selected = (type(default) is type(choice.key) and default == choice.key) or str(default) == str(choice.key)
    if selected == shown.selected:
        return shown
    return replace(shown, selected=selected)


def _default(run: Run, field: Field, variable: str, datatype: Datatype, made: list[Built] | None) -> object:
    """What the field holds when it is shown: the present value, or what was answered or computed before, or the author's default."""
    present = lookup.fetch_or(run.namespace, variable, lookup.NOTHING)
    if present is not lookup.NOTHING and datatype.reading is Reading.CUSTOM:
        return datatypes.default_for(run, field, variable, present)
    if present is not lookup.NOTHING and not isinstance(present, type):
        return _present(run, present, datatype)
    known = remembered(run, variable)
    if known is not lookup.NOTHING:
        return known
    if datatype.objects and field.object_default:
        found = [item for expr in field.object_default for item in choice_builder.objects_in(run.evaluate(expr))]
        names = [getattr(item, "instanceName", str(item)) for item in found]
        return names if datatype.many else names[0] if names else None
    if field.default is not None:
        value = run.value(field.default)
        if not isinstance(value, str):
            return plain.answerable(value)
        return value if datatype.name == "text" else value.strip()
    if made is not None and datatype.reading is not Reading.TICKS:
        return next((choice.key for choice in made if choice.selected), None)
    return None


def remembered(run: Run, variable: str) -> object:
    """What the user answered before, as he would answer it: the present value, an invalidated one, or one that Back undid.

    `lookup.NOTHING` if there is none.
    """
    present = lookup.fetch_or(run.namespace, variable, lookup.NOTHING)
    if present is not lookup.NOTHING:
        return plain.answerable(present)
    for memory in ("dirty", "prior"):
        known = run.internal.get(memory) or {}
        if variable in known:
            return known[variable]
    return lookup.NOTHING


def _present(run: Run, value: object, datatype: Datatype) -> object:
    if datatype.reading is Reading.OBJECTS:
        elements = getattr(value, "elements", value)  # as they are: a default has nothing gathered
        items = elements if isinstance(elements, list | tuple | set) else ()
        return [getattr(item, "instanceName", str(item)) for item in items]
    if datatype.objects:
        return getattr(value, "instanceName", None)
    if datatype.reading in (Reading.FILES, Reading.SIGNATURE):
        return _files(value)
    return plain.answerable(value)


def _files(value: object) -> object:
    """Uploaded files as the gateway shows them: a list of number and name."""
    found = []
    for item in getattr(value, "elements", [value]):
        number = getattr(item, "number", None)
        if isinstance(number, int):
            found.append({"number": number, "filename": str(getattr(item, "filename", ""))})
    return found or None


def _rules(run: Run, field: Field, context: Mapping[str, object]) -> tuple[Mapping[str, object], ...]:
    """What the browser decides: show and disable rules on other fields of the screen or in JavaScript."""
    rules: list[Mapping[str, object]] = []
    for rule in field.show_ifs:
        described = _rule(run, rule, context)
        if described is not None:
            rules.append(described)
    return tuple(rules)


def _rule(run: Run, rule: ShowIf, context: Mapping[str, object]) -> Mapping[str, object] | None:
    base: dict[str, object] = {"sign": rule.sign, "disable": rule.disable}
    if rule.variable is not None:
        base["variable"] = canonical(specific(rule.variable, dict(context)))
        if rule.has_is:
            base["is"] = plain.answerable(run.value(rule.is_value))
        return base
    if rule.js is not None:
        return {**base, "js": run.render(rule.js)}
    if rule.disable and rule.code is not None and bool(run.evaluate(rule.code)) == rule.sign:
        return {**base, "js": "true"}
    return None


def _check_limit(field: Field, key: str, value: Any) -> None:
    """A limit that is no number would never hold, and nobody would notice. Raises `BadAuthorValue`."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return
    try:
        float(value)
    except (TypeError, ValueError):
        message = f"{key!r} of the field {field.variable!r} must be a number, not {value!r}."
        raise BadAuthorValue(message, place=field.place) from None


def _options(run: Run, field: Field, datatype: Datatype) -> dict[str, object]:
    made = {}
    for key, value in field.options.items():
        if key in ("help generator", "image generator", "required as written"):
            continue
        made[key] = plain.answerable(run.value(value)) if not isinstance(value, Mapping) else run.value(value)
        if key in ("html", "raw html"):  # beside the field
            made[key] = clean(str(made[key]))
        if key in datatype.limits.keys and datatype.limits is not Limits.MOMENT:
            _check_limit(field, key, made[key])
    if field.choices is not None:
        for key, extra in (
            ("none of the above", field.choices.none_of_the_above),
            ("all of the above", field.choices.all_of_the_above),
        ):
            if extra is not None:
                made[key] = run.render(extra) if hasattr(extra, "render") else run.value(extra)
    if datatype.reading is Reading.CUSTOM:
        made["custom"] = datatypes.describe(run, field)
    return made
