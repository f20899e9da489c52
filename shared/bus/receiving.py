"""Entrypoints that receive: `Calls` answers the calls to a service, `JobConsumer` handles the jobs of a queue.

Calls run in the greenthread in which they were received, on one object of the shell: a worker of nameko's, with an object and a
greenthread of its own, costs each of them a tenth of what the service does for it, and gives it nothing. Jobs have one.

Answers leave by the connection on which their call came, if it is still there, else by another. They and settlements never
raise into nameko's container: its answer to an exception there is to kill the process.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint

from shared.bus import wire
from shared.bus.brokertypes import ExcInfo
from shared.bus.connections import LOST
from shared.bus.consumers import CallConsumers, Consumers, JobConsumers
from shared.bus.covers import Body
from shared.bus.deliveries import Delivery, Subscription
from shared.bus.health import CALLS, JOBS, RUNNING
from shared.bus.messages import BusError, Job, Retry
from shared.bus.queues import rounded
from shared.bus.rabbit import RabbitBus
from shared.contract import errors

log = logging.getLogger(__name__)

#: How often a call is run that ended with its consumer's connection or process, before its caller is told.
CALL_RUNS = 3


class _Receiving(Entrypoint):  # type: ignore[misc]
    """What `calls` and `job` share: a subscription, and the counting of what runs."""

    consumers: Consumers

    @property
    def bus(self) -> RabbitBus:
        bus: RabbitBus = self.container.config["bus"]
        return bus

    @property
    def running(self) -> int:
        """Messages that are being handled."""
        return sum(len(one.running) for one in self.consumers.subscriptions.values())

    def stop(self) -> None:
        component = self.container.config.get("component")  # none yet where it waits for its database
        getattr(component, "stopping", lambda: None)()  # what runs may take longer than the process has
        self.consumers.stop()

    def kill(self) -> None:
        self.consumers.kill()

    def run_in_a_worker(
        self, delivery: Delivery, label: str, end: Callable[[BaseException | None, object], None], **arguments: object
    ) -> None:
        """Run the method in a greenthread of the container; `end(error, result)` settles, and what it raises stays here."""
        RUNNING.labels(label).inc()

        def handle_result(worker_ctx: object, result: object, exc_info: ExcInfo) -> tuple[object, ExcInfo]:
            _settled(label, end, None if exc_info is None else exc_info[1], result)
            return result, exc_info

        try:
            worker = self.container.spawn_worker(self, (), arguments, handle_result=handle_result)
        except ContainerBeingKilled:
            RUNNING.labels(label).dec()
            delivery.done()
            return

        def ended(_: object) -> None:
            RUNNING.labels(label).dec()
            delivery.done()

        self.container._worker_threads[worker].link(ended)


class Calls(_Receiving):
    """Answers the calls to the service: the method gets their name and arguments, checked against ``component.methods``."""

    consumers = CallConsumers()

    def __init__(self, service: str = "", **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._other = service

    @property
    def _service(self) -> str:
        return self._other or str(self.container.service_name)

    def setup(self) -> None:
        self._takes: dict[str, wire.Takes] = {}
        self._counted: dict[tuple[str, str], Any] = {}
        self._method: Callable[..., object] | None = None
        self.consumers.add(
            Subscription(
                self.bus.topology.calls(self._service),
                workers=self.container.config["workers"].get(self._other or "calls", 8),
                handle=self._handle,
            )
        )

    def _handle(self, delivery: Delivery) -> None:
        message = delivery.message
        service, method = self._service, message.properties.get("type", "")
        try:
            if message.delivery_info.get("redelivered") and not self._again(delivery):
                return
            opened = self.bus.cover.open(message.body, "call", service, method)
            arguments = wire.decode(opened, "arguments")
            if reason := self._misfit(method, arguments):
                self._answer(delivery, wire.failed(reason))
                delivery.done()
                return
        except (BusError, *LOST) as error:
            log.error("call_lost", extra={"service": service, "method": method, "error": type(error).__name__})
            delivery.acknowledge()
            delivery.done()
            return
        began = time.monotonic()

        def end(error: BaseException | None, result: object) -> None:
            kind = ""
            if error is not None:
                kind = wire.kind(error)
                extra = {"service": service, "method": method, "error": kind, "where": wire.where(error)}
                log.log(wire.level(error), "call_failed", extra=extra)
            self._seconds(method, kind).observe(time.monotonic() - began)
            self._answer(delivery, _answer(result, f"the result of {service}.{method}", error))

        self._run(delivery, f"{service}.{method}", end, method=method, arguments=arguments)

    def _run(
        self, delivery: Delivery, label: str, end: Callable[[BaseException | None, object], None], **arguments: object
    ) -> None:
        running = self._running(label)
        running.inc()
        try:
            result = failed = None
            try:
                result = self._handler()(**arguments)
            except Exception as error:  # whatever it is, its caller is told
                failed = error
            _settled(label, end, failed, result)
        finally:
            running.dec()
            delivery.done()

    def _handler(self) -> Callable[..., object]:
        if self._method is None:
            shell = self.container.service_cls()
            for provider in self.container.dependencies:
                setattr(shell, provider.attr_name, provider.get_dependency(None))
            self._method = getattr(shell, self.method_name)
        return self._method

    def _running(self, label: str) -> Any:
        """prometheus looks a label up anew each time, which takes as long as counting."""
        found = self._counted.get((label, "running"))
        if found is None:
            found = self._counted[label, "running"] = RUNNING.labels(label)
        return found

    def _seconds(self, method: str, kind: str) -> Any:
        found = self._counted.get((method, f"seconds {kind}"))
        if found is None:
            found = self._counted[method, f"seconds {kind}"] = CALLS.labels(method, kind)
        return found

    def _misfit(self, method: str, arguments: object) -> errors.CallFailed | None:
        component, service = self.container.config["component"], self._service
        handler = (component.services[service] if self._other else component.methods).get(method)
        if handler is None:
            return errors.NoMethod(f"{service} has no method {method!r}")
        if method not in self._takes:
            self._takes[method] = wire.Takes(handler)
        reason = self._takes[method].misfit(arguments) if isinstance(arguments, dict) else "not a mapping"
        return errors.BadCall(f"{service}.{method}: {reason}") if reason else None

    def _answer(self, delivery: Delivery, body: str) -> None:
        """Reply, and acknowledge whether or not that worked: who waits for a reply that was lost asks again."""
        properties = delivery.message.properties
        cover = self.bus.cover
        mark = cover.mark(delivery.message.body)
        covered = cover.close(body, "reply", self._service, properties.get("type", ""), mark)
        address = properties.get("reply_to")
        if not address:
            delivery.acknowledge()
            return
        if delivery.answer(covered):
            return
        try:
            self.bus.reply(address, properties.get("correlation_id", ""), covered)
        except (BusError, *LOST) as error:
            method = properties.get("type", "")
            log.error("reply_lost", extra={"method": method, "error": type(error).__name__})

    def _again(self, delivery: Delivery) -> bool:
        """A call came back from a consumer that was cut or died. True: run it.

        It goes to the end of the queue with a count, because a queue that keeps messages in memory has none; when the count is
        used up it is the call that kills, and the caller is told.
        """
        headers = dict(delivery.message.headers or {})
        runs = int(headers.get("runs", 0)) + 1
        service, method = self._service, delivery.message.properties.get("type", "")
        log.warning("call_redelivered", extra={"service": service, "method": method, "attempt": runs})
        if runs < CALL_RUNS:
            self.bus.call_again(service, delivery.message, headers | {"runs": runs})
            delivery.acknowledge()
        else:
            text = f"{service}.{method} ended its process {runs} times"
            self._answer(delivery, wire.failed(errors.CallDied(text)))
        delivery.done()
        return False


def _settled(
    label: str, end: Callable[[BaseException | None, object], None], error: BaseException | None, result: object
) -> None:
    try:
        end(error, result)
    except Exception as failed:
        # Not acknowledged: whatever was cut, the broker delivers it again.
        extra = {"queue": label, "error": type(failed).__name__, "where": wire.where(failed)}
        log.error("settle_failed", extra=extra)


def _answer(result: object, what: str, error: BaseException | None) -> str:
    if error is not None:
        return wire.failed(error)
    try:
        return wire.answer(result, what)
    except BusError as refused:
        return wire.failed(refused)


class JobConsumer(_Receiving):
    """Hands each job of a queue to the method; at most ``config["workers"][queue]`` at a time.

    Where ``config["serves"]`` has several for it, each of them, with as many workers.
    """

    consumers = JobConsumers()

    def __init__(self, queue: str, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._queue = queue

    def setup(self) -> None:
        topology, config = self.bus.topology, self.container.config
        for queue in config.get("serves", {}).get(self._queue, (self._queue,)):
            self.consumers.add(
                Subscription(
                    topology.jobs(queue),
                    needs=(topology.dead(queue),),
                    workers=config["workers"].get(self._queue, 1),
                    handle=partial(self._handle, queue),
                )
            )

    def _handle(self, queue: str, delivery: Delivery) -> None:
        message = delivery.message
        headers = message.headers or {}
        job_id = message.properties.get("message_id", "")
        # Ours counts failures, the broker's counts deliveries that nobody settled; both have cost an attempt.
        attempt = int(headers.get("attempt", 1)) + int(headers.get("x-delivery-count", 0))
        sent = headers.get("sent")
        waited = time.time() - sent if isinstance(sent, float) else None
        job = Job(queue=queue, id=job_id, attempt=attempt, waited=waited, claimed=delivery.claimed)
        try:
            body = wire.decode(self.bus.cover.open(message.body, "job", queue, job_id), f"job {job_id}")
            if not isinstance(body, dict):
                raise BusError("the body is not a mapping")
        except BusError:
            self._unreadable(delivery, job)
            return
        began = time.monotonic()

        def end(error: BaseException | None, _: object) -> None:
            outcome = "done" if error is None else self._failed(job, message.body, error)
            JOBS.labels(queue, outcome).observe(time.monotonic() - began)
            delivery.acknowledge()

        self.run_in_a_worker(delivery, queue, end, job=replace(job, body=body))

    def _failed(self, job: Job, body: Body, error: BaseException) -> str:
        """Put the job where it is tried again, or among the dead. Confirmed there, it may be acknowledged here."""
        kind = wire.kind(error)
        extra: dict[str, object] = {"queue": job.queue, "job": job.id, "attempt": job.attempt, "error": kind}
        if not isinstance(error, Retry):
            extra["where"] = wire.where(error)
        policy = self.bus.topology.policy(job.queue)
        if job.attempt >= policy.attempts:
            log.error("job_dead", extra=extra)
            self.bus.put(job, body, dead=True, error=kind)
            return "dead"
        seconds = rounded(error.seconds if isinstance(error, Retry) else policy.wait(job.attempt))
        log.warning("job_retry", extra={**extra, "seconds": seconds})
        self.bus.put(replace(job, attempt=job.attempt + 1), body, seconds=seconds, error=kind)
        return "retry"

    def _unreadable(self, delivery: Delivery, job: Job) -> None:
        """What is not JSON stays what it is: no attempt can change that, and somebody should look at it."""
        log.error("job_dead", extra={"queue": job.queue, "job": job.id, "error": "BadMessage"})
        try:
            self.bus.put(job, delivery.message.body, dead=True, error="BadMessage")
            delivery.acknowledge()
        except (BusError, *LOST):
            delivery.give_back()
        finally:
            delivery.done()
