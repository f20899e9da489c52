"""The calls of docs/architecture.md, one typed method each. Raises `CallFailed`, which all errors of calls are."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import msgspec

from services.gateway.client.guesses import Guesses
from services.gateway.client.off_loop import off_the_loop
from services.gateway.client.reply import Reply
from shared.bus.messages import Bus
from shared.contract import reply as contract
from shared.contract.caller import Caller
from shared.contract.entry import Entered, Entry, Found, Show
from shared.contract.errors import KeysWanted
from shared.contract.reply import CheckInReply, Followed, Piece, Uploaded, Variables

T = TypeVar("T")

#: How often a call is made again because its step looks into one more session.
_LOOKS = 20


def new_request_id() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Opened:
    """A session as one browser holds it: its id, and what shows that the browser may enter."""

    session: str
    entry: Entry
    #: The browser's keys to another session, in the order of `entry`: what a step needs that looks into it.
    keys: Callable[[str], tuple[str, ...]] | None = field(default=None, compare=False, repr=False)

    def with_keys(self, sessions: Iterable[str]) -> Opened:
        """As before, with the keys to these as well."""
        made = () if self.keys is None else tuple((one, self.keys(one)) for one in sessions)
        return replace(self, entry=msgspec.structs.replace(self.entry, others=(*self.entry.others, *made)))


class InterviewClient:
    def __init__(self, bus: Bus, *, seconds: float) -> None:
        self._bus = bus
        self._seconds = seconds
        self._guesses = Guesses()

    # ------------------------------------------------------------------ which session

    def enter(self, at: Opened, *, use: bool = False) -> Entered:
        """Whether the browser may enter, and of which interview the session is. `use`: `find` gives it first from now on."""
        return self._call(Entered, "enter", at, use=use)

    def leave(self, at: Opened) -> None:
        """`find` does not give the session any more."""
        self._call(Any, "leave", at)

    def find(self, browsers: Sequence[str], *, interview: str | None = None) -> tuple[Entered, ...]:
        """Sessions (of `interview`) in which the browser has been, the one used last first."""
        return self._call(Found, "find", browsers=list(browsers), interview=interview).sessions

    def guess(self, browsers: Sequence[str], interview: str) -> str | None:
        """The session that `find` probably gives first, if one was seen here lately."""
        return self._guesses.of(browsers, interview)

    def find_and_show(
        self, browsers: Sequence[str], at: Opened, *, interview: str, caller: Caller
    ) -> tuple[tuple[Entered, ...], Reply | None]:
        """As `find`, with the screen of the first session, if that is `at`."""
        show = Show(session=at.session, entry=at.entry)
        found = self._call(Found, "find", browsers=list(browsers), interview=interview, show=show, caller=caller)
        return found.sessions, None if found.shown is None else self._seen(at, found.shown)

    def whose(self, number: int, browsers: Sequence[str]) -> Entered:
        """The session of file `number`, if the browser has been there. Raises `NoFile`."""
        return self._call(Entered, "whose", number=number, browsers=list(browsers))

    def follow(self, code: str) -> str | None:
        """Where a link that expires leads, which it may do only once. None: nowhere (any more)."""
        return self._call(Followed, "follow", code=code).url

    # ------------------------------------------------------------------ steps

    def open(self, interview: str, at: Opened, *, request_id: str, caller: Caller) -> Reply:
        """Begin the session that `at` is to be."""

        def go(entry: Entry) -> contract.Reply:
            asked = {"interview": interview, "request_id": request_id, "caller": caller, "entry": entry}
            return self._once(contract.Reply, "open", **asked)

        made = self._with_keys(at, go)
        return self._seen(replace(at, session=made.session), made)

    def screen(self, at: Opened, *, caller: Caller) -> Reply:
        return self._reply("screen", at, caller=caller)

    def resume(self, at: Opened, *, caller: Caller) -> Reply:
        """As `screen`; `find` gives the session first from now on."""
        return self._reply("resume", at, caller=caller)

    def answer(
        self,
        at: Opened,
        *,
        request_id: str,
        token: str,
        values: Mapping[str, object],
        button: object,
        raw: bool,
        caller: Caller,
    ) -> Reply:
        """`raw`: the values are what an HTML form sends, rather than those of docs/http.md "Answering"."""
        return self._reply(
            "answer",
            at,
            request_id=request_id,
            token=token,
            values=dict(values),
            button=button,
            raw=raw,
            caller=caller,
        )

    def action(
        self,
        at: Opened,
        *,
        request_id: str,
        name: str,
        arguments: Mapping[str, object],
        caller: Caller,
        read_only: bool = False,
    ) -> Reply:
        """With `read_only` nothing of it is saved."""
        asked = {"name": name, "arguments": dict(arguments), "read_only": read_only}
        return self._reply("action", at, request_id=request_id, caller=caller, **asked)

    def back(self, at: Opened, *, request_id: str, caller: Caller) -> Reply:
        return self._reply("back", at, request_id=request_id, caller=caller)

    def restart(self, at: Opened, *, request_id: str, caller: Caller) -> Reply:
        return self._reply("restart", at, request_id=request_id, caller=caller)

    def delete(self, at: Opened, *, request_id: str, caller: Caller) -> None:
        self._call(Any, "delete", at, request_id=request_id, caller=caller)

    def check_in(self, at: Opened, *, request_id: str, report: Mapping[str, object], caller: Caller) -> CheckInReply:
        """`report`: `token`, `action`, `values`, `initial`, `changed`, `ack`, those that there are."""
        return self._call(CheckInReply, "check_in", at, request_id=request_id, caller=caller, **report)

    def variables(self, at: Opened, *, caller: Caller) -> Variables:
        return self._call(Variables, "variables", at, caller=caller)

    # ------------------------------------------------------------------ files

    def upload(
        self,
        at: Opened,
        *,
        upload: str,
        filename: str,
        mimetype: str,
        offset: int,
        chunk: bytes,
        last: bool,
        token: str,
        field: str,
    ) -> int | None:
        """Send a piece of a file; the number of the file once the last one has arrived."""
        text = base64.b64encode(chunk).decode("ascii")
        piece = {"upload": upload, "filename": filename, "mimetype": mimetype, "offset": offset, "last": last}
        piece |= {"token": token, "field": field}
        return self._call(Uploaded, "upload", at, chunk=text, **piece).file

    def shared_file(self, *, number: int, offset: int, length: int) -> Piece:
        """A piece of a file that everybody may read. Raises `NoFile`."""
        return self._call(Piece, "shared_file", number=number, offset=offset, length=length)

    def download(self, at: Opened, *, number: int, offset: int, length: int) -> Piece:
        return self._call(Piece, "download", at, number=number, offset=offset, length=length)

    def document(self, at: Opened, *, number: int, format: str, offset: int, length: int, caller: Caller) -> Piece:
        """A piece of a document of the screen, which is made for it. Raises `NoFile`."""
        asked = {"number": number, "format": format, "offset": offset, "length": length}
        return self._call(Piece, "document", at, caller=caller, **asked)

    def _reply(self, method: str, at: Opened, **arguments: object) -> Reply:
        return self._seen(at, self._call(contract.Reply, method, at, **arguments))

    def _seen(self, at: Opened, told: contract.Reply) -> Reply:
        self._guesses.note(at.entry.browsers, told.interview, told.session)
        return Reply(told)

    def _call(self, returns: type[T], method: str, at: Opened | None = None, **arguments: object) -> T:
        if at is None:
            return self._once(returns, method, **arguments)
        return self._with_keys(
            at, lambda entry: self._once(returns, method, session=at.session, entry=entry, **arguments)
        )

    def _with_keys(self, at: Opened, call: Callable[[Entry], T]) -> T:
        """`call` with `at.entry`; where its step looks into other sessions of the browser, again with the keys to them."""
        for _ in range(_LOOKS):
            try:
                return call(at.entry)
            except KeysWanted as wanted:
                if at.keys is None or {one for one, _ in at.entry.others} >= set(wanted.sessions):
                    raise
                at = at.with_keys(wanted.sessions)
        return call(at.entry)

    def _once(self, returns: type[T], method: str, **arguments: object) -> T:
        def go() -> T:
            return self._bus.call("interview", method, timeout=self._seconds, returns=returns, **arguments)

        return off_the_loop(go)
