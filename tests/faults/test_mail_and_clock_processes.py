"""mail_ingest and clock as the processes an operator starts, over RabbitMQ and MongoDB: killed, stopped, and several at once."""

from __future__ import annotations

import os
import secrets
import smtplib
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from pymongo import MongoClient

from shared.bus.queues import POLICIES
from shared.bus.rabbit import RabbitBus
from shared.store.open import open_store
from shared.store.ports import Store
from shared.store.records import Address
from tests.contract.store.make import a_session
from tests.helpers import rabbit
from tests.helpers.proxy import free_port
from tests.helpers.rabbit import Service
from tests.helpers.waiting import eventually

pytestmark = [pytest.mark.rabbitmq, pytest.mark.mongodb, pytest.mark.timeout(240)]


@dataclass
class Installation:
    """A database and names at the broker of the test's own."""

    store: Store
    bus: RabbitBus
    environment: dict[str, str]

    def service(self, name: str, **environment: str) -> AbstractContextManager[Service]:
        return rabbit.process("shared.bus.green", "services.process", name, **self.environment, **environment)


@pytest.fixture
def installation() -> Iterator[Installation]:
    database = f"test_{secrets.token_hex(6)}"
    uri = urlsplit(os.environ["MONGO_URI"])._replace(path=f"/{database}").geturl()
    store = open_store(uri)
    with rabbit.names(POLICIES) as prefix:
        bus = RabbitBus(rabbit.uri(), prefix=prefix, policies=POLICIES)
        environment = {"MONGO_URI": uri, "PARLEY_BUS_PREFIX": prefix, "PARLEY_SECRET": secrets.token_hex(24)}
        yield Installation(store, bus, environment)
        bus.close()
    store.close()
    with MongoClient(os.environ["MONGO_URI"]) as client:
        client.drop_database(database)


class Sender(threading.Thread):
    """Sends mails one after another, each until it is accepted, and notes which were."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__()
        self._port = port
        self._ids = (f"<{name}-{number}@example.org>" for number in range(10**9))
        self.accepted: list[str] = []
        self.enough = threading.Event()

    def run(self) -> None:
        for message_id in self._ids:
            while not self._send(message_id):
                if self.enough.is_set():
                    return
            self.accepted.append(message_id)
            if self.enough.is_set():
                return

    def _send(self, message_id: str) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", self._port, timeout=10) as client:
                client.sendmail("a@example.org", "abcdef@mail.example.org", f"Message-ID: {message_id}\r\n\r\nText")
                return True
        except (OSError, smtplib.SMTPException):
            self.enough.wait(0.05)
            return False


def test_every_accepted_mail_is_kept_once_through_sigkill_and_sigterm(installation: Installation) -> None:
    store = installation.store
    store.mails.open(Address(address="abcdef", session="s", key=None, index=None, created=datetime.now(UTC)))
    port = free_port()
    settings = {"PARLEY_SMTP_PORT": str(port), "PARLEY_SMTP_DOMAIN": "mail.example.org", "PARLEY_SMTP_PER_MINUTE": "0"}
    senders = [Sender(port, f"sender{number}") for number in range(3)]

    def accepted() -> int:
        return sum(len(sender.accepted) for sender in senders)

    for sender in senders:
        sender.start()
    try:
        for end in (Service.kill, Service.kill, Service.terminate):
            before = accepted()
            with installation.service("mail_ingest", **settings) as service:
                eventually(lambda before=before: accepted() >= before + 15, seconds=60)
                end(service)
                assert service.wait(10) == (0 if end is Service.terminate else -9)
    finally:
        for sender in senders:
            sender.enough.set()
        for sender in senders:
            sender.join(20)
    kept = [mail.raw.split(b"\r\n")[0].decode().partition(": ")[2] for mail in store.mails.of_session("s")]
    assert len(kept) == len(set(kept))
    assert set(kept) >= {message_id for sender in senders for message_id in sender.accepted}
    assert len(kept) <= accepted() + len(senders), "only what was under way when the process ended"
    announced = installation.bus.queues()["mail"].ready
    waiting = store.mails.waiting(older_than=datetime.now(UTC), limit=10_000)
    assert len(waiting) == len(kept), "whatever was not announced the clock's sweep finds here"
    assert announced <= len(kept) + 30


def test_two_clocks_tell_every_session_once_and_one_that_is_killed_is_not_missed(installation: Installation) -> None:
    store, bus = installation.store, installation.bus
    for number in range(60):
        store.sessions.create(a_session(f"s{number:03}", multi_user=True, allow_cron=True, events=("cron_daily",)))
    settings = {"PARLEY_INTERVIEW_DELETE_DAYS": "0"}  # the sessions of this test are old
    with (
        installation.service("clock", **settings) as first,
        installation.service("clock", **settings) as second,
    ):
        eventually(lambda: store.schedule.last("cron_daily/done"), seconds=60)
        eventually(lambda: len(store.schedule.notes("service/clock/")) == 2, seconds=60)
        assert bus.queues()["tick"].ready == 60
        first.kill()
        first.wait()
        seen = max(note["seen"] for note in store.schedule.notes("service/clock/").values())
        eventually(
            lambda: max(note["seen"] for note in store.schedule.notes("service/clock/").values()) > seen, seconds=60
        )
        assert bus.queues()["tick"].ready == 60
        second.terminate()
        assert second.wait(10) == 0
    assert len(store.schedule.notes("service/clock/")) == 1, "the one that was stopped in order is not listed"
