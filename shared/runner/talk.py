"""What service and child say to each other in one step: the step goes there, questions come back and are answered, then its end.

While it goes on somebody may cancel it, and what the child writes into its folder is weighed. Not for: what a message may hold
(`replies`), which child it is (`pool`).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from shared.engine.request import Request
from shared.runner import forms, replies
from shared.runner.forked import Child
from shared.runner.ports import HostApi, Limits
from shared.runner.wire import Message

#: Seconds between two looks at how much a child at work has written.
_WEIGH = 1.0


#: In the place of the step that made a state: no step of this child did.
_ELSEWHERE = 0


class Overflow(Exception):
    """The child wrote more than it may."""


class Talk:
    """A child that has `state` live is not sent the bytes unless it asks for them."""

    def __init__(
        self,
        child: Child,
        *,
        state: bytes | None,
        host: HostApi,
        limits: Limits,
        look: Callable[[], None],
        make: replies.Make | None = None,
    ) -> None:
        self._make = make
        self._child = child
        self._state = state
        self._host = host
        self._look = look
        self._seconds = float(limits.seconds)
        now = time.monotonic()
        self._until, self._weigh = now + self._seconds, now + _WEIGH

    def step(self, request: Request) -> Message:
        """The end of the step. Raises `Timeout`, `WireError`, `BadForm`, `Overflow`, and what `look` raises."""
        there = self._state is not None and self._child.has == self._state
        message = {
            "has": None if self._state is None else self._child.made_by if there else _ELSEWHERE,
            "state": None if there else self._state,
            "request": forms.write_request(request),
            "seconds": self._seconds,
        }
        reply = self._child.exchange(message, until=self._until, look=self._watch, answer=self._answer, quick=True)
        if self._child.overflows():
            raise Overflow
        return reply

    def _answer(self, ask: Message) -> Message:
        if ask["ask"] == "state":
            return {"state": self._state}
        return replies.answer(self._host, ask, until=self._until, look=self._watch, make=self._make)

    def _watch(self) -> None:
        self._look()
        now = time.monotonic()
        if now >= self._weigh:
            self._weigh = now + _WEIGH
            if self._child.overflows():
                raise Overflow
