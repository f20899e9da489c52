"""The sessions this process wrote last, so that the next answer need not fetch them again.

A cached session may be out of date: compare-and-set finds that out for writes, and `Sessions.load(if_version=…)` for
reads. Bounded by count and by bytes of state.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from shared.store.records import Session


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
                if old.version > session.version:
                    session = old
                self._bytes -= len(old.state)
            self._kept[session.id] = session
            self._bytes += len(session.state)
            while self._kept and (len(self._kept) > self._limit or self._bytes > self._byte_limit):
                _, gone = self._kept.popitem(last=False)
                self._bytes -= len(gone.state)

    def drop(self, session_id: str) -> None:
        with self._lock:
            gone = self._kept.pop(session_id, None)
            if gone is not None:
                self._bytes -= len(gone.state)
