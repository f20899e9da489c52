"""What is kept behind the states of sessions: how much of it there is, and when a state is better written whole again.

A large state is written once, and what commits change of it behind it. So a commit costs what it changes; who reads the state puts
both together. Not for: what these changes are (``shared.state.delta``), where they are kept (the store).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

from shared.store.records import CHANGEABLE, Commit, Session

#: Changes behind one state: who reads it puts so many to it.
_MOST: Final = 64
#: Bytes of one change, and of all behind one state; of a smaller state, at most half of it.
_LARGEST: Final = 64 * 1024
_ALL: Final = 512 * 1024
#: Sessions of which this is known.
_SESSIONS: Final = 5000


@dataclass(frozen=True, slots=True)
class Behind:
    """A state of `size` bytes, behind which there are `changes`, `length` bytes together. `written`: by the commit that is made now.

    `secret`: that of the session, as the store has it, by which one that was deleted and begun again under the same id is told apart; None: not
    known.
    """

    size: int
    changes: int = 0
    length: int = 0
    written: bool = False
    secret: bytes | None = None

    @classmethod
    def of(cls, session: Session, state: bytes) -> Behind:
        """`session` as the store has it, `state` opened."""
        length = sum(len(one.delta) for one in session.changes)
        return cls(len(state), len(session.changes), length, secret=session.secret)

    def after(self, commit: Commit) -> Behind:
        """With the change of `commit` behind it, or with its state in its place."""
        change = commit.change
        if commit.state is None:
            return replace(self, written=False)
        if (
            change is None
            or self.size <= CHANGEABLE
            or self.changes >= _MOST
            or len(change) > _LARGEST
            or self.length + len(change) > min(_ALL, self.size // 2)
        ):
            return Behind(len(commit.state), secret=self.secret)
        return replace(self, changes=self.changes + 1, length=self.length + len(change), written=True)


class Known:
    """What was seen of sessions here, with the version it holds for. Threads may share it; of one that is not known the state is written whole."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[int, Behind]] = OrderedDict()
        self._lock = threading.Lock()

    def after(self, session: str, version: int, commit: Commit) -> Behind | None:
        """What there is behind the state once `commit` has been made on `version`; None: nobody knows."""
        with self._lock:
            known = self._known.get(session)
        if known is not None and known[0] == version:
            return known[1].after(commit)
        return None if commit.state is None else Behind(len(commit.state))

    def put(self, session: str, version: int, behind: Behind | None) -> None:
        with self._lock:
            self._known.pop(session, None)
            if behind is not None:
                self._known[session] = version, behind
            while len(self._known) > _SESSIONS:
                self._known.popitem(last=False)

    def drop(self, session: str) -> None:
        self.put(session, 0, None)
