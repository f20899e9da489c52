"""What the broker will not do: other arguments, a wrong password, a queue that is gone. And the end of a service."""

from __future__ import annotations

import signal
import urllib.error
import urllib.request

import pytest
from kombu import Connection

from shared.bus.messages import BusUnavailable, Job
from shared.bus.rabbit import RabbitBus
from tests.contract.bus.probe import POLICIES, QUEUE
from tests.faults.bus.conftest import attempts, through, wait_until_up
from tests.helpers import rabbit
from tests.helpers.proxy import free_port
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.rabbitmq


def test_a_queue_that_exists_with_other_arguments_ends_the_service_with_the_brokers_words(start, bus):
    with Connection(rabbit.uri()) as connection:
        connection.channel().queue_declare(bus.topology.jobs(QUEUE).name, durable=True, auto_delete=False)
    service = start()
    assert service.wait(20) == 1
    assert "broker_refuses" in service.log()
    assert "inequivalent arg" in service.log()
    with pytest.raises(BusUnavailable, match="inequivalent arg"):
        bus.send(Job(queue=QUEUE, id="j"))


def test_a_wrong_password_ends_the_service_and_is_not_logged(start):
    host = rabbit.uri().rsplit("@", 1)[-1]
    service = start(AMQP_URI=f"amqp://guest:wrongpassword@{host}")
    assert service.wait(20) == 1
    assert "broker_refuses" in service.log()
    assert "wrongpassword" not in service.log()


def test_a_job_for_a_queue_that_was_deleted_arrives_all_the_same(bus, job_id):
    bus.send(Job(queue=QUEUE, id="first"))
    with Connection(rabbit.uri()) as connection:
        connection.channel().queue_delete(bus.topology.jobs(QUEUE).name)
    bus.send(Job(queue=QUEUE, id=job_id))
    assert bus.queues()[QUEUE].ready == 1


def test_a_service_whose_queue_is_deleted_makes_it_anew(start, bus, job_id):
    service = start()
    eventually(lambda: service.log().count("consuming") == 2)  # calls and jobs
    with Connection(rabbit.uri()) as connection:
        connection.channel().queue_delete(bus.topology.jobs(QUEUE).name)
    eventually(lambda: "broker_lost" in service.log())
    bus.send(Job(queue=QUEUE, id=job_id))
    eventually(lambda: attempts(bus, job_id) == [1])


def test_health_follows_the_connection(start, bus, proxy):
    port = free_port()
    start(AMQP_URI=through(proxy), HEALTH_PORT=str(port))
    wait_until_up(bus)
    eventually(lambda: status(port) == 200)
    proxy.refuse()
    eventually(lambda: status(port) == 503)
    proxy.accept()
    eventually(lambda: status(port) == 200)
    assert "parley_call_seconds_count" in fetch(port, "/metrics")
    assert status(port, "/other") == 404


def test_at_sigterm_what_runs_is_finished_and_acknowledged(start, bus, job_id):
    service = start()
    wait_until_up(bus)
    bus.send(Job(queue=QUEUE, id=job_id, body={"seconds": 0.7}))
    eventually(lambda: attempts(bus, job_id))
    service.send_signal(signal.SIGTERM)
    assert service.wait(10) == 0
    start()
    wait_until_up(bus)
    assert attempts(bus, job_id) == []
    assert bus.queues()[QUEUE].ready == 0


def test_at_sigterm_what_runs_too_long_is_given_back_for_another(start, bus, job_id):
    service = start(STOP_SECONDS="0.3")
    wait_until_up(bus)
    bus.send(Job(queue=QUEUE, id=job_id, body={"seconds": 60}))
    eventually(lambda: attempts(bus, job_id))
    service.send_signal(signal.SIGTERM)
    assert service.wait(10) == 0
    eventually(lambda: bus.queues()[QUEUE].ready == 1)


def test_two_services_share_the_calls_and_one_may_go(start, bus):
    first, _ = start(), start()
    wait_until_up(bus)
    eventually(lambda: "consuming" in first.log())
    first.send_signal(signal.SIGTERM)
    answers = [bus.call("probe", "echo", value=number) for number in range(100)]
    assert answers == list(range(100))
    assert first.wait(10) == 0


def test_a_sender_with_a_wrong_password_is_told_so(prefix):
    host = rabbit.uri().rsplit("@", 1)[-1]
    client = RabbitBus(f"amqp://guest:wrongpassword@{host}", prefix=prefix, policies=POLICIES)
    with pytest.raises(BusUnavailable, match="refuses"):
        client.send(Job(queue=QUEUE, id="j"))
    client.close()


def fetch(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        text: str = answer.read().decode()
        return text


def status(port: int, path: str = "/healthz") -> int:
    try:
        fetch(port, path)
    except urllib.error.HTTPError as error:
        return error.code
    return 200
