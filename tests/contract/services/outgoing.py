"""What the tests of outgoing mail share: a store, a bus on which the interview service is told of failures, and mailers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from services.notices import Notices
from services.outgoing import OutgoingServer
from services.worker.handing_over import Transport
from services.worker.mailer import Mailer
from services.worker.transports import SmtpTransport, transport_of
from shared.bus.inprocess import InProcessBus
from shared.bus.messages import Job
from shared.store.open import open_store
from shared.store.records import OutgoingMail, task_digest

START = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
BODY = {"to": ["user@example.com"], "subject": "Hello", "body": "Good day\n"}


class House:
    """`told` is what the interview service heard; `now` the time, which tests move."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = open_store(f"sqlite:///{folder}/mail.sqlite")
        self.bus = InProcessBus()
        self.now = START
        self.told: list[dict[str, Any]] = []
        self.away = False
        self.bus.serve("interview", {"mail_failed": self._mail_failed})
        self.mailers: list[Mailer] = []

    def _mail_failed(self, **given: Any) -> dict[str, Any]:
        if self.away:
            raise RuntimeError
        self.told.append(given)
        return {"done": True}

    def clock(self) -> datetime:
        return self.now

    def mailer(
        self, *servers: OutgoingServer, operators: tuple[str, ...] = (), seconds: float = 0.5, **options: Any
    ) -> Mailer:
        def transport(server: OutgoingServer) -> Transport:
            if server.kind == "smtp":
                return SmtpTransport(server, seconds=seconds, context=options.get("context"))
            return transport_of(server, folder=self.folder / "mail")

        made = Mailer(
            store=self.store,
            bus=self.bus,
            servers=servers,
            clock=self.clock,
            sender="parley@x.example",
            domain="x.example",
            folder=self.folder / "mail",
            notices=Notices(store=self.store, bus=self.bus, clock=self.clock, addresses=operators),
            transport=options.get("transport") or transport,
            **({"lease": options["lease"]} if "lease" in options else {}),
        )
        self.mailers.append(made)
        return made

    def add(self, name: str = "m1", *, task: str | None = None, server: str = "", **body: Any) -> str:
        digest = None if task is None else task_digest(task)
        given = {**BODY, "task": task, **body}
        self.store.outgoing.add(
            OutgoingMail(id=name, session="s1", body=given, task=digest, server=server, created=self.now, due=self.now)
        )
        return name

    def row(self, name: str = "m1") -> OutgoingMail:
        found = self.store.outgoing.get(name)
        assert found is not None
        return found

    def later(self, **how_much: float) -> None:
        self.now += timedelta(**how_much)

    def close(self) -> None:
        for mailer in self.mailers:
            mailer.close()
        self.bus.close()
        self.store.close()


def job(name: str = "m1") -> Job:
    return Job(queue="send", id=name, body={"mail": name})


@contextmanager
def house(folder: Path) -> Iterator[House]:
    made = House(folder)
    try:
        yield made
    finally:
        made.close()
