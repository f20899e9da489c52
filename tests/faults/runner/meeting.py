"""Steps that meet, and whether processes live: for the tests of the pool."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.faults.runner.conftest import Nothing, PoolDriver

MakeDriver = Callable[..., PoolDriver]


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


class Meeting(Nothing):
    """Every step that asks for a task waits here until as many as expected are there."""

    def __init__(self, parties: int) -> None:
        self.barrier = threading.Barrier(parties, timeout=15)

    def task(self, task_id: str, wait: float | None) -> Mapping[str, Any]:
        self.barrier.wait()
        return {"status": "done"}
