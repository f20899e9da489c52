from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest

from shared.bus.inprocess import InProcessBus
from shared.bus.messages import BusUnavailable, CallTimeout
from shared.bus.rabbit import RabbitBus
from tests.contract.bus.probe import COVER, METHODS, POLICIES, QUEUE, Probe
from tests.helpers import rabbit
from tests.helpers.waiting import eventually


@pytest.fixture(scope="session")
def inprocess() -> Iterator[InProcessBus]:
    probe = Probe()
    bus = InProcessBus(policies=POLICIES)
    bus.serve("probe", {name: getattr(probe, name) for name in METHODS}, workers=4)
    bus.consume(QUEUE, probe.handle, workers=3)
    yield bus
    bus.close()


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitBus]:
    """A bus whose other end is a nameko container in a process of its own."""
    with (
        rabbit.names(POLICIES, ["probe"]) as prefix,
        rabbit.process("shared.bus.green", "tests.contract.bus.service", PREFIX=prefix, COVERED="1"),
    ):
        bus = RabbitBus(rabbit.uri(), prefix=prefix, policies=POLICIES, cover=COVER)
        eventually(lambda: answers(bus))
        yield bus
        bus.close()


def answers(bus: RabbitBus) -> bool:
    try:
        return bus.call("probe", "echo", value=True, timeout=5) is True
    except (BusUnavailable, CallTimeout):
        return False


@pytest.fixture(params=["inprocess", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
def bus(request: pytest.FixtureRequest):
    if request.param == "rabbitmq" and not os.environ.get("AMQP_URI"):
        pytest.skip("needs a RabbitMQ broker: AMQP_URI is not set")
    return request.getfixturevalue(request.param)


@pytest.fixture
def job_id() -> str:
    return uuid.uuid4().hex
