"""Trouble that is not a task's own does not fail it: workers that are restarted in order or killed, children and their parents that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator

import psutil
import pytest

from bench.browser import Client
from bench.system import Running, distributed
from shared.contract.tasks import TaskStatus
from shared.store.ports import Store
from shared.store.records import Task
from tests.helpers.embedded import until
from tests.helpers.packs import write_pack

pytestmark = [pytest.mark.rabbitmq, pytest.mark.mongodb, pytest.mark.timeout(240)]

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
  time.sleep(5)
  background_response(42)
"""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("stops")
    write_pack(root, "slow", {"work": INTERVIEW})
    with distributed(root, PARLEY_STOP_SECONDS="4") as running:
        yield running


@pytest.fixture
def task(system: Running, store: Store) -> str:
    session = Client(system.url, "slow:work.yml").reply["session"]
    (found,) = store.tasks.of_session(session)
    return found.id


def row(store: Store, task: str) -> Task:
    found = store.tasks.get(task)
    assert found is not None
    return found


def worker_at(system: Running, store: Store, task: str) -> subprocess.Popen[bytes]:
    """The worker's process, once it runs the task."""
    until(lambda: row(store, task).status == TaskStatus.RUNNING, "nobody takes the task", seconds=60)
    return system.of("worker")[0]


def ends_well(store: Store, task: str) -> None:
    until(lambda: row(store, task).status.ended, "the task never ends", seconds=90)
    assert (row(store, task).status, row(store, task).result["ok"]) == (TaskStatus.DONE, True)  # its value is sealed
    assert row(store, task).deaths == 0


def test_orderly_restarts_hand_the_task_back(system: Running, store: Store, task: str) -> None:
    for _ in range(6):
        worker = worker_at(system, store, task)
        worker.send_signal(signal.SIGTERM)
        ended = worker.wait(12)
        left = row(store, task)
        system.start("worker", "start", "worker")  # whatever was found: the tests after this one need a worker
        assert (ended, left.status, left.attempts) == (0, TaskStatus.QUEUED, 0)
    ends_well(store, task)


@pytest.mark.parametrize("victim", ["child", "template", "zygote"])
def test_processes_of_the_runner_that_are_killed_cost_the_task_nothing(
    system: Running, store: Store, task: str, victim: str
) -> None:
    worker = worker_at(system, store, task)
    generations = family(worker.pid)
    os.kill(generations[victim], signal.SIGKILL)
    ends_well(store, task)


def family(worker: int) -> dict[str, int]:
    """The newest child that runs author code, and those it comes from."""
    found: dict[str, int] = {}

    def look() -> bool:
        for zygote in psutil.Process(worker).children():
            for template in zygote.children():
                for child in template.children():
                    found.update(zygote=zygote.pid, template=template.pid, child=child.pid)
        return bool(found)

    until(look, "the worker has no child", seconds=30)
    return found
