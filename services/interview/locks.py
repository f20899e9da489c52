"""One request at a time to each session within a process, so that they queue up instead of racing each other.

Other processes still race; that is what compare-and-set is for. Nothing relies on a turn being had.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock


@dataclass(slots=True)
class _Lock:
    lock: Lock = field(default_factory=Lock)
    wanted: int = 0


class SessionLocks:
    """Locks by session, each for as long as somebody has it or waits for it: a slow session holds up no other."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._locks: dict[str, _Lock] = {}

    def __len__(self) -> int:
        return len(self._locks)

    @contextmanager
    def of(self, session_id: str) -> Iterator[None]:
        with self._lock:
            turn = self._locks.setdefault(session_id, _Lock())
            turn.wanted += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.wanted -= 1
                if not turn.wanted:
                    del self._locks[session_id]
