"""What earlier versions kept of jobs on the embedded system's bus is sent or thrown away, once."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from services.embedded.bus import KeepingBus
from shared.bus.messages import Job
from shared.store.ports import Store
from tests.helpers.memory import memory_store


@pytest.fixture
def store() -> Iterator[Store]:
    made = memory_store()
    yield made
    made.close()


def test_what_has_a_row_of_its_own_is_not_kept_twice(store: Store) -> None:
    bus = KeepingBus(store.schedule)
    bus.send(Job(queue="task", id="t1", body={"task": "t1"}))
    bus.send(Job(queue="send", id="m1", body={"mail": "m1"}))
    bus.close()
    assert store.schedule.notes("job/") == {}


def test_a_mail_that_an_earlier_version_kept_here_is_sent_once(store: Store) -> None:
    body = {"mail_id": "m1", "to": ["user@example.com"]}
    store.schedule.note("job/send/m1", {"queue": "send", "id": "m1", "body": body})
    bus = KeepingBus(store.schedule)
    jobs: list[Job] = []
    seen = threading.Event()

    def handle(job: Job) -> None:
        jobs.append(job)
        seen.set()

    bus.consume("send", handle)
    assert bus.send_kept() == 1
    assert seen.wait(5)
    bus.close()
    assert [job.body["mail_id"] for job in jobs] == ["m1"]
    assert KeepingBus(store.schedule).send_kept() == 0


def test_a_tick_that_an_earlier_version_kept_here_is_thrown_away(store: Store) -> None:
    store.schedule.note("job/tick/t1", {"queue": "tick", "id": "t1", "body": {"session": "s"}})
    bus = KeepingBus(store.schedule)
    assert bus.send_kept() == 0
    bus.close()
    assert store.schedule.notes("job/") == {}
