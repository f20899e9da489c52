"""A stand-in for the interview service: no engine, no store, no process. For tests of what the gateway makes of its replies.

Screens are given by the test, as the real service would send them; which browser may enter which session is decided by the real
service's own rules (`services.interview.access`), over sessions kept in a dict. Everything passes through JSON, as on the bus.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from services.interview import access
from shared.bus import wire
from shared.bus.messages import BusUnavailable, Notification, QueueState
from shared.contract import errors
from shared.contract.caller import Caller
from shared.contract.entry import Entered, Entry, Found
from shared.contract.outcome import Failure, Rejection
from shared.contract.reply import CheckInReply, Command, Notice, Piece, Reply, Uploaded, Variables
from shared.store.records import Session

NOW = datetime(2026, 1, 15, tzinfo=UTC)
ASK: Mapping[str, Any] = {
    "kind": "fields",
    "question": "What is your name?",
    "fields": [{"variable": "name", "label": "Name", "datatype": "text", "required": True}],
    "language": "en",
}


@dataclass
class Kept:
    """One session: its record, and the screens that come one after the other (the last stays)."""

    record: Session
    screens: list[Mapping[str, Any]]
    step: int = 0
    used: int = 0
    files: dict[int, tuple[str, str, bytes]] = field(default_factory=dict)


class StandIn:
    """A bus with this service on it. `calls` are those that came: method and arguments."""

    def __init__(self, **interviews: list[Mapping[str, Any]]) -> None:
        self.interviews = {f"demos:{name}.yml": screens for name, screens in interviews.items()}
        self.sessions: dict[str, Kept] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        #: What the next call of a method ends with, once.
        self.fails: dict[str, Exception] = {}
        #: What the next change ends with instead of the next screen, once.
        self.outcome: Rejection | Failure | None = None
        #: What the next change is said to have done besides, once.
        self.notices: tuple[Notice, ...] = ()
        self.reachable = True
        self._pieces: dict[str, bytes] = {}
        self._clock = 0

    # ------------------------------------------------------------------ the bus

    def call(self, service: str, method: str, /, *, timeout: float = 40.0, returns: Any = Any, **arguments: Any) -> Any:
        assert service in ("interview", "workshop")
        given = wire.decode(wire.encode(arguments, "arguments"), "arguments")
        self.calls.append((method, given))
        if method in self.fails:
            raise self.fails.pop(method)
        return wire.result(wire.answer(getattr(self, f"do_{method}")(**given), method), returns, method)

    def do_said(self, *, session: str) -> list[dict[str, Any]]:
        """What code said in a session, as the embedded system tells an author at work."""
        return [{"id": "r1", "session": session}]

    def listen(self, receive: Callable[[Notification], None]) -> Callable[[], None]:
        return lambda: None

    def queues(self, *, brief: bool = False) -> dict[str, QueueState]:
        if not self.reachable:
            raise BusUnavailable("the broker is away")
        return {}

    def told(self, method: str) -> dict[str, Any]:
        """The arguments of the latest call of `method`."""
        return next(arguments for name, arguments in reversed(self.calls) if name == method)

    # ------------------------------------------------------------------ sessions

    def do_open(self, *, interview: str, request_id: str, caller: Any, entry: Any) -> Reply:
        Caller.parse(caller)
        asked = Entry.parse(entry)
        if interview not in self.interviews:
            raise errors.NoInterview(f"there is no {interview}")
        assert asked.session is not None
        record = Session(
            id=asked.session,
            version=1,
            interview=interview,
            state=b"",
            step=0,
            created=NOW,
            modified=NOW,
            accessed=NOW,
            **access.first_fields(asked),
        )
        self.sessions[record.id] = self._used(Kept(record, list(self.interviews[interview])))
        return self._reply(record.id)

    def do_enter(self, *, session: str, entry: Any, use: bool = False) -> Entered:
        kept, admission = self._admitted(session, entry)
        asked = Entry.parse(entry)
        known = {access.browser_hash(one) for one in asked.browsers} & set(kept.record.browsers)
        if use:
            kept.record = replace(kept.record, **access.seen(kept.record, asked))
            self._used(kept)
        return Entered(
            session=session,
            interview=kept.record.interview,
            guest=admission.by_id,
            stranger=admission.by_id and not known,
        )

    def do_leave(self, *, session: str, entry: Any) -> dict[str, Any]:
        kept, _ = self._admitted(session, entry)
        kept.record = replace(kept.record, browsers=())
        return {}

    def do_find(
        self, *, browsers: list[str], interview: str | None = None, show: Any = None, caller: Any = None
    ) -> Found:
        mine = {access.browser_hash(one) for one in browsers}
        found = [
            kept
            for kept in sorted(self.sessions.values(), key=lambda one: -one.used)
            if mine & set(kept.record.browsers) and interview in (None, kept.record.interview)
        ]
        names = [Entered(session=kept.record.id, interview=kept.record.interview) for kept in found]
        first = show is not None and bool(names) and names[0].session == show["session"]
        shown = None
        if first and not isinstance(self.fails.get("screen"), errors.NoSession):
            if "screen" in self.fails:
                raise self.fails.pop("screen")
            shown = self.do_screen(session=show["session"], entry=show["entry"], caller=caller)
        return Found(sessions=tuple(names), shown=shown)

    def do_whose(self, *, number: int, browsers: list[str]) -> Entered:
        mine = {access.browser_hash(one) for one in browsers}
        for kept in self.sessions.values():
            if number in kept.files and mine & set(kept.record.browsers):
                return Entered(session=kept.record.id, interview=kept.record.interview)
        raise errors.NoFile("no such file")

    # ------------------------------------------------------------------ steps

    def do_screen(self, *, session: str, entry: Any, caller: Any) -> Reply:
        self._admitted(session, entry)
        return self._reply(session)

    def do_resume(self, *, session: str, entry: Any, caller: Any) -> Reply:
        self.do_enter(session=session, entry=entry, use=True)
        return self.do_screen(session=session, entry=entry, caller=caller)

    def do_answer(self, *, session: str, entry: Any, token: str, **given: Any) -> Reply:
        kept, _ = self._admitted(session, entry)
        if token != self._token(kept):
            raise errors.BadToken("the token is of another session")
        return self._step(kept, by=1)

    def do_action(self, *, session: str, entry: Any, **given: Any) -> Reply:
        return self._step(self._admitted(session, entry)[0], by=1)

    def do_back(self, *, session: str, entry: Any, **given: Any) -> Reply:
        return self._step(self._admitted(session, entry)[0], by=-1)

    def do_restart(self, *, session: str, entry: Any, **given: Any) -> Reply:
        kept, _ = self._admitted(session, entry)
        return self._step(kept, by=-kept.step)

    def do_delete(self, *, session: str, entry: Any, **given: Any) -> dict[str, Any]:
        self._admitted(session, entry)
        del self.sessions[session]
        return {}

    def do_check_in(self, *, session: str, entry: Any, **given: Any) -> CheckInReply:
        self._admitted(session, entry)
        return CheckInReply(version=1, commands=(Command(extra="flash", value="Hello"),))

    def do_variables(self, *, session: str, entry: Any, caller: Any) -> Variables:
        kept, _ = self._admitted(session, entry)
        told = msgspec.Raw(b'{"name":"Ada"}')
        return Variables(variables=told, i=kept.record.interview, uid=session, encrypted=False, steps=kept.step)

    # ------------------------------------------------------------------ files

    def do_upload(
        self,
        *,
        session: str,
        entry: Any,
        upload: str,
        filename: str,
        mimetype: str,
        offset: int,
        chunk: str,
        last: bool,
        token: str,
        field: str,
    ) -> Uploaded:
        kept, _ = self._admitted(session, entry)
        content = msgspec.convert(chunk, bytes)
        assert len(self._pieces.get(upload, b"")) == offset
        self._pieces[upload] = self._pieces.get(upload, b"") + content
        if not last:
            return Uploaded(None)
        number = 1 + sum(len(one.files) for one in self.sessions.values())
        kept.files[number] = (filename, mimetype, self._pieces.pop(upload))
        return Uploaded(number)

    def do_download(self, *, session: str, entry: Any, number: int, offset: int, length: int) -> Piece:
        kept, _ = self._admitted(session, entry)
        if number not in kept.files:
            raise errors.NoFile("no such file")
        filename, mimetype, content = kept.files[number]
        return Piece(filename=filename, mimetype=mimetype, size=len(content), chunk=content[offset : offset + length])

    def do_shared_file(self, *, number: int, offset: int, length: int) -> Piece:
        """There is none for everybody."""
        if not 0 <= number < 2**62:
            raise errors.BadValue("number must be a file number")
        raise errors.NoFile("there is no such file for everybody")

    # ------------------------------------------------------------------ inside

    def _admitted(self, session: str, entry: Any) -> tuple[Kept, access.Admission]:
        if not session or not session.isprintable():
            raise errors.BadValue("session must be a printable text")
        kept = self.sessions.get(session)
        asked = Entry.parse(entry)
        admission = None if kept is None else access.admit(kept.record, asked)
        if kept is None or admission is None:
            raise errors.NoSession("this session does not exist (any more)")
        kept.record = replace(kept.record, **access.settled(kept.record, asked, admission))
        return kept, admission

    def _step(self, kept: Kept, *, by: int) -> Reply:
        self._used(kept)
        ends, self.outcome = self.outcome, None
        if isinstance(ends, Failure):
            return msgspec.structs.replace(self._reply(kept.record.id), screen=msgspec.Raw(b"null"), failure=ends)
        if isinstance(ends, Rejection):
            return msgspec.structs.replace(self._reply(kept.record.id), rejected=ends)
        kept.step = max(0, kept.step + by)
        notices, self.notices = self.notices, ()
        return msgspec.structs.replace(self._reply(kept.record.id), notices=notices)

    def _used(self, kept: Kept) -> Kept:
        self._clock += 1
        kept.used = self._clock
        return kept

    def _token(self, kept: Kept) -> str:
        return f"token-{kept.record.id[:8]}-{kept.step}"

    def _reply(self, session: str) -> Reply:
        kept = self.sessions[session]
        screen = kept.screens[min(kept.step, len(kept.screens) - 1)]
        raw = msgspec.Raw(msgspec.json.encode({**screen, "token": self._token(kept)}))
        return Reply(
            session=session, interview=kept.record.interview, version=1 + kept.step, step=kept.step, screen=raw
        )
