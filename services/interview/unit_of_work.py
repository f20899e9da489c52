"""One change of one session, from the look at it to its effects outside. The only place where a session is written.

Load; has this request taken effect before?; decide (`change.Decide`); run the step in a child; plan the commit; compare-and-set on the
version that was looked at; publish the outbox. A lost race begins again with the fresh state: since effects leave only with a
commit, runs that lost never happened. Knows neither nameko nor HTTP nor a database, and nothing of what requests mean.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from services.erasing import erase
from services.interview import commits, seen, visits
from services.interview.beyond import Beyond
from services.interview.cache import SessionCache
from services.interview.carried import Carried, forget
from services.interview.change import Change, Decide
from services.interview.checks import identifier
from services.interview.locks import SessionLocks
from services.interview.outbox import LAST, Outbox, on_behalf
from services.interview.steps import Steps
from services.lasting_files import release
from services.runs.reports import RunReports
from services.session_host import SessionHost
from shared.bus.messages import Bus, Notification
from shared.contract.caller import Caller
from shared.contract.errors import BadValue, Busy, NoSession, Refused
from shared.contract.outcome import StepResult
from shared.runner.ports import Limits, Runner
from shared.store.ports import UNCHANGED, BadRecord, DuplicateId, Store, StoreError, StoreUnavailable, TooLarge
from shared.store.records import Commit, OutboxEntry, Session, Step
from shared.vault.plain import PLAIN
from shared.vault.ports import KeyAway, Vault

#: How often a request is run again after losing a race. With eight writers at once the unluckiest loses some ten times.
RACES = 100

#: Seconds that a loser waits at most before its next try: the first tries come at once, and losers do not all come back together.
PAUSE = 0.1

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """`session` as it stands now. `result` is how the step ended; None if nothing was run, because there was nothing to do (any more)."""

    session: Session
    result: StepResult | None
    saved: bool


class UnitOfWork:
    def __init__(
        self,
        *,
        store: Store,
        vault: Vault = PLAIN,
        bus: Bus,
        runner: Runner,
        clock: Callable[[], datetime],
        limits: Limits,
        config: Mapping[str, object],
        scheduled: Limits | None = None,
        unattended: bool = False,
        reports: RunReports | None = None,
        queues: Iterable[str] = (),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.store = store
        self.vault = vault
        self.bus = bus
        self.clock = clock
        self.outbox = Outbox(store, bus, clock=clock, queues=queues)
        self.unattended = unattended
        self._sleep = sleep
        self.steps = Steps(
            store=store,
            runner=runner,
            clock=clock,
            limits=limits,
            scheduled=scheduled or limits,
            config=config,
            reports=reports or RunReports(store.runs, clock=clock),
        )
        self._cache = SessionCache()
        self._locks = SessionLocks()
        self._beyond: Beyond | None = None

    def goes_beyond(self, beyond: Beyond) -> None:
        """Steps may reach other sessions from now on, by way of `beyond`."""
        self._beyond = self.steps.beyond = self.outbox.beyond = beyond

    def lock(self, session_id: str, *, behind: bool = False) -> AbstractContextManager[None]:
        """One request at a time within this process. Of comfort: the compare-and-set decides.

        `behind`: one at a time of what goes on behind the screen, which no user waits for.
        """
        identifier("session", session_id)
        return self._locks.of(f"{session_id} behind" if behind else session_id)

    def load(self, session_id: str, *, fresh: bool = False, stored: int | None = None) -> Session:
        """The session as last seen here, or with `fresh` as it stands. Raises `NoSession`, `KeyAway`.

        `stored`: with `fresh`, the version that it has just been seen to have.
        """
        cached = self._cache.get(session_id)
        if cached is not None:
            try:
                self.vault.unlock(cached)  # what is known here is for those who may open it
            except KeyAway:
                cached = None  # they may have been let in elsewhere since
            else:
                if not fresh or (stored is not None and cached.version >= stored):
                    return cached
        if cached is not None and stored is None:
            found = self.store.sessions.load_newer(session_id, version=cached.version)
        else:
            found = self.store.sessions.load(session_id)
        if found is UNCHANGED and cached is not None:
            return cached
        if found is None:
            self._cache.drop(session_id)
            raise NoSession("this session does not exist (any more)")
        assert isinstance(found, Session)
        self._cache.put(found)
        return found

    def step_below(self, found: Session, uid: int) -> Step | None:
        """A step below the newest of `found`."""
        here = next((one for one in found.below if one.uid == uid), None)
        return here or self.store.sessions.step(found.id, uid)

    def do(
        self,
        found: Session,
        decide: Decide,
        caller: Caller,
        *,
        request_id: str | None = None,
        origin: str = "action",
        cached: bool = False,
    ) -> Done:
        """Do what `decide` says, again and again until no one was faster.

        `cached` says that `found` may be out of date: then what ends without a commit, such as a refused answer, counts only if it
        was not. So it is with a screen that shows what a task ended with: the task's response was saved before its end could be seen.
        Raises what `decide` and the runner raise, `BadValue` for an action that is none,
        `Busy`, and `Refused` if it stood still for so long that what it lost against is forgotten.
        """
        began = self.clock()
        carried: Carried | None = None
        asked = request_id or f"v{found.version}"
        for lost in range(RACES):
            if seen.has(found, caller.client, request_id):
                return Done(session=found, result=None, saved=False)
            if lost and request_id is not None and not seen.knows_since(found, caller.client, began):
                # Whoever asked again by itself might do twice what was done meanwhile.
                raise Refused("this took so long that it cannot be told any more whether it was done meanwhile")
            change = decide(found)
            if change is None:
                forget(carried)
                return Done(session=found, result=None, saved=False)
            now = self.clock() if lost else began
            host, result = self.steps.of(found, change, caller, carried, now=now, asked=asked)
            commit = self._plan(found, change, result, now=now, request_id=request_id, caller=caller)
            if commit is None:
                if result is not None and (result.failure is not None or result.refused is not None):
                    host.discard()
                newest = self.load(found.id, fresh=True) if cached or host.saw_an_end else found
                if newest.version == found.version:
                    if result is not None and result.refused is not None:
                        raise BadValue(result.refused)
                    self.steps.report(found, change.run, result)
                    return Done(session=found, result=result, saved=False)
                found, cached = newest, False
                continue
            session = self._commit(found, commit, caller, host, origin=origin)
            if session is not None:
                self.steps.report(found, change.run, result)
                return Done(session=session, result=result, saved=True)
            carried = Carried.of(found, change, result, host)
            self._sleep(random.uniform(0, min(PAUSE, 0.001 * 2**lost)))  # noqa: S311
            found, cached = self.load(found.id, fresh=True), False
        raise Busy("too many requests change this session at once; try again")

    def create(
        self, session_id: str, interview: str, caller: Caller, make: Callable[[StepResult, datetime], Session]
    ) -> Done:
        """Run the first step of a new session and write what `make` says of it. Raises `DuplicateId` if it exists, `StepFailed`."""
        host = SessionHost(self.store, session_id, clock=self.clock, begun=False)
        now = self.clock()
        result = self.steps.first(session_id, interview, caller, host, now=now, lasting={}, asked="")
        session = make(result, now)
        outbox = self._on_behalf(session, session.outbox, caller, "action")
        session = replace(session, outbox=outbox, **self.vault.settled(session, {}))
        with _written(host):
            self.store.sessions.create(session, visit=visits.of(caller, now))
        self.steps.began(session, result)
        return Done(session=self._left(session, session.outbox), result=result, saved=True)

    # ------------------------------------------------------------------ writing

    def _plan(
        self,
        found: Session,
        change: Change,
        result: StepResult | None,
        *,
        now: datetime,
        request_id: str | None,
        caller: Caller,
    ) -> Commit | None:
        below = None
        if commits.shown_again(change, result) is not None and found.top is not None and found.top.previous is not None:
            below = self.step_below(found, found.top.previous)
        return commits.plan(
            found,
            change,
            result,
            now=now,
            request_id=request_id,
            client=caller.client,
            below=below,
            visit=visits.of(caller, now),
            unattended=self.unattended,
        )

    def _commit(
        self, found: Session, commit: Commit, caller: Caller, host: SessionHost, *, origin: str
    ) -> Session | None:
        """One compare-and-set on `found`, and the outbox published. None if somebody was faster."""
        outbox = self._on_behalf(found, commit.outbox, caller, origin)
        fields = self.vault.settled(found, commit.fields)
        if outbox or fields is not commit.fields:  # nearly never, and a copy takes as long as its fields
            commit = replace(commit, outbox=outbox, fields=fields)
        try:
            with _written(host):
                won = self.store.sessions.commit(found.id, version=found.version, commit=commit)
        except StoreUnavailable:
            self._cache.drop(found.id)  # it may have been written all the same
            raise
        if not won:
            self._cache.drop(found.id)
            return None
        session = commits.after(found, commit)
        if session is None:
            self._cache.drop(found.id)
            session = self.load(found.id, fresh=True)
        if session.multi_user and session.step != found.step:
            # Windows of one browser tell each other; those of other people must hear it from here.
            told = {"version": session.version, "step": session.step}
            self.bus.notify(Notification(session=session.id, event="changed", data=told))
        return self._left(session, commit.outbox)

    def _on_behalf(
        self, session: Session, entries: tuple[OutboxEntry, ...], caller: Caller, origin: str
    ) -> tuple[OutboxEntry, ...]:
        browser = caller.seen_by(session.id, session.interview) if entries else {}
        made = on_behalf(entries, user=caller.user_plain, browser=browser, origin=origin)
        return made if self._beyond is None or not made else self._beyond.ready(session, made, caller)

    def _left(self, session: Session, entries: tuple[OutboxEntry, ...]) -> Session:
        """`session` after `entries` of its outbox were published; deleted if that is what one of them says."""
        if entries:
            gone = self.outbox.publish(session, entries)
            session = replace(session, outbox=tuple(entry for entry in session.outbox if entry.id not in gone))
        self._cache.put(session)
        if any(entry.kind == LAST for entry in entries):
            self._end(session)
        return session

    def rewrap(self, session: Session) -> bool:
        """Write the session's slots as they should be by now, and nothing else, not even when it was changed. False if they are so."""
        fields = self.vault.settled(session, {})
        if not fields:
            return False
        commit = Commit(now=session.modified, fields=fields)
        self._cache.drop(session.id)
        return self.store.sessions.commit(session.id, version=session.version, commit=commit)

    def publish(self, session: Session) -> bool:
        """Publish what a crash left in the outbox, and delete the session if that is what it says. False if something waits still."""
        left = {entry.id for entry in session.outbox} - self.outbox.publish(session, session.outbox)
        last = {entry.id for entry in session.outbox if entry.kind == LAST}
        if left > last:
            return False
        if last:
            self.delete(session.id)
        return True

    def _end(self, session: Session) -> None:
        """Delete a session that has ended, once nothing else waits in its outbox; else the sweep does it. Never raises."""
        if any(entry.kind != LAST for entry in session.outbox):
            return
        try:
            self.delete(session.id)
        except StoreError as error:
            log.warning(
                "end_waits",
                extra={"session": session.id, "error": type(error).__name__},
            )

    def forget(self, session_id: str) -> None:
        """Take no copy of it from here any more."""
        self._cache.drop(session_id)

    def delete(self, session_id: str) -> None:
        self._cache.drop(session_id)
        self.store.mails.retire(session_id, now=self.clock())
        # What runs still hears that it has ended before its row is gone with the others.
        for task in self.store.tasks.revoke_all(session_id, now=self.clock()):
            log.info("task_ended", extra={"task": task, "session": session_id, "status": "revoked"})
        release(self.store.files, session_id, now=self.clock())
        erase(self.store, session_id)
        self.steps.end(session_id)
        self.bus.notify(Notification(session=session_id, event="closed"))


@contextmanager
def _written(host: SessionHost) -> Iterator[None]:
    """The state is written here. Where the store refuses it, the files that its step wrote go again; after any other error it may be there."""
    try:
        yield
    except (BadRecord, DuplicateId, TooLarge):
        host.discard()
        raise
