"""Built-in actions of the buttons that add, edit, delete and move items of a gathered group.

The buttons are made by ``shared.authoring.objects.editing``; what they ask for is done here. An action that misses a
variable stays on the stack, and goes on when the variable is there. Rules: docs groups.md ("Edit an already-gathered list").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.authoring.errors import MISSING, ForcedName
from shared.engine.naming import lookup
from shared.engine.naming.names import BadName
from shared.engine.request import Arguments
from shared.engine.run import Run

#: How many items the group had when the action began: kept in the entry's arguments while it waits for answers.
_BEFORE = "_before"


def add(run: Run, arguments: Arguments) -> None:
    """Add one item and have it completed; a number of items promised before stays as it is."""
    group = _group(run, arguments)
    state = group.__dict__
    before = arguments.get(_BEFORE)
    if before is None:
        before = len(group.elements)
        if isinstance(arguments, dict):
            arguments[_BEFORE] = before
    if state.get("gathered"):
        state["_completing"] = True
        group.delattr("gathered")
    if len(group.elements) <= before:
        group._gather_next()
        state["there_are_any"] = True
    group.gathered_and_complete()


def complete(run: Run, arguments: Arguments) -> None:
    """Have every item completed again after one was edited."""
    _group(run, arguments).gathered_and_complete()


def edit(run: Run, arguments: Arguments) -> None:
    """Ask the questions of an Edit button, one after the other."""
    raise ForcedName(*arguments.get("items", ()))


def remove(run: Run, arguments: Arguments) -> None:
    """Delete an item, unless the group would become smaller than it may be. An item that is gone already is none."""
    group = _group(run, arguments)
    least = group.minimum_number
    if least is not None and len(group.elements) <= int(least):
        return
    key = _key(run, arguments)
    elements = group.elements
    if isinstance(elements, list):
        if isinstance(key, int) and 0 <= key < len(elements):
            group.pop(key)
    elif isinstance(elements, dict) and key in elements:
        group.pop(key)
    if group.has_been_gathered():
        group.hook_after_gather()


def reorder(run: Run, arguments: Arguments) -> None:
    """Move an item of a list up (-1) or down (1)."""
    group = _group(run, arguments)
    elements = group.elements
    key = _key(run, arguments)
    try:
        target = key + int(arguments.get("by", 0))
    except (TypeError, ValueError):
        return
    if isinstance(elements, list) and isinstance(key, int) and 0 <= key < len(elements) and 0 <= target < len(elements):
        elements[key], elements[target] = elements[target], elements[key]
        group._renumber()


def _key(run: Run, arguments: Arguments) -> Any:
    """The index or key of the item; for what is neither (links can be forged) something that no group has."""
    try:
        key = lookup.index_value(run.namespace, str(arguments.get("item")))
        hash(key)
    except (BadName, TypeError, *MISSING):
        return lookup.NOTHING
    return key


def _group(run: Run, arguments: Arguments) -> Any:
    name = next((arguments[key] for key in ("list", "dict", "set", "group") if key in arguments), "")
    return lookup.evaluate(run.namespace, str(name))


_VERBS: dict[str, Callable[[Run, Mapping[str, object]], None]] = {
    "add": add,
    "complete": complete,
    "ensure_complete": complete,
    "edit": edit,
    "remove": remove,
    "reorder": reorder,
}
COMMANDS: Mapping[str, Callable[[Run, Mapping[str, object]], None]] = {
    f"_da_{kind}_{verb}": command for kind in ("list", "dict", "set") for verb, command in _VERBS.items()
}
#: These begin again until nothing is missing any more.
LASTING = tuple(
    f"_da_{kind}_{verb}" for kind in ("list", "dict", "set") for verb in ("add", "complete", "ensure_complete")
)
