"""Other sessions than the one whose step runs: who may, and beginning, reading and changing them. Rules: docs/adr/0038-other-sessions.md.

A step looks into them while it runs; what it changes are effects, published after its commit, each a step of the other session of its own,
made once however often it is published. Not for: what author code calls that (`shared.authoring.functions.sessions`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from typing import Final

import msgspec

from services.interview import access, commits, requests, told
from services.interview.beyond import Asking
from services.interview.change import Change, Run
from services.interview.checks import text
from services.interview.publishers import OPENS, SLOTS, Behalf, caller_of
from services.interview.shown import keys_to
from services.interview.unit_of_work import UnitOfWork
from shared.contract import others, typed
from shared.contract.caller import Caller
from shared.contract.effects import BeginSession, ChangeSession, kind_of
from shared.contract.entry import Entry
from shared.contract.errors import Again, BadValue, Busy, CallFailed, NoSession, StepFailed
from shared.contract.outcome import StepResult
from shared.contract.reply import OtherSession
from shared.engine.request import Action
from shared.store import checks
from shared.store.ports import DuplicateId
from shared.store.records import OutboxEntry, Session
from shared.vault.ports import KeyAway

log = logging.getLogger(__name__)

#: Sessions that one step may begin.
BEGUN: Final = 20
#: Changes that lead to changes of others, at once; what goes further waits for the sweep, so that none goes round and round in a process.
DEEP: Final = 3
#: Where a session remembers which changes of others it has had, and how many: an outbox publishes again within a minute or so.
_HAD, _MARKS = "by others", 50

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}")  #: `contract.entry.KeyText`
_GONE: Final = "there is no such session of that interview, or it is not one of this user's"
_BEGIN, _CHANGE = kind_of(BeginSession), kind_of(ChangeSession)

_depth: ContextVar[int] = ContextVar("changes of changes", default=0)
_read: ContextVar[bool] = ContextVar("a session is read from outside", default=False)


class Others:
    """Implements `beyond.Beyond`."""

    def __init__(self, work: UnitOfWork, *, secret: bytes, installed: Callable[[str], bool]) -> None:
        """`installed`: whether an interview may be begun; ids are made of `secret`, as `InterviewApi` makes them."""
        self._work = work
        self._secret = secret
        self._installed = installed

    # ------------------------------------------------------------------ while a step runs

    def reach(self, session: str, caller: Caller, *, asked: str | None) -> Asking | None:
        return None if _read.get() else _Reach(self, session, caller, asked)

    def new_id(self, session: str, asked: str, number: int) -> str:
        """The id of the session that a step begins as its `number`-th: the same again for the same request."""
        made_of = f"{session}\n{asked}\n{number}".encode()
        digest = hmac.new(self._secret, b"parley other session 1\0" + made_of, hashlib.sha256).digest()
        return base64.b32encode(digest[:20]).decode("ascii").lower()

    def known(self, interview: str) -> bool:
        return self._installed(interview)

    def admitted(self, interview: str, session: str, caller: Caller, secret: str | None) -> Session:
        """The session, if `caller` may enter it. Raises LookupError, and `_Wanted` where his keys might do it."""
        keys = keys_to(session)
        shown = (*(keys or ()), *((secret,) if secret is not None and _KEY.fullmatch(secret) else ()))
        found = self._opened(session, caller, shown)
        if found is None and keys is None:
            raise _Wanted(session)
        if found is None or _whole(found.interview) != _whole(interview):
            raise LookupError(_GONE)
        return found

    def _opened(self, session: str, caller: Caller, keys: tuple[str, ...]) -> Session | None:
        if not checks.known_id(session):
            return None
        entry = Entry(browsers=(caller.client,) * max(len(keys), 1), keys=keys)
        self._work.vault.offer(session, access.keys_of(entry))
        try:
            found = self._work.load(session, fresh=True)
        except (KeyAway, NoSession):
            return None
        return found if access.admit(found, entry) is not None else None

    def variables(self, found: Session, caller: Caller) -> bytes:
        """The answers as JSON. Raises LookupError if the interview cannot tell them."""
        token = _read.set(True)
        try:
            return bytes(told.variables(self._work.steps.look(found, requests.variables(found), _caller(caller))))
        except StepFailed as error:
            raise LookupError(f"the variables of that session cannot be told: {error}") from None
        finally:
            _read.reset(token)

    def question(self, found: Session, caller: Caller) -> bytes:
        """The current screen as JSON; nothing of showing it is saved. Raises LookupError if the interview comes to none."""
        token = _read.set(True)
        try:
            result = self._work.steps.look(found, requests.shown_now(found), _caller(caller))
        finally:
            _read.reset(token)
        if result.screen is None:
            why = "" if result.failure is None else f": {result.failure.message}"
            raise LookupError(f"that session shows no question now{why}")
        return bytes(result.screen.json)

    def other(
        self, *, what: str, interview: str, other: str, behalf: Mapping[str, object], secret: str | None = None
    ) -> OtherSession:
        """What a task asks of another session, on behalf of who started it: ``begin``, ``check``, ``variables``, ``state``, ``question``.

        Raises `NoSession`.
        """
        for name, given in (("what", what), ("interview", interview), ("other", other), ("secret", secret)):
            text(name, given)
        try:
            by = caller_of(typed.convert(dict(behalf), Behalf))
        except msgspec.ValidationError as error:
            raise BadValue(f"behalf: {error}") from None
        if what == "begin":
            if not self._installed(interview):
                raise NoSession(f"there is no interview {interview}")
            return OtherSession()
        try:
            found = self.admitted(interview, other, by, secret)
            if what == "variables":
                return OtherSession(variables=msgspec.Raw(self.variables(found, by)))
            if what == "question":
                return OtherSession(screen=msgspec.Raw(self.question(found, by)))
        except LookupError as error:
            raise NoSession(str(error)) from None
        return OtherSession(state=found.state if what == "state" else None)

    # ------------------------------------------------------------------ before its commit

    def ready(self, session: Session, entries: tuple[OutboxEntry, ...], caller: Caller) -> tuple[OutboxEntry, ...]:
        made, begun = [], set()
        for entry in entries:
            of, body = str(entry.body.get("session")), dict(entry.body)
            if entry.kind == _BEGIN and OPENS not in body:
                begun.add(of)
                body[SLOTS] = self._slots(of, caller, body.get("secret"))
                body[OPENS] = self._work.vault.ticket(of, _mark(session, entry))
            elif entry.kind == _CHANGE and OPENS not in body and (of in begun or self._may(of, body, caller)):
                body[OPENS] = self._work.vault.ticket(of, _mark(session, entry))
            if OPENS in body or entry.kind == _CHANGE:
                body["secret"] = None  # the ticket stands for it
            made.append(replace(entry, body=body))
        return tuple(made)

    def _slots(self, session: str, caller: Caller, secret: object) -> dict[str, bytes]:
        """Those of a session that is about to begin: of who has `secret`, else of the browser that asked; none if no browser did."""
        vault = self._work.vault
        keys = (secret,) if isinstance(secret, str) and _KEY.fullmatch(secret) else (keys_to(session) or ())[:1]
        entry = Entry(browsers=(caller.client,) * len(keys), keys=keys)
        vault.offer(session, access.keys_of(entry))
        vault.begin(session)
        now = self._work.clock()
        blank = Session(
            id=session,
            version=1,
            interview="",
            state=b"",
            step=0,
            created=now,
            modified=now,
            accessed=now,
            **access.first_fields(entry),
        )
        settled = vault.settled(blank, {})
        if not keys:
            return {}
        return dict(settled.get("slots", blank.slots))

    def _may(self, session: str, body: Mapping[str, object], caller: Caller) -> bool:
        """Whether it may be changed: asked again here, for a step may say that it wants anything."""
        secret = body.get("secret")
        try:
            self.admitted(str(body["interview"]), session, caller, secret if isinstance(secret, str) else None)
        except (LookupError, _Wanted):
            return False
        return True

    # ------------------------------------------------------------------ after its commit

    def begin(self, effect: BeginSession, entry: OutboxEntry, *, of: Session, caller: Caller) -> None:
        work, name = self._work, effect.session
        if work.store.sessions.exists(name):
            return  # published before
        if not self._installed(effect.interview):
            log.error("session_not_begun", extra={"session": of.id, "entry": entry.id, "error": "NoInterview"})
            return
        self._redeem(name, of, entry)
        slots: Mapping[str, bytes] = entry.body.get(SLOTS) or {}
        asker = _caller(caller, url_args=effect.url_args)
        browser = access.browser_hash(caller.client)

        def made(result: StepResult, now: datetime) -> Session:
            return commits.begun(
                name,
                effect.interview,
                result,
                now=now,
                request_id="v1",
                client=caller.client,
                unattended=work.unattended,
                extra={"client": caller.client, **({} if slots else {access.HEIR: browser})},
                slots=slots,
                browsers=(browser,),
            )

        with _deeper(), _tried(of, entry):
            try:
                work.create(name, effect.interview, asker, made)
            except DuplicateId:
                pass  # somebody else publishes it, too

    def change(self, effect: ChangeSession, entry: OutboxEntry, *, of: Session, caller: Caller) -> None:
        mark, name = _mark(of, entry), effect.session
        if OPENS not in entry.body:
            log.error("session_not_changed", extra={"session": of.id, "entry": entry.id, "error": "NotAdmitted"})
            return
        with _deeper(), _tried(of, entry):
            self._redeem(name, of, entry)
            found = self._work.load(name, fresh=True)
            if _whole(found.interview) != _whole(effect.interview):
                raise NoSession(_GONE)

            def decide(now: Session) -> Change | None:
                had = commits.lasting(now).get(_HAD) or []
                assert isinstance(had, list)
                if mark in had:
                    return None
                change = _asked(now, effect)
                return None if change is None else replace(change, remember={_HAD: [*had, mark][-_MARKS:]})

            done = self._work.do(found, decide, _caller(caller))
            if done.result is not None and done.result.failure is not None:
                raise StepFailed(done.result.failure.message, done.result.failure)

    def _redeem(self, session: str, of: Session, entry: OutboxEntry) -> None:
        ticket = entry.body.get(OPENS)
        if isinstance(ticket, bytes) and ticket:
            self._work.vault.redeem(session, _mark(of, entry), ticket)


class _Wanted(Exception):
    """The keys of who asks might open the session."""


class _Reach:
    """Implements `beyond.Asking`."""

    def __init__(self, others: Others, session: str, caller: Caller, asked: str | None) -> None:
        self._others = others
        self._session = session
        self._caller = caller
        self._asked = asked
        self._begun = 0
        self._wanted: dict[str, None] = {}

    @property
    def wanted(self) -> tuple[str, ...]:
        return tuple(self._wanted)

    def begin(self, interview: str) -> str:
        if self._asked is None:
            raise LookupError("nothing of this step is saved, so it begins no session")
        if not self._others.known(interview):
            raise LookupError(f"there is no interview {interview}")
        if self._begun >= BEGUN:
            raise ValueError(f"a step begins at most {BEGUN} sessions")
        self._begun += 1
        made = self._others.new_id(self._session, self._asked, self._begun)
        if keys_to(made) is None:
            self._wanted[made] = None  # the rest of the step may go on; it is run again with them
        return made

    def check(self, interview: str, session: str, secret: str | None) -> None:
        self._admitted(interview, session, secret)

    def variables(self, interview: str, session: str, secret: str | None) -> bytes:
        return self._others.variables(self._admitted(interview, session, secret), self._caller)

    def question(self, interview: str, session: str, secret: str | None) -> bytes:
        return self._others.question(self._admitted(interview, session, secret), self._caller)

    def state(self, interview: str, session: str, secret: str | None) -> bytes:
        return self._admitted(interview, session, secret).state

    def _admitted(self, interview: str, session: str, secret: str | None) -> Session:
        try:
            return self._others.admitted(interview, session, self._caller, secret)
        except _Wanted:
            self._wanted[session] = None
            raise LookupError(_GONE) from None


def _asked(now: Session, effect: ChangeSession) -> Change | None:
    if effect.action == others.BACK:
        change = requests.back(now)
        return None if change is None else replace(change, accessed=False)
    action = Action(name=effect.action, encoded=effect.arguments, save=effect.save)
    mode = "foreground" if effect.asks else others.MODE
    return Change(run=Run(state=now.state, steps=now.step, action=action, mode=mode), accessed=False)


def _caller(caller: Caller, *, url_args: Mapping[str, object] | None = None) -> Caller:
    """Whoever runs a step, seen from another session: he has come there by no address."""
    browser = msgspec.structs.replace(caller.browser, interview_url=None, referer=None, url_args=dict(url_args or {}))
    return msgspec.structs.replace(caller, browser=browser)


def _mark(of: Session, entry: OutboxEntry) -> str:
    return f"{of.id}/{entry.id}"


def _whole(interview: str) -> str:
    """The name of an interview as it is written in one way only (docs/architecture.md, "Names of interviews")."""
    package, _, path = interview.partition(":")
    return f"{package}:{path.removeprefix('data/questions/')}"


@contextmanager
def _deeper() -> Iterator[None]:
    """Raises `Busy` where changes have led to changes often enough: this one waits."""
    if _depth.get() >= DEEP:
        raise Busy("changes of sessions lead to each other")
    token = _depth.set(_depth.get() + 1)
    try:
        yield
    finally:
        _depth.reset(token)


@contextmanager
def _tried(of: Session, entry: OutboxEntry) -> Iterator[None]:
    """What fails for good is said, and not tried again; what passes is raised."""
    try:
        yield
    except (KeyAway, CallFailed) as error:
        if isinstance(error, CallFailed) and error.again is Again.LATER:
            raise
        log.error("session_not_changed", extra={"session": of.id, "entry": entry.id, "error": type(error).__name__})
