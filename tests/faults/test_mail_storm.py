"""A storm of mails while services are killed.

Every 250 is listed and acted on once, every refusal was a 4xx or 5xx, and what comes again by another way is nothing new.

Short here; ``PARLEY_STORM_MAILS=10000 PARLEY_STORM_SESSIONS=500 PARLEY_STORM_KILLS=10 pytest -s tests/faults/test_mail_storm.py`` is the long one.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import smtplib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.browser import Client
from bench.system import Running, distributed
from shared.store.open import open_store
from tests.helpers.packs import write_pack
from tests.helpers.waiting import eventually

pytestmark = [pytest.mark.rabbitmq, pytest.mark.mongodb, pytest.mark.timeout(3600)]

MAILS = int(os.environ.get("PARLEY_STORM_MAILS", "120"))
SESSIONS = int(os.environ.get("PARLEY_STORM_SESSIONS", "6"))
KILLS = int(os.environ.get("PARLEY_STORM_KILLS", "3"))
PEERS = 20
KILLED = ("mail_ingest", "interview", "worker", "clock")
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
def running(tmp_path: Path) -> Iterator[Running]:
    write_pack(tmp_path, "storm", {"storm": INTERVIEW})
    with distributed(tmp_path, **UNLIMITED) as found:
        yield found


def killing(running: Running, stop: threading.Event) -> None:
    """Kill one service after the other, and start it anew."""
    chosen = random.Random(7)
    for number in range(KILLS):
        if stop.wait(2.0):
            return
        name = KILLED[number % len(KILLED)] if len(KILLED) <= KILLS else chosen.choice(KILLED)
        for process in running.of(name):
            process.kill()
            process.wait()
        running.start(name, "start", name)


def send(running: Running, mails: list[tuple[str, str]], *, trace: str = "") -> list[Peer]:
    port = int(running.environment["PARLEY_SMTP_PORT"])
    peers = [Peer(port, f"127.0.0.{number + 2}", mails[number::PEERS], trace=trace) for number in range(PEERS)]
    for peer in peers:
        peer.start()
    return peers


def test_every_mail_is_kept_and_acted_on_once(running: Running) -> None:
    clients = [Client(running.url, "storm:storm.yml") for _ in range(SESSIONS)]
    addresses = [re.sub(r"\s", "", client.screen["question"]) for client in clients]
    mails = [(f"m{number}", addresses[number % SESSIONS]) for number in range(MAILS)]
    stop = threading.Event()
    killer = threading.Thread(target=killing, args=(running, stop), daemon=True)
    killer.start()
    peers = send(running, mails)
    for peer in peers:
        peer.join(3000)
    stop.set()
    killer.join(60)
    assert sum(len(peer.accepted) for peer in peers) == MAILS
    assert all(400 <= code < 600 for peer in peers for code in peer.refused)

    def heard(number: int) -> list[str]:
        """What the session has heard; nothing, if the connection was closed in the meantime (the next is a new one)."""
        try:
            clients[number].get()
        except (http.client.HTTPException, ConnectionError):
            return []
        return str(clients[number].screen["subquestion"] or "").split()

    store = open_store(running.environment["MONGO_URI"])
    for number, client in enumerate(clients):
        wanted = sorted(name for name, address in mails if address == addresses[number])
        eventually(lambda number=number, wanted=wanted: sorted(heard(number)) == wanted, seconds=600)
        assert len(store.mails.heads(client.reply["session"], limit=10_000).lines) == len(wanted)
    again = send(running, mails[::10], trace="Received: by another way;\r\n Thu, 1 Jan 2026 00:00:00 +0000\r\n")
    for peer in again:
        peer.join(600)
    eventually(lambda: not store.mails.waiting(older_than=datetime.now(UTC), limit=1), seconds=60)
    for number in range(SESSIONS):
        eventually(lambda number=number: heard(number), seconds=60)
        wanted = sorted(name for name, address in mails if address == addresses[number])
        assert sorted(heard(number) or heard(number)) == wanted, "nothing new"
    store.close()
