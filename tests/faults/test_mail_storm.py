"""A storm of mails while services are killed and the store is away.

Every 250 is listed and acted on once, every refusal was a 4xx or 5xx, and what comes again by another way is nothing new. It may take as long
as it takes, if only something goes on.

Short here; ``PARLEY_STORM_MAILS=10000 PARLEY_STORM_SESSIONS=500 PARLEY_STORM_KILLS=10 pytest -s tests/faults/test_mail_storm.py`` is the long one.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import secrets
import smtplib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pymongo import MongoClient

from bench.browser import Client
from bench.system import Running, distributed
from shared.store.open import open_store
from tests.helpers.packs import write_pack
from tests.helpers.proxy import Proxy
from tests.helpers.waiting import Progress, eventually

MAILS = int(os.environ.get("PARLEY_STORM_MAILS", "120"))
SESSIONS = int(os.environ.get("PARLEY_STORM_SESSIONS", "6"))
KILLS = int(os.environ.get("PARLEY_STORM_KILLS", "3"))
PEERS = 20
STORE = "store"
KILLED = ("mail_ingest", "interview", "worker", "clock", "gateway", STORE)
#: Seconds in which something must happen, here and on a machine that has others to serve.
PATIENCE = 300.0
#: Seconds for which nobody reaches the store.
AWAY = 3.0

# The long one ends when nothing goes on any more, and not before.
pytestmark = [pytest.mark.rabbitmq, pytest.mark.mongodb, pytest.mark.timeout(1200 if MAILS <= 1000 else 0)]

UNLIMITED = {f"PARLEY_SMTP_{name}": "0" for name in ("PER_MINUTE", "PER_SENDER", "PER_SESSION")}

INTERVIEW = """
mandatory: True
code: |
  multi_user = True
  heard = []
---
mandatory: True
question: ${ interview_email() }
subquestion: |
  ${ ' '.join(heard) }
buttons:
  - Again: refresh
---
event: incoming_email
code: |
  background_response_action('hear', subject=action_argument('email').subject)
---
event: hear
code: |
  heard.append(action_argument('subject'))
  background_response()
