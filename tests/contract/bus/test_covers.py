"""What lies in the broker is closed, and nobody without the key can say anything to a service."""

from __future__ import annotations

import os
from typing import Any

import pytest

from shared.bus.connections import broker
from shared.bus.messages import CallTimeout, Job
from shared.bus.rabbit import RabbitBus
from shared.vault.covers import SealedCover
from shared.vault.sealing import Key
from tests.contract.bus.probe import POLICIES, QUEUE
from tests.helpers import rabbit
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.rabbitmq


@pytest.fixture
def there() -> None:
    if not os.environ.get("AMQP_URI"):
        pytest.skip("needs a RabbitMQ broker: AMQP_URI is not set")


def test_a_call_that_was_not_closed_with_the_key_is_not_run(there: None, rabbitmq: RabbitBus, job_id: str) -> None:
    for cover in ({}, {"cover": SealedCover([Key(b"x" * 32)])}):
        stranger = RabbitBus(rabbit.uri(), prefix=rabbitmq.topology.prefix, policies=POLICIES, **cover)
        with pytest.raises(CallTimeout):
            stranger.call("probe", "echo", value=job_id, timeout=1.0)
        stranger.send(Job(queue=QUEUE, id=job_id, body={"job": job_id}))
        stranger.close()
    eventually(lambda: len([one for one in rabbitmq.dead(QUEUE) if one.job.id == job_id]) == 2)
    assert rabbitmq.call("probe", "seen", job_id=job_id) == []


def test_a_job_in_its_queue_shows_its_id_and_not_what_it_says(there: None) -> None:
    cover = SealedCover([Key(b"k" * 32)])
    with rabbit.names(POLICIES) as prefix:
        bus = RabbitBus(rabbit.uri(), prefix=prefix, policies=POLICIES, cover=cover)
        bus.send(Job(queue=QUEUE, id="j1", body={"subject": "PLANTED"}))
        with broker(rabbit.uri(), name="thief") as connection:
            message: Any = bus.topology.jobs(QUEUE)(connection.default_channel).get()
        assert message.properties["message_id"] == "j1"
        assert b"PLANTED" not in bytes(message.body)
        bus.put(Job(queue=QUEUE, id="j2"), cover.close('{"subject":"x"}', "job", QUEUE, "j2"), dead=True, error="E")
        (letter,) = bus.dead(QUEUE)
        assert letter.job.body == {"subject": "x"}
        bus.close()
