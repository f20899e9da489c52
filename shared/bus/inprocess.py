"""The bus of the embedded system: threads and queues of one process, with the behaviour of the one over RabbitMQ.

Bodies go through JSON, so that nothing is shared by accident and nothing works here that fails there. Jobs do not
outlive the process: whatever must happen stands in the store, and the sweeps send it again. Only `threading` and
`queue` are used, so that it also runs where gevent has patched them.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from shared.bus import wire
from shared.bus.messages import BadMessage, BusUnavailable, CallTimeout, DeadJob, Job, Notification, QueueState, Retry
from shared.bus.queues import POLICIES, Policy, rounded
from shared.contract import errors

log = logging.getLogger(__name__)

#: Dead letters kept per queue; more than anybody reads, and still bounded.
DEAD_KEPT = 1000


@dataclass(slots=True)
class _Call:
    method: str
    arguments: str
    deadline: float
    reply: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)


@dataclass(frozen=True, slots=True)
class _Service:
    methods: Mapping[str, tuple[Callable[..., object], wire.Takes]]
    calls: queue.Queue[_Call | None]


@dataclass(slots=True)
class _JobQueue:
    policy: Policy
    jobs: queue.Queue[tuple[str, str, int, float] | None]  #: id, body as JSON text, attempt, when it was put here
    delayed: int = 0
    served: bool = False
    dead: deque[DeadJob] = field(default_factory=lambda: deque(maxlen=DEAD_KEPT))


class InProcessBus:
    """`Bus`, `BusAdmin` and `BusServer` in one. `limit` bounds every queue: over it, `send` raises and `call` waits."""

    def __init__(self, *, policies: Mapping[str, Policy] = POLICIES, limit: int = 10_000, grace: float = 5.0) -> None:
        self._limit = limit
        self._grace = grace
        self._services: dict[str, _Service] = {}
        self._queues = {name: _JobQueue(policy, queue.Queue(limit)) for name, policy in policies.items()}
        self._listeners: list[queue.Queue[Notification | None]] = []
        self._workers: list[tuple[threading.Thread, queue.Queue[Any]]] = []
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._timer = _Timer()

    # -- BusServer

    def serve(self, service: str, methods: Mapping[str, Callable[..., object]], *, workers: int = 8) -> None:
        calls: queue.Queue[_Call | None] = queue.Queue(self._limit)
        self._services[service] = _Service(
            {name: (method, wire.Takes(method)) for name, method in methods.items()}, calls
        )
        for number in range(workers):
            self._start(f"{service}-{number}", partial(self._answer_calls, service), calls)

    def consume(self, queue: str, handle: Callable[[Job], None], *, workers: int = 1) -> None:
        held = self._queue(queue)
        jobs, held.served = held.jobs, True
        for number in range(workers):
            self._start(f"{queue}-{number}", partial(self._handle_jobs, queue, handle), jobs)

    # -- Bus

    def call(
        self, service: str, method: str, /, *, timeout: float = 40.0, returns: object = Any, **arguments: object
    ) -> Any:
        text = wire.encode(arguments, f"the arguments of {service}.{method}")
        server = self._services.get(service)
        if self._closed.is_set() or server is None:
            raise BusUnavailable(f"nobody answers calls to {service!r}: the service is not running")
        call = _Call(method, text, time.monotonic() + timeout)
        try:
            server.calls.put(call, timeout=timeout)
            answer = call.reply.get(timeout=max(0.0, call.deadline - time.monotonic()))
        except (queue.Full, queue.Empty):
            raise CallTimeout(f"{service}.{method} did not answer within {timeout:g} s") from None
        return wire.result(answer, returns, f"the answer of {service}.{method}")

    def send(self, job: Job) -> None:
        body = wire.encode(dict(job.body), f"the body of job {job.id} on {job.queue}")
        self._put(job.queue, job.id, body, job.attempt)

    def notify(self, notification: Notification) -> None:
        try:
            data = wire.decode(wire.encode(dict(notification.data), "a notification"), "a notification")
        except BadMessage:
            log.error(
                "notification_lost",
                extra={"session": notification.session, "kind": notification.event, "error": "BadMessage"},
            )
            return
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            try:
                listener.put_nowait(replace(notification, data=data))
            except queue.Full:
                log.warning(
                    "notification_lost",
                    extra={"session": notification.session, "kind": notification.event, "error": "Full"},
                )

    def listen(self, receive: Callable[[Notification], None]) -> Callable[[], None]:
        inbox: queue.Queue[Notification | None] = queue.Queue(self._limit)

        def run() -> None:
            while (notification := inbox.get()) is not None:
                try:
                    receive(notification)
                except Exception as error:
                    log.error("notification_failed", extra={"error": type(error).__name__, "where": wire.where(error)})

        def stop() -> None:
            with self._lock:
                if inbox in self._listeners:
                    self._listeners.remove(inbox)
            _put_end(inbox)

        with self._lock:
            self._listeners.append(inbox)
        threading.Thread(target=run, name="bus-listener", daemon=True).start()
        return stop

    def close(self) -> None:
        """Take nothing new, let what runs finish for up to `grace` seconds, end the threads. Waiting jobs are gone."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._timer.stop()
        with self._lock:
            listeners, self._listeners = self._listeners, []
        for inbox in (*listeners, *(inbox for _, inbox in self._workers)):
            _put_end(inbox)
        deadline = time.monotonic() + self._grace
        for thread, _ in self._workers:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))
        for name, server in self._services.items():
            _refuse_waiting(name, server.calls)

    # -- BusAdmin

    def queues(self, *, brief: bool = False) -> dict[str, QueueState]:
        def state(held: _JobQueue) -> QueueState:
            delayed, dead = (0, 0) if brief else (held.delayed, len(held.dead))
            return QueueState(ready=held.jobs.qsize(), delayed=delayed, dead=dead, served=held.served)

        return {name: state(held) for name, held in self._queues.items()}

    def dead(self, queue: str, *, limit: int = 100) -> list[DeadJob]:
        with self._lock:
            return list(itertools.islice(self._queue(queue).dead, limit))

    def revive(self, queue: str, *, limit: int = 1000) -> int:
        held = self._queue(queue)
        count = 0
        while count < limit:
            with self._lock:
                if not held.dead:
                    break
                letter = held.dead.popleft()
            self.send(replace(letter.job, attempt=1))
            count += 1
        return count

    # -- inside

    def _start(self, name: str, loop: Callable[[], None], inbox: queue.Queue[Any]) -> None:
        thread = threading.Thread(target=loop, name=f"bus-{name}", daemon=True)
        self._workers.append((thread, inbox))
        thread.start()

    def _queue(self, name: str) -> _JobQueue:
        try:
            return self._queues[name]
        except KeyError:
            raise BadMessage(f"there is no job queue {name!r}, only {', '.join(sorted(self._queues))}") from None

    def _put(self, name: str, job_id: str, body: str, attempt: int) -> None:
        held = self._queue(name)
        if self._closed.is_set():
            raise BusUnavailable(f"job {job_id} was not sent: the bus is closed")
        try:
            held.jobs.put_nowait((job_id, body, attempt, time.monotonic()))
        except queue.Full:
            raise BusUnavailable(f"job {job_id} was not sent: {self._limit} jobs wait on {name!r} already") from None

    def _answer_calls(self, service: str) -> None:
        server = self._services[service]
        while (call := server.calls.get()) is not None and not self._closed.is_set():
            if time.monotonic() < call.deadline:  # else nobody waits for it any more
                call.reply.put(self._answer(service, server, call))

    def _answer(self, service: str, server: _Service, call: _Call) -> str:
        try:
            handler, takes = server.methods.get(call.method, (None, None))
            if handler is None or takes is None:
                return wire.failed(errors.NoMethod(f"{service} has no method {call.method!r}"))
            arguments = wire.decode(call.arguments, "arguments")
            if reason := takes.misfit(arguments) if isinstance(arguments, dict) else "not a mapping":
                return wire.failed(errors.BadCall(f"{service}.{call.method}: {reason}"))
            return wire.answer(handler(**arguments), f"the result of {service}.{call.method}")
        except Exception as error:
            extra = {
                "service": service,
                "method": call.method,
                "error": wire.kind(error),
                "where": wire.where(error),
            }
            log.log(wire.level(error), "call_failed", extra=extra)
            return wire.failed(error)

    def _handle_jobs(self, name: str, handle: Callable[[Job], None]) -> None:
        held = self._queue(name)
        while (item := held.jobs.get()) is not None and not self._closed.is_set():
            job_id, body, attempt, put = item
            waited = time.monotonic() - put
            job = Job(queue=name, id=job_id, body=wire.decode(body, "a body"), attempt=attempt, waited=waited)
            try:
                handle(job)
            except Exception as error:
                self._failed(held, job, body, error)

    def _failed(self, held: _JobQueue, job: Job, body: str, error: Exception) -> None:
        kind = wire.kind(error)
        extra: dict[str, object] = {"queue": job.queue, "job": job.id, "attempt": job.attempt, "error": kind}
        if not isinstance(error, Retry):
            extra["where"] = wire.where(error)
        if job.attempt >= held.policy.attempts:
            log.error("job_dead", extra=extra)
            with self._lock:
                held.dead.append(DeadJob(job=replace(job, body=wire.decode(body, "a body")), error=kind))
            return
        seconds = rounded(error.seconds if isinstance(error, Retry) else held.policy.wait(job.attempt))
        log.warning("job_retry", extra={**extra, "seconds": seconds})
        with self._lock:
            held.delayed += 1
        self._timer.after(seconds, partial(self._again, held, job, body))

    def _again(self, held: _JobQueue, job: Job, body: str) -> None:
        with self._lock:
            held.delayed -= 1
        try:
            self._put(job.queue, job.id, body, job.attempt + 1)
        except BusUnavailable as error:
            # Full: it is not lost, only later (the store's sweep would also send it again).
            if self._closed.is_set():
                return
            log.warning(
                "job_retry", extra={"queue": job.queue, "job": job.id, "error": type(error).__name__, "seconds": 5}
            )
            with self._lock:
                held.delayed += 1
            self._timer.after(5, partial(self._again, held, job, body))


class _Timer:
    """One thread that calls functions when their time has come; it starts with the first of them."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._running = False
        self._stopped = False

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._numbers), call))
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="bus-timer", daemon=True).start()
            self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopped:
                    return
                now = time.monotonic()
                if not self._due or self._due[0][0] > now:
                    self._changed.wait(self._due[0][0] - now if self._due else None)
                    continue
                call = heapq.heappop(self._due)[2]
            call()


def _refuse_waiting(service: str, calls: queue.Queue[_Call | None]) -> None:
    """Tell callers that nobody will answer, instead of letting them wait for their time limit."""
    while True:
        try:
            call = calls.get_nowait()
        except queue.Empty:
            return
        if call is not None:
            call.reply.put(wire.failed(BusUnavailable(f"{service} was stopped")))


def _put_end(inbox: queue.Queue[Any]) -> None:
    """Wake a thread so that it ends; if its queue is full it wakes anyway and looks whether the bus is closed."""
    try:
        inbox.put_nowait(None)
    except queue.Full:
        pass
