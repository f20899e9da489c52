from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from shared.bus.messages import BusUnavailable, CallTimeout
from shared.bus.rabbit import RabbitBus
from tests.contract.bus.probe import POLICIES
from tests.helpers import rabbit
from tests.helpers.proxy import Proxy
from tests.helpers.waiting import eventually

Start = Callable[..., rabbit.Service]


@pytest.fixture
def prefix() -> Iterator[str]:
    if not os.environ.get("AMQP_URI"):
        pytest.skip("needs a RabbitMQ broker: AMQP_URI is not set")
    with rabbit.names(POLICIES, ["probe"]) as prefix:
        yield prefix


@pytest.fixture
def proxy(prefix: str) -> Iterator[Proxy]:
    """Between a service (or a client) and the broker."""
    parts = urlsplit(rabbit.uri())
    proxy = Proxy(parts.port or 5672, parts.hostname or "127.0.0.1")
    yield proxy
    proxy.close()


@pytest.fixture
def bus(prefix: str) -> Iterator[RabbitBus]:
    """A client of its own, straight to the broker."""
    bus = RabbitBus(rabbit.uri(), prefix=prefix, policies=POLICIES)
    yield bus
    bus.close()


@pytest.fixture
def start(prefix: str) -> Iterator[Start]:
    """Start the probe service; its variables as keyword arguments. Ended after the test."""
    with ExitStack() as stack:

        def start(**environment: str) -> rabbit.Service:
            module = "tests.contract.bus.service"
            return stack.enter_context(rabbit.process("shared.bus.green", module, PREFIX=prefix, **environment))

        yield start


@pytest.fixture
def job_id() -> str:
    return uuid.uuid4().hex


def through(proxy: Proxy) -> str:
    """The broker's address by way of the proxy."""
    parts = urlsplit(rabbit.uri())
    return parts._replace(
        netloc=f"{parts.username or 'guest'}:{parts.password or 'guest'}@127.0.0.1:{proxy.port}"
    ).geturl()


def wait_until_up(bus: RabbitBus) -> None:
    eventually(lambda: answers(bus), seconds=30)


def answers(bus: RabbitBus) -> bool:
    try:
        return bus.call("probe", "echo", value=True, timeout=2) is True
    except (BusUnavailable, CallTimeout):
        return False


def attempts(bus: RabbitBus, job_id: str) -> list[int]:
    return [seen["attempt"] for seen in bus.call("probe", "seen", job_id=job_id)]
