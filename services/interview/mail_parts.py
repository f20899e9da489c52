"""What a received mail is made of, found out once, on arrival, and kept as files of its session.

The taking apart is a child's work (``shared.runner.dissector``); here its result becomes files and a list of them. Twice does no harm: who
comes second finds the first one's list, and takes its own files back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from shared.contract.mail import to_json
from shared.mail.filing import file_parts
from shared.runner.dissector import Dissector
from shared.store.checks import PARTS_BYTES
from shared.store.ports import Store, StoreError
from shared.store.records import Mail

log = logging.getLogger(__name__)

_TOO_MANY = {"problems": ["too complex: the list of its parts is too long to be kept"]}


class MailParts:
    def __init__(self, store: Store, dissect: Dissector, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._dissect = dissect
        self._clock = clock

    def find(self, mail: Mail) -> None:
        """Take `mail` apart, unless that has been done. Raises `StoreError` and `Busy`; then nothing stays."""
        if self._store.mails.parts(mail.id, session=mail.session) is not None:
            return
        found = self._dissect(mail.raw)
        written: list[int] = []

        def write(*, filename: str, mimetype: str, content: bytes) -> int:
            info = self._store.files.put(
                session=mail.session, filename=filename, mimetype=mimetype, content=[content], now=self._clock()
            )
            written.append(info.number)
            return info.number

        kept = False
        try:
            listed = to_json(file_parts(found, write))
            if len(listed) > PARTS_BYTES:
                self._take_back(written)
                listed = to_json(file_parts(_TOO_MANY, write))
            kept = self._store.mails.dissected(mail.id, session=mail.session, parts=listed)
        finally:
            if not kept:
                self._take_back(written)
        log.info("mail_taken_apart", extra={"mail": mail.id, "session": mail.session, "count": len(written)})

    def _take_back(self, written: list[int]) -> None:
        while written:
            try:
                self._store.files.delete(written.pop())
            except StoreError as error:  # it goes with the session
                log.warning("file_stays", extra={"error": type(error).__name__})
