"""Whether the store still takes what is written, for ``/healthz``. Not for whether what it holds is whole (`Store.check`)."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Final

from shared.store.ports import Store, StoreError

log = logging.getLogger(__name__)

#: The store is written to at most this often (seconds), however often somebody asks.
EVERY: Final = 5.0
#: The note that is written: one for all, always in the same place.
_NOTE: Final = "probe"


class Probe:
    """Call it for what is wrong with `store`: None, or a reason that names no file and no address."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._asked = float("-inf")
        self._wrong: str | None = None

    def __call__(self) -> str | None:
        with self._lock:
            now = self._clock()
            if now - self._asked >= EVERY:
                self._note(self._write())
                self._asked = now
            return self._wrong

    def _write(self) -> Exception | None:
        try:
            self._store.schedule.note(_NOTE, {})
        except StoreError as error:
            return error
        return None

    def _note(self, error: Exception | None) -> None:
        before, self._wrong = self._wrong, None if error is None else _reason(error)
        if error is not None and before is None:
            log.error("store_unwell", extra={"reason": self._wrong})
        elif error is None and before is not None:
            log.warning("store_well_again")


def _reason(error: Exception) -> str:
    """SQLite's own words ("database or disk is full") hold no path; those of others may hold an address."""
    cause = error.__cause__
    return f"takes no writes: {cause}" if isinstance(cause, sqlite3.Error) else "does not confirm writes"
