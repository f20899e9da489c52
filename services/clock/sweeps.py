"""Sweeps: what a crash between two steps left behind is done again, and sessions nobody uses are deleted.

Everything a sweep sends may be sent already and still under way; every handler takes that (rule 4). So that a long queue
is not doubled with every sweep, the same thing is sent again only after a time that grows.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

from shared.bus.messages import Bus, BusAdmin, CallFailed, Job
from shared.store.checks import LIMIT_ENTRIES
from shared.store.ports import Store

log = logging.getLogger(__name__)

LIMIT = 500
#: What is younger is most likely on its way.
OUTBOX_AGE = timedelta(seconds=10)
QUEUED_AGE = timedelta(seconds=15)
MAIL_AGE = timedelta(seconds=15)
#: Publishing and deleting take milliseconds: no answer in this time means that nobody answers, and the sweep ends.
CALL_SECONDS = 15.0
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=10)


class Patience:
    """Which things have been asked for lately. Forgets those that are no longer asked about."""

    def __init__(self) -> None:
        self._asked: dict[str, tuple[datetime, timedelta]] = {}

    def due(self, ids: Iterable[str], now: datetime) -> list[str]:
        """Those of `ids` (all that wait) to ask for now; for each the next wait is twice as long."""
        known, self._asked = self._asked, {}
        result = []
        for one in ids:
            again, wait = known.get(one, (now, FIRST_WAIT))
            if again <= now:
                result.append(one)
                again, wait = now + wait, min(wait * 2, LONGEST_WAIT)
            self._asked[one] = (again, wait)
        return result

    def __len__(self) -> int:
        return len(self._asked)


def _reach(patience: Patience) -> int:
    """How many to look at: some more than those asked for lately, and no more than the store gives at once."""
    return min(LIMIT + len(patience), LIMIT_ENTRIES)


class SweepBus(Bus, BusAdmin, Protocol):
    """What a sweep needs of a bus: both have it."""


class Sweeper:
    """`delete_after` of None keeps sessions for ever."""

    def __init__(
        self,
        *,
        store: Store,
        bus: SweepBus,
        clock: Callable[[], datetime],
        interval: timedelta,
        delete_after: timedelta | None,
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._interval = interval
        self._delete_after = delete_after
        self._outboxes, self._tasks, self._mails = Patience(), Patience(), Patience()

    def run(self) -> None:
        """One sweep, if no other clock does this one. Raises `StoreError` or `BusError`; the next sweep begins anew."""
        if not self._mine("sweep", self._interval):
            return
        self.outboxes()
        self.tasks()
        self.mails()
        if self._delete_after is not None and self._mine("sweep/idle", timedelta(hours=1)):
            self.idle(self._delete_after)

    def outboxes(self) -> None:
        """Have the interview service publish what was committed and not published."""
        now = self._clock()
        # Those that keep failing stay the oldest: look beyond them, or they would hide the others.
        waiting = self._store.sessions.unpublished(older_than=now - OUTBOX_AGE, limit=_reach(self._outboxes))
        for session in self._outboxes.due(waiting, now):
            self._ask("publish", session)

    def tasks(self) -> None:
        """Send the jobs of tasks that should run and that nobody holds."""
        now = self._clock()
        due = self._store.tasks.due(now=now, queued_before=now - QUEUED_AGE, limit=_reach(self._tasks))
        held = self._bus.queues()["task"]
        if held.ready + held.delayed >= len(due):
            # The workers are busy and the jobs still wait: sending them again would only make the queue longer.
            due = [task for task in due if task.status != "queued"]
        for task in self._tasks.due((one.id for one in due), now):
            self._bus.send(Job(queue="task", id=task, body={"task": task}))
            log.info("task_sent_again", extra={"task": task})

    def mails(self) -> None:
        """Send the jobs of mails that were kept and not handled."""
        now = self._clock()
        waiting = self._store.mails.waiting(older_than=now - MAIL_AGE, limit=_reach(self._mails))
        for mail in self._mails.due(waiting, now):
            self._bus.send(Job(queue="mail", id=mail, body={"mail": mail}))
            log.info("mail_sent_again", extra={"mail": mail})

    def idle(self, delete_after: timedelta) -> None:
        """Delete sessions whose answers did not change for so long (background.md, "Deleting interviews after …")."""
        before = self._clock() - delete_after
        after = ""
        while ids := self._store.sessions.idle(before=before, after=after, limit=LIMIT):
            for session in ids:
                if self._ask("delete", session):
                    log.info("session_deleted", extra={"session": session, "reason": "idle"})
            after = ids[-1]

    def _ask(self, method: str, session: str) -> bool:
        """Call the interview service about one session. False (and logged) if that failed for this session alone."""
        try:
            self._bus.call("interview", method, timeout=CALL_SECONDS, session=session)
        except CallFailed as error:
            log.warning("sweep_failed", extra={"method": method, "session": session, "error": error.kind})
            return False
        return True

    def _mine(self, key: str, every: timedelta) -> bool:
        """True for one clock in each interval."""
        now = self._clock()
        number = math.floor(now.timestamp() / every.total_seconds())
        return self._store.schedule.claim(key, period=f"{number:020}", now=now)
