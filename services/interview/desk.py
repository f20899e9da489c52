"""The calls of the interview service that browsers cause: one method each, JSON in and out (``docs/architecture.md``)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.effects import outbox_entries
from services.interview import ledger, tokens
from services.interview.checks import identifier, request_identifier, values_of
from services.interview.outbox import LAST
from services.interview.replies import jsonable, reply
from services.interview.steps import RACES, MakeRequest, Steps, extra
from services.interview.who import NOBODY, Who
from shared.bus.messages import CallFailed
from shared.engine.request import Action, Answer, CheckIn, Request, Shown
from shared.runner.ports import Done
from shared.store.ports import DuplicateId
from shared.store.records import Commit, OutboxEntry, Session

log = logging.getLogger(__name__)

#: Acknowledgements of task results in one check-in; a page that has more sends the rest with the next.
_ACKED = 500


class Desk:
    def __init__(self, steps: Steps, *, secret: bytes) -> None:
        self.steps = steps
        self._secret = secret

    def open(self, *, interview: str, request_id: str, who: Mapping[str, Any]) -> dict[str, Any]:
        """Start a session. The same `request_id` from the same browser always means the same session."""
        asker = Who.parse(who)
        identifier("interview", interview, limit=500)
        request_identifier(request_id)
        session_id = self._session_id(asker.client, interview, request_id)
        with self.steps.turn(session_id):
            if self.steps.store.sessions.load(session_id) is not None:
                return self._show(session_id, asker)
            now = self.steps.clock()
            done = self.steps.first(asker, session_id, interview, now=now)
            assert done.state is not None
            session = Session(
                id=session_id,
                version=1,
                interview=interview,
                state=done.state,
                step=0,
                secret=secrets.token_bytes(32),
                created=now,
                modified=now,
                accessed=now,
                outbox=outbox_entries(done.outcome.effects, prefix=request_id),
                seen={request_id: None},
                extra=extra(asker),
                **ledger.flag_fields(done.outcome.flags),
            )
            try:
                session = self.steps.create(session, asker)
            except DuplicateId:
                return self._show(session_id, asker)
            return self._reply(session, done, asker)

    def screen(self, *, session: str, who: Mapping[str, Any]) -> dict[str, Any]:
        asker = Who.parse(who)
        with self.steps.turn(session):
            return self._show(session, asker)

    def answer(
        self,
        *,
        session: str,
        request_id: str,
        token: str,
        values: Mapping[str, Any],
        who: Mapping[str, Any],
        button: Any = None,
        raw: bool = False,
    ) -> dict[str, Any]:
        """Answer the screen that `token` names. With `raw`, values are what an HTML form sends."""
        asker = Who.parse(who)
        given = values_of(values)

        def request(found: Session, now: datetime) -> Request:
            answer = Answer(shown=_shown(found, token), values=given, button=button, raw=bool(raw))
            return self.steps.request(asker, found, now=now, answer=answer)

        return self._change(session, request_id, asker, request, answered=given)

    def action(
        self,
        *,
        session: str,
        request_id: str,
        name: str,
        who: Mapping[str, Any],
        arguments: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        asker = Who.parse(who)
        identifier("action", name, limit=500)
        asked = Action(name=name, arguments=values_of(arguments or {}))

        def request(found: Session, now: datetime) -> Request:
            return self.steps.request(asker, found, now=now, action=asked)

        return self._change(session, request_id, asker, request)

    def back(self, *, session: str, request_id: str, who: Mapping[str, Any]) -> dict[str, Any]:
        """Undo the newest step: its state is gone, what was answered there is offered again."""
        asker = Who.parse(who)
        request_identifier(request_id)
        with self.steps.turn(session):
            # Fresh: what is known here may be a session without a step, and another process may have added one.
            found = self.steps.load(session, fresh=True)
            for _ in range(RACES):
                if request_id in found.seen or found.top is None:
                    return self._show(session, asker)
                undone = ledger.undo(found.state, found.top)
                now = self.steps.clock()
                request = self.steps.request(asker, found, now=now, prior=undone.answered)
                done = self.steps.run(found.interview, undone.state, request, session)
                commit = self._back_commit(found, undone, done, now=now, request_id=request_id)
                saved = self.steps.commit(found, commit, asker)
                if saved is not None:
                    return self._reply(saved, done, asker)
                found = self.steps.load(session, fresh=True)
        raise CallFailed("Busy", "too many requests change this session at once; try again")

    def check_in(
        self,
        *,
        session: str,
        who: Mapping[str, Any],
        token: str | None = None,
        action: str | None = None,
        values: Mapping[str, Any] | None = None,
        initial: bool = False,
        changed: str | None = None,
        ack: list[str] | None = None,
        request_id: str | None = None,
    ) -> dict[str, Any]:
        """The open page reports (background.md, "Processing interim user input").

        Returns ``{"version", "commands"}``. A command that comes from a task carries ``task`` and comes again until
        its id is in `ack`; a client that sends no `ack` at all gets each once.
        """
        asker = Who.parse(who)
        if not isinstance(ack, list | None):
            raise CallFailed("BadValue", "ack must be a list of the ids of tasks")
        if not isinstance(action, str | None) or not isinstance(changed, str | None):
            raise CallFailed("BadValue", "action and changed must be texts")
        if request_id is not None:
            request_identifier(request_id)
        for task_id in (ack or [])[:_ACKED]:
            task = self.steps.store.tasks.get(str(task_id))
            if task is not None and task.session == session:
                self.steps.store.tasks.mark_delivered(task.id)
        commands: list[dict[str, Any]] = []
        with self.steps.turn(session):
            found = self.steps.load(session, fresh=True)
            if action:
                report = CheckIn(
                    action=action,
                    values={str(k): v if isinstance(v, str) else str(v) for k, v in values_of(values or {}).items()},
                    initial=bool(initial),
                    changed=changed,
                    shown=_shown(found, token) if token else None,
                )

                def request(now_found: Session, now: datetime) -> Request:
                    return self.steps.request(asker, now_found, now=now, check_in=report)

                found, done = self.steps.save(found, request, asker, request_id=request_id)
                if done is not None and done.outcome.failure is not None:
                    log.warning(
                        "check-in failed",
                        extra={"action": "check_in_failed", "session": session, "why": done.outcome.failure.type},
                    )
                commands.extend(dict(command) for command in (done.outcome.commands if done is not None else ()))
        commands.extend(self._task_commands(session, acknowledging=ack is not None))
        return {"version": found.version, "commands": jsonable(commands)}

    def restart(self, *, session: str, request_id: str, who: Mapping[str, Any]) -> dict[str, Any]:
        """Start over in the same session: the answers and their history are gone."""
        asker = Who.parse(who)
        request_identifier(request_id)
        with self.steps.turn(session):
            return self._restart(self.steps.load(session), asker, request_id)

    def delete(self, *, session: str, request_id: str = "", who: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Delete the session; one that has something to send still, such as a mail, as soon as that has left."""
        identifier("session", session)
        found = self.steps.store.sessions.load(session)
        for _ in range(RACES):
            if found is None or self.steps.outbox.publish(found, found.outbox):
                self.steps.delete(session)
                return {}
            last = OutboxEntry(id=f"delete.{found.version + 1}", kind=LAST, body={})
            commit = Commit(now=self.steps.clock(), outbox=(last,))
            if self.steps.commit(found, commit, NOBODY) is not None:
                return {}
            found = self.steps.store.sessions.load(session)
        raise CallFailed("Busy", "too many requests change this session at once; try again")

    def variables(self, *, session: str, who: Mapping[str, Any]) -> dict[str, Any]:
        """What get_interview_variables() gives a page: all variables as JSON. Nothing is saved."""
        asker = Who.parse(who)
        with self.steps.turn(session):
            found = self.steps.load(session, fresh=True)
        request = self.steps.request(asker, found, now=self.steps.clock(), action=Action(name="_da_variables"))
        done = self.steps.run(found.interview, found.state, request, session)
        screen = done.outcome.screen
        if screen is None or screen.kind != "response":
            raise CallFailed("Failed", "the variables of this session cannot be told")
        return {
            "variables": jsonable(screen.response.get("all_variables")),
            "i": found.interview,
            "uid": session,
            "encrypted": found.sealed,
            "steps": found.step,
        }

    def publish(self, *, session: str) -> dict[str, Any]:
        """Publish what a crash left in the outbox (the clock's sweep asks for it)."""
        identifier("session", session)
        found = self.steps.store.sessions.load(session)
        if not isinstance(found, Session):
            return {"left": 0}
        complete = self.steps.outbox.publish(found, found.outbox)
        if complete and any(entry.kind == LAST for entry in found.outbox):
            self.steps.delete(session)
        return {"left": 0 if complete else 1}

    # ------------------------------------------------------------------ inside

    def _change(
        self,
        session_id: str,
        request_id: str,
        asker: Who,
        request: MakeRequest,
        *,
        answered: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        request_identifier(request_id)
        with self.steps.turn(session_id):
            found = self.steps.load(session_id)
            session, done = self.steps.save(
                found, request, asker, request_id=request_id, answered=answered, cached=True
            )
            if done is None:
                return self._show(session_id, asker)
            return self._reply(session, done, asker)

    def _show(self, session_id: str, asker: Who) -> dict[str, Any]:
        def request(found: Session, now: datetime) -> Request:
            return self.steps.request(asker, found, now=now)

        session, done = self.steps.save(self.steps.load(session_id, fresh=True), request, asker, accessed=False)
        assert done is not None
        return self._reply(session, done, asker)

    def _reply(self, session: Session, done: Done, asker: Who) -> dict[str, Any]:
        screen = done.outcome.screen
        if screen is not None and screen.kind == "command" and screen.command == "restart":
            return self._restart(session, asker, f"restart.{session.version}")
        return reply(session, done.outcome)

    def _restart(self, found: Session, asker: Who, request_id: str) -> dict[str, Any]:
        for _ in range(RACES):
            if request_id in found.seen:
                return self._show(found.id, asker)
            now = self.steps.clock()
            done = self.steps.first(asker, found.id, found.interview, now=now, lasting=ledger.lasting(found))
            commit = Commit(
                now=now,
                state=done.state,
                pop=found.step,
                outbox=outbox_entries(done.outcome.effects, prefix=request_id),
                request_id=request_id,
                fields={**ledger.changed_flags(found, done.outcome.flags), "accessed": now},
            )
            saved = self.steps.commit(found, commit, asker)
            if saved is not None:
                return reply(saved, done.outcome)
            found = self.steps.load(found.id, fresh=True)
        raise CallFailed("Busy", "too many requests change this session at once; try again")

    def _back_commit(
        self, found: Session, undone: ledger.Undone, done: Done, *, now: datetime, request_id: str
    ) -> Commit:
        """The commit of Back: one step less, and the state below as the step that shows it again left it."""
        assert found.top is not None
        state, push, pop = undone.state, None, 1
        if done.state is not None and done.outcome.failure is None and done.state != undone.state:
            state = done.state
            previous = found.top.previous
            below = self.steps.store.sessions.step(found.id, previous) if previous is not None else None
            if below is not None:
                push, pop = ledger.replaced_top(undone.state, state, below, uid=found.version + 1), 2
        return Commit(
            now=now,
            state=state,
            push=push,
            pop=pop,
            outbox=outbox_entries(done.outcome.effects, prefix=request_id),
            request_id=request_id,
            fields={**ledger.changed_flags(found, done.outcome.flags), "accessed": now},
        )

    def _session_id(self, client: str, interview: str, request_id: str) -> str:
        parts = "\0".join(("open", client, interview, request_id)).encode()
        digest = hmac.new(self._secret, parts, hashlib.sha256).digest()
        return base64.b32encode(digest[:20]).decode("ascii").lower()

    def _task_commands(self, session_id: str, *, acknowledging: bool) -> list[dict[str, Any]]:
        """What tasks that ended want shown (background.md, "Communicating results to the user interface")."""
        commands: list[dict[str, Any]] = []
        for task in self.steps.store.tasks.of_session(session_id):
            if task.ui is None or task.delivered or task.status not in ("done", "failed"):
                continue
            good = task.status == "done" and task.result.get("ok", False)
            if not (acknowledging and good) and not self.steps.store.tasks.mark_delivered(task.id):
                continue  # another page of the session was faster
            if good:
                commands.append({"task": task.id, "extra": task.ui, "value": task.result.get("plain")})
        return commands


def _shown(session: Session, token: Any) -> Shown:
    try:
        return tokens.verify(session.secret, token)
    except tokens.BadToken as error:
        raise CallFailed("BadToken", str(error)) from error
