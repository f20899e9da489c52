"""The broker at AMQP_URI under names of one's own, removed at the end; and services as processes."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from amqp.exceptions import NotFound

from shared.bus.lines import connect
from shared.bus.queues import WAITS, Policy
from shared.bus.topology import Topology

ROOT = Path(__file__).resolve().parents[2]


def uri() -> str:
    return os.environ["AMQP_URI"]


@contextmanager
def names(policies: Mapping[str, Policy], services: Iterable[str] = ()) -> Iterator[str]:
    """A prefix nobody else has; what was declared under it is deleted at the end."""
    topology = Topology(f"test-{uuid.uuid4().hex[:10]}", policies)
    yield topology.prefix
    connection = connect(uri(), name="test clean-up")
    queues = [topology.calls(service) for service in services]
    for queue in policies:
        queues += [topology.jobs(queue), topology.dead(queue), *(topology.delayed(queue, wait) for wait in WAITS)]
    channel = connection.channel()
    for queue in queues:
        try:
            channel.queue_delete(queue)
        except NotFound:
            channel = connection.channel()
    channel.exchange_delete(topology.news)
    connection.close()


@contextmanager
def process(module: str, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """``python -m module`` with these variables; its log goes to the test's standard error. Killed at the end if need be."""
    command = [sys.executable, "-m", module, *arguments]
    child = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=sys.__stderr__)
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
