"""What a child may ask while it runs a step of one session; bound to that session, so it can reach no other."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from shared.store.ports import Store, StoreError
from shared.store.records import Task

log = logging.getLogger(__name__)

#: How often a waiting step looks again. A step that waits blocks its user, so it is looked at often.
_POLL_SECONDS = 0.05


def task_view(task: Task | None) -> Mapping[str, Any]:
    """A task as author code sees it. A task whose row is not there yet is queued: it leaves with the state."""
    if task is None:
        return {"status": "queued"}
    return {"status": task.status, **task.result}


class SessionOutside:
    """Implements ``shared.runner.ports.Outside`` over the store for `session`.

    `version` is what the caller knows the session by, if anything; with `begun` False the session is not there yet.
    """

    def __init__(
        self, store: Store, session: str, *, clock: Callable[[], datetime], version: int = 0, begun: bool = True
    ) -> None:
        self._store = store
        self._session = session
        self._clock = clock
        self._version = version
        self._begun = begun
        self._written: list[int] = []

    def discard(self) -> None:
        """The step did not take effect: remove the files it wrote. Never raises: what stays goes with the session."""
        written, self._written = self._written, []
        for number in written:
            try:
                self._store.files.delete(number)
            except StoreError as error:
                log.warning("file stays", extra={"action": "file_stays", "why": type(error).__name__})

    def task(self, task_id: str, wait: float | None) -> Mapping[str, Any]:
        until = time.monotonic() + (wait or 0)
        while True:
            task = self._store.tasks.get(task_id)
            if task is not None and task.session != self._session:
                task = None
            view = task_view(task)
            if view["status"] in ("done", "failed", "revoked") or time.monotonic() >= until:
                return view
            time.sleep(_POLL_SECONDS)

    def file_info(self, number: int) -> Mapping[str, Any] | None:
        info = self._store.files.info(number)
        if info is None or info.session != self._session:
            return None
        return {"number": info.number, "filename": info.filename, "mimetype": info.mimetype, "size": info.size}

    def file_read(self, number: int) -> bytes:
        if self.file_info(number) is None:
            raise LookupError(f"file {number} is not a file of this session")
        return b"".join(self._store.files.read(number))

    def file_write(self, filename: str, mimetype: str, content: bytes) -> int:
        info = self._store.files.put(
            session=self._session, filename=filename, mimetype=mimetype, content=[content], now=self._clock()
        )
        self._written.append(info.number)
        if self._begun and self._store.sessions.load_newer(self._session, version=self._version) is None:
            # Deleted while the step ran: whatever is written now nobody would ever remove.
            self.discard()
            raise LookupError("this session does not exist any more")
        return info.number

    def emails(self, key: str | None) -> Iterable[Mapping[str, Any]]:
        addresses = {a.address: a for a in self._store.mails.addresses(self._session) if key is None or a.key == key}
        for mail in self._store.mails.of_session(self._session):
            address = addresses.get(mail.address)
            if address is not None:
                yield {
                    "id": mail.id,
                    "address": address.address,
                    "key": address.key,
                    "index": address.index,
                    "owner": address.user.get("email"),
                    "sender": mail.sender,
                    "raw": mail.raw,
                    "received": mail.received,
                }
