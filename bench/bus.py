"""What the bus costs over RabbitMQ: calls, jobs and events per second, and the processor time of our own processes for each.

The service is the probe of the contract tests, in a process of its own. What the broker uses is not ours to change and is
left out. Needs AMQP_URI.

    .venv/bin/python -m bench.bus [CALLS]
"""

from __future__ import annotations

import statistics
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psutil

from shared.bus.messages import BusUnavailable, CallTimeout, Job, Notification
from shared.bus.rabbit import RabbitBus
from tests.contract.bus.probe import POLICIES, QUEUE
from tests.helpers import rabbit
from tests.helpers.waiting import eventually

#: About the size of a screen as JSON.
BODY = {"text": "x" * 4000}


def answers(bus: RabbitBus) -> bool:
    try:
        return bus.call("probe", "echo", value=True, timeout=5) is True
    except (BusUnavailable, CallTimeout):
        return False


def measure(what: str, count: int, at_once: int, act: Callable[[int], object], service: psutil.Process) -> None:
    """Do it `count` times, `at_once` at a time, and say how long one takes and what it costs us and the service."""
    times: list[float] = []

    def timed(number: int) -> None:
        began = time.perf_counter()
        act(number)
        times.append(time.perf_counter() - began)

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(timed, range(50)))
        times.clear()
        ours, theirs, began = time.process_time(), sum(service.cpu_times()[:2]), time.perf_counter()
        list(pool.map(timed, range(count)))
        took = time.perf_counter() - began
        ours, theirs = time.process_time() - ours, sum(service.cpu_times()[:2]) - theirs
    median, p99 = statistics.median(times) * 1000, statistics.quantiles(times, n=100)[-1] * 1000
    print(
        f"{what:24} {at_once:2} at once: {count / took:6.0f}/s  median {median:5.2f} ms  p99 {p99:6.2f} ms"
        f"  processor: sender {ours / count * 1000:.3f} ms, service {theirs / count * 1000:.3f} ms"
    )


def main(count: int = 3000) -> None:
    with (
        rabbit.names(POLICIES, ["probe"]) as prefix,
        rabbit.process("shared.bus.green", "tests.contract.bus.service", PREFIX=prefix) as process,
    ):
        bus = RabbitBus(rabbit.uri(), prefix=prefix, policies=POLICIES)
        eventually(lambda: answers(bus))
        service = psutil.Process(process.pid)
        for at_once in (1, 4):
            measure("call", count, at_once, lambda _: bus.call("probe", "echo", value=BODY), service)
        measure("job", count // 3, 1, lambda _: bus.send(Job(queue=QUEUE, id=uuid.uuid4().hex, body=BODY)), service)
        measure("event", count, 1, lambda _: bus.notify(Notification(session="s", event="e")), service)
        bus.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
