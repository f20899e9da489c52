"""Which recorded interviews are answered on pages: few, and together every kind of field, choices and screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

#: At least so many are answered. When every trait is met, those that add most feature groups follow.
ENOUGH = 44
#: Commands whose page can be told: the first screen again, or an address elsewhere. The others depend on accounts and time.
COMMANDS = frozenset({"restart", "exit"})
#: Feature groups whose pages change while they are filled in.
VARYING = frozenset({"check in / target"})
#: These read the list of words of Debian's package wamerican, which not every machine has.
WORD_LISTS = frozenset({"fields-ajax.yml", "fields-ajax-list-collect.yml"})
#: A longer interview costs more time than it shows.
MOST_SCREENS = 12

Record = Mapping[str, Any]
Trait = tuple[str, ...]


def can_be_answered(record: Record) -> bool:
    """Whether a page must show what the replay shows: nothing that varies, nothing that ends differently in real life."""
    needed = record.get("requires") or {}
    return not (
        record["file"] in WORD_LISTS
        or record.get("volatile")
        or record.get("truncated")
        or needed.get("packages")
        or not all(module.startswith("docassemble.base.") for module in needed.get("modules", ()))
        or VARYING & set(record["groups"])
        or "background-pending" in (record.get("assumes") or ())
        or len(record["screens"]) > MOST_SCREENS
        or any(screen.get("command") not in (None, *COMMANDS) for screen in record["screens"])
    )


def traits(record: Record) -> frozenset[Trait]:
    """What one learns from answering this one."""
    return frozenset(_traits(record))


def _traits(record: Record) -> Iterator[Trait]:
    if record.get("validation_error"):
        yield ("answer refused",)
    for number, screen in enumerate(record["screens"]):
        yield ("screen", screen["kind"], screen.get("command") or "")
        if screen.get("continue_variable"):
            yield ("continue sets a variable", screen["kind"])
        if screen["kind"] in ("choices", "yesno"):
            runs = any(button.get("value") is None for button in screen.get("buttons") or ())
            yield ("buttons", screen["kind"], "also without a value" if runs else "values")
        answers = record["answers"]
        given = answers[number].get("set") or {} if number < len(answers) else {}
        for field in screen["fields"]:
            yield from _field_traits(field)
            if screen["kind"] == "fields" and given and field["variable"] and field["variable"] not in given:
                yield ("field not answered", field["datatype"])


def _field_traits(field: Mapping[str, Any]) -> Iterator[Trait]:
    kind = (field["datatype"], field.get("input") or "")
    yield ("field", *kind)
    yield ("required" if field["required"] else "optional", kind[0])
    for key in ("help", "hint", "any_order", "source_variable"):
        if field.get(key):
            yield (key,)
    if field["label"] is None and field["variable"]:
        yield ("no label",)
    choices = field.get("choices")
    if isinstance(choices, list):
        form = "labels apart" if any(one["label"] != one["value"] for one in choices) else "labels are values"
        yield ("choices", *kind, form if choices else "none")


def choose(records: Sequence[Record]) -> list[Record]:
    """The greedy cover of all traits of what can be answered, filled up to `ENOUGH`; the same for the same records."""
    left = sorted((one for one in records if can_be_answered(one)), key=lambda one: one["file"])
    chosen: list[Record] = []
    learnt: set[object] = set()
    for new, least in ((traits, 0), (lambda one: set(one["groups"]), ENOUGH)):
        while left and (not least or len(chosen) < least):
            best = max(left, key=lambda one: (len(new(one) - learnt), -len(one["screens"])))
            if not least and not new(best) - learnt:
                break
            left.remove(best)
            chosen.append(best)
            learnt |= new(best)
    return chosen
