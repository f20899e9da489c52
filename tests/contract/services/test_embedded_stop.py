"""The embedded system stops while a task runs: the task is handed back, and the next start goes on with it."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path
from typing import Any

import demos
from services.embedded.system import System
from services.settings import Settings, load
from shared.contract.effects import StartTask
from shared.contract.screen import Screen
from shared.contract.tasks import TaskStatus
from shared.engine.outcome import Outcome, TaskResult
from shared.engine.request import Request
from shared.runner.ports import Cancelled
from shared.state.codec import encode_value
from shared.store.open import open_store
from shared.store.records import Task
from tests.helpers.embedded import until
from tests.helpers.plainrunner import PlainRunner

WHO = {"client": "c" * 20}


class Interview:
    """Starts one task, which ends only when `patient` is over, or its worker says that it must."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.patient = True
        self.runner = PlainRunner(self._step)

    def _step(self, state: dict[str, Any], request: Request) -> Outcome:
        if request.mode == "background":
            self.begun.set()
            if self.patient:
                assert self.runner.cancel is not None
                assert self.runner.cancel.wait(20)
                raise Cancelled("the step was cancelled")
            return Outcome(save="ignore", task=TaskResult(ok=True, value=encode_value(7)))
        start = StartTask(task_id="t1", action="work", arguments=encode_value({}))
        return Outcome(save="overwrite", screen=Screen(kind="end"), effects=() if state else (start,))


def row(settings: Settings) -> Task:
    store = open_store(settings.database)
    try:
        found = store.tasks.get("t1")
        assert found is not None
        return found
    finally:
        store.close()


def test_a_task_that_runs_when_the_system_stops_is_handed_back(tmp_path: Path) -> None:
    root = str(Path(demos.__file__).parents[1])
    settings = load({}, var=str(tmp_path), packages=root, smtp_port=0, port=0, stop_seconds=1, log_level="WARNING")
    interview = Interview()
    system = System(settings, runner=interview.runner)
    system.start()
    system.bus.call("interview", "open", interview="demos:welcome.yml", request_id=uuid.uuid4().hex, caller=WHO)
    assert interview.begun.wait(20)
    system.stop()
    assert (row(settings).status, row(settings).attempts, row(settings).lease) == (TaskStatus.QUEUED, 0, None)
    interview.patient = False
    system = System(settings, runner=interview.runner)
    system.start()
    try:
        until(lambda: row(settings).status == TaskStatus.DONE, "nobody went on with it", seconds=60)
    finally:
        system.stop()
    assert (row(settings).attempts, row(settings).deaths) == (1, 0)
