"""What interviews keep beside their sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from shared.store.records import StoredItem


class Storage(Protocol):
    """What interviews share between sessions. A session's own goes with it."""

    def get(self, scope: str, key: str) -> StoredItem | None: ...
    def put(self, item: StoredItem) -> bool:
        """Compare-and-set on ``item.version``, which rises by one (0: insert). False: somebody was faster, or its session is gone."""
        ...

    def remove(self, scope: str, key: str, *, version: int) -> bool:
        """False if it has another version by now."""
        ...

    def keys(self, scope: str, *, after: str = "", limit: int = 200) -> list[str]:
        """The keys of a scope, ascending, after `after`."""
        ...

    def expire(self, *, before: datetime, limit: int) -> int:
        """Remove what was to be kept until before `before`, at most `limit`; how many that were."""
        ...