"""


class Peer(threading.Thread):
    """Sends its share of mails from an address of its own, each until somebody says what becomes of it."""

    def __init__(self, port: int, source: str, mails: list[tuple[str, str]], *, trace: str = "") -> None:
        super().__init__(daemon=True)
        self._port, self._source, self._mails, self._trace = port, source, mails, trace
        self.accepted: list[str] = []
        self.refused: Counter[int] = Counter()

    def run(self) -> None:
        for name, address in self._mails:
            while not self._send(name, address):
                time.sleep(0.2)

    def _send(self, name: str, address: str) -> bool:
        content = f"{self._trace}Subject: {name}\r\nMessage-ID: <{name}@example.org>\r\n\r\nText of {name}\r\n"
        try:
            with smtplib.SMTP("127.0.0.1", self._port, timeout=20, source_address=(self._source, 0)) as client:
                client.sendmail(f"of.{name}@example.org", address, content)  # the same whichever peer brings it
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            self.refused[code] += 1
            return code >= 500
        except smtplib.SMTPResponseException as error:
            self.refused[error.smtp_code] += 1
            return error.smtp_code >= 500
        except OSError:
            return False  # nobody said anything: a mail server would try again
        self.accepted.append(name)
        return True


@pytest.fixture
def link() -> Iterator[Proxy]:
    """The way to the store, which can be cut."""
    address = urlsplit(os.environ["MONGO_URI"])
    made = Proxy(address.port or 27017, address.hostname or "127.0.0.1")
    yield made
    made.close()


@pytest.fixture
def running(tmp_path: Path, link: Proxy) -> Iterator[Running]:
    write_pack(tmp_path, "storm", {"storm": INTERVIEW})
    database = f"mongodb://127.0.0.1:{link.port}/storm{secrets.token_hex(4)}"
    with distributed(tmp_path, MONGO_URI=database, **UNLIMITED) as found:
        yield found
    with MongoClient[dict[str, object]](os.environ["MONGO_URI"]) as client:
        client.drop_database(database.rpartition("/")[2])


class Storm:
    """Peers that send, and what is done to the system meanwhile: a blow each time that another share of the mails has been accepted."""

    def __init__(self, running: Running, link: Proxy) -> None:
        self._running, self._link = running, link
        self.peers: list[Peer] = []
        self.struck: list[str] = []

    def send(self, mails: list[tuple[str, str]], *, kills: int = 0, trace: str = "") -> list[Peer]:
        """Send them all, and come back when each has been accepted or refused for good."""
        port = int(self._running.environment["PARLEY_SMTP_PORT"])
        self.peers = [Peer(port, f"127.0.0.{n + 2}", mails[n::PEERS], trace=trace) for n in range(PEERS)]
        for peer in self.peers:
            peer.start()
        chosen = random.Random(7)
        going = Progress(seconds=PATIENCE)
        for number in range(kills):
            share = len(mails) * (number + 1) // (kills + 2)
            going.until(self._taken, at_least=share)
            self._strike(KILLED[number % len(KILLED)] if len(KILLED) <= kills else chosen.choice(KILLED))
        going.until(self._taken, at_least=len(mails))
        for peer in self.peers:
            peer.join(PATIENCE)
            assert not peer.is_alive()
        return self.peers

    def _taken(self) -> int:
        return sum(len(peer.accepted) for peer in self.peers)

    def _strike(self, name: str) -> None:
        self.struck.append(name)
        print(f"{datetime.now():%H:%M:%S} {self._taken()} accepted; {name} is killed", flush=True)
        if name == STORE:
            self._link.refuse()
            time.sleep(AWAY)
            self._link.accept()
            return
        for process in self._running.of(name):
            process.kill()
            process.wait()
        self._running.start(name, "start", name)


def heard(client: Client) -> list[str] | None:
    """What the session has heard; None, if the gateway was away (the next connection is a new one)."""
    try:
        client.get()
    except (http.client.HTTPException, OSError):
        return None
    return str((client.screen or {}).get("subquestion") or "").split()


def wait_for_all(clients: list[Client], wanted: list[list[str]]) -> None:
    """Until each session has heard of each of its mails, and of none twice, for as long as mails are acted on."""
    counts = dict.fromkeys(range(len(clients)), 0)
    left = list(counts)
    going = Progress(seconds=PATIENCE)
    while left:
        for number in list(left):
            found = heard(clients[number])
            if found is None:
                continue
            assert len(found) == len(set(found)), f"session {number} has acted on a mail twice"
            counts[number] = len(found)
            if sorted(found) == wanted[number]:
                left.remove(number)
            going.note(sum(counts.values()))
        print(f"{datetime.now():%H:%M:%S} {sum(counts.values())} acted on, {len(left)} sessions left", flush=True)
        time.sleep(0.5)


def test_every_mail_is_kept_and_acted_on_once(running: Running, link: Proxy) -> None:
    clients = [Client(running.url, "storm:storm.yml") for _ in range(SESSIONS)]
    addresses = [re.sub(r"\s", "", client.screen["question"]) for client in clients]
    mails = [(f"m{number}", addresses[number % SESSIONS]) for number in range(MAILS)]
    wanted = [sorted(name for name, address in mails if address == mine) for mine in addresses]
    storm = Storm(running, link)
    peers = storm.send(mails, kills=KILLS)
    assert len(storm.struck) == KILLS
    assert sum(len(peer.accepted) for peer in peers) == MAILS
    assert all(400 <= code < 600 for peer in peers for code in peer.refused)

    wait_for_all(clients, wanted)
    store = open_store(running.environment["MONGO_URI"])
    for client, names in zip(clients, wanted, strict=True):
        assert len(store.mails.heads(client.reply["session"], limit=1000).lines) == len(names)
    storm.send(mails[::10], trace="Received: by another way;\r\n Thu, 1 Jan 2026 00:00:00 +0000\r\n")
    eventually(lambda: not store.mails.waiting(older_than=datetime.now(UTC), limit=1), seconds=PATIENCE)
    for client, names in zip(clients, wanted, strict=True):
        found = eventually(lambda client=client: heard(client), seconds=PATIENCE)
        assert sorted(found) == names, "nothing new"
        assert len(store.mails.heads(client.reply["session"], limit=1000).lines) == len(names)
    store.close()
