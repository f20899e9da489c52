"""What a link or a button may do to variables, and which links may be followed from elsewhere: those that the interview made.

A review item or ``url_ask()`` may say ``{"set": {"name": value}}``, ``{"undefine": "name"}`` or ``{"invalidate": "name"}`` (functions.md,
"url_ask"; questions.md, "review"). The link is plain text, so anybody can write one like it. What was offered is therefore
remembered, in ``internal["offered"]``, as digests of names with their values; every other way to set a variable is an answer to
a screen, which is signed.

A link that somebody follows from a mail or from another site is also signed (`proof`), with a key that only the session knows
(``internal["links"]``): whoever else writes one cannot have it followed without the user being asked.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import Iterator, Mapping
from typing import Any

KEY = "offered"
#: Digests kept, the oldest go first: a table of this many rows may have a button of the kind in each.
_MOST = 1000

#: Of `internal`: the key that signs the session's links.
LINKS = "links"

_ASKING = ("_da_force_ask", "_da_follow_up")


def remember(internal: dict[str, Any], action: str, arguments: object) -> None:
    """The interview puts this action on a page."""
    new = [digest for digest in map(_digest, _settings(action, arguments)) if digest not in internal.get(KEY, ())]
    if new:
        internal[KEY] = [*internal.get(KEY, ()), *new][-_MOST:]


def offered(internal: Mapping[str, Any], action: str, arguments: object) -> bool:
    """Whether everything that this action would set was put on a page; True if it sets nothing."""
    known = internal.get(KEY, ())
    return all(_digest(setting) in known for setting in _settings(action, arguments))


def _settings(action: object, arguments: object) -> Iterator[Any]:
    """What the built-in action would set or take away, wherever in its arguments that stands."""
    if not isinstance(arguments, Mapping):
        return
    if action == "_da_set":
        yield from _listed(arguments.get("variables"))
    elif action in ("_da_undefine", "_da_invalidate"):
        yield from _without(arguments.get("variables"))
    elif action in _ASKING:
        yield from _asked(arguments.get("variables"))
    elif action == "_da_priority_action":
        yield from _settings(arguments.get("_action"), arguments.get("_arguments"))
    elif isinstance(action, str) and action.startswith("_da_") and action.endswith("_edit"):
        yield from _asked(arguments.get("items"))


def _asked(items: object) -> Iterator[object]:
    for item in _listed(items):
        if isinstance(item, Mapping):
            yield from _settings(item.get("action"), item.get("arguments"))
            yield from _listed(item.get("set"))
            yield from _without(item.get("undefine"))
            yield from _without(item.get("invalidate"))


def _without(names: object) -> Iterator[object]:
    """Undefining and invalidating are one here: whoever may do the one gains nothing by the other."""
    return ({"without": name} for name in _listed(names))


def link_key(seed: int) -> str:
    """The key of a new session's links, from the seed of its first step."""
    return f"{random.Random(f'links {seed}').getrandbits(128):032x}"  # noqa: S311 - the seed is the system's own random bits


def proof(internal: Mapping[str, Any], action: str, arguments: object) -> str:
    """What a link of the session's own carries besides its action; empty for a session of before there were proofs."""
    key = internal.get(LINKS)
    if not isinstance(key, str):
        return ""
    text = json.dumps([action, arguments], sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest()[:32]


def proven(internal: Mapping[str, Any], action: str, arguments: object, given: object) -> bool:
    """Whether a link with `given` is the session's own."""
    made = proof(internal, action, arguments)
    return (
        bool(made) and isinstance(given, str) and hmac.compare_digest(made.encode(), given.encode("utf-8", "replace"))
    )


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _digest(setting: object) -> str:
    text = json.dumps(setting, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
