"""A machine's clock is an hour ahead or behind, and then the machine is gone: what it held goes on at once, not an hour later.

The system is started as an operator starts it. Services judge what others wrote by the time of the store.
"""

from __future__ import annotations

import os
import secrets
import signal
import smtplib
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.browser import Client
from bench.system import Running, distributed
from shared.contract.tasks import TaskStatus
from shared.store.ports import Store
from shared.store.records import Address, Task
from tests.helpers.packs import write_pack
from tests.helpers.proxy import Proxy, free_port
from tests.helpers.skewed import start
from tests.helpers.waiting import eventually

pytestmark = [pytest.mark.rabbitmq, pytest.mark.mongodb, pytest.mark.timeout(240)]

HOUR = 3600.0
INTERVIEW = """
mandatory: True
code: |
  begun = background_action('work')
  working
---
event: working
question: At work
---
event: work
code: |
  import time
  time.sleep(4)
  background_response(42)
"""


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Running]:
    """All but worker, clock and mail_ingest."""
    # One whose tasks can be put into the store from outside: its sessions have no key of a browser's.
    write_pack(
        tmp_path, "slow", {"work": INTERVIEW, "open": "mandatory: True\ncode: |\n  multi_user = True\n---" + INTERVIEW}
    )
    with distributed(tmp_path, count={"worker": 0, "clock": 0, "mail_ingest": 0}) as running:
        yield running


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def status(store: Store, task: str) -> TaskStatus:
    found = store.tasks.get(task)
    assert found is not None
    return found.status


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
def test_a_dead_worker_whose_clock_was_wrong_keeps_no_task(system: Running, store: Store, ahead: float) -> None:
    start(system, "clock")
    worker = start(system, "worker", ahead=ahead)
    session = Client(system.url, "slow:work.yml").reply["session"]
    (task,) = (one.id for one in store.tasks.of_session(session))
    eventually(lambda: status(store, task) == TaskStatus.RUNNING, seconds=60)
    kill(worker)
    start(system, "worker")
    eventually(lambda: status(store, task).ended, seconds=90)
    assert status(store, task) == TaskStatus.DONE
    assert '"event": "machine_clock_wrong"' in system.logs()


def test_a_live_worker_whose_clock_is_behind_keeps_its_task(system: Running, store: Store) -> None:
    """By its own clock its leases would be over as soon as it takes them, and its tasks be run again and again."""
    start(system, "clock")
    start(system, "worker", ahead=-HOUR)
    start(system, "worker")
    tasks = []
    for _ in range(4):
        session = Client(system.url, "slow:work.yml").reply["session"]
        tasks += [one.id for one in store.tasks.of_session(session)]
    eventually(lambda: all(status(store, task).ended for task in tasks), seconds=90)
    assert [(row.status, row.attempts) for task in tasks if (row := store.tasks.get(task))] == [
        (TaskStatus.DONE, 1)
    ] * 4


def test_a_dead_clock_whose_clock_was_ahead_leaves_the_sweeps_to_others(system: Running, store: Store) -> None:
    wrong = start(system, "clock", ahead=HOUR)
    eventually(lambda: store.schedule.last("sweep"), seconds=60)
    kill(wrong)
    start(system, "worker")
    lost = a_task_whose_job_was_lost(store, Client(system.url, "slow:open.yml").reply["session"])
    start(system, "clock")
    eventually(lambda: status(store, lost).ended, seconds=90)


def test_a_mail_that_was_received_by_a_clock_ahead_is_not_too_young_for_an_hour(system: Running, store: Store) -> None:
    session = Client(system.url, "slow:work.yml").reply["session"]
    store.mails.open(Address(address="abcdef", session=session, key=None, index=None, created=store.time()))
    parts = urlsplit(system.environment["AMQP_URI"])
    proxy = Proxy(parts.port or 5672, parts.hostname or "127.0.0.1")
    uri = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{proxy.port}").geturl()
    port = free_port()
    environment = {**system.environment, "AMQP_URI": uri, "PARLEY_SMTP_PORT": str(port)}
    post = start(replace(system, environment=environment), "mail_ingest", ahead=HOUR)
    eventually(lambda: mailed(port, b"QUIT"), seconds=60)
    proxy.refuse()  # so that the mail's job cannot be sent, and the sweep has to find it
    assert eventually(lambda: mailed(port, b"Subject: kept\r\n\r\nText"), seconds=60)
    kill(post)
    (mail,) = store.mails.of_session(session)
    assert mail.status == "received"
    start(system, "clock")
    eventually(lambda: [one.status for one in store.mails.of_session(session)] == ["done"], seconds=90)


def mailed(port: int, content: bytes) -> bool:
    """Whether a server at `port` took the mail; of ``QUIT`` whether it is there."""
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
            if content != b"QUIT":
                client.sendmail("a@example.org", "abcdef@localhost", content)
            return True
    except (OSError, smtplib.SMTPException):
        return False


def a_task_whose_job_was_lost(store: Store, session: str) -> str:
    task = Task(
        id=secrets.token_hex(8),
        session=session,
        interview="slow:open.yml",
        action="work",
        arguments=b"",
        created=store.time() - timedelta(minutes=1),
    )
    store.tasks.add(task)
    return task.id
