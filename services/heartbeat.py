"""Notes by which operators see which services run. A service beats; the clock forgets those that stopped long ago."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from datetime import datetime, timedelta

from shared.store.ports import Schedule

PREFIX = "service/"
#: The note that says on which ``port`` mail comes in, while a system runs that chooses a free one where the configured one is taken.
MAIL_PORT = "mail/port"
#: How long a service that stopped is still listed.
FORGOTTEN = timedelta(days=1)


class Heartbeat:
    """The note ``service/<service>/<host>-<pid>-<random>``: service, host, pid, started, seen."""

    def __init__(self, schedule: Schedule, *, service: str, clock: Callable[[], datetime]) -> None:
        self._schedule = schedule
        self._clock = clock
        host = "".join(c if c.isalnum() or c in "-." else "_" for c in socket.gethostname())[:60]
        self._name = f"{PREFIX}{service}/{host}-{os.getpid()}-{secrets.token_hex(3)}"
        self._about = {"service": service, "host": host, "pid": os.getpid(), "started": clock()}

    def beat(self) -> None:
        self._schedule.note(self._name, {**self._about, "seen": self._clock()})

    def stop(self) -> None:
        """A service that ends in order is not missed."""
        self._schedule.forget(self._name)


def forget_stopped(schedule: Schedule, *, now: datetime) -> None:
    for name, note in schedule.notes(PREFIX).items():
        if note["seen"] < now - FORGOTTEN:
            schedule.forget(name)
