"""Mails to those who run the system (config.md, "error notification email"): what failed for good, at most hourly for the same.

They leave like any other mail. Never a word of what users answered: whoever writes one gives ids and kinds of errors.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from shared.bus.messages import Bus, BusError, Job
from shared.store.ports import Store, StoreError
from shared.store.records import OPERATOR, OutgoingMail

log = logging.getLogger(__name__)


class Notices:
    """`addresses` are those of the operators; without one nobody is told."""

    def __init__(self, *, store: Store, bus: Bus, clock: Callable[[], datetime], addresses: Sequence[str]) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._addresses = tuple(addresses)

    def tell(self, key: str, *, subject: str, text: str) -> bool:
        """Write to the operators, unless they were told of `key` within this hour. Whether it was done; never raises."""
        if not self._addresses:
            return False
        now = self._clock()
        name = hashlib.sha256(key.encode()).hexdigest()[:24]
        period = f"{int(now.timestamp() // 3600):012}"
        mail_id = f"notice.{name}.{period}"
        try:
            if not self._store.schedule.claim(f"notice.{name}", period=period, now=now):
                return False
            body = {"to": list(self._addresses), "subject": subject, "body": text, "automatic": True}
            self._store.outgoing.add(OutgoingMail(id=mail_id, session=OPERATOR, body=body, created=now, due=now))
            self._bus.send(Job(queue="send", id=mail_id, body={"mail": mail_id}))
        except (StoreError, BusError) as error:
            log.warning("notice_waits", extra={"error": type(error).__name__})
            return False
        return True
