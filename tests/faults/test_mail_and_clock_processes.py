"""mail_ingest and clock as the processes an operator starts, over RabbitMQ and MongoDB: killed, stopped, and several at once."""

from __future__ import annotations

import os
import secrets
import smtplib
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pymongo import MongoClient

from services.installation import Secrets
from services.settings import Settings
from shared.bus.queues import POLICIES
from shared.bus.rabbit import RabbitBus
from shared.contract.errors import CallFailed
from shared.store.open import open_store
from shared.store.ports import Store
from shared.store.records import Address
from tests.helpers import rabbit
from tests.helpers.packs import COUNTING, write_pack
from tests.helpers.proxy import free_port
from tests.helpers.rabbit import Service
from tests.helpers.waiting import eventually

pytestmark = [pytest.mark.rabbitmq, pytest.mark.mongodb, pytest.mark.timeout(240)]


#: What limits senders in the world is in the way here.
UNLIMITED = {f"PARLEY_SMTP_{name}": "0" for name in ("PER_MINUTE", "PER_SENDER", "PER_SESSION")}


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
        environment = {"MONGO_URI": uri, "PARLEY_BUS_PREFIX": prefix, "PARLEY_SECRET": secrets.token_hex(24)}
        cover = Secrets.of(Settings(secret=environment["PARLEY_SECRET"])).cover()
        bus = RabbitBus(rabbit.uri(), prefix=prefix, policies=POLICIES, cover=cover)
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
    settings = {"PARLEY_SMTP_PORT": str(port), "PARLEY_SMTP_DOMAIN": "mail.example.org"} | UNLIMITED
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


def test_two_clocks_note_each_tick_once_and_one_that_is_killed_is_not_missed(
    installation: Installation, tmp_path: Path
) -> None:
    store = installation.store
    configuration = tmp_path / "parley.yml"
    configuration.write_text("schedules:\n  cron_often:\n    type: interval\n    seconds: 2\n")
    settings = {
        "PARLEY_INTERVIEW_DELETE_DAYS": "0",  # the sessions of this test are old
        "PARLEY_CONFIG": str(configuration),
    }

    def ran() -> int:
        return sum(one.outcome in ("ran", "late") for one in store.ledger.page("cron_often").lines)

    with (
        installation.service("clock", **settings) as first,
        installation.service("clock", **settings) as second,
    ):
        eventually(lambda: len(store.schedule.notes("service/clock/")) == 2, seconds=60)
        eventually(lambda: ran() >= 2, seconds=60)
        first.kill()
        first.wait()
        before = ran()
        eventually(lambda: ran() >= before + 2, seconds=90)
        entries = store.ledger.page("cron_often", limit=1000).lines
        assert len({one.period for one in entries}) == len(entries)
        moments = sorted(one.due - timedelta(seconds=2 * number) for one in entries for number in range(one.count))
        assert len(moments) == len(set(moments))
        assert moments[-1] - moments[0] == timedelta(seconds=2 * (len(moments) - 1)), "each tick is there"
        second.terminate()
        assert second.wait(10) == 0
    assert len(store.schedule.notes("service/clock/")) == 1, "the one that was stopped in order is not listed"


COUNTS = f"""{COUNTING}event: cron_often
code: |
  n += 1
  response()
---
event: cron_named
code: |
  response('done by hand')
"""


def test_sessions_are_served_through_the_deaths_of_both_services(installation: Installation, tmp_path: Path) -> None:
    """Each tick that ran did so once in each session: as often as the session counted."""
    write_pack(tmp_path, "counting", {"counts": COUNTS})
    configuration = tmp_path / "parley.yml"
    configuration.write_text("schedules:\n  cron_often:\n    type: interval\n    seconds: 2\n")
    settings = {"PARLEY_CONFIG": str(configuration), "PARLEY_PACKAGES": str(tmp_path)}
    store, bus = installation.store, installation.bus
    who = {"client": "c" * 20, "user": {}, "browser": {}}

    def ran() -> int:
        return sum(one.outcome in ("ran", "late") for one in store.ledger.page("cron_often", limit=1000).lines)

    with installation.service("clock", **settings) as clock:
        with installation.service("interview", **settings) as interview:
            eventually(lambda: _opens(bus, who), seconds=60)
            sessions = [
                bus.call("interview", "open", interview="counting:counts.yml", request_id=f"r{n}", caller=who)[
                    "session"
                ]
                for n in range(5)
            ]
            before = ran()
            eventually(lambda: ran() >= before + 2, seconds=90)
            interview.kill()
            interview.wait()
        with installation.service("interview", **settings), installation.service("clock", **settings):
            before = ran()
            eventually(lambda: ran() >= before + 2, seconds=90)
            clock.kill()
            clock.wait()
            before = ran()
            eventually(lambda: ran() >= before + 2, seconds=120)
            eventually(lambda: not store.ledger.open(), seconds=60)
            by_hand = _by_hand({**installation.environment, **settings})
            counted = [
                bus.call("interview", "screen", session=one, caller=who)["screen"]["question"] for one in sessions
            ]
    assert len(by_hand) == 7, by_hand
    assert all("done by hand" in line for line in by_hand[:6])
    assert by_hand[6] == "cron_named: 6 sessions: 6 ran"
    marks = [{mark.period for mark in store.ticks.of_session(one) if mark.event == "cron_often"} for one in sessions]
    assert {len(periods) for periods in marks} == {1}
    reached = [one.counts.get("reached", 0) for one in store.ledger.page("cron_often", limit=1000).lines]
    most = sum(number > 0 for number in reached)
    assert all(1 <= int(text.strip().removeprefix("n is ")) <= most for text in counted)


def _by_hand(environment: dict[str, str]) -> list[str]:
    """What ``parley cron`` prints, of an event that has no schedule, where clock and interview service are other processes."""
    command = [sys.executable, "-m", "services.cli.main", "cron", "-type", "cron_named"]
    ended = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=90, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def _opens(bus: RabbitBus, who: dict[str, object]) -> bool:
    try:
        bus.call("interview", "open", timeout=5, interview="counting:counts.yml", request_id="first", caller=who)
    except CallFailed:
        return False
    return True
