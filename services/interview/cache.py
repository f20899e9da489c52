"""The sessions this process wrote last, so that the next answer need not fetch them again.

A cached session may be out of date: compare-and-set finds that out for writes, and `Sessions.load(if_version=…)` for
reads. Bounded by count and by bytes of state.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from shared.store.records import Session


def _size(session: Session) -> int:
    """Bytes that can be many: the state, and what the newest step changed of it."""
    return len(session.state) + (len(session.top.delta) if session.top else 0)


class SessionCache:
    def __init__(self, *, sessions: int = 500, state_bytes: int = 32 * 1024 * 1024) -> None:
        self._limit = sessions
        self._byte_limit = state_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, Session] = OrderedDict()
        self._lock = Lock()

    def get(self, session_id: str) -> Session | None:
        with self._lock:
            session = self._kept.get(session_id)
            if session is not None:
                self._kept.move_to_end(session_id)
            return session

    def put(self, session: Session) -> None:
        with self._lock:
            old = self._kept.pop(session.id, None)
            if old is not None:
                # Deleted and opened again by the same request it has the same id, but another secret.
                if old.version > session.version and old.secret == session.secret:
                    session = old
                self._bytes -= _size(old)
            self._kept[session.id] = session
            self._bytes += _size(session)
            while self._kept and (len(self._kept) > self._limit or self._bytes > self._byte_limit):
                _, gone = self._kept.popitem(last=False)
                self._bytes -= _size(gone)

    def drop(self, session_id: str) -> None:
        with self._lock:
            gone = self._kept.pop(session_id, None)
            if gone is not None:
                self._bytes -= _size(gone)
