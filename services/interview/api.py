"""The calls of the interview service that browsers cause: one method each, JSON in and out (``docs/architecture.md``).

Here arguments are checked and replies made. What a call makes of a session: `requests`; how that is saved: `unit_of_work`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

import msgspec

from services.interview import access, commits, notices, requests, seen, told
from services.interview.change import Change, Decide
from services.interview.checks import identifier, request_identifier, text, values_of
from services.interview.openings import MOST, Openings
from services.interview.replies import reply
from services.interview.task_results import TaskResults
from services.interview.unit_of_work import Done, UnitOfWork
from services.interview.visits import Visits
from shared.contract.caller import NOBODY, Caller
from shared.contract.entry import Entry
from shared.contract.errors import BadValue, NoInterview, NoSession
from shared.contract.outcome import StepResult
from shared.contract.reply import CheckInReply, Notice, Reply, Variables
from shared.engine.request import Answer
from shared.store.ports import DuplicateId
from shared.store.records import Session
from shared.vault.ports import KeyAway

#: How much one call of `reseal` looks at.
RESEALED = 50


class InterviewApi:
    def __init__(
        self,
        work: UnitOfWork,
        *,
        secret: bytes,
        installed: Callable[[str], bool] = lambda name: True,
        openings: int = MOST,
    ) -> None:
        """`installed`: whether a browser may begin the interview of that name. `openings`: first screens that are kept for a moment."""
        self._work = work
        self._installed = installed
        self._results = TaskResults(work.store.tasks)
        self._visits = Visits(work.store.sessions, clock=work.clock)
        self._secret = secret
        self._openings = Openings(clock=work.clock, most=openings)

    def open(
        self,
        *,
        interview: str,
        request_id: str,
        caller: Mapping[str, object],
        entry: Mapping[str, object] | None = None,
    ) -> Reply:
        """Start a session. The same `request_id` from the same browser always means the same session."""
        asker = Caller.parse(caller)
        key = None if entry is None else Entry.parse(entry)
        identifier("interview", interview, limit=500)
        request_identifier(request_id)
        if not self._installed(interview):
            raise NoInterview("there is no interview of this name")
        session_id = (key and key.session) or self._session_id(asker.client, interview, request_id)
        if key is not None:
            self._work.vault.offer(session_id, access.keys_of(key))

        def made(result: StepResult, now: datetime) -> Session:
            return commits.begun(
                session_id,
                interview,
                result,
                now=now,
                request_id=request_id,
                client=asker.client,
                unattended=self._work.unattended,
                seen=seen.with_request({}, asker.client, request_id, now),
                **access.first_fields(key),
            )

        with self._work.lock(session_id):
            try:
                known = self._work.store.sessions.load(session_id)
            except KeyAway:
                raise NoSession(access.GONE) from None
            if known is not None:
                if access.admit(known, key) is None:
                    raise NoSession(access.GONE)
                return self._show(session_id, asker)
            self._work.vault.begin(session_id)
            try:
                done = self._work.create(session_id, interview, asker, made)
                answer = self._noted(self._reply(done, asker), asker, written=True)
                if done.result is not None:
                    self._openings.note(done.session, done.result, answer, asker)
                return answer
            except DuplicateId:
                return self._show(session_id, asker)

    def screen(self, *, session: str, caller: Mapping[str, object]) -> Reply:
        return self.screen_at(session=session, caller=caller, stored=None)

    def screen_at(self, *, session: str, caller: Mapping[str, object], stored: int | None) -> Reply:
        """`screen`, of a session that has just been seen to have the version `stored`."""
        asker = Caller.parse(caller)
        with self._work.lock(session):
            return self._noted(self._show(session, asker, stored=stored), asker)

    def answer(
        self,
        *,
        session: str,
        request_id: str,
        token: str,
        values: Mapping[str, object],
        caller: Mapping[str, object],
        button: object = None,
        raw: bool = False,
    ) -> Reply:
        """Answer the screen that `token` names. With `raw`, values are what an HTML form sends."""
        given = values_of(values)
        asked = requests.Asked(token)
        newer: tuple[str, ...] = ()
        taken: Answer | None = None

        def decide(found: Session) -> Change:
            nonlocal newer, taken
            change = requests.answer(found, token=asked, values=given, button=button, raw=bool(raw))
            taken = change.run.answer if change.run is not None else None
            if taken is not None:
                newer = notices.replaced(found, taken, partial(self._work.step_below, found))
            return change

        def says(result: StepResult) -> tuple[Notice, ...]:
            return () if taken is None else notices.notices(taken, result, newer)

        return self._change(session, request_id, caller, decide, says=says, since=partial(requests.shown_at, asked))

    def action(
        self,
        *,
        session: str,
        request_id: str,
        name: str,
        caller: Mapping[str, object],
        arguments: Mapping[str, object] | None = None,
        read_only: bool = False,
    ) -> Reply:
        """Run an action (functions.md, url_action()). With `read_only` nothing of it is saved, and nothing leaves."""
        identifier("action", name, limit=500)
        decide = partial(requests.action, name=name, arguments=values_of(arguments or {}))
        if read_only:
            return self._looked(session, decide, Caller.parse(caller))
        return self._change(session, request_id, caller, decide)

    def back(self, *, session: str, request_id: str, caller: Mapping[str, object]) -> Reply:
        """Undo the newest step: its state is gone, what was answered there is offered again."""
        # Fresh: what is known here may be a session without a step, and another process may have added one.
        return self._change(session, request_id, caller, requests.back, fresh=True)

    def restart(self, *, session: str, request_id: str, caller: Mapping[str, object]) -> Reply:
        """Start over in the same session: the answers and their history are gone."""
        return self._change(session, request_id, caller, requests.restart)

    def check_in(
        self,
        *,
        session: str,
        caller: Mapping[str, object],
        token: str | None = None,
        action: str | None = None,
        values: Mapping[str, object] | None = None,
        initial: bool = False,
        changed: str | None = None,
        ack: list[str] | None = None,
        waits: list[str] | None = None,
        request_id: str | None = None,
    ) -> CheckInReply:
        """The open page reports (background.md, "Processing interim user input").

        A command that comes from a task carries ``task`` and comes again until its id is in `ack`; a client that sends no
        `ack` at all gets each once. `waits`: tasks that the page waits for; which of them have ended is said.
        """
        asker = Caller.parse(caller)
        self._results.acknowledge(session, ack)
        text("action", action)
        text("changed", changed)
        if request_id is not None:
            request_identifier(request_id)
        reported = {name: one if isinstance(one, str) else str(one) for name, one in values_of(values or {}).items()}
        commands: tuple[bytes, ...] = ()
        # No turn is taken: an answer never waits for a check-in, which is run again if it lost against one.
        found = self._work.load(session, fresh=True)
        if action:
            decide = partial(
                requests.check_in, action=action, values=reported, initial=bool(initial), changed=changed, token=token
            )
            done = self._work.do(found, decide, asker, request_id=request_id)
            found, commands = done.session, self._commands(done)
        of_tasks = self._results.commands(found, acknowledging=ack is not None)
        ended, progress = self._results.waited(session, waits)
        said = tuple(map(msgspec.Raw, (*commands, *of_tasks)))
        return CheckInReply(version=found.version, commands=said, ended=ended, progress=progress)

    def delete(
        self, *, session: str, request_id: str = "", caller: Mapping[str, object] | None = None
    ) -> dict[str, object]:
        """Delete the session; one that has something to send still, such as a mail, as soon as that has left."""
        identifier("session", session)
        found = self._to_publish(session)
        if found is None or self._work.publish(found):
            self._work.delete(session)
        else:
            self._work.do(found, requests.delete, NOBODY)
        return {}

    def expire(self, *, session: str, before: str, people: bool = False) -> dict[str, object]:
        """Delete the session if it is idle still: not changed (with `people`: used by nobody) since `before`, an ISO time."""
        identifier("session", session)
        since = _moment(before)
        used = self._work.store.sessions.used(session)  # unread: of most sessions nobody here has the key
        if used is None:
            return {"deleted": False}
        modified, accessed = used
        if (accessed if people else modified) >= since:
            return {"deleted": False}
        self.delete(session=session)
        return {"deleted": True}

    def variables(self, *, session: str, caller: Mapping[str, object]) -> Variables:
        """What get_interview_variables() gives a page: all variables as JSON. Nothing is saved."""
        asker = Caller.parse(caller)
        with self._work.lock(session):
            found = self._work.load(session, fresh=True)
        return Variables(
            variables=told.variables(self._work.steps.look(found, requests.variables(found), asker)),
            i=found.interview,
            uid=session,
            encrypted=found.sealed and not found.multi_user,
            steps=found.step,
        )

    def publish(self, *, session: str) -> dict[str, object]:
        """Publish what a crash left in the outbox (the clock's sweep asks for it)."""
        identifier("session", session)
        found = self._to_publish(session)
        return {"left": 0 if found is None or self._work.publish(found) else 1}

    def rewrap(self, *, session: str) -> dict[str, object]:
        """Wrap the session's key with the installation's newest, if that is one of those who may open it (the clock's sweep asks for it)."""
        identifier("session", session)
        try:
            found = self._work.store.sessions.load(session)
        except KeyAway:
            return {"rewrapped": False}
        return {"rewrapped": found is not None and found.sealed and self._work.rewrap(found)}

    def reseal(self, *, after: str) -> dict[str, object]:
        """Seal anew what outlasts sessions, as `rewrap` does their keys: some of it, where the next call goes on, and how much that was."""
        text("after", after)
        storage = self._work.store.storage
        page = storage.every(after=after, limit=RESEALED)
        return {"resealed": sum(storage.reseal(*one) for one in page.lines), "after": page.after}

    # ------------------------------------------------------------------ inside

    def _to_publish(self, session: str) -> Session | None:
        """The session with its outbox. None if it is gone, or if nothing in its outbox may be opened (any more)."""
        try:
            return self._work.store.sessions.load(session)
        except KeyAway:
            return None

    def _change(
        self,
        session_id: str,
        request_id: str,
        caller: Mapping[str, object],
        decide: Decide,
        *,
        fresh: bool = False,
        says: Callable[[StepResult], tuple[Notice, ...]] = lambda _result: (),
        since: Callable[[Session], int] = lambda _session: 0,
    ) -> Reply:
        """`since` is the version at which the asker saw the session: what is known here may be older than that."""
        asker = Caller.parse(caller)
        request_identifier(request_id)
        with self._work.lock(session_id):
            found = self._work.load(session_id, fresh=fresh)
            if found.version < since(found):
                found = self._work.load(session_id, fresh=True, stored=since(found))
            done = self._work.do(found, decide, asker, request_id=request_id, cached=not fresh)
            said = () if done.result is None else says(done.result)
            answer = self._reply(done, asker, said)
        return self._noted(answer, asker, written=done.saved)

    def _noted(self, answer: Reply, asker: Caller, *, written: bool = False) -> Reply:
        self._visits.note(answer.session, asker, written=written)
        return answer

    def _looked(self, session_id: str, decide: Callable[[Session], Change], asker: Caller) -> Reply:
        found = self._work.load(session_id, fresh=True)
        run = decide(found).run
        assert run is not None
        result = self._work.steps.look(found, run, asker)
        if result.refused is not None:
            raise BadValue(result.refused)
        return reply(found, result)

    def _show(self, session_id: str, asker: Caller, *, stored: int | None = None) -> Reply:
        found = self._work.load(session_id, fresh=True, stored=stored)
        if found.outbox:
            # It waited for longer than the sweep may open the session, and its browser is back; or somebody publishes it now: that does no harm.
            self._work.publish(found)
        return self._openings.take(found, asker) or self._reply(self._work.do(found, requests.show, asker), asker)

    def _reply(self, done: Done, asker: Caller, said: tuple[Notice, ...] = ()) -> Reply:
        """What to say; by the current screen if nothing was run, or if the step says that the interview begins again."""
        if done.result is None:
            return self._show(done.session.id, asker)
        screen = done.result.screen
        if screen is not None and screen.kind == "command" and screen.command == "restart":
            again = self._work.do(done.session, requests.restart, asker, request_id=f"restart.{done.session.version}")
            return self._show(again.session.id, asker) if again.result is None else reply(again.session, again.result)
        return reply(done.session, done.result, said)

    @staticmethod
    def _commands(done: Done) -> tuple[bytes, ...]:
        return () if done.result is None else done.result.commands

    def _session_id(self, client: str, interview: str, request_id: str) -> str:
        parts = "\0".join(("open", client, interview, request_id)).encode()
        digest = hmac.new(self._secret, parts, hashlib.sha256).digest()
        return base64.b32encode(digest[:20]).decode("ascii").lower()


def _moment(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        raise BadValue("before must be a time with its offset, like 2026-01-15T06:00:00+00:00")
    return moment
