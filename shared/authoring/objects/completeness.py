"""When an item of a group is complete, and which pending actions concern a group: what gathering and editing both ask.

Source: groups.md, "notrigger" and "Canceling an add or edit process".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shared.authoring.context import current
from shared.authoring.errors import MISSING
from shared.authoring.objects.base import DAObject


def complete(item: object, attribute: object) -> None:
    """Have everything asked that makes one item complete: the attributes named, else what its text needs."""
    if not isinstance(item, DAObject):
        return
    if attribute is None:
        str(item)
        return
    for name in attribute_names(attribute):
        value: object = item
        for part in name.split("."):
            value = getattr(value, part)


def is_complete(item: object, attribute: object) -> bool:
    """Whether an item is complete: it has the complete attribute, or else can be shown as text (groups.md, "notrigger")."""
    if not isinstance(item, DAObject):
        return True
    try:
        complete(item, attribute)
    except MISSING:
        return False
    return True


def attribute_names(attribute: object) -> Iterator[str]:
    """The names in a ``complete_attribute``: one text, or a list of them."""
    if isinstance(attribute, str):
        yield attribute
    elif isinstance(attribute, Iterable):
        yield from (str(name) for name in attribute)


def drop_pending_actions(name: str) -> None:
    """Take the pending actions about the group `name` from every stack; the one that runs ends by itself."""
    context = current()
    for client, stack in context.internal.get("stack", {}).items():
        context.internal["stack"][client] = [
            entry for entry in stack if entry.get("action") == context.action or not _concerns(entry, name)
        ]


def _concerns(entry: Mapping[str, Any], name: str) -> bool:
    """Whether a pending action asks for something of the group, or is one of the group's own actions."""
    action = str(entry.get("action", ""))
    arguments = entry.get("arguments") or {}
    if action.startswith(("_da_list_", "_da_dict_")):
        return name in {arguments.get("list"), arguments.get("dict"), arguments.get("group")} or any(
            _concerns(step, name) if "action" in step else True for step in arguments.get("items", ())
        )
    return action.startswith((f"{name}.", f"{name}["))
