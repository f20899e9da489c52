"""A storm of faults while clients race on one session: nothing that was acknowledged is lost, nothing is done twice.

Two of each service; the second of each reaches RabbitMQ and MongoDB through proxies. Processes are killed and started again, stand still, or come
back on a machine whose clock is an hour wrong; links are cut, carry nothing, or are slow: every kind meets every service. Every client repeats a
request, under its id and at either gateway, until that is acknowledged; every sender a mail, at either server. ``PARLEY_STORM`` makes it ``long``
(50 faults in 150 s), or one of a single kind (its name), with the seed kept for that kind.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.browser import Client
from bench.system import Running, distributed, wait_for
from services.installation import Secrets
from services.mail_ingest.identity import mail_ids
from services.settings import load
from shared.store.ports import Store
from tests.faults.racers import GIVE_UP, SENDER, TRY, Racer, Sender, content
from tests.faults.victims import SERVICES, Victim, storm_over
from tests.helpers.embedded import until
from tests.helpers.packs import write_pack
from tests.helpers.proxy import Proxy, free_port

pytestmark = [pytest.mark.rabbitmq, pytest.mark.mongodb, pytest.mark.timeout(600)]

INTERVIEW = """
mandatory: True
code: |
  done, landed = [], []
  postbox = interview_email()
---
mandatory: True
question: ${ ' '.join(done) }
subquestion: ${ ' '.join(landed) }
---
event: vote
code: |
  done.append(action_argument('mark'))
---
event: begin
code: |
  done.append(action_argument('mark'))
  background_action('work', None, mark=action_argument('mark'))
---
event: work
code: |
  background_response_action('land', mark=action_argument('mark'))
---
event: land
code: |
  landed.append(action_argument('mark'))
  background_response()
"""

CLIENTS, SENDERS = 6, 2


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Running]:
    write_pack(tmp_path, "storm", {"race": INTERVIEW})
    with distributed(tmp_path, PARLEY_SMTP_PER_MINUTE="0") as found:
        yield found


@pytest.fixture
def victims(system: Running) -> Iterator[dict[tuple[str, int], Victim]]:
    """The first of each service as it was started, and a second one behind proxies."""
    made = {(service, 0): Victim(system, service, system.of(service)[0]) for service in SERVICES}
    for service in SERVICES:
        proxies, uris = [], {}
        for name in ("AMQP_URI", "MONGO_URI"):
            parts = urlsplit(system.environment[name])
            proxies.append(Proxy(parts.port or 0, parts.hostname or "127.0.0.1"))
            user, at, _ = parts.netloc.rpartition("@")
            uris[name] = parts._replace(netloc=f"{user}{at}127.0.0.1:{proxies[-1].port}").geturl()
        environment = {
            **system.environment,
            **uris,
            "PARLEY_PORT": str(free_port()),
            "PARLEY_SMTP_PORT": str(free_port()),
        }
        behind = replace(system, environment=environment)  # its processes are ended with those of `system`
        made[service, 1] = Victim(behind, service, behind.start(service, "start", service), tuple(proxies))
    wait_for(url_of(made["gateway", 1]) + "/interview?i=storm:race.yml&json=1", system)
    # Else a kill of the first would find no second.
    until(lambda: all(is_up(system, service) for service in SERVICES), "some service never started", seconds=120)
    yield made
    for victim in made.values():
        for proxy in victim.proxies:
            proxy.close()


def is_up(running: Running, service: str) -> bool:
    """Whether all processes of a service have said that they work."""
    logs = [path.read_text("utf-8", "replace") for path in running.folder.glob(f"{service}-*.log")]
    return service == "gateway" or all('"event": "started"' in log for log in logs)


def url_of(gateway: Victim) -> str:
    return f"http://127.0.0.1:{gateway.running.environment['PARLEY_PORT']}"


def ids_of(senders: list[Sender], address: str, running: Running) -> set[str]:
    """The names of the mails that were accepted: what is in them is sealed, their names say which they are."""
    keys = [key.exposed() for key in Secrets.of(load(running.environment)).keys("mails").values()]
    now = datetime.now(UTC)  # of no weight where there is a Message-ID
    return {
        mail_ids(address=address, sender=SENDER, raw=content(one).encode(), at=now, keys=keys)[0]
        for sender in senders
        for one in sender.accepted
    }


def test_a_storm_loses_nothing_and_doubles_nothing(
    system: Running, store: Store, victims: dict[tuple[str, int], Victim]
) -> None:
    urls = [url_of(victims["gateway", number]) for number in (0, 1)]
    first = Client(urls[0], "storm:race.yml")
    enough = threading.Event()
    racers = [Racer(urls, first, f"r{number}", enough) for number in range(CLIENTS)]
    (address,) = store.mails.addresses(first.reply["session"])
    ports = [int(victims["mail_ingest", number].running.environment["PARLEY_SMTP_PORT"]) for number in (0, 1)]
    senders = [Sender(ports, f"{address.address}@localhost", f"m{number}", enough) for number in range(SENDERS)]
    for one in (*racers, *senders):
        one.start()
    faults = storm_over(victims)
    enough.set()
    for racer in (*racers, *senders):
        racer.join(GIVE_UP + TRY)
    for number in (0, 1):
        wait_for(urls[number] + "/interview?i=storm:race.yml&json=1", system)
    trouble = sum((racer.trouble for racer in racers), Counter())
    acknowledged = sorted(mark for racer in racers for mark in racer.acknowledged)
    started = sorted(mark for racer in racers for mark in racer.started)
    longest = max(racer.longest for racer in racers)
    print(
        f"{faults} faults, {len(acknowledged)} requests, {len(started)} tasks, "
        f"{sum(len(sender.accepted) for sender in senders)} mails, longest wait {longest:.1f} s; repeated after",
        dict(trouble),
        *(f"\n{one}" for racer in racers for one in racer.held),
    )
    assert [racer.problem for racer in racers] == [None] * CLIENTS
    session = first.reply["session"]
    mails = {mail.id for mail in store.mails.of_session(session)}
    assert mails >= ids_of(senders, address.address, system)
    assert len(mails) <= sum(len(sender.accepted) for sender in senders) + SENDERS, "only those under way at the end"

    def look() -> tuple[list[str], list[str]]:
        first.get()
        return sorted(first.screen["question"].split()), sorted((first.screen["subquestion"] or "").split())

    first = Client(urls[0], "storm:race.yml", session=first.reply["session"], cookie=first.cookie)
    assert look()[0] == acknowledged
    until(lambda: len(look()[1]) >= len(started), "some tasks never came back", seconds=120)
    until(
        lambda: all(mail.status == "done" for mail in store.mails.of_session(session)),
        "some mails were never handled",
        seconds=120,
    )
    time.sleep(3)  # what came twice would come now
    assert look() == (acknowledged, started)
