"""What is kept beyond a session's answers, as a step sees it: what was kept before it, with what it changes on top.

A change is a `Keep` effect: it leaves with the answers, so a step that fails or loses a race has changed nothing. Whose an area is:
``services/storage.py``. Not for: the documented names (`functions.storage`, `objects.stores`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.authoring.context import current
from shared.authoring.errors import NotAvailable
from shared.contract.effects import Keep

#: The areas that a base names; any other base is a name of the author's own.
AREAS: Final = ("user", "interview", "session", "global")
#: Longest key, in characters: the store's own limit is a little above.
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Area:
    """Where something is kept."""

    area: str
    name: str = ""

    @classmethod
    def of(cls, base: object) -> Area:
        """That which an author's `base` names."""
        text = str(base)
        return cls(text) if text in AREAS else cls("named", checked("the base", text))

    def get(self, key: str) -> tuple[bytes | None, dict[str, int]] | None:
        """The encoded value (None: none was set) and what was counted, as this step has left them. None if there is nothing."""
        found = _before(self, key)
        for change in _changes(self, key):
            found = after(found, change)
        return found

    def listed(self) -> list[str]:
        """The keys that there are."""
        context = current()
        before = [] if context.storage is None else list(context.storage.keys(self.area, self.name))
        touched = {one.key for one in context.effects if isinstance(one, Keep) and _is_of(one, self)}
        return sorted(key for key in {*before, *touched} if key not in touched or self.get(key) is not None)

    def change(self, key: str, **what: Any) -> None:
        """Leave a `Keep` effect. Raises `NotAvailable` where nothing is kept beyond the answers."""
        context = current()
        if context.storage is None:
            raise NotAvailable("what outlives the session", "a store", "Keep the data in this session's answers.")
        context.effects.append(Keep(area=self.area, name=self.name, key=checked("the key", key), **what))

    def set(self, key: str, value: object, *, seconds: float | None = None) -> None:
        """Once in a run of a block, for the same value."""
        encoded = current().encode(value)
        whom = (self.area, self.name, key, hashlib.blake2b(encoded, digest_size=12).hexdigest())
        current().once("set", whom, lambda: self.change(key, value=encoded, seconds=seconds))

    def delete(self, key: str) -> None:
        current().once("delete", (self.area, self.name, key), lambda: self.change(key, delete=True))


def value_of(found: tuple[bytes | None, dict[str, int]] | None) -> Any:
    """What was set, made anew; of what was only counted the counters; None of nothing."""
    if found is None:
        return None
    value, counts = found
    return current().decode(value) if value is not None else dict(counts)


def _before(area: Area, key: str) -> tuple[bytes | None, dict[str, int]] | None:
    storage = current().storage
    kept: Mapping[str, Any] | None = None if storage is None else storage.get(area.area, area.name, key)
    return None if kept is None else (kept["value"], dict(kept["counts"]))


def _is_of(effect: Keep, area: Area) -> bool:
    return (effect.area, effect.name) == (area.area, area.name)


def _changes(area: Area, key: str) -> list[Keep]:
    return [one for one in current().effects if isinstance(one, Keep) and _is_of(one, area) and one.key == key]


def after(
    found: tuple[bytes | None, dict[str, int]] | None, change: Keep
) -> tuple[bytes | None, dict[str, int]] | None:
    """As ``services/storage.py`` will do it."""
    if change.delete:
        return None
    if change.value is not None:
        return change.value, {}
    value, counts = found or (None, {})
    counts = {**counts, **change.put}
    for name, amount in change.add.items():
        counts[name] = counts.get(name, 0) + amount
    return value, counts


def checked(what: str, text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{what} of what is kept is text, not {type(text).__name__}")
    if not text or len(text) > _LONGEST:
        raise ValueError(f"{what} of what is kept has 1 to {_LONGEST} characters, not {len(text)}")
    return text
