"""Silence: a process that stands still, a link that carries nothing. Nobody waits long for one of two, nothing late is run.

The times are bounds on what would otherwise take as long as the silence does; what they come to is about three seconds.
"""

from __future__ import annotations

import signal
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.bus.messages import CallTimeout, Notification
from shared.bus.rabbit import RabbitBus
from tests.contract.bus.probe import POLICIES
from tests.faults.bus.conftest import answers, through, wait_until_up
from tests.helpers.rabbit import Service
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.rabbitmq

#: Nobody waits longer for the silence of one instance (the goal, on a machine that has nothing else to do, is 5).
SOON = 8.0


def consuming(service: Service) -> None:
    eventually(lambda: service.log().count("consuming") >= 2)


def traces(bus: RabbitBus, path: Path, count: int) -> tuple[list[str], float]:
    """Have `count` calls, eight at a time, each leave a trace of its own in the file; the traces, and the longest wait."""

    def ask(name: str) -> float:
        began = time.monotonic()
        bus.call("probe", "write", path=str(path), text=name, timeout=30)
        return time.monotonic() - began

    names = [uuid.uuid4().hex for _ in range(count)]
    with ThreadPoolExecutor(8) as pool:
        longest = max(pool.map(ask, names))
    print(f"the longest of {count} calls took {longest:.1f} s")
    return names, longest


@pytest.mark.parametrize("seconds_more", [0.0, 6.0], ids=["woken soon", "woken late"])
def test_one_of_two_services_is_stopped_and_what_lay_in_it_is_not_run_when_it_wakes(start, bus, tmp_path, seconds_more):
    stopped, other = start(), start()
    consuming(stopped)
    consuming(other)
    trace = tmp_path / "trace"
    stopped.send_signal(signal.SIGSTOP)
    try:
        names, longest = traces(bus, trace, 60)
        assert longest < SOON
        eventually(lambda end=time.monotonic() + seconds_more: time.monotonic() > end)
    finally:
        stopped.send_signal(signal.SIGCONT)
    eventually(lambda: stopped.log().count("consuming") >= 3)  # it knows, and is back
    more, _ = traces(bus, trace, 60)
    assert sorted(trace.read_text().split()) == sorted(names + more)


def test_a_service_that_stood_still_for_a_moment_does_not_run_what_came_too_late(start, bus, tmp_path):
    service = start()
    consuming(service)
    trace = tmp_path / "trace"
    service.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(CallTimeout):
            bus.call("probe", "write", path=str(trace), text="late", timeout=1.2)
    finally:
        service.send_signal(signal.SIGCONT)
    bus.call("probe", "write", path=str(trace), text="now", timeout=30)
    assert trace.read_text().split() == ["now"]


def test_the_link_of_one_of_two_services_stalls(start, bus, proxy, tmp_path):
    stalled, other = start(AMQP_URI=through(proxy)), start()
    consuming(stalled)
    consuming(other)
    trace = tmp_path / "trace"
    proxy.stall()
    names, longest = traces(bus, trace, 60)
    assert longest < SOON
    proxy.flow()
    more, _ = traces(bus, trace, 60)
    assert sorted(trace.read_text().split()) == sorted(names + more)
    assert stalled.poll() is None


def test_a_caller_whose_link_stalls_asks_again_on_another(start, bus, proxy, prefix):
    start()
    wait_until_up(bus)
    client = RabbitBus(through(proxy), prefix=prefix, policies=POLICIES)
    assert answers(client)
    with ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        asked = pool.submit(client.call, "probe", "slow", seconds=0.5, timeout=40)
        eventually(asked.running)
        proxy.stall()
        assert asked.result() == "late"
        assert time.monotonic() - began < SOON
    client.close()


def test_a_slow_answer_is_waited_for_and_the_call_is_run_once(start, bus, tmp_path):
    start()
    wait_until_up(bus)
    trace = tmp_path / "trace"
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(bus.call, "probe", "slow_write", path=str(trace), text="once", seconds=6, timeout=40)
        assert slow.result() is None
    assert trace.read_text().split() == ["once"]


def test_a_listener_whose_link_stalls_hears_again(bus, proxy, prefix):
    client = RabbitBus(through(proxy), prefix=prefix, policies=POLICIES)
    heard: list[str] = []
    client.listen(lambda notification: heard.append(notification.event))
    proxy.stall()

    def told() -> bool:
        bus.notify(Notification(session="s", event="again"))
        return bool(heard)

    eventually(told)
    client.close()


@pytest.mark.parametrize("delay", [0.2])
def test_a_slow_network_costs_a_call_one_round_trip(start, bus, proxy, prefix, delay):
    start()
    wait_until_up(bus)
    client = RabbitBus(through(proxy), prefix=prefix, policies=POLICIES)
    proxy.delay = delay
    assert answers_within(client, seconds=12)
    trips = [took(lambda: client.call("probe", "echo", value=1)) / (2 * delay) for _ in range(3)]
    print(f"round trips of a call: {trips}")
    assert min(trips) < 1.9
    client.close()


def answers_within(client: RabbitBus, *, seconds: float) -> bool:
    return client.call("probe", "echo", value=True, timeout=seconds) is True


def took(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began
