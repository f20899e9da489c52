"""`Quota`: how many bytes of uploads this process takes in an hour from everybody together. Not for what one session may hold."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from shared.contract.errors import Busy

_HOUR = 3600.0


class Quota:
    """A bucket of an hour's bytes, which fills evenly. 0: any."""

    def __init__(self, per_hour: int, *, clock: Callable[[], datetime]) -> None:
        self._most = per_hour
        self._clock = clock
        self._lock = threading.Lock()
        self._left = float(per_hour)
        self._when: datetime | None = None

    def take(self, size: int) -> None:
        """Raises `Busy`: later there will be room."""
        if not self._most:
            return
        with self._lock:
            now = self._clock()
            passed = max(0.0, (now - self._when).total_seconds()) if self._when is not None else 0.0
            self._left = min(float(self._most), self._left + passed * self._most / _HOUR)
            self._when = now
            if size > self._left:
                raise Busy("too many files were sent in the last hour; later there will be room")
            self._left -= size
