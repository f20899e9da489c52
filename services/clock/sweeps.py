"""Sweeps: what a crash between two steps left behind is done again, and what is old goes.

Everything a sweep sends may be sent already and still under way; every handler takes that (rule 4). So that a long queue
is not doubled with every sweep, the same thing is sent again only after a time that grows.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from prometheus_client import Gauge

from services import mail_turns
from services.clock.byhand import ASKED
from services.clock.idle import Idle
from services.clock.jobs import COMPLAINT
from services.results import lasting
from shared.bus.messages import Bus, BusAdmin, CallFailed, Job, QueueState
from shared.bus.queues import TASK
from shared.contract.tasks import TaskStatus
from shared.store.checks import LIMIT_ENTRIES, RUN_KINDS
from shared.store.overview import Page
from shared.store.ports import Store
from shared.store.records import SCHEDULER

log = logging.getLogger(__name__)

UNSERVED = Gauge("parley_jobs_unserved", "Jobs that wait on a queue which no process handles, by the queue.", ["queue"])

LIMIT = 500
#: Of what is old: few at a time, so that no look at the database takes long.
BATCH = 100
#: What is younger is most likely on its way.
OUTBOX_AGE = timedelta(seconds=10)
QUEUED_AGE = timedelta(seconds=15)
MAIL_AGE = timedelta(seconds=15)
#: How long, and how many of a kind, what runs said is kept. A page whose check-ins fail says so every few seconds.
RUNS_AGE = timedelta(days=30)
RUNS_KEPT = LIMIT_ENTRIES
#: Whoever wants to know why a task failed, or have it tried again, has a month.
TASK_AGE = timedelta(days=30)
#: How long, and how many of one schedule, ticks are remembered.
HISTORY_AGE = timedelta(days=90)
HISTORY_KEPT = LIMIT_ENTRIES
#: The note that says how far keys have been wrapped anew: `keys` (their ids), `done` (when, or None).
REWRAPPING = "keys/rewrapping"
#: How long a sender is told that a session is gone, rather than that there is no such address.
GONE_AGE = timedelta(days=365)
#: Keys of claims that are made once: by which versions before 0.3 knew which mails were handed over, of what operators were told
#: (`services.notices`, `jobs`), and of what they asked for by hand. (All others are one for each schedule or sweep.)
MARKS = ("mail.", "notice.", COMPLAINT, ASKED)
#: A page sends the pieces of a file one after the other; after a night nobody does any more.
UPLOAD_AGE = timedelta(days=1)
#: Publishing and deleting take milliseconds: no answer in this time means that nobody answers, and the sweep ends.
CALL_SECONDS = 15.0
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=10)


#: Where no task waits, so often queues are looked at for jobs that no process handles.
QUEUES_AGE = timedelta(seconds=30)
#: How often mails are counted for the metrics.
COUNTED = timedelta(minutes=1)
OUTGOING = Gauge("parley_mails_outgoing", "Mails that leave, by status", ["status"])
OLDEST = Gauge("parley_mails_oldest_seconds", "Age of the mail that waits longest to be sent")


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
    """What is done again and again, by one clock at a time. `keys` are the ids of the installation's keys, the newest first."""

    def __init__(
        self,
        *,
        store: Store,
        bus: SweepBus,
        clock: Callable[[], datetime],
        interval: timedelta,
        idle: Idle,
        job_files: timedelta | None = None,
        lasting_files: timedelta | None = None,
        keys: Sequence[str] = (),
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._interval = interval
        self._idle = idle
        self._job_files = job_files
        self._lasting_files = lasting_files
        self._keys = tuple(keys)
        self._queues_at: datetime | None = None
        self._asked: dict[str, int] = {}  # the interval of each key that was claimed last, by this clock or another
        self._outboxes, self._tasks, self._mails, self._outgoing = Patience(), Patience(), Patience(), Patience()

    def run(self) -> None:
        """One sweep, if no other clock does this one. Raises `StoreError` or `BusError`; the next sweep begins anew."""
        if not self._mine("sweep", self._interval):
            return
        self.mend()
        self.keys()
        if self._mine("sweep/counts", COUNTED):
            self.mail_counts()
        if self._mine("sweep/old", timedelta(hours=1)):
            self.uploads()
            self.storage()
            self.ended_tasks()
            self.marks()
            self.gone_addresses()
            self.sent_mails()
            self.files_of_jobs()
            self.lasting_files()
            self.history()
        if self._mine("sweep/idle", timedelta(hours=1)):
            self._idle.run()
        if self._mine("sweep/runs", timedelta(hours=1)):
            self.runs()

    def mend(self) -> None:
        """Do again what a crash between two steps left undone."""
        self.outboxes()
        self.tasks()
        self.mails()
        self.outgoing()

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
        if not due and self._queues_at is not None and timedelta(0) <= now - self._queues_at < QUEUES_AGE:
            return
        self._queues_at = now
        # How many are delayed matters only to those who would send more of them.
        states = self._bus.queues(brief=not due)
        self._say_unserved(states)
        waiting = Counter(task.queue for task in due)
        # Where workers are busy and the jobs still wait, sending them again would only make the queue longer.
        full = {name for name, state in states.items() if state.ready + state.delayed >= waiting[name]}
        found = {one.id: one for one in due if one.status != TaskStatus.QUEUED or one.queue not in full}
        for task in self._tasks.due(found, now):
            queue = found[task].queue if found[task].queue in states else TASK
            self._bus.send(Job(queue=queue, id=task, body={"task": task, "priority": found[task].priority}))
            log.info("task_sent_again", extra={"task": task})

    def _say_unserved(self, states: Mapping[str, QueueState]) -> None:
        """Jobs wait where no worker serves: nothing else would ever say so."""
        for name, state in states.items():
            UNSERVED.labels(name).set(0 if state.served else state.ready)
            if state.ready and not state.served:
                log.warning("queue_unserved", extra={"queue": name, "count": state.ready})

    def mails(self) -> None:
        """Send the jobs of mails that were kept and not handled."""
        now = self._clock()
        waiting = self._store.mails.waiting(older_than=now - MAIL_AGE, limit=_reach(self._mails))
        for mail in self._mails.due(waiting, now):
            self._bus.send(mail_turns.job(mail))
            log.info("mail_sent_again", extra={"mail": mail})

    def keys(self) -> None:
        """Have sessions' keys wrapped, and what outlasts sessions sealed, with the installation's newest key: some with each sweep, until a
        look at all of them finds none to do.
        """
        if len(self._keys) < 2:
            return
        asked = ",".join(self._keys)
        known = self._store.schedule.notes(REWRAPPING).get(REWRAPPING, {})
        begun: dict[str, Any] = {"keys": asked, "after": "", "stored": "", "found": 0, "done": None}
        state = {**begun, **known} if known.get("keys") == asked else begun
        if state["done"] is not None:
            return
        now = self._clock()
        if state["after"] is not None:
            page = self._store.sessions.every(before=now, after=state["after"], limit=BATCH)
            state["found"] += sum(self._rewrapped(session) for session in page.lines)
            state["after"] = page.after
        if state["stored"] is not None:
            count, state["stored"] = self._resealed(state["stored"])
            state["found"] += count
        if state["after"] is None and state["stored"] is None:
            if not state["found"]:
                state["done"] = now
                log.info("keys_rewrapped", extra={"count": len(self._keys)})
            state["after"], state["stored"], state["found"] = "", "", 0
        self._store.schedule.note(REWRAPPING, state)

    def _resealed(self, after: str) -> tuple[int, str | None]:
        """How much was sealed anew, and where to go on."""
        try:
            said = self._bus.call("interview", "reseal", timeout=CALL_SECONDS, returns=dict, after=after)
        except CallFailed as error:
            log.warning("sweep_failed", extra={"method": "reseal", "error": error.kind})
            return 1, after  # to be looked at again
        return int(said["resealed"]), said["after"]

    def _rewrapped(self, session: str) -> bool:
        try:
            said = self._bus.call("interview", "rewrap", timeout=CALL_SECONDS, returns=dict, session=session)
        except CallFailed as error:
            log.warning("sweep_failed", extra={"method": "rewrap", "session": session, "error": error.kind})
            return True  # to be looked at again
        return bool(said["rewrapped"])

    def outgoing(self) -> None:
        """Send the jobs of mails that are to be tried now: put off, found their server busy, or held by a worker that died."""
        for mail in self._outgoing.due(
            self._store.outgoing.due(now=self._clock(), limit=_reach(self._outgoing)), self._clock()
        ):
            self._bus.send(Job(queue="send", id=mail, body={"mail": mail}))

    def mail_counts(self) -> None:
        """What operators are shown, and warned of: mails that wait to be sent, those that failed, and since when the oldest waits."""
        for status, count in self._store.outgoing.counts().items():
            OUTGOING.labels(status).set(count)
        oldest = self._store.outgoing.page("queued", limit=1).lines
        OLDEST.set((self._clock() - oldest[0].created).total_seconds() if oldest else 0)

    def sent_mails(self) -> None:
        """Forget what became of mails long ago."""
        while self._store.outgoing.forget(before=self._clock() - TASK_AGE, limit=BATCH):
            pass

    def files_of_jobs(self) -> None:
        """Remove what jobs and Tasks kept, once it is as old as a session that nobody uses."""
        if self._job_files is None:
            return
        before = self._clock() - self._job_files
        for file in self._store.files.of_session(SCHEDULER):
            if file.created < before:
                self._store.files.delete(file.number)

    def lasting_files(self) -> None:
        """Remove files that outlast their sessions, once these are gone and nobody read the file for long."""
        if self._lasting_files is None:
            return
        now, gone = self._clock(), 0
        while found := self._store.files.unused(before=now - self._lasting_files, limit=BATCH):
            there = {session for session in {one for _, one in found} if self._store.sessions.exists(session)}
            for number, session in found:
                if session in there:  # looked at again when it is as old once more
                    self._store.files.use(number, now=now)
                else:
                    self._store.files.delete(number)
                    gone += 1
        if gone:
            log.info("files_forgotten", extra={"count": gone})

    def storage(self) -> None:
        """Remove what interviews wanted kept for a while that is over."""
        while self._store.storage.expire(before=self._clock(), limit=BATCH):
            pass

    def uploads(self) -> None:
        """Remove what is left of uploads that nobody goes on with, and the memory of those that became files."""
        before = self._clock() - UPLOAD_AGE
        while found := self._store.uploads.old(before=before, limit=BATCH):
            for upload in found:
                self._store.uploads.remove(upload.session, upload.id)

    def ended_tasks(self) -> None:
        """Of tasks that ended long ago keep what came of them, and let go what they were given."""
        before = self._clock() - TASK_AGE
        for name in self._each(partial(self._store.tasks.untrimmed, before=before)):
            task = self._store.tasks.get(name)
            if task is not None:  # of a sealed session what came of it stays as it is: nobody here can read it
                self._store.tasks.trim(name, result=lasting(task.result))

    def marks(self) -> None:
        """Forget what was claimed once and for all, when nobody asks for it any more."""
        before = self._clock() - TASK_AGE
        for prefix in MARKS:
            while self._store.schedule.expire(prefix, before=before, limit=BATCH):
                pass

    def gone_addresses(self) -> None:
        """Forget which addresses there were; whoever writes to one after that hears that there is none."""
        while self._store.mails.forget_gone(before=self._clock() - GONE_AGE, limit=BATCH):
            pass

    def history(self) -> None:
        """Forget what became of ticks, once it is old or there is too much of it."""
        for schedule in self._store.ledger.schedules():
            self._store.ledger.forget(schedule, before=self._clock() - HISTORY_AGE, keep=HISTORY_KEPT)

    def _each(self, page: Callable[..., Page[str]]) -> Iterator[str]:
        """All of a list, page by page: what is done with one may take it out of the list."""
        after: str | None = ""
        while after is not None:
            found = page(after=after, limit=BATCH)
            yield from found.lines
            after = found.after

    def runs(self) -> None:
        """Forget what runs said, once it is old or there is too much of it."""
        for kind in RUN_KINDS:
            gone = self._store.runs.forget(kind, before=self._clock() - RUNS_AGE, keep=RUNS_KEPT)
            if gone:
                log.info("runs_forgotten", extra={"kind": kind, "count": gone})

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
        if self._asked.get(key) == number:  # whoever got it, nobody gets it again
            return False
        mine = self._store.schedule.claim(key, period=f"{number:020}", now=now)
        self._asked[key] = number
        return mine
