"""What interviews keep beyond a session's answers: whose it is, and one change of it, made once however often it is asked for.

An author names an area (``user``, ``interview``, …); which scope of the store that is follows from who runs the step, which the author's
code cannot say. Not for: what is kept (encoded by the child that made it), and the functions of authors (`shared.authoring`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from shared.contract import links
from shared.contract.effects import Keep
from shared.contract.errors import Busy
from shared.store.ports import Storage
from shared.store.records import StoredItem

#: Attempts at a change that others are faster at. With fifty sessions that count at once nobody needs more than some twenty.
RACES: Final = 100
#: Changes remembered, by which one that is published again is known. An outbox publishes again within a minute or so.
MARKS: Final = 50
#: Areas that have a name of the author's.
_NAMED: Final = frozenset({"named", "records", "stash", "redis"})
#: What of a user, an interview or all is kept apart from the keys of authors: `DAGlobal` objects, and their numbers.
_INNER: Final = frozenset({"objects", "numbers"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Who runs a step, and of what."""

    session: str
    interview: str
    user: Mapping[str, Any]
    client: str | None = None  #: the browser's id; None where nobody's browser is behind it

    def scope(self, area: str, name: str = "") -> tuple[str, str | None]:
        """The scope in the store, and the session it goes with, if any. Raises ValueError for an area that is none."""
        if name in _INNER and area in ("user", "interview", "global"):
            scope, session = self.scope(area)
            return f"{scope}/{name}", session
        if area == "session":
            return f"session/{self.session}", self.session
        if area == "interview":
            return f"interview/{self.interview}", None
        if area == "global":
            return "global", None
        if area == "user":
            return self._of_user()
        if area == links.AREA:
            return area, None
        if area in _NAMED:
            return f"{area}/{name}", None
        raise ValueError(f"{area!r} is no area in which something is kept")

    def _of_user(self) -> tuple[str, str | None]:
        """An account's; of somebody without one, the browser's."""
        if "cron" in self.user.get("privileges", ()):
            return "user/cron", None
        if self.user.get("id") is not None:
            return f"user/{self.user['id']}", None
        if self.client is not None:
            return f"browser/{hashlib.sha256(f'parley storage {self.client}'.encode()).hexdigest()[:32]}", None
        return f"nobody/{self.session}", self.session


def whose(session: str, interview: str, user: Mapping[str, Any], browser: Mapping[str, Any]) -> Whose:
    """`user` and `browser` as a step's request, a task or an entry of an outbox have them."""
    client = browser.get("client")
    return Whose(session=session, interview=interview, user=user, client=client if isinstance(client, str) else None)


def found(storage: Storage, scope: str, key: str, *, session: str | None = None, now: datetime) -> StoredItem | None:
    """What is kept there now; `session` as `Whose.scope` said it."""
    item = storage.get(scope, key, session=session)
    return None if item is None or _over(item, now) else item


def change(storage: Storage, keep: Keep, by: Whose, *, mark: str, now: datetime) -> None:
    """Do what `keep` says; `mark` names this change, and the second time nothing is done. Raises `Busy`, and what the store raises."""
    scope, session = by.scope(keep.area, keep.name)
    for _ in range(RACES):
        item = storage.get(scope, keep.key, session=session)
        if item is not None and mark in item.applied:
            return
        if keep.delete:
            if item is None or storage.remove(scope, keep.key, version=item.version, session=session):
                return
            continue
        base = item or StoredItem(scope=scope, key=keep.key, session=session)
        body = {} if item is None or _over(item, now) else item.body
        until = base.until if keep.seconds is None else now + timedelta(seconds=keep.seconds)
        if item is not None and _over(item, now) and keep.seconds is None:
            until = None
        marks = (*base.applied, mark)[-MARKS:]
        if storage.put(replace(base, body=_changed(body, keep), until=until, applied=marks)):
            return
    raise Busy("too many sessions change the same thing at once")


def _changed(body: Mapping[str, Any], keep: Keep) -> dict[str, Any]:
    made = dict(body)
    if keep.value is not None:
        return {"value": keep.value}  # what was counted under this key before is not what it holds now
    counts = {**made.get("counts", {}), **keep.put}
    for name, amount in keep.add.items():
        counts[name] = counts.get(name, 0) + amount
    return {**made, "counts": counts} if counts else made


def _over(item: StoredItem, now: datetime) -> bool:
    return item.until is not None and item.until <= now
