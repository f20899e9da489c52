"""A storm of faults while clients race on one session: nothing that was acknowledged is lost, nothing is done twice.

Two of each service; the second of each reaches RabbitMQ and MongoDB through proxies. Processes are killed and started again, stand still, or come
back on a machine whose clock is an hour wrong; links are cut, carry nothing, or are slow: every kind meets every service. Every client repeats a
request, under its id and at either gateway, until that is acknowledged; every sender a mail, at either server. ``PARLEY_STORM`` makes it ``long``
(50 faults in 150 s), or one of a single kind (its name), with the seed kept for that kind.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import random
import signal
import smtplib
import subprocess
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bench.browser import Client
from bench.system import Running, distributed, wait_for
from services.installation import Secrets
from services.mail_ingest.identity import mail_ids
from services.settings import load
from shared.store.open import open_store
from shared.store.ports import Store
from tests.helpers import skewed
from tests.helpers.embedded import until
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

SERVICES = ("interview", "worker", "gateway", "clock", "mail_ingest")
#: Each kind with a seed of its own; those that found something stay.
SEEDS = {"kill": 11, "stop": 12, "cut": 13, "stall": 14, "delay": 15, "skew": 17}
ALL = 16
CLIENTS, SENDERS = 6, 2
#: By how much (seconds) a clock is wrong.
SKEW = 3600.0
#: Every one of so many requests starts a background task.
TASKS = 8
#: Seconds that one try of a request takes at most, and all of them.
TRY, GIVE_UP = 10.0, 120.0
#: Of waits that are longer (seconds), what they met is printed: the goal is that none is, for the silence of one instance.
LONG = 5.0
DONE = "done"
SENDER = "a@example.org"


@dataclass(frozen=True)
class Fault:
    kind: str
    service: str
    number: int  #: which of the two
    after: float  #: seconds after the one before
    lasts: float


def planned(seed: int, kinds: tuple[str, ...], *, many: int, seconds: float) -> list[Fault]:
    """`many` faults in `seconds`, each service with each of the `kinds` as often. Links have trouble only where there is a proxy: at the second."""
    dice = random.Random(seed)
    # The gateway keeps nothing that another judges by its time.
    pairs = [pair for pair in itertools.product(kinds, SERVICES) if pair != ("skew", "gateway")]
    order: list[tuple[str, str]] = []
    while len(order) < many:
        dice.shuffle(pairs)
        order += pairs
    faults = []
    for kind, service in order[:many]:
        number = dice.randrange(2) if kind in ("kill", "stop", "skew") else 1
        wait = seconds / many * dice.uniform(0.5, 1.5)
        faults.append(Fault(kind, service, number, wait, dice.uniform(0.5, 6.0)))
    return faults


def this_storm() -> list[Fault]:
    asked = os.environ.get("PARLEY_STORM", "")
    if asked == "long":
        return planned(ALL, tuple(SEEDS), many=50, seconds=150)
    if asked:
        return planned(SEEDS[asked], (asked,), many=12, seconds=30)
    return planned(ALL, tuple(SEEDS), many=len(SEEDS) * len(SERVICES) - 1, seconds=60)


@dataclass
class Victim:
    """One process of a service, which may have other process numbers in time."""

    running: Running
    service: str
    process: subprocess.Popen[bytes]
    proxies: tuple[Proxy, ...] = ()
    lock: threading.Lock = field(default_factory=threading.Lock)

    def started(self, ahead: float) -> subprocess.Popen[bytes]:
        """Again, on a machine whose clock is ahead by so much."""
        if ahead:
            arguments = skewed.arguments(ahead, self.service)
            return self.running.start(self.service, *arguments, module=skewed.MODULE)
        return self.running.start(self.service, "start", self.service)

    def suffer(self, fault: Fault) -> None:
        with self.lock:  # one after the other where they meet the same process
            print(f"{time.strftime('%H:%M:%S')} {fault.kind} {fault.service} {fault.number} for {fault.lasts:.1f} s")
            if fault.kind == "kill":
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
                self.running.processes.remove(
                    (self.service, self.process)
                )  # else it counts as one that ended by itself
                time.sleep(fault.lasts / 6)
                self.process = self.running.start(self.service, "start", self.service)
            elif fault.kind == "stop":
                self.process.send_signal(signal.SIGSTOP)
                time.sleep(fault.lasts)
                self.process.send_signal(signal.SIGCONT)
            elif fault.kind == "cut":
                for proxy in self.proxies:
                    proxy.cut()
            elif fault.kind == "stall":
                for proxy in self.proxies:
                    proxy.stall()
                time.sleep(fault.lasts)
                for proxy in self.proxies:
                    proxy.flow()
            else:
                for proxy in self.proxies:
                    proxy.delay = 0.2
                time.sleep(fault.lasts)
                for proxy in self.proxies:
                    proxy.delay = 0.0


class Racer(threading.Thread):
    """Does one action after the other, each repeated until it is acknowledged."""

    def __init__(self, urls: list[str], first: Client, name: str, enough: threading.Event) -> None:
        super().__init__(name=name)
        self.urls, self.enough = urls, enough
        self.path = "/interview?i=storm:race.yml&json=1&session=" + first.reply["session"]
        self.session = first.reply["session"]
        self.headers = {
            "Cookie": first.cookie,
            "Content-Type": "application/json",
            "X-CSRF-Token": first.reply["csrf"],
        }
        self.acknowledged: list[str] = []
        self.started: list[str] = []
        self.longest = 0.0
        self.trouble: Counter[str] = Counter()
        self.held: list[str] = []  #: what those that waited long met, try by try
        self.problem: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.enough.is_set():
                self.one(len(self.acknowledged))
        except BaseException as error:
            self.problem = error

    def one(self, number: int) -> None:
        mark, begun = f"{self.name}.{number}", time.monotonic()
        begins = number % TASKS == 0
        body = {
            "session": self.session,
            "request_id": uuid.uuid4().hex,
            "action": "begin" if begins else "vote",
            "arguments": {"mark": mark},
        }
        tries, met = 0, []
        while True:
            asked = time.monotonic()
            which = (number + tries) % 2
            ended = self.asked(self.urls[which], body)
            met.append(f"{ended} at {which} in {time.monotonic() - asked:.1f}")
            if ended == DONE:
                break
            tries += 1
            if time.monotonic() - begun > GIVE_UP:
                raise AssertionError(f"{mark} was never acknowledged: {self.trouble}")
            time.sleep(0.1)
        waited = time.monotonic() - begun
        self.longest = max(self.longest, waited)
        if waited > LONG:
            self.held.append(f"{time.strftime('%H:%M:%S')} {mark} waited {waited:.1f} s: {', '.join(met)}")
        self.acknowledged.append(mark)
        if begins:
            self.started.append(mark)

    def asked(self, url: str, body: dict[str, Any]) -> str:
        """How it ended: `DONE`, or what was in the way."""
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TRY)
        try:
            connection.request("POST", self.path, json.dumps(body), self.headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.trouble[type(error).__name__] += 1
            return type(error).__name__
        finally:
            connection.close()
        if answer.status < 300:
            return DONE
        if answer.status < 500:
            raise AssertionError(f"{answer.status}: {content[:500]!r}")
        trouble = f"{answer.status} {json.loads(content)['error']['kind']}"
        self.trouble[trouble] += 1
        return trouble


class Sender(threading.Thread):
    """Sends one mail after the other, each until one of the servers accepts it."""

    def __init__(self, ports: list[int], recipient: str, name: str, enough: threading.Event) -> None:
        super().__init__(name=name)
        self.ports, self.recipient, self.enough = ports, recipient, enough
        self.accepted: list[str] = []

    def run(self) -> None:
        for number in itertools.count():
            message_id = f"<{self.name}.{number}@example.org>"
            tries = itertools.count()
            while not self.sent(self.ports[(number + next(tries)) % 2], message_id):
                if self.enough.wait(0.1):
                    return
            self.accepted.append(message_id)
            if self.enough.wait(0.2):
                return

    def sent(self, port: int, message_id: str) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", port, timeout=TRY) as server:
                server.sendmail(SENDER, self.recipient, content(message_id))
                return True
        except (OSError, smtplib.SMTPException):
            return False


def content(message_id: str) -> str:
    return f"Message-ID: {message_id}\r\n\r\nText\r\n"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    questions = tmp_path / "storm" / "data" / "questions"
    questions.mkdir(parents=True)
    (questions / "race.yml").write_text(INTERVIEW)
    with distributed(tmp_path, PARLEY_SMTP_PER_MINUTE="0") as found:
        yield found


@pytest.fixture
def store(running: Running) -> Iterator[Store]:
    opened = open_store(running.environment["MONGO_URI"])
    yield opened
    opened.close()


@pytest.fixture
def victims(running: Running) -> Iterator[dict[tuple[str, int], Victim]]:
    """The first of each service as it was started, and a second one behind proxies."""
    made = {(service, 0): Victim(running, service, running.of(service)[0]) for service in SERVICES}
    for service in SERVICES:
        proxies, uris = [], {}
        for name in ("AMQP_URI", "MONGO_URI"):
            parts = urlsplit(running.environment[name])
            proxies.append(Proxy(parts.port or 0, parts.hostname or "127.0.0.1"))
            user, at, _ = parts.netloc.rpartition("@")
            uris[name] = parts._replace(netloc=f"{user}{at}127.0.0.1:{proxies[-1].port}").geturl()
        environment = {
            **running.environment,
            **uris,
            "PARLEY_PORT": str(free_port()),
            "PARLEY_SMTP_PORT": str(free_port()),
        }
        behind = replace(running, environment=environment)  # its processes are ended with those of `running`
        made[service, 1] = Victim(behind, service, behind.start(service, "start", service), tuple(proxies))
    wait_for(url_of(made["gateway", 1]) + "/interview?i=storm:race.yml&json=1", running)
    # Else a kill of the first would find no second.
    until(lambda: all(is_up(running, service) for service in SERVICES), "some service never started", seconds=120)
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


def storm_over(victims: dict[tuple[str, int], Victim]) -> int:
    """Every fault of the storm at its time, and all of them borne; how many it were."""
    suffering = []
    for fault in this_storm():
        time.sleep(fault.after)
        suffering.append(threading.Thread(target=victims[fault.service, fault.number].suffer, args=(fault,)))
        suffering[-1].start()
    for one in suffering:
        one.join()
    return len(suffering)


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
    running: Running, store: Store, victims: dict[tuple[str, int], Victim]
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
        wait_for(urls[number] + "/interview?i=storm:race.yml&json=1", running)
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
    assert mails >= ids_of(senders, address.address, running)
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
