"""What runs of interviews said and what they failed of."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from shared.store.overview import Page
from shared.store.records import RunRecord


class RunLog(Protocol):
    """What runs of interviews said and what they failed of, for a while. A session's go with it."""

    def append(self, run: RunRecord) -> bool:
        """Insert; False if the id exists. Raises `BadRecord`, `TooLarge`."""
        ...

    def page(self, kind: str, *, after: str = "", limit: int = 100) -> Page[RunRecord]:
        """Runs of `kind`, newest first; `after` is that of the page before."""
        ...

    def forget(self, kind: str, *, before: datetime, keep: int) -> int:
        """Remove those of `kind` that are older than `before`, and all but the newest `keep`; how many that were."""
        ...
