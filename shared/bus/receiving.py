"""Entrypoints that receive: `Calls` answers the calls to a service, `JobConsumer` handles the jobs of a queue.

Answers and settlements leave by other connections than messages come in, and never raise into nameko's container: its
answer to an exception there is to kill the process.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from inspect import Signature, signature
from typing import Any

from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint

from shared.bus import wire
from shared.bus.consumers import Consumers, Delivery, Subscription
from shared.bus.health import CALLS, JOBS, RUNNING
from shared.bus.lines import LOST
from shared.bus.messages import BusError, Job, Retry
from shared.bus.queues import rounded
from shared.bus.rabbit import RabbitBus

log = logging.getLogger(__name__)

#: How often a call is run that ended with its consumer's connection or process, before its caller is told.
CALL_RUNS = 3


class _Receiving(Entrypoint):  # type: ignore[misc]
    """What `calls` and `job` share: a subscription, and the counting of what runs."""

    consumers = Consumers()

    @property
    def bus(self) -> RabbitBus:
        bus: RabbitBus = self.container.config["bus"]
        return bus

    def stop(self) -> None:
        self.consumers.stop()

    def kill(self) -> None:
        self.consumers.kill()

    def run(
        self, delivery: Delivery, label: str, end: Callable[[BaseException | None, Any], None], **arguments: Any
    ) -> None:
        """Run the method in a greenthread of the container; `end(error, result)` settles, and what it raises stays here."""
        RUNNING.labels(label).inc()

        def handle_result(worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
            try:
                end(None if exc_info is None else exc_info[1], result)
            except Exception as error:
                # Not acknowledged: whatever was cut, the broker delivers it again.
                extra = {"queue": label, "error": type(error).__name__, "where": wire.where(error)}
                log.error("settle_failed", extra=extra)
            return result, exc_info

        try:
            worker = self.container.spawn_worker(self, (), arguments, handle_result=handle_result)
        except ContainerBeingKilled:
            RUNNING.labels(label).dec()
            delivery.done()
            return

        def ended(_: Any) -> None:
            RUNNING.labels(label).dec()
            delivery.done()

        self.container._worker_threads[worker].link(ended)


class Calls(_Receiving):
    """Answers the calls to the service: the method gets their name and arguments, checked against ``part.methods``."""

    def setup(self) -> None:
        service = self.container.service_name
        topology = self.bus.topology
        self._takes: dict[str, Signature] = {}
        self.consumers.add(
            Subscription(
                topology.calls(service),
                declare=lambda channel: topology.declare_calls(channel, service),
                workers=self.container.config["workers"].get("calls", 8),
                handle=self._handle,
            )
        )

    def _handle(self, delivery: Delivery) -> None:
        message = delivery.message
        service, method = self.container.service_name, message.properties.get("type", "")
        try:
            if message.delivery_info.get("redelivered") and not self._again(delivery):
                return
            arguments = wire.decode(message.body, "arguments")
            if reason := self._misfit(method, arguments):
                self._answer(delivery, f"{service}.{method}", {"result": None, "error": reason})
                delivery.done()
                return
        except (BusError, *LOST) as error:
            log.error("call_lost", extra={"service": service, "method": method, "error": type(error).__name__})
            delivery.acknowledge()
            delivery.done()
            return
        began = time.monotonic()

        def end(error: BaseException | None, result: Any) -> None:
            kind = ""
            if error is not None:
                kind = wire.failure(error)["kind"]
                extra = {"service": service, "method": method, "error": kind, "where": wire.where(error)}
                log.warning("call_failed", extra=extra)
            answer = {"result": result, "error": None if error is None else wire.failure(error)}
            CALLS.labels(method, kind).observe(time.monotonic() - began)
            self._answer(delivery, f"{service}.{method}", answer)

        self.run(delivery, f"{service}.{method}", end, method=method, arguments=arguments)

    def _misfit(self, method: str, arguments: Any) -> dict[str, Any] | None:
        handler = self.container.config["part"].methods.get(method)
        service = self.container.service_name
        if handler is None:
            return {"kind": "NoMethod", "message": f"{service} has no method {method!r}", "data": {}}
        if method not in self._takes:
            self._takes[method] = signature(handler)
        reason = wire.misfit(self._takes[method], arguments) if isinstance(arguments, dict) else "not a mapping"
        return {"kind": "BadCall", "message": f"{service}.{method}: {reason}", "data": {}} if reason else None

    def _answer(self, delivery: Delivery, what: str, answer: dict[str, Any]) -> None:
        """Reply, and acknowledge whether or not that worked: who waits for a reply that was lost asks again."""
        properties = delivery.message.properties
        try:
            try:
                body = wire.encode(answer, f"the result of {what}")
            except BusError as error:
                body = wire.encode({"result": None, "error": wire.failure(error)}, "an error")
            if address := properties.get("reply_to"):
                self.bus.reply(address, properties.get("correlation_id", ""), body)
        except (BusError, *LOST) as error:
            log.error("reply_lost", extra={"method": what, "error": type(error).__name__})
        finally:
            delivery.acknowledge()

    def _again(self, delivery: Delivery) -> bool:
        """A call came back from a consumer that was cut or died. True: run it.

        The first time it is run at once. After that it goes to the end of the queue with a count, because a queue that
        keeps messages in memory has none; when the count is used up it is the call that kills, and the caller is told.
        """
        headers = dict(delivery.message.headers or {})
        runs = int(headers.get("runs", 0)) + 1
        service, method = self.container.service_name, delivery.message.properties.get("type", "")
        log.warning("call_redelivered", extra={"service": service, "method": method, "attempt": runs})
        if runs < CALL_RUNS:
            self.bus.call_again(service, delivery.message, headers | {"runs": runs})
            delivery.acknowledge()
        else:
            text = f"{service}.{method} ended its process {runs} times"
            self._answer(delivery, method, {"result": None, "error": {"kind": "CallDied", "message": text, "data": {}}})
        delivery.done()
        return False


class JobConsumer(_Receiving):
    """Hands each job of a queue to the method; at most ``config["workers"][queue]`` at a time."""

    def __init__(self, queue: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._queue = queue

    def setup(self) -> None:
        topology = self.bus.topology
        self._policy = topology.policy(self._queue)
        self.consumers.add(
            Subscription(
                topology.jobs(self._queue),
                declare=lambda channel: topology.declare_jobs(channel, self._queue),
                workers=self.container.config["workers"].get(self._queue, 1),
                handle=self._handle,
            )
        )

    def _handle(self, delivery: Delivery) -> None:
        message = delivery.message
        headers = message.headers or {}
        job_id = message.properties.get("message_id", "")
        # Ours counts failures, the broker's counts deliveries that nobody settled; both have cost an attempt.
        attempt = int(headers.get("attempt", 1)) + int(headers.get("x-delivery-count", 0))
        job = Job(queue=self._queue, id=job_id, attempt=attempt, claimed=delivery.claimed)
        try:
            body = wire.decode(message.body, f"job {job_id}")
            if not isinstance(body, dict):
                raise BusError("the body is not a mapping")
        except BusError:
            self._unreadable(delivery, job)
            return
        began = time.monotonic()

        def end(error: BaseException | None, _: Any) -> None:
            outcome = "done" if error is None else self._failed(job, message.body, error)
            JOBS.labels(self._queue, outcome).observe(time.monotonic() - began)
            delivery.acknowledge()

        self.run(delivery, self._queue, end, job=replace(job, body=body))

    def _failed(self, job: Job, body: str, error: BaseException) -> str:
        """Put the job where it is tried again, or among the dead. Confirmed there, it may be acknowledged here."""
        kind = wire.failure(error)["kind"]
        extra: dict[str, Any] = {"queue": job.queue, "job": job.id, "attempt": job.attempt, "error": kind}
        if not isinstance(error, Retry):
            extra["where"] = wire.where(error)
        if job.attempt >= self._policy.attempts:
            log.error("job_dead", extra=extra)
            self.bus.put(job, body, dead=True, error=kind)
            return "dead"
        seconds = rounded(error.seconds if isinstance(error, Retry) else self._policy.wait(job.attempt))
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
