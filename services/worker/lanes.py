"""Turns at a server for outgoing mail within one worker: so many mails at a time, so many a minute, and who waits. Not for what is sent."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta
from typing import Final

#: Mails on their way to one server at a time, from one worker: a server that hangs holds no others.
AT_ONCE: Final = 2
#: Ids that are remembered for one server; what is beyond is found by the clock's sweep.
REMEMBERED: Final = 10_000


class Lane:
    """One server's turns. Safe in threads."""

    def __init__(self, *, per_minute: int = 0, at_once: int = AT_ONCE) -> None:
        self._per_minute = per_minute
        self._free = at_once
        self._waiting: deque[str] = deque()
        self._known: set[str] = set()
        self._next_free: datetime | None = None
        self._turns: dict[str, datetime] = {}  # mail -> the moment that is its own, where the server has a rate
        self._lock = threading.Lock()

    def turn(self, mail_id: str, now: datetime) -> datetime | None:
        """When the mail may be handed over to a server with a rate; None: now.

        Each mail that must wait has a moment of its own: with one for all of them, all but one would only be put off again.
        """
        if not self._per_minute:
            return None
        step = timedelta(seconds=60 / self._per_minute)
        with self._lock:
            own = self._turns.get(mail_id)
            if own is not None:
                if own > now:
                    return own
                del self._turns[mail_id]
                return None
            free = self._next_free
            if free is None or free <= now:
                self._next_free = now + step
                return None
            self._next_free = free + step
            if len(self._turns) >= REMEMBERED:  # of mails that were deleted, or tried elsewhere
                self._turns = {name: at for name, at in self._turns.items() if at > now}
            self._turns[mail_id] = free
            return free

    def enter(self) -> bool:
        """Take a place; False: all are taken."""
        with self._lock:
            if not self._free:
                return False
            self._free -= 1
            return True

    def wait(self, mail_id: str) -> bool:
        """Remember the mail until a place is free. False: one has become free in the meantime, and nobody would call it."""
        with self._lock:
            if self._free:
                return False
            if mail_id not in self._known and len(self._waiting) < REMEMBERED:
                self._waiting.append(mail_id)
                self._known.add(mail_id)
            return True

    def leave(self) -> str | None:
        """Give the place back; the mail that has waited for longest, if one does."""
        with self._lock:
            self._free += 1
        return self.following()

    def following(self) -> str | None:
        """The mail that has waited for longest, if a place is free for it. It waits no more: it is to be called."""
        with self._lock:
            if not self._free or not self._waiting:
                return None
            following = self._waiting.popleft()
            self._known.discard(following)
            return following
