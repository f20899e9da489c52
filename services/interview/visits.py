"""Who uses a session when: people who open a page, answer, or ask for an action (functions.md, "Access time functions").

An answer notes it in its own write. Opening a page changes nothing, so it is noted beside the session, and not again within a few seconds.
Not people: check-ins of an open page, streams, scheduled tasks, background tasks, mail.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from shared.contract.caller import NOBODY, Caller
from shared.store.ports import Sessions, StoreError
from shared.store.records import Visit

log = logging.getLogger(__name__)

#: What all share who are not logged in.
ANYBODY = "-1"
#: A page that is opened again so soon is the same visit.
SOON = timedelta(seconds=20)
_REMEMBERED = 10_000


def of(caller: Caller, now: datetime) -> Visit | None:
    """The visit that `caller` makes; None for the system's own doing."""
    if caller.client == NOBODY.client or "cron" in caller.user.privileges:
        return None
    who = ANYBODY if caller.user.id is None else str(caller.user.id)[:200]
    return Visit(
        who=who or ANYBODY, at=now, privileges=tuple(name[:200] for name in caller.user.privileges[:50] if name)
    )


class Visits:
    def __init__(self, sessions: Sessions, *, clock: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._clock = clock
        self._noted: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    def note(self, session: str, caller: Caller, *, written: bool = False) -> None:
        """`caller` looks at the session, or changed it and that was `written`. Never raises: nobody is refused a page because of it."""
        visit = of(caller, self._clock())
        if visit is None:
            return
        key = (session, visit.who)
        last = self._noted.get(key)
        if not written and last is not None and timedelta(0) <= visit.at - last < SOON:
            return
        self._noted[key] = visit.at
        while len(self._noted) > _REMEMBERED:
            self._noted.popitem(last=False)
        if written:
            return
        try:
            self._sessions.visit(session, visit)
        except StoreError as error:
            self._noted.pop(key, None)
            log.warning("visit_not_noted", extra={"session": session, "error": type(error).__name__})
