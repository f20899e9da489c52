"""``list collect``: the fields of one item, repeated on one screen for several items of a list.

Rules: docs groups.md ("Collecting list items on one screen").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.engine import fields, lookup
from shared.engine.names import ITERATORS, BadName, parts_of
from shared.engine.run import Run
from shared.language.model import Question


def list_of(question: Question) -> tuple[str, str] | None:
    """(name of the list, its index variable), read from the last bracket that the fields share."""
    for field in question.fields:
        if not field.variable:
            continue
        try:
            parts = parts_of(field.variable)
        except BadName:
            continue
        for position in range(len(parts) - 1, 0, -1):
            if parts[position][0] == "[" and parts[position][1:-1] in ITERATORS:
                return "".join(parts[:position]), parts[position][1:-1]
    return None


def collect(run: Run, question: Question, context: Mapping[str, Any]) -> list[fields.BuiltField]:
    """The fields of the items that the list has, and at least one."""
    found = list_of(question)
    if found is None:
        return fields.build_all(run, question.fields, context)
    name, iterator = found
    group = lookup.evaluate(run.namespace, name)
    count = max(len(getattr(group, "elements", ())), 1)
    outer = run.namespace.get(iterator, lookup.NOTHING)
    built: list[fields.BuiltField] = []
    try:
        for index in range(count):
            run.namespace[iterator] = index
            built.extend(fields.build_all(run, question.fields, {**context, iterator: index}))
    finally:
        if outer is not lookup.NOTHING:
            run.namespace[iterator] = outer
    return built
