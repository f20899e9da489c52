"""``list collect``: the fields of one item, repeated on one screen for several items of a list.

An answer may bring further items right behind those that are there, and name items to be deleted in `DELETE`.
Rules: docs groups.md ("Collect all items on one page").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.authoring.text.words import word
from shared.engine.fields import fields
from shared.engine.naming import lookup
from shared.engine.naming.names import ITERATORS, BadName, canonical, parts_of, specific, variants
from shared.engine.run import Run
from shared.language.model import Question

#: Not a variable: the indexes of items that the user took off the screen.
DELETE = "_da_list_collect_delete"
#: Items that one answer may add.
MOST_NEW = 100
#: Items a client may add under labels of the author's that are not just numbered.
FURTHER = 30


def enabled(run: Run, question: Question) -> bool:
    """Whether the question is repeated for every item now."""
    stated = question.options.get("list collect")
    if stated is None:
        return False
    if isinstance(stated, Mapping):
        stated = stated.get("enable", True)
    return run.truth(stated) and list_of(question) is not None


def list_of(question: Question) -> tuple[str, str] | None:
    """(name of the list as written, its index variable), read from the last bracket that the fields have."""
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


def collect(
    run: Run, question: Question, context: Mapping[str, object], sent: Iterable[str] = ()
) -> list[fields.BuiltField]:
    """The fields of the items that the list has, at least one, and of those that the names in `sent` add behind them."""
    name, iterator, group = _group(run, question, context)
    count = _count(run, name, group, context.get(iterator))
    if sent and _option(run, question, "allow append", default=True):
        count += _new(name, count, sent)
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


def described(run: Run, question: Question, context: Mapping[str, object]) -> dict[str, object]:
    """What a client needs to offer more items and to take some away."""
    name, iterator, group = _group(run, question, context)
    count = _count(run, name, group, context.get(iterator))
    least = group.minimum_number
    labels = _labels(run, question, iterator, range(count))
    append = _option(run, question, "allow append", default=True)
    return {
        "list": name,
        "count": count,
        "answered": _answered(run, question, {**context}, iterator, count),
        "labels": labels,
        "further labels": _further(run, question, iterator, labels) if append else [],
        "allow append": append,
        "allow delete": _option(run, question, "allow delete", default=True),
        "add another label": _text(run, question, "add another label") or word("Add another"),
        "minimum": 0 if least is None else int(least),
        "delete": DELETE,
    }


def deleted_prefixes(run: Run, question: Question, context: Mapping[str, object], deleted: object) -> tuple[str, ...]:
    """How the names of fields of items that are to be deleted begin: they need no answer."""
    if not deleted or not _option(run, question, "allow delete", default=True):
        return ()
    name, _, _ = _group(run, question, context)
    return tuple(f"{name}[{index}]" for index in _indexes(deleted))


def after(run: Run, question: Question, context: Mapping[str, object], deleted: object) -> None:
    """The answer was stored: delete what the user took off the screen; this ends the list, unless the author says it is not final."""
    name, _, group = _group(run, question, context)
    if deleted and _option(run, question, "allow delete", default=True):
        least = 0 if group.minimum_number is None else int(group.minimum_number)
        for index in sorted(_indexes(deleted), reverse=True):
            if least <= index < len(group.elements):
                group.pop(index)
    final = _option(run, question, "is final", default=True)
    if not final or _ends(run, name):
        group.there_is_another = not final


def _ends(run: Run, name: str) -> bool:
    """Whether Continue says that there is no other item. Who answers for no page leaves that to a block that asks it, if there is one."""
    answer = run.request.answer
    if answer is None or answer.of_page:
        return True
    return not any(form.name in run.plan.index for form in variants(f"{name}.there_is_another"))


def _group(run: Run, question: Question, context: Mapping[str, object]) -> tuple[str, str, Any]:
    found = list_of(question)
    assert found is not None  # `enabled` has asked
    written, iterator = found
    name = canonical(specific(written, dict(context)))
    return name, iterator, lookup.evaluate(run.namespace, name)


def _count(run: Run, name: str, group: Any, sought: Any) -> int:
    """How many items the screen shows.

    Those that are there, the one that is sought (or its answer would never come), and those that Back has just taken away.
    """
    behind = int(sought) + 1 if str(sought).isdigit() else 0
    count = max(len(group.elements), behind, 1)
    return count + _new(name, count, run.internal.get("prior") or ())


def _new(name: str, count: int, sent: Iterable[str]) -> int:
    """How many items right behind the first `count` the names in `sent` speak of."""
    beginning = f"{name}["
    indexes = set()
    for variable in sent:
        if variable.startswith(beginning):
            index = variable[len(beginning) :].partition("]")[0]
            if index.isdigit() and len(index) < 6:
                indexes.add(int(index))
    new = 0
    while new < MOST_NEW and count + new in indexes:
        new += 1
    return new


def _answered(run: Run, question: Question, context: dict[str, object], iterator: str, count: int) -> list[bool]:
    """Of each item whether it has an answer: a client makes a further item of one that has none, with the author's defaults."""
    written = [field.variable for field in question.fields if field.variable]
    return [
        any(
            fields.remembered(run, canonical(specific(one, {**context, iterator: index}))) is not lookup.NOTHING
            for one in written
        )
        for index in range(count)
    ]


def _option(run: Run, question: Question, key: str, *, default: bool) -> bool:
    stated = question.options.get("list collect")
    if not isinstance(stated, Mapping) or key not in stated:
        return default
    return run.truth(stated[key])


def _text(run: Run, question: Question, key: str) -> str | None:
    stated = question.options.get("list collect")
    if not isinstance(stated, Mapping) or stated.get(key) is None:
        return None
    return run.render(stated[key]).strip()


def _labels(run: Run, question: Question, iterator: str, indexes: Iterable[int]) -> list[str]:
    """The author's label of each item, or its number with a dot."""
    outer = run.namespace.get(iterator, lookup.NOTHING)
    labels = []
    try:
        for index in indexes:
            run.namespace[iterator] = index
            labels.append(_text(run, question, "label") or f"{index + 1}.")
    finally:
        if outer is not lookup.NOTHING:
            run.namespace[iterator] = outer
    return labels


def _further(run: Run, question: Question, iterator: str, labels: list[str]) -> list[str]:
    """The labels of items that a client may add; none if it can make them itself, by counting on from the last one."""
    count = len(labels)
    made: list[str] = []
    try:
        for index in range(count, count + FURTHER):
            made += _labels(run, question, iterator, (index,))
            if made == [labels[-1].replace(str(count), str(count + 1), 1)]:
                return []
    except Exception:  # the label speaks of what an item holds, which these do not have yet
        return made
    return made


def _indexes(deleted: object) -> set[int]:
    listed = deleted if isinstance(deleted, list | tuple) else [deleted]
    return {int(str(index)) for index in listed if str(index).isdigit() and len(str(index)) < 6}
