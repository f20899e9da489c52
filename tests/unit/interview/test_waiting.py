"""A step that waits for a task: soon told, and asking a few times a second at most."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from services.session_host import SessionHost
from shared.store.ports import Store
from shared.store.records import Task
from tests.helpers.memory import memory_store

NOW = datetime(2026, 1, 15, tzinfo=UTC)


class Watch:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.looks = 0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.looks += 1


@pytest.fixture
def store() -> Iterator[Store]:
    opened = memory_store()
    opened.tasks.add(Task(id="t", session="s", interview="i", action="a", arguments=b"", created=NOW))
    yield opened
    opened.close()


def a_host(store: Store, watch: Watch, session: str = "s") -> SessionHost:
    return SessionHost(store, session, clock=lambda: NOW, sleep=watch.sleep, monotonic=watch)


def test_a_long_wait_asks_a_few_times_a_second(store: Store) -> None:
    watch = Watch()
    host = a_host(store, watch)
    while watch.now < 60:  # in calls of a second each, as the pool makes them
        assert host.task("t", 1.0) == {"status": "queued"}
    assert watch.looks <= 60 * 4


def test_the_first_look_again_is_soon(store: Store) -> None:
    watch = Watch()
    a_host(store, watch).task("t", 0.3)
    assert watch.looks >= 3
    assert watch.now == pytest.approx(0.3)


def test_without_a_wait_nobody_sleeps(store: Store) -> None:
    watch = Watch()
    assert a_host(store, watch).task("t", None) == {"status": "queued"}
    assert watch.looks == 0


def test_the_result_of_an_ended_task(store: Store) -> None:
    store.tasks.claim("t", lease="l", now=NOW, length=timedelta(minutes=1))
    store.tasks.finish("t", lease="l", status="done", result={"ok": True, "value": b"v"}, now=NOW)
    watch = Watch()
    assert a_host(store, watch).task("t", 60) == {"status": "done", "ok": True, "value": b"v"}
    assert watch.looks == 0


def test_a_task_of_another_session_is_one_that_is_not_there(store: Store) -> None:
    assert a_host(store, Watch(), "other").task("t", None) == {"status": "queued"}
