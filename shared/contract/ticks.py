"""What the interview service's calls about scheduled tasks return (the service ``ticks``): one session's tick, and what an interview offers."""

from __future__ import annotations

from typing import Literal

import msgspec

#: ``ran``: the event's block came to its end. ``asked``: it would have had to ask somebody. ``failed``: see `Ticked.error`. ``already``: it had
#: been dealt with. ``waits``: it failed too often to be tried each time. ``nothing``: the session has no part in it. ``gone``: no such session.
TickOutcome = Literal["ran", "asked", "failed", "already", "waits", "nothing", "gone"]


class TickError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a scheduled event failed. No message of an exception: it may hold an answer."""

    type: str
    file: str | None = None
    block: str | None = None
    line: int | None = None
    trail: tuple[str, ...] = ()


class Ticked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    outcome: TickOutcome
    changed: bool = False  #: the session was written
    said: str | None = None  #: what ``response('text')`` gave
    sleep: float = 0.0  #: seconds that ``response(sleep=)`` asks to wait before the next session
    error: TickError | None = None


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """The events that an interview offers, as its files are now; `digest` is of those files."""

    events: tuple[str, ...]
    digest: str
