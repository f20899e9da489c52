"""Jobs of the embedded system that stand nowhere but on the bus outlive the process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.embedded.bus import KeepingBus
from shared.bus.messages import BusUnavailable, Job, Retry
from shared.store.open import open_store
from shared.store.ports import Store

MAIL = Job(queue="send", id="m1", body={"to": ["user@example.com"], "subject": "s"})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"sqlite:///{tmp_path / 'test.sqlite'}")
    yield made
    made.close()


def handled_by(bus: KeepingBus, *, fail: bool = False) -> tuple[list[Job], threading.Event]:
    jobs: list[Job] = []
    seen = threading.Event()

    def handle(job: Job) -> None:
        jobs.append(job)
        seen.set()
        if fail:
            raise Retry(1800, "the outgoing server is down")

    for queue in ("send", "task"):
        bus.consume(queue, handle)
    return jobs, seen


def test_a_mail_that_could_not_be_sent_yet_is_sent_by_the_next_process(store: Store) -> None:
    first = KeepingBus(store.schedule)
    _, tried = handled_by(first, fail=True)
    first.send(MAIL)
    assert tried.wait(5)
    first.close()
    second = KeepingBus(store.schedule)
    jobs, sent = handled_by(second)
    assert second.send_kept() == 1
    assert sent.wait(5)
    second.close()
    assert [(job.queue, job.id, job.body) for job in jobs] == [("send", "m1", MAIL.body)]
    assert KeepingBus(store.schedule).send_kept() == 0


def test_a_mail_that_was_waiting_in_the_queue_is_not_lost(store: Store) -> None:
    first = KeepingBus(store.schedule)  # nobody consumes: the process ends before it comes to it
    first.send(MAIL)
    first.close()
    assert KeepingBus(store.schedule).send_kept() == 1


def test_what_has_a_row_of_its_own_is_not_kept_twice(store: Store) -> None:
    bus = KeepingBus(store.schedule)
    bus.send(Job(queue="task", id="t1", body={"task": "t1"}))
    bus.close()
    assert KeepingBus(store.schedule).send_kept() == 0


def test_what_was_not_sent_is_not_kept(store: Store) -> None:
    bus = KeepingBus(store.schedule)
    bus.close()
    with pytest.raises(BusUnavailable):
        bus.send(MAIL)
    assert store.schedule.notes("job/") == {}


def test_a_mail_too_large_to_be_kept_is_still_sent(store: Store) -> None:
    bus = KeepingBus(store.schedule)
    jobs, sent = handled_by(bus)
    bus.send(Job(queue="send", id="big", body={"body": "x" * 600_000}))
    assert sent.wait(5)
    bus.close()
    assert [job.id for job in jobs] == ["big"]
