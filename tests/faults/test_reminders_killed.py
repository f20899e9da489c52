"""Both documents' reminders and one of 120 days, in sessions that come while services are killed: one mail each, by its id, at a real server.

A second copy there may be only where a kill fell between the server's 250 and our mark; it has the same id, and is counted. Short here;
``PARLEY_REMINDER_KILLS=40 pytest -s tests/faults/test_reminders_killed.py`` is the long one.
"""

from __future__ import annotations

import os
import random
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest

from bench.system import Running, distributed
from services.installation import Secrets
from services.settings import Settings
from shared.bus.queues import POLICIES
from shared.bus.rabbit import RabbitBus
from shared.contract.errors import CallFailed
from shared.contract.reply import Reply
from shared.store.open import open_store
from shared.store.ports import Store
from tests.helpers.packs import write_pack
from tests.helpers.reminders import CURRENT, FIRST, LATER
from tests.helpers.smtp_sink import Sink, sink
from tests.helpers.waiting import eventually

pytestmark = [pytest.mark.rabbitmq, pytest.mark.mongodb, pytest.mark.timeout(3600)]

KILLS = int(os.environ.get("PARLEY_REMINDER_KILLS", "6"))
KILLED = ("interview", "worker", "clock")
TEXTS = {"first": FIRST, "current": CURRENT, "later": LATER}
Value = TypeVar("Value")


@dataclass
class Site:
    running: Running
    bus: RabbitBus
    store: Store
    sink: Sink

    def again(self, call: Callable[[], Value]) -> Value:
        """What `call` gives, as soon as somebody is there to answer."""

        def tried() -> list[Value]:
            try:
                return [call()]
            except CallFailed:
                return []

        return eventually(tried, seconds=120)[0]

    def file(self, name: str, number: int, filed: datetime) -> None:
        """Somebody files a document and leaves an address."""
        who = {"client": uuid.uuid4().hex, "user": {}, "browser": {}}
        given: dict[str, Any] = {"filing_date": {"date": f"{filed:%Y-%m-%d}"}, "email_address": address(name, number)}

        def ask(method: str, **arguments: object) -> dict[str, Any]:
            request = uuid.uuid4().hex
            reply = self.again(
                lambda: self.bus.call(
                    "interview", method, timeout=15, returns=Reply, request_id=request, caller=who, **arguments
                )
            )
            told: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(reply))
            return told

        reply = ask("open", interview=f"reminders:{name}.yml")
        while fields := reply["screen"]["fields"]:
            values = {one["variable"]: given[one["variable"]] for one in fields}
            reply = ask("answer", session=reply["session"], token=reply["screen"]["token"], values=values, button=None)

    def ticks(self) -> int:
        return sum(one.outcome in ("ran", "late") for one in self.store.ledger.page("cron_daily", limit=1000).lines)


def address(name: str, number: int) -> str:
    return f"{name}.{number}@example.com"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    write_pack(tmp_path, "reminders", TEXTS)
    configuration = tmp_path / "parley.yml"
    configuration.write_text("schedules:\n  cron_daily: {type: interval, seconds: 2}\n")
    with sink() as outside:
        own = {"PARLEY_CONFIG": str(configuration), "PARLEY_OUTGOING_SMTP": outside.address}
        with distributed(tmp_path, count={"clock": 2}, **own) as running:
            secret = Settings(secret=running.environment["PARLEY_SECRET"])
            bus = RabbitBus(
                running.environment["AMQP_URI"],
                prefix=running.environment["PARLEY_BUS_PREFIX"],
                policies=POLICIES,
                cover=Secrets.of(secret).cover(),
            )
            store = open_store(running.environment["MONGO_URI"])
            yield Site(running, bus, store, outside)
            bus.close()
            store.close()


def test_one_mail_for_each_by_its_message_id_whoever_is_killed(site: Site) -> None:
    chosen = random.Random()
    filed = datetime.now(UTC) - timedelta(days=130)
    sessions = [(name, number) for number in range(KILLS) for name in TEXTS]
    for number in range(KILLS):
        for name in TEXTS:
            site.file(name, number, filed)
        time.sleep(chosen.uniform(0.0, 2.0))
        victim = KILLED[number % len(KILLED)]
        process = chosen.choice(site.running.of(victim))
        process.kill()
        process.wait()
        site.running.start(victim, "start", victim)
    everyone = {address(name, number) for name, number in sessions}

    def arrived() -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for mail in list(site.sink.mails):
            found[str(mail["To"])][str(mail["Message-ID"])] += 1
        return found

    eventually(lambda: arrived().keys() >= everyone, seconds=180)
    before = site.ticks()
    eventually(lambda: site.ticks() >= before + 3, seconds=120)
    eventually(
        lambda: not any(count for what, count in site.store.outgoing.counts().items() if what in ("queued", "sending")),
        seconds=60,
    )
    mails = arrived()
    assert mails.keys() == everyone
    assert {who: len(ids) for who, ids in mails.items() if len(ids) != 1} == {}, "a reminder has one Message-ID"
    copies = sum(sum(ids.values()) - 1 for ids in mails.values())
    print(
        f"{len(everyone)} reminders, {KILLS} kills, {copies} second copies (a kill between the server's 250 and our mark)"
    )
    assert copies <= KILLS
    entries = site.store.ledger.page("cron_daily", limit=1000).lines
    assert {one.outcome for one in entries} <= {"ran", "late", "skipped", "running", "waiting"}
