"""Workers that serve some of the queues of background actions: each takes what is theirs, and a queue that nobody serves is told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from bench.browser import Client
from bench.system import ROOT, Running, distributed
from shared.store.ports import Store
from tests.helpers.embedded import until
from tests.helpers.packs import write_pack

pytestmark = [pytest.mark.rabbitmq, pytest.mark.mongodb, pytest.mark.timeout(240)]

INTERVIEW = """
mandatory: True
code: |
  long = background_action('long_work')
  short = background_action('short_work')
---
mandatory: True
question: Begun
---
event: long_work
background: {queue: slow}
code: |
  background_response(1)
---
event: short_work
code: |
  background_response(2)
"""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("queues")
    write_pack(root, "queued", {"work": INTERVIEW})
    with distributed(root, count={"worker": 0}, PARLEY_TASK_QUEUES="slow") as running:
        yield running


def parley(system: Running, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.cli.main", *words]
    return subprocess.run(command, cwd=ROOT, env=dict(system.environment), capture_output=True, text=True, timeout=60)


def told(system: Running) -> str:
    """The line of the queue in ``parley queues``."""
    found = parley(system, "queues").stdout.splitlines()
    return next((line for line in found if line.startswith("task.slow ")), "")


def test_each_worker_takes_what_is_its_own_and_an_unserved_queue_is_told(system: Running, store: Store) -> None:
    worker = system.start("worker", "start", "worker", "--queue", "default")
    session = Client(system.url, "queued:work.yml").reply["session"]

    def status() -> dict[str, bool]:
        return {task.action: task.status.ended for task in store.tasks.of_session(session)}

    until(lambda: status() == {"long_work": False, "short_work": True}, "the default queue is not served", seconds=60)
    until(lambda: "nobody serves it" in told(system), "parley queues says nothing of it", seconds=60)
    assert parley(system, "queues").returncode == 1
    until(lambda: '"queue_unserved"' in system.logs(), "the clock says nothing of it", seconds=60)
    assert status() == {"long_work": False, "short_work": True}
    assert worker.poll() is None
    system.start("worker", "start", "worker", "--queue", "slow")
    until(lambda: status() == {"long_work": True, "short_work": True}, "the slow queue is not served", seconds=60)
    until(lambda: "nobody serves it" not in told(system), "it is still said to be unserved", seconds=60)
    assert parley(system, "queues").returncode == 0


def test_a_queue_that_there_is_not_is_said_at_once(system: Running) -> None:
    answer = parley(system, "start", "worker", "--queue", "sloow")
    assert answer.returncode == 2
    assert "there is no queue 'sloow': `task queues` has default, slow" in answer.stderr
    assert parley(system, "start", "clock", "--queue", "slow").returncode == 2
