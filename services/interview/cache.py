"""The sessions this process wrote last, so that the next answer need not fetch them again.

A cached session may be out of date: compare-and-set finds that out for writes, and `Sessions.load(if_version=…)` for
reads. Bounded by count, by bytes of state, and by time: what is here is not sealed.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from shared.runner.kept import SECONDS, Kept
from shared.store.records import Session


def _size(session: Session) -> int:
    """Bytes that can be many: the state, and what the newest steps changed of it."""
    steps = session.below if session.top is None else (session.top, *session.below)
    return len(session.state) + sum(len(step.delta) for step in steps)


class _Sessions(Kept[str, Session]):
    def better(self, old: Session, new: Session) -> Session:
        # Deleted and opened again by the same request it has the same id, but another secret.
        return old if old.version > new.version and old.secret == new.secret else new


class SessionCache:
    """`seconds` after its last use a session is forgotten; `clock` gives seconds that never go back."""

    def __init__(
        self,
        *,
        sessions: int = 500,
        state_bytes: int = 32 * 1024 * 1024,
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kept = _Sessions(_size, most_bytes=state_bytes, most=sessions, seconds=seconds, clock=clock)
        self.get = self._kept.get
        self.drop = self._kept.drop

    def put(self, session: Session) -> None:
        self._kept.put(session.id, session)
