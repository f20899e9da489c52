"""What a child may ask while it runs a step of one session; bound to that session, so it can reach no other."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from services import storage
from services.lasting_files import note_use
from shared.contract import links, typed
from shared.contract.tasks import ENDED, TaskStatus
from shared.store.ports import Store, StoreError
from shared.store.readers import for_everybody, is_for_everybody, is_of
from shared.store.records import Address, FileInfo, Mail, MailHead, head_of, task_digest

log = logging.getLogger(__name__)

#: Seconds until a waiting step looks again: soon at first, for its user waits with it, then about three times a second.
_FIRST_LOOK, _LAST_LOOK = 0.05, 0.4


class Reach(Protocol):
    """Into other sessions, for one step, with the rights of who runs it. Each raises LookupError for what is none of his."""

    def begin(self, interview: str) -> str: ...
    def check(self, interview: str, session: str, secret: str | None) -> None: ...
    def variables(self, interview: str, session: str, secret: str | None) -> bytes: ...
    def state(self, interview: str, session: str, secret: str | None) -> bytes: ...
    def question(self, interview: str, session: str, secret: str | None) -> bytes: ...


class SessionHost:
    """Implements ``shared.runner.ports.HostApi`` over the store for `session`.

    `version` is what the caller knows the session by, if anything; with `begun` False the session is not there yet.
    """

    def __init__(
        self,
        store: Store,
        session: str,
        *,
        clock: Callable[[], datetime],
        version: int = 0,
        begun: bool = True,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._session = session
        self._clock = clock
        self._version = version
        self._begun = begun
        self._sleep = sleep
        self._monotonic = monotonic
        self.watcher: Callable[[float | None, str], None] | None = None
        self.error_action: tuple[str, bytes] | None = None
        self._by: storage.Whose | None = None
        self.reach: Reach | None = None  #: into other sessions
        self._written: list[int] = []
        self._ended: dict[
            str, Mapping[str, Any]
        ] = {}  # task -> how it ended: a page asks whether it has, and then for what it gave
        self._looks: dict[str, float] = {}  # task waited for -> seconds until the next look
        self.saw_an_end = (
            False  # a task that the step looked at has ended: its response may be in a newer state than the step has
        )

    def discard(self) -> None:
        """The step did not take effect: remove the files it wrote. Never raises: what stays goes with the session."""
        written, self._written = self._written, []
        for number in written:
            try:
                self._store.files.delete(number)
            except StoreError as error:
                log.warning("file_stays", extra={"error": type(error).__name__})

    def acts_for(self, by: storage.Whose) -> None:
        """Who runs the step: what is kept beyond the session is read with that user's rights."""
        self._by = by

    def stored(self, area: str, name: str, key: str) -> Mapping[str, Any] | None:
        scope, session = self._scope(area, name)
        item = storage.found(self._store.storage, scope, key, session=session, now=self._clock())
        return None if item is None else {"value": item.body.get("value"), "counts": dict(item.body.get("counts", {}))}

    def stored_keys(self, area: str, name: str, after: str) -> list[str]:
        scope, session = self._scope(area, name)
        return self._store.storage.keys(scope, after=after, session=session)

    def _scope(self, area: str, name: str) -> tuple[str, str | None]:
        if self._by is None or area == links.AREA:
            raise LookupError("nothing is kept beyond this session here")
        return self._by.scope(area, name)

    def session_begin(self, interview: str) -> str:
        return self._reach().begin(interview)

    def session_check(self, interview: str, session: str, secret: str | None) -> None:
        self._reach().check(interview, session, secret)

    def session_variables(self, interview: str, session: str, secret: str | None) -> bytes:
        return self._reach().variables(interview, session, secret)

    def session_state(self, interview: str, session: str, secret: str | None) -> bytes:
        return self._reach().state(interview, session, secret)

    def session_question(self, interview: str, session: str, secret: str | None) -> bytes:
        return self._reach().question(interview, session, secret)

    def _reach(self) -> Reach:
        if self.reach is None:
            raise LookupError("other sessions cannot be reached from here")
        return self.reach

    def task(self, task_id: str, wait: float | None) -> Mapping[str, Any]:
        if (known := self._ended.get(task_id)) is not None:
            return known
        until = self._monotonic() + (wait or 0)
        while True:
            # A task whose row is not there yet is queued: it leaves with the state.
            status = self._store.tasks.status(task_id, session=self._session) or TaskStatus.QUEUED
            if status in ENDED:
                self.saw_an_end = True
                task = self._store.tasks.get(task_id)
                if task is None:
                    return {"status": status}
                view = {"status": task.status, **task.result}
                if task.status in ENDED:  # nobody runs it again within this step
                    self._ended[task_id] = view
                return view
            left = until - self._monotonic()
            if left <= 0:
                return {"status": status, **self._progress(task_id, status)}
            # A wait comes in several calls, of a second each.
            look = self._looks.get(task_id, _FIRST_LOOK)
            self._looks[task_id] = min(look * 2, _LAST_LOOK)
            self._sleep(min(look, left))

    def _progress(self, task_id: str, status: TaskStatus) -> Mapping[str, Any]:
        task = self._store.tasks.get(task_id) if status == TaskStatus.RUNNING else None
        return {} if task is None or not task.progress else {"progress": dict(task.progress)}

    def on_progress(self, fraction: float | None, text: str) -> None:
        if self.watcher is not None:
            self.watcher(fraction, text)

    def on_error(self, action: str, arguments: bytes) -> None:
        self.error_action = (action, arguments)

    def file_info(self, number: int) -> Mapping[str, Any] | None:
        info = self._info(number)
        if info is None:
            return None
        return {"number": info.number, "filename": info.filename, "mimetype": info.mimetype, "size": info.size}

    def _info(self, number: int) -> FileInfo | None:
        """Of a file that the session may read."""
        info = self._store.files.info(number)
        readable = info is not None and (is_of(info, self._session) or is_for_everybody(info.session))
        return info if readable else None

    def file_read(self, number: int) -> bytes:
        info = self._info(number)
        if info is None:
            raise LookupError(f"file {number} is not a file of this session")
        note_use(self._store.files, info, now=self._clock())
        return b"".join(self._store.files.read(number))

    def file_write(self, filename: str, mimetype: str, content: bytes) -> int:
        return self._put(self._session, filename, mimetype, content)

    def file_share(self, filename: str, mimetype: str, content: bytes, lasting: bool) -> int:
        return self._put(for_everybody(self._session, lasting=lasting), filename, mimetype, content)

    def _put(self, whose: str, filename: str, mimetype: str, content: bytes) -> int:
        info = self._store.files.put(
            session=whose, filename=filename, mimetype=mimetype, content=[content], now=self._clock()
        )
        self._written.append(info.number)
        if self._begun and self._store.sessions.load_newer(self._session, version=self._version) is None:
            # Deleted while the step ran: whatever is written now nobody would ever remove.
            self.discard()
            raise LookupError("this session does not exist any more")
        return info.number

    def emails(self, key: str | None, after: str) -> Mapping[str, Any]:
        addresses = {a.address: a for a in self._store.mails.addresses(self._session) if key is None or a.key == key}
        page = self._store.mails.heads(self._session, after=after)
        found = [_mail(mail, addresses[name_of(mail)]) for mail in page.lines if name_of(mail) in addresses]
        return {"mails": found, "after": page.after}

    def visits(self) -> list[Mapping[str, Any]]:
        people: list[Mapping[str, Any]] = [
            {"who": one.who, "at": one.at, "privileges": list(one.privileges)}
            for one in self._store.sessions.visits(self._session)
        ]
        ticked = max((mark.at for mark in self._store.ticks.of_session(self._session)), default=None)
        return people if ticked is None else [*people, {"who": "cron", "at": ticked, "privileges": ["cron"]}]

    def email(self, mail_id: str) -> Mapping[str, Any] | None:
        mail = self._store.mails.get(mail_id)
        if mail is None or mail.session != self._session:
            return None
        address = self._store.mails.find(name_of(mail))
        if address is None or address.session != self._session:
            return None
        about = {name: getattr(mail, name) for name in ("id", "address", "session", "sender", "received")}
        parts = self._store.mails.parts(mail_id, session=self._session)
        made_of = None if parts is None else typed.from_json(parts)
        return {**_mail(MailHead(**about, head=head_of(mail.raw)), address), "parts": made_of, "front": mail.front}

    def mail_status(self, task: str) -> Mapping[str, Any] | None:
        found = self._store.outgoing.latest(self._session, task_digest(task))
        if found is None:
            return None
        status = "queued" if found.status == "sending" else found.status
        last = found.last
        return {
            "status": status,
            "code": last.get("code"),
            "text": last.get("text", ""),
            "refused": list(last.get("refused") or ()),
        }

    def email_raw(self, mail_id: str) -> bytes:
        mail = self._store.mails.get(mail_id)
        if mail is None or mail.session != self._session:
            raise LookupError(f"the mail {mail_id} is not one of this session")
        return mail.raw


def name_of(mail: Mail | MailHead) -> str:
    """The address of a session that it was sent to, without the tag after a plus sign."""
    return mail.address.partition("+")[0]


def _mail(mail: MailHead, address: Address) -> dict[str, Any]:
    """A mail as author code's side knows it."""
    return {
        "id": mail.id,
        "address": address.address,
        "tag": mail.address.partition("+")[2],
        "key": address.key,
        "index": address.index,
        "owner": address.user.get("email"),
        "sender": mail.sender,
        "head": mail.head,
        "received": mail.received,
    }
