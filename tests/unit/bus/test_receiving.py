"""What a service does with calls and jobs that arrive: run, answer, settle, try again, give up. The container is the test's."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from nameko.exceptions import ContainerBeingKilled

from shared.bus import wire
from shared.bus.brokertypes import ExcInfo
from shared.bus.covers import NO_COVER
from shared.bus.messages import BusUnavailable, Job, Retry
from shared.bus.queues import Policy
from shared.bus.receiving import CALL_RUNS, Calls, JobConsumer
from shared.bus.topology import Topology
from shared.contract.errors import CallDied, NoSession

POLICIES = {"task": Policy(attempts=3)}


class Container:
    """Runs a worker at once; what it is asked to run is `handle`."""

    service_name = "probe"
    dependencies: tuple[Any, ...] = ()

    def __init__(self, handle: Callable[..., object]) -> None:
        self.handle = handle
        self.service_cls = lambda: SimpleNamespace(handle=handle)
        self.bus = Bus()
        self.shared_extensions: dict[Any, Any] = {}
        self.config: dict[str, Any] = {
            "bus": self.bus,
            "workers": {},
            "component": SimpleNamespace(methods={"double": lambda *, n: 2 * n, "fail": lambda: None}),
            "heartbeat": {"calls": 1, "jobs": 10},
            "claimed_seconds": 600.0,
        }
        self.being_killed = False
        self._worker_threads: dict[int, Any] = {}

    def spawn_worker(
        self,
        entrypoint: object,
        args: tuple[object, ...],
        kwargs: Mapping[str, object],
        *,
        handle_result: Callable[[object, object, ExcInfo], object],
    ) -> int:
        if self.being_killed:
            raise ContainerBeingKilled
        try:
            result, error = self.handle(**kwargs), None
        except Exception:
            result, error = None, sys.exc_info()
        handle_result(None, result, error)  # type: ignore[arg-type]
        self._worker_threads[1] = SimpleNamespace(link=lambda ended: ended(None))
        return 1


class Bus:
    """Notes what is put where."""

    def __init__(self) -> None:
        self.topology = Topology("p", POLICIES)
        self.cover = NO_COVER
        self.put_: list[tuple[Job, str, dict[str, Any]]] = []
        self.replies: list[tuple[str, str, str]] = []
        self.again: list[dict[str, Any]] = []
        self.cut = False

    def put(self, job: Job, body: str, **how: Any) -> None:
        if self.cut:
            raise BusUnavailable("cut by the test")
        self.put_.append((job, body, how))

    def reply(self, address: str, correlation: str, body: str) -> None:
        if self.cut:
            raise BusUnavailable("cut by the test")
        self.replies.append((address, correlation, body))

    def call_again(self, service: str, message: object, headers: dict[str, Any]) -> None:
        self.again.append(headers)


class Delivery:
    """A message, and what became of it."""

    def __init__(self, body: object, *, replies: bool = True, redelivered: bool = False, **more: Any) -> None:
        properties = {
            "reply_to": "inbox",
            "correlation_id": "c1",
            "type": "double",
            "message_id": "j1",
            **more.pop("properties", {}),
        }
        self.message = SimpleNamespace(
            body=body if isinstance(body, str) else json.dumps(body),
            properties=properties,
            headers=more.pop("headers", None),
            delivery_info={"redelivered": redelivered},
        )
        self.replies = replies
        self.replied: list[str] = []
        self.became: list[str] = []

    def claimed(self) -> None: ...

    def acknowledge(self) -> None:
        self.became.append("acknowledged")

    def give_back(self) -> None:
        self.became.append("given back")

    def done(self) -> None:
        self.became.append("done")

    def answer(self, body: str) -> bool:
        self.replied.append(body)
        self.became.append("acknowledged")
        return self.replies

    def result(self) -> Any:
        return wire.result(self.replied[-1], Any, "double")


def receiving(container: Container, entrypoint: Any) -> Callable[[Any], None]:
    bound = entrypoint.bind(container, "handle")
    bound.setup()
    (subscription,) = bound.consumers.subscriptions.values()
    handle: Callable[[Any], None] = subscription.handle
    return handle


def a_call(handle: Callable[..., object], delivery: Delivery) -> Container:
    container = Container(handle)
    receiving(container, Calls())(delivery)
    return container


def double(*, method: str, arguments: Mapping[str, Any]) -> object:
    return {"double": 2 * arguments["n"]}


# ------------------------------------------------------------------ calls


def test_a_call_is_answered_where_it_came_from_and_settled() -> None:
    delivery = Delivery({"n": 4})
    container = a_call(double, delivery)
    assert delivery.result() == {"double": 8}
    assert delivery.became == ["acknowledged", "done"]
    assert container.bus.replies == []


def test_an_answer_goes_another_way_if_its_connection_is_gone() -> None:
    delivery = Delivery({"n": 4}, replies=False)
    ((address, correlation, body),) = a_call(double, delivery).bus.replies
    assert (address, correlation) == ("inbox", "c1")
    assert wire.result(body, Any, "double") == {"double": 8}


def test_an_answer_that_is_lost_is_not_waited_for() -> None:
    delivery, container = Delivery({"n": 4}, replies=False), Container(double)
    container.bus.cut = True
    receiving(container, Calls())(delivery)
    assert delivery.became == ["acknowledged", "done"]


def test_an_error_is_the_answer() -> None:
    def fail(**given: object) -> object:
        raise NoSession("there is none")

    delivery = Delivery({"n": 4})
    a_call(fail, delivery)
    with pytest.raises(NoSession, match="there is none"):
        delivery.result()
    assert delivery.became == ["acknowledged", "done"]


def test_a_result_that_cannot_travel_is_an_error_and_not_silence() -> None:
    delivery = Delivery({"n": 4})
    a_call(lambda **given: object(), delivery)
    with pytest.raises(Exception, match=r"the result of probe\.double"):
        delivery.result()


@pytest.mark.parametrize(
    ("method", "arguments", "told"),
    [
        ("nosuch", {}, "probe has no method 'nosuch'"),
        ("double", {}, "probe.double: "),
        ("double", {"n": 1, "m": 2}, "probe.double: "),
        ("double", [1], "not a mapping"),
    ],
)
def test_a_call_that_is_none_is_the_callers_error(method: str, arguments: object, told: str) -> None:
    delivery = Delivery(arguments, properties={"type": method})
    a_call(lambda **given: pytest.fail("it was run"), delivery)
    with pytest.raises(Exception, match=told):
        delivery.result()
    assert delivery.became == ["acknowledged", "done"]


def test_a_call_that_nobody_can_read_is_gone() -> None:
    delivery = Delivery("{")
    a_call(lambda **given: pytest.fail("it was run"), delivery)
    assert (delivery.replied, delivery.became) == ([], ["acknowledged", "done"])


@pytest.mark.parametrize(("before", "count"), [(None, 1), ({"runs": 1}, 2)])
def test_a_call_whose_process_ended_goes_to_the_end_of_the_queue_with_a_count(
    before: dict[str, Any] | None, count: int
) -> None:
    delivery = Delivery({"n": 4}, redelivered=True, headers=before)
    container = a_call(lambda **given: pytest.fail("it was run"), delivery)
    assert container.bus.again == [{"runs": count}]
    assert delivery.became == ["acknowledged", "done"]


def test_a_call_that_ends_its_process_every_time_is_told_to_its_caller() -> None:
    delivery = Delivery({"n": 4}, redelivered=True, headers={"runs": CALL_RUNS - 1})
    container = a_call(lambda **given: pytest.fail("it was run"), delivery)
    assert container.bus.again == []
    with pytest.raises(CallDied, match=r"probe\.double ended its process 3 times"):
        delivery.result()


def test_nothing_is_settled_by_a_container_that_is_being_killed() -> None:
    delivery, container = Delivery({"task": "t"}), Container(double)
    container.being_killed = True
    receiving(container, JobConsumer("task"))(delivery)
    assert delivery.became == ["done"], "the broker delivers it again"


# ------------------------------------------------------------------ jobs


def a_job(handle: Callable[..., object], delivery: Delivery, *, cut: bool = False) -> Bus:
    container = Container(handle)
    container.bus.cut = cut
    receiving(container, JobConsumer("task"))(delivery)
    return container.bus


def raising(error: Exception) -> Callable[..., object]:
    def handle(*, job: Job) -> object:
        raise error

    return handle


def test_a_job_arrives_with_its_attempt_and_is_settled_when_it_is_done() -> None:
    jobs: list[Job] = []
    delivery = Delivery({"task": "t"}, headers={"attempt": 2, "x-delivery-count": 1})
    bus = a_job(lambda *, job: jobs.append(job), delivery)
    ((job),) = jobs
    assert (job.queue, job.id, dict(job.body), job.attempt) == ("task", "j1", {"task": "t"}, 3)
    assert delivery.became == ["acknowledged", "done"]
    assert bus.put_ == []


def test_a_job_that_failed_waits_for_its_next_attempt() -> None:
    delivery = Delivery({"task": "t"})
    ((job, body, how),) = a_job(raising(LookupError("gone")), delivery).put_
    assert (job.attempt, json.loads(body)) == (2, {"task": "t"})
    assert how["error"] == "LookupError"
    assert how["seconds"] > 0
    assert delivery.became == ["acknowledged", "done"]


def test_a_job_says_itself_when_it_wants_to_be_tried_again() -> None:
    ((_, _, how),) = a_job(raising(Retry(30.0, "busy")), Delivery({"task": "t"})).put_
    assert how["seconds"] >= 30.0


def test_a_job_whose_attempts_are_used_up_is_dead() -> None:
    delivery = Delivery({"task": "t"}, headers={"attempt": 3})
    ((job, _, how),) = a_job(raising(LookupError("gone")), delivery).put_
    assert (job.attempt, how) == (3, {"dead": True, "error": "LookupError"})
    assert delivery.became == ["acknowledged", "done"]


def test_a_failed_job_that_can_be_put_nowhere_is_not_acknowledged() -> None:
    delivery = Delivery({"task": "t"})
    a_job(raising(LookupError("gone")), delivery, cut=True)
    assert delivery.became == ["done"], "the broker delivers it again"


@pytest.mark.parametrize("body", ["{", "[1]", "3"])
def test_what_is_no_job_is_dead_at_once(body: str) -> None:
    delivery = Delivery(body)
    ((_, kept, how),) = a_job(lambda **given: pytest.fail("it was run"), delivery).put_
    assert (kept, how) == (body, {"dead": True, "error": "BadMessage"})
    assert delivery.became == ["acknowledged", "done"]


def test_what_is_no_job_is_kept_at_the_broker_while_it_can_be_put_nowhere() -> None:
    delivery = Delivery("{")
    a_job(lambda **given: pytest.fail("it was run"), delivery, cut=True)
    assert delivery.became == ["given back", "done"]
