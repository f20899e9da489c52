"""One step of one session: run it in a child, save it by one compare-and-set, publish what it wants done.

A lost race runs the step again on the fresh state; since effects leave only with a commit, runs that lost never happened.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.interview import ledger
from services.interview.cache import SessionCache
from services.interview.checks import identifier
from services.interview.outbox import LAST, Outbox, on_behalf
from services.interview.turns import Turns
from services.interview.who import Who
from services.outside import SessionOutside
from shared.bus.messages import Bus, CallFailed, News
from shared.engine.outcome import Failure
from shared.engine.request import Request
from shared.language.errors import LanguageError, LanguageErrors, Problem
from shared.runner.ports import Busy, ChildDied, Done, Limits, Runner, RunnerError, TimeLimit
from shared.store.ports import UNCHANGED, Store, StoreError, StoreUnavailable
from shared.store.records import Commit, OutboxEntry, Session

#: How often a request is run again after losing a race. With eight writers at once the unluckiest loses some ten times.
RACES = 200

log = logging.getLogger(__name__)

MakeRequest = Callable[[Session, datetime], Request]


class Steps:
    """Runs and saves steps. Takes its ports as arguments; knows neither nameko nor HTTP nor a database."""

    def __init__(
        self,
        *,
        store: Store,
        bus: Bus,
        runner: Runner,
        clock: Callable[[], datetime],
        limits: Limits,
        config: Mapping[str, Any],
    ) -> None:
        self.store = store
        self.bus = bus
        self.clock = clock
        self.outbox = Outbox(store, bus, clock=clock)
        self._runner = runner
        self._limits = limits
        self._config = dict(config)
        self._cache = SessionCache()
        self._turns = Turns()

    def turn(self, session_id: str) -> AbstractContextManager[None]:
        identifier("session", session_id)
        return self._turns.of(session_id)

    def load(self, session_id: str, *, fresh: bool = False) -> Session:
        """The session as last seen here, or with `fresh` as it stands. Raises `CallFailed` ``NoSession``."""
        cached = self._cache.get(session_id)
        if cached is not None and not fresh:
            return cached
        try:
            if cached is not None:
                found = self.store.sessions.load_newer(session_id, version=cached.version)
            else:
                found = self.store.sessions.load(session_id)
        except StoreUnavailable as error:
            raise CallFailed("StoreUnavailable", str(error)) from error
        if found is UNCHANGED and cached is not None:
            return cached
        if found is None:
            self._cache.drop(session_id)
            raise CallFailed("NoSession", "this session does not exist (any more)")
        assert isinstance(found, Session)
        self._cache.put(found)
        return found

    def request(self, who: Who, found: Session, *, now: datetime, **parts: Any) -> Request:
        """The request of a step on `found`."""
        return self._request(who, found.id, found.interview, now=now, lasting=ledger.lasting(found), **parts)

    def _request(self, who: Who, session_id: str, interview: str, *, now: datetime, **parts: Any) -> Request:
        return Request(
            now=now,
            seed=secrets.randbits(63),
            user=who.user,
            browser=who.seen_by(session_id, interview),
            config=self._config,
            **parts,
        )

    def outside(self, found: Session) -> SessionOutside:
        """What a step on `found` may ask."""
        return SessionOutside(self.store, found.id, clock=self.clock, version=found.version)

    def run(
        self,
        interview: str,
        state: bytes | None,
        request: Request,
        session_id: str,
        outside: SessionOutside | None = None,
    ) -> Done:
        """Run one step in a child. Errors of the runner and of loading the interview become `CallFailed`."""
        outside = outside or SessionOutside(self.store, session_id, clock=self.clock)
        try:
            return self._runner.step(interview, state, request, outside=outside, limits=self._limits)
        except LanguageErrors as error:
            raise CallFailed(
                "BadInterview", str(error), {"problems": [problem_data(p) for p in error.errors]}
            ) from error
        except LanguageError as error:
            raise CallFailed("NoInterview", str(error)) from error
        except (TimeLimit, Busy, ChildDied) as error:
            raise CallFailed(type(error).__name__, str(error), failure_data(getattr(error, "failure", None))) from error
        except RunnerError as error:
            raise CallFailed("Failed", str(error)) from error

    def first(
        self, who: Who, session_id: str, interview: str, *, now: datetime, lasting: Mapping[str, Any] | None = None
    ) -> Done:
        """The first step of a session. Raises `CallFailed` ``Failed`` if the interview cannot start; then no file stays."""
        request = self._request(who, session_id, interview, now=now, lasting=lasting or {})
        outside = SessionOutside(self.store, session_id, clock=self.clock, begun=False)
        try:
            done = self.run(interview, None, request, session_id, outside)
        except CallFailed:
            outside.discard()
            raise
        failure = done.outcome.failure
        if failure is not None:
            outside.discard()
            raise CallFailed("Failed", failure.message, failure_data(failure))
        if done.state is None:
            raise CallFailed("Failed", "the interview ended its first step without a state")
        return done

    def save(
        self,
        found: Session,
        request: MakeRequest,
        who: Who,
        *,
        request_id: str | None = None,
        answered: Mapping[str, Any] | None = None,
        applied: Callable[[Done], Mapping[str, Any]] | None = None,
        already: Callable[[Session], bool] | None = None,
        wanted: tuple[OutboxEntry, ...] = (),
        kept: Mapping[str, Any] | None = None,
        origin: str = "action",
        accessed: bool = True,
        cached: bool = False,
        marks: Mapping[str, str] | None = None,
    ) -> tuple[Session, Done | None]:
        """Run and commit, again and again until no one was faster.

        `already` is asked about each state of the session before a run: has this taken effect before? `wanted` and
        `kept` are effects from before (a task's) that leave with the same commit. `cached` says that `found` may be out
        of date: then what ends without a commit, such as a refused answer, counts only if it was not. `marks` are kept with
        the session by the commit (`ledger.marks`). Returns the session as it then stands, and the step; None in its place if
        the request or the response had taken effect before.
        """
        for _ in range(RACES):
            if (request_id is not None and request_id in found.seen) or (already is not None and already(found)):
                return found, None
            now = self.clock()
            outside = self.outside(found)
            try:
                done = self.run(found.interview, found.state, request(found, now), found.id, outside)
            except CallFailed:
                outside.discard()
                raise
            commit = ledger.plan(
                found,
                done,
                now=now,
                request_id=request_id,
                answered=answered,
                applied=applied(done) if applied else None,
                wanted=wanted,
                kept=kept,
                marks=marks,
                accessed=accessed,
            )
            if commit is None:
                if done.outcome.failure is not None:
                    outside.discard()
                newest = self.load(found.id, fresh=True) if cached else found
                if newest.version == found.version:
                    return found, done
                found, cached = newest, False
                continue
            session = self.commit(found, commit, who, origin=origin)
            if session is not None:
                return session, done
            outside.discard()
            found, cached = self.load(found.id, fresh=True), False
        raise CallFailed("Busy", "too many requests change this session at once; try again")

    def commit(self, found: Session, commit: Commit, who: Who, *, origin: str = "action") -> Session | None:
        """One compare-and-set on `found`, and the outbox published. None if somebody was faster."""
        commit = replace(commit, outbox=self._on_behalf(found, commit.outbox, who, origin))
        try:
            won = self.store.sessions.commit(found.id, version=found.version, commit=commit)
        except StoreUnavailable as error:
            self._cache.drop(found.id)  # it may have been written all the same
            raise CallFailed("StoreUnavailable", str(error)) from error
        if not won:
            self._cache.drop(found.id)
            return None
        session = ledger.after(found, commit)
        if session is None:
            self._cache.drop(found.id)
            session = self.load(found.id, fresh=True)
        return self._left(session, commit.outbox)

    def create(self, session: Session, who: Who) -> Session:
        """Write a new session. Raises `DuplicateId` if it exists."""
        session = replace(session, outbox=self._on_behalf(session, session.outbox, who, "action"))
        self.store.sessions.create(session)
        return self._left(session, session.outbox)

    def _on_behalf(
        self, session: Session, entries: tuple[OutboxEntry, ...], who: Who, origin: str
    ) -> tuple[OutboxEntry, ...]:
        if not entries:
            return ()
        browser = plain(who.seen_by(session.id, session.interview))
        return on_behalf(entries, user=plain(who.user), browser=browser, origin=origin)

    def _left(self, session: Session, entries: tuple[OutboxEntry, ...]) -> Session:
        """`session` after `entries` of its outbox were published; deleted if that is what one of them says."""
        if entries and self.outbox.publish(session, entries):
            gone = {entry.id for entry in entries if entry.kind != LAST}
            session = replace(session, outbox=tuple(entry for entry in session.outbox if entry.id not in gone))
        self._cache.put(session)
        if any(entry.kind == LAST for entry in entries):
            self.end(session)
        return session

    def end(self, session: Session) -> None:
        """Delete a session that has ended, once nothing else waits in its outbox; else the sweep does it. Never raises."""
        if any(entry.kind != LAST for entry in session.outbox):
            return
        try:
            self.delete(session.id)
        except StoreError as error:
            log.warning(
                "a session that has ended stays for now",
                extra={"action": "end_waits", "session": session.id, "why": type(error).__name__},
            )

    def forget(self, session_id: str) -> None:
        self._cache.drop(session_id)

    def delete(self, session_id: str) -> None:
        self._cache.drop(session_id)
        self.store.sessions.delete(session_id)
        self.bus.tell(News(session=session_id, event="closed"))


def problem_data(problem: Problem) -> dict[str, Any]:
    """A problem of an interview, for the author's page."""
    place = problem.place
    return {
        "file": place.file,
        "block": place.block,
        "line": place.line,
        "message": problem.message,
        "hint": problem.hint,
        "severity": str(problem.severity),
    }


def extra(who: Who) -> dict[str, Any]:
    """What the session's record keeps of who began it."""
    return {
        "client": who.client,
    }


def failure_data(failure: Failure | None) -> dict[str, Any]:
    """What a `CallFailed` carries for the author's page about a step that failed."""
    return {} if failure is None else {"failure": plain({name: getattr(failure, name) for name in failure.__slots__})}


def plain(value: Any) -> Any:
    """`value` with every mapping a dict and every tuple a list, as records and JSON want them."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value
