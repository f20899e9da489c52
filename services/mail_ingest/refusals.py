"""What was refused, counted by hour and reason: for the metric, and kept for operators. Nothing of a mail is kept.

Each process has a note of its own for an hour, so that several never write over each other; what is read is their sum. Not for:
what is answered (`handler`).
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import prometheus_client

from shared.store.ports import Schedule, StoreError

log = logging.getLogger(__name__)

#: Notes of older hours go.
KEPT: Final = timedelta(days=7)

_PREFIX = "mail refused "
_HOUR = "%Y%m%dT%H"
_REFUSED = prometheus_client.Counter("parley_mails_refused_total", "Mails and recipients refused", ["reason"])


class Refusals:
    """Counts in memory; `save` keeps what has changed. Safe in threads."""

    def __init__(self, notes: Schedule | None = None, *, clock: Callable[[], datetime]) -> None:
        self._notes = notes
        self._clock = clock
        self._process = uuid.uuid4().hex[:12]
        self._lock = threading.Lock()
        self._counts: dict[str, Counter[str]] = {}
        self._changed: set[str] = set()

    def count(self, reason: str) -> None:
        _REFUSED.labels(reason).inc()
        hour = self._clock().astimezone(UTC).strftime(_HOUR)
        with self._lock:
            self._counts.setdefault(hour, Counter())[reason] += 1
            self._changed.add(hour)

    def save(self) -> None:
        """Write the hours that have changed since the last time. The store being away loses nothing: they are written the next time."""
        with self._lock:
            changed = {hour: dict(self._counts[hour]) for hour in self._changed}
            self._changed.clear()
        if self._notes is None or not changed:
            return
        try:
            for hour, counts in changed.items():
                self._notes.note(f"{_PREFIX}{hour} {self._process}", counts)
            self._forget_old()
        except StoreError as error:
            log.warning("refusals_not_kept", extra={"error": type(error).__name__})
            with self._lock:
                self._changed |= set(changed)

    def _forget_old(self) -> None:
        assert self._notes is not None
        now = self._clock().astimezone(UTC)
        newest = max(self._counts)
        if len(self._counts) > 1:
            with self._lock:
                self._counts = {hour: counts for hour, counts in self._counts.items() if hour == newest}
        for name in self._notes.notes(_PREFIX):
            if name.removeprefix(_PREFIX).split()[0] < (now - KEPT).strftime(_HOUR):
                self._notes.forget(name)


def refused_since(notes: Schedule, since: datetime) -> Mapping[datetime, Counter[str]]:
    """How much of what, by the beginning of its hour (UTC), newest hours included."""
    first = since.astimezone(UTC).strftime(_HOUR)
    found: dict[datetime, Counter[str]] = {}
    for name, counts in notes.notes(_PREFIX).items():
        hour = name.removeprefix(_PREFIX).split()[0]
        if hour >= first:
            begin = datetime.strptime(hour, _HOUR).replace(tzinfo=UTC)
            found.setdefault(begin, Counter()).update({str(reason): int(number) for reason, number in counts.items()})
    return found
