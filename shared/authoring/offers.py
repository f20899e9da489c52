"""Which values a page may have set by a link or a button: those that the interview put on a page, and no others.

A review item or ``url_ask()`` may say ``{"set": {"name": value}}`` (functions.md, "url_ask"; questions.md, "review"). The link is
plain text, so anybody can write one like it. What was offered is therefore remembered, in ``internal["offered"]``, as digests of
names with their values; every other way to set a variable is an answer to a screen, which is signed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

KEY = "offered"
#: Digests kept, the oldest go first: a table of this many rows may have a button of the kind in each.
_MOST = 1000

_ASKING = ("_da_force_ask", "_da_follow_up")


def remember(internal: dict[str, Any], action: str, arguments: Any) -> None:
    """The interview puts this action on a page."""
    new = [digest for digest in map(_digest, _settings(action, arguments)) if digest not in internal.get(KEY, ())]
    if new:
        internal[KEY] = [*internal.get(KEY, ()), *new][-_MOST:]


def offered(internal: Mapping[str, Any], action: str, arguments: Any) -> bool:
    """Whether everything that this action would set was put on a page; True if it sets nothing."""
    known = internal.get(KEY, ())
    return all(_digest(setting) in known for setting in _settings(action, arguments))


def _settings(action: Any, arguments: Any) -> Iterator[Any]:
    """What the built-in action would set, wherever in its arguments that stands."""
    if not isinstance(arguments, Mapping):
        return
    if action == "_da_set":
        yield from _listed(arguments.get("variables"))
    elif action in _ASKING:
        yield from _asked(arguments.get("variables"))
    elif action == "_da_priority_action":
        yield from _settings(arguments.get("_action"), arguments.get("_arguments"))
    elif isinstance(action, str) and action.startswith("_da_") and action.endswith("_edit"):
        yield from _asked(arguments.get("items"))


def _asked(items: Any) -> Iterator[Any]:
    for item in _listed(items):
        if isinstance(item, Mapping):
            yield from _settings(item.get("action"), item.get("arguments"))
            yield from _listed(item.get("set"))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _digest(setting: Any) -> str:
    text = json.dumps(setting, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
