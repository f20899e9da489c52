"""The broker at AMQP_URI under names of one's own, removed at the end; and services as processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from shared.bus.queues import Policy
from shared.bus.rabbit import RabbitBus

ROOT = Path(__file__).resolve().parents[2]


def uri() -> str:
    return os.environ["AMQP_URI"]


@contextmanager
def names(policies: Mapping[str, Policy], services: Iterable[str] = ()) -> Iterator[str]:
    """A prefix nobody else has; what was declared under it is deleted at the end."""
    prefix = f"test-{uuid.uuid4().hex[:10]}"
    yield prefix
    bus = RabbitBus(uri(), prefix=prefix, policies=policies)
    bus.remove(services)
    bus.close()


class Service(subprocess.Popen[bytes]):
    """A process whose output goes to a file, because a pipe that nobody reads would block it."""

    def __init__(self, command: list[str], environment: Mapping[str, str], output: IO[bytes]) -> None:
        super().__init__(command, cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=output)
        self._output = output

    def log(self) -> str:
        """What it has written so far."""
        return os.pread(self._output.fileno(), 10_000_000, 0).decode()


@contextmanager
def process(module: str, *arguments: str, **environment: str) -> Iterator[Service]:
    """``python -m module`` with these variables; ended (and its output shown by pytest) at the end."""
    with tempfile.TemporaryFile() as output:
        child = Service([sys.executable, "-m", module, *arguments], environment, output)
        try:
            yield child
        finally:
            if child.poll() is None:
                child.terminate()
                try:
                    child.wait(12)
                except subprocess.TimeoutExpired:
                    child.kill()
            child.wait()
            print(child.log())
