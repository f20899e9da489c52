from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest

from shared.bus.inprocess import InProcessBus
from tests.contract.bus.probe import METHODS, POLICIES, QUEUE, Probe


@pytest.fixture(scope="session")
def inprocess() -> Iterator[InProcessBus]:
    probe = Probe()
    bus = InProcessBus(policies=POLICIES)
    bus.serve("probe", {name: getattr(probe, name) for name in METHODS}, workers=4)
    bus.consume(QUEUE, probe.handle, workers=3)
    yield bus
    bus.close()


@pytest.fixture(params=["inprocess", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
def bus(request: pytest.FixtureRequest):
    if request.param == "rabbitmq" and not os.environ.get("AMQP_URI"):
        pytest.skip("needs a RabbitMQ broker: AMQP_URI is not set")
    return request.getfixturevalue(request.param)


@pytest.fixture
def job_id() -> str:
    return uuid.uuid4().hex
