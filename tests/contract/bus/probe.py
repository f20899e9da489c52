"""The service under test: plain methods and a job handler that do as told and remember what they were given."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections import defaultdict
from typing import Any

from shared.bus.messages import Job, Retry
from shared.bus.queues import Policy
from shared.contract.errors import StepFailed
from shared.contract.outcome import Failure
from shared.vault.covers import SealedCover
from shared.vault.sealing import Key

QUEUE = "probe"
#: As between the services of an installation.
COVER = SealedCover([Key(b"c" * 32)])
POLICIES = {QUEUE: Policy(attempts=3, waits=(0.1,))}
METHODS = ("echo", "fail", "crash", "slow", "odd", "seen", "waited", "most_at_once", "die", "write", "slow_write")


class Odd(StepFailed):
    @property
    def data(self) -> dict[str, Any]:
        return {"session": "s1", "unplain": object()}


class Probe:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._running = 0
        self._most = 0
        self._waited: dict[str, list[float | None]] = defaultdict(list)
        self.stopping = threading.Event()

    def echo(self, value: Any = None) -> Any:
        return value

    def fail(self, message: str, line: int) -> None:
        raise StepFailed(message, Failure(type="KeyError", message="'a'", line=line))

    def crash(self) -> None:
        raise LookupError("no such thing")

    def odd(self, how: str) -> Any:
        if how == "raise":
            raise Odd("gone")
        return {"value": object()}

    def die(self) -> None:
        os._exit(9)

    def slow(self, seconds: float) -> str:
        time.sleep(seconds)
        return "late"

    def write(self, path: str, text: str) -> None:
        """Append a line to a file, where whoever runs it leaves a trace that other processes see."""
        with open(path, "a") as file:
            file.write(text + "\n")

    def slow_write(self, path: str, text: str, seconds: float) -> None:
        time.sleep(seconds)
        self.write(path, text)

    def seen(self, job_id: str) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._seen[job_id])

    def waited(self, job_id: str) -> list[float | None]:
        with self._lock:
            return list(self._waited[job_id])

    def most_at_once(self) -> int:
        return self._most

    def handle(self, job: Job) -> None:
        with self._lock:
            self._seen[job.id].append({"attempt": job.attempt, "body": dict(job.body), "queue": job.queue})
            self._waited[job.id].append(job.waited)
            self._running += 1
            self._most = max(self._most, self._running)
        try:
            self._do(job)
        finally:
            with self._lock:
                self._running -= 1

    def _do(self, job: Job) -> None:
        if job.body.get("die"):
            os._exit(9)
        if job.body.get("block") and job.attempt == 1:
            # Not patched by eventlet: the whole process stands still, heartbeats and all.
            ctypes.CDLL(None).usleep(int(job.body["block"] * 1e6))
        failures = job.body.get("failures", 0)
        if job.body.get("claim"):
            job.claimed()
        while job.body.get("until") and not os.path.exists(job.body["until"]):
            time.sleep(0.01)
        if job.body.get("seconds"):
            time.sleep(job.body["seconds"])
        if job.body.get("patience") and self.stopping.wait(job.body["patience"]):
            raise Retry(0.1, "the service is stopping")
        if job.attempt <= failures:
            if job.body.get("how") == "retry":
                raise Retry(0.1, "not yet")
            raise LookupError("no such thing")
