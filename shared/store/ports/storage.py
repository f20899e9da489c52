"""What interviews keep beside their sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from shared.store.overview import Page
from shared.store.records import StoredItem


class Storage(Protocol):
    """What interviews share between sessions. A session's own goes with it: where `session` may be said, it says that a scope is one's own."""

    def get(self, scope: str, key: str, *, session: str | None = None) -> StoredItem | None: ...
    def put(self, item: StoredItem) -> bool:
        """Compare-and-set on ``item.version``, which rises by one (0: insert). False: somebody was faster, or its session is gone."""
        ...

    def remove(self, scope: str, key: str, *, version: int, session: str | None = None) -> bool:
        """False if it has another version by now."""
        ...

    def keys(self, scope: str, *, after: str = "", limit: int = 200, session: str | None = None) -> list[str]:
        """The keys of a scope after `after`, which is one of them, in an order that is always the same."""
        ...

    def every(self, *, after: str = "", limit: int = 200) -> Page[tuple[str, str]]:
        """Scope and key, as they are kept, of all that is no session's own."""
        ...

    def reseal(self, scope: str, key: str) -> bool:
        """Of an item as `every` names it: seal it with the newest key of the installation. False if that is not needed."""
        ...

    def expire(self, *, before: datetime, limit: int) -> int:
        """Remove what was to be kept until before `before`, at most `limit`; how many that were."""
        ...
