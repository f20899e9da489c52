"""The connection to the broker goes away: while handlers run, while nobody does anything, under traffic, before the start."""

from __future__ import annotations

import signal
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.bus.messages import BusUnavailable, Job, Notification
from shared.bus.rabbit import RabbitBus
from tests.contract.bus.probe import POLICIES, QUEUE
from tests.faults.bus.conftest import attempts, through, wait_until_up
from tests.helpers.proxy import Proxy
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.rabbitmq


def test_acknowledging_on_a_cut_connection_does_not_end_the_service(start, bus, proxy, job_id):
    service = start(AMQP_URI=through(proxy))
    wait_until_up(bus)
    bus.send(Job(queue=QUEUE, id=job_id, body={"seconds": 0.4}))
    eventually(lambda: attempts(bus, job_id))
    proxy.cut()
    # The broker takes back what was not acknowledged and delivers it once more; the first run's acknowledgement is late.
    eventually(lambda: attempts(bus, job_id) == [1, 2])
    eventually(lambda: bus.queues()[QUEUE].ready == 0)
    assert service.poll() is None
    assert bus.dead(QUEUE) == []


def test_a_reply_that_cannot_be_published_does_not_end_the_service_and_the_call_is_answered_after_all(
    start, bus, proxy
):
    service = start(AMQP_URI=through(proxy))
    wait_until_up(bus)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(bus.call, "probe", "slow", seconds=0.4, timeout=30)
        eventually(lambda: bus.call("probe", "echo", value=1))
        proxy.refuse()
        threading.Timer(0.8, proxy.accept).start()
        assert asked.result() == "late"
    assert service.poll() is None


def test_calls_and_jobs_go_on_while_every_connection_is_cut_again_and_again(start, bus, proxy, prefix):
    service = start(AMQP_URI=through(proxy))
    wait_until_up(bus)
    client = RabbitBus(through(proxy), prefix=prefix, policies=POLICIES)
    done = threading.Event()

    def cut() -> None:
        while not done.wait(0.3) and proxy.cuts < 6:
            proxy.cut()

    cutter = threading.Thread(target=cut)
    cutter.start()
    jobs = [uuid.uuid4().hex for _ in range(60)]

    def work(number: int) -> int:
        if number < len(jobs):
            client.send(Job(queue=QUEUE, id=jobs[number], body={"seconds": 0.02}))
        return client.call("probe", "echo", value=number)

    with ThreadPoolExecutor(6) as pool:
        count = 0
        while proxy.cuts < 6:
            assert list(pool.map(work, range(count, count + 60))) == list(range(count, count + 60))
            count += 60
    done.set()
    cutter.join()
    eventually(lambda: all(attempts(bus, job) for job in jobs))
    assert service.poll() is None
    client.close()


def test_a_client_whose_idle_connections_were_cut_notices_nothing(start, bus, proxy, prefix):
    start()
    wait_until_up(bus)
    client = RabbitBus(through(proxy), prefix=prefix, policies=POLICIES)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: client.call("probe", "slow", seconds=0.1), range(4)))
    proxy.cut()
    assert client.call("probe", "echo", value=1) == 1
    client.close()


def test_without_a_broker_a_sender_is_told_and_told_again_when_it_is_back(bus, proxy, prefix, job_id):
    client = RabbitBus(through(proxy), prefix=prefix, policies=POLICIES, patience=0.2)
    proxy.refuse()
    with pytest.raises(BusUnavailable, match=job_id):
        client.send(Job(queue=QUEUE, id=job_id))
    with pytest.raises(BusUnavailable, match=r"probe\.echo"):
        client.call("probe", "echo", value=1)
    client.notify(Notification(session="s", event="e"))
    proxy.accept()
    client.send(Job(queue=QUEUE, id=job_id))
    assert bus.queues()[QUEUE].ready == 1
    client.close()


def test_who_is_about_to_end_does_not_go_on_waiting_for_a_broker(proxy, prefix, job_id):
    client = RabbitBus(through(proxy), prefix=prefix, policies=POLICIES, patience=600)
    proxy.refuse()
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(client.send, Job(queue=QUEUE, id=job_id))
        with pytest.raises(TimeoutError):
            waits.result(timeout=1.5)
        client.hurry(0.5)
        with pytest.raises(BusUnavailable, match=job_id):
            waits.result(timeout=60)
    with pytest.raises(BusUnavailable, match=r"probe\.echo"):
        client.call("probe", "echo", value=1)
    proxy.accept()
    client.close()


def test_a_listener_hears_again_after_a_cut(bus, proxy, prefix):
    client = RabbitBus(through(proxy), prefix=prefix, policies=POLICIES)
    heard: list[Notification] = []
    client.listen(heard.append)
    proxy.cut()

    def told() -> bool:
        bus.notify(Notification(session="s", event="again"))
        return bool(heard)

    eventually(told)
    client.close()


def test_a_service_started_without_a_broker_ends_at_sigterm(start, prefix):
    proxy = Proxy(1, refusing=True)
    service = start(AMQP_URI=through(proxy))
    eventually(lambda: "broker_lost" in service.log())
    service.send_signal(signal.SIGTERM)
    assert service.wait(10) == 0


def test_a_service_started_without_a_broker_works_when_the_broker_comes(start, bus, proxy):
    proxy.refuse()
    service = start(AMQP_URI=through(proxy))
    eventually(lambda: "broker_lost" in service.log())
    proxy.accept()
    wait_until_up(bus)
