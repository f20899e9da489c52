"""The bus over RabbitMQ, for all who send: gateways (threads or gevent) and services (eventlet).

A connection that is cut is no error while a new one can be had within `patience` seconds: calls carry a request id and
jobs are harmless twice, so that what may or may not have arrived is sent again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from shared.bus import wire
from shared.bus.lines import LOST, REFUSED, Line, Pool, Unroutable, refusal
from shared.bus.listener import Listener
from shared.bus.messages import BadMessage, BusUnavailable, CallTimeout, DeadJob, Job, News, QueueState
from shared.bus.queues import POLICIES, WAITS, Policy
from shared.bus.topology import Topology

log = logging.getLogger(__name__)

Result = TypeVar("Result")

#: How long a call to a service without a queue waits for it to come (it may be starting), and a listener to be connected.
ABSENT_SECONDS = 2.0


class RabbitBus:
    """`Bus` and `BusAdmin`. `size` bounds the calls under way at once; `patience` is how long a cut is bridged."""

    def __init__(
        self,
        uri: str,
        *,
        prefix: str = "parley",
        name: str = "parley",
        policies: Mapping[str, Policy] = POLICIES,
        size: int = 64,
        patience: float = 10.0,
    ) -> None:
        self.topology = Topology(prefix, policies)
        self._uri = uri
        self._name = name
        self._patience = patience
        self._pool = Pool(uri, self.topology, name=name, size=size)
        self._listeners: list[Listener] = []

    # -- Bus

    def call(self, service: str, method: str, /, *, timeout: float = 40.0, **arguments: Any) -> Any:
        body = wire.encode(arguments, f"the arguments of {service}.{method}")
        deadline = time.monotonic() + timeout
        text = self._with_line(
            lambda line: line.call(service, method, body, deadline=deadline),
            f"{service}.{method}",
            until=deadline,
        )
        if text is None:
            raise CallTimeout(f"{service}.{method} did not answer within {timeout:g} s")
        answer = wire.decode(text, f"the answer of {service}.{method}")
        if answer["error"] is not None:
            raise wire.raised(answer["error"])
        return answer["result"]

    def send(self, job: Job) -> None:
        self.topology.policy(job.queue)
        body = wire.encode(dict(job.body), f"the body of job {job.id} on {job.queue}")
        self.put(job, body)

    def tell(self, news: News) -> None:
        try:
            content = {"session": news.session, "event": news.event, "data": dict(news.data)}
            body = wire.encode(content, "news")
            # Only as long as it takes to replace a line that was cut: pages also check in.
            self._with_line(lambda line: line.tell(body), "news", patience=0.5)
        except (BadMessage, BusUnavailable) as error:
            extra = {"session": news.session, "news": news.event, "error": type(error).__name__}
            log.warning("news_lost", extra=extra)

    def listen(self, receive: Callable[[News], None]) -> Callable[[], None]:
        listener = Listener(self._uri, self.topology, receive, name=f"{self._name} news")
        self._listeners.append(listener)
        listener.ready.wait(ABSENT_SECONDS)
        return listener.stop

    def close(self) -> None:
        for listener in self._listeners:
            listener.stop()
        self._pool.close()

    # -- for the consumers of this package

    def put(
        self, job: Job, body: str, *, seconds: float | None = None, dead: bool = False, error: str | None = None
    ) -> None:
        """Put a job, whose body is JSON text already, on its queue, on one that leads there later, or among the dead."""
        headers: dict[str, Any] = {"attempt": job.attempt} | ({"error": error} if error else {})
        self._with_line(
            lambda line: line.put(
                job.queue, body, seconds=seconds, dead=dead, message_id=job.id, application_headers=headers
            ),
            f"job {job.id} on {job.queue}",
        )

    def reply(self, address: str, correlation_id: str, body: str) -> None:
        self._with_line(lambda line: line.reply(address, correlation_id, body), "a reply", patience=2.0)

    def call_again(self, service: str, message: Any, headers: dict[str, Any]) -> None:
        self._with_line(lambda line: line.again(service, message, headers), f"a call to {service}")

    # -- BusAdmin

    def queues(self) -> dict[str, QueueState]:
        return self._with_line(
            lambda line: {name: self._state(line, name) for name in self.topology.policies}, "the state of the queues"
        )

    def dead(self, queue: str, *, limit: int = 100) -> list[DeadJob]:
        def look(line: Line) -> list[DeadJob]:
            channel = line.channel()
            self.topology.declare_jobs(channel, queue)
            letters: list[DeadJob] = []
            while len(letters) < limit and (message := channel.basic_get(self.topology.dead(queue))) is not None:
                letters.append(_letter(queue, message))
            channel.close()  # nothing was acknowledged: all go back to where they were
            return letters

        self.topology.policy(queue)
        return self._with_line(look, f"dead letters of {queue}")

    def revive(self, queue: str, *, limit: int = 1000) -> int:
        def move(line: Line) -> int:
            channel = line.channel()
            self.topology.declare_jobs(channel, queue)
            count = 0
            while count < limit and (message := channel.basic_get(self.topology.dead(queue))) is not None:
                job = _letter(queue, message).job
                line.put(queue, message.body, message_id=job.id, application_headers={"attempt": 1})
                channel.basic_ack(message.delivery_tag)
                count += 1
            channel.close()
            return count

        self.topology.policy(queue)
        return self._with_line(move, f"dead letters of {queue}")

    def remove(self, services: Iterable[str] = ()) -> None:
        """Delete every queue and exchange of this prefix, and what is in them: the end of an installation (or a test)."""

        def delete(line: Line) -> None:
            channel = line.channel()
            for queue in self.topology.all(services):
                channel.queue_delete(queue)  # no error if there is none
            channel.exchange_delete(self.topology.news)
            channel.close()

        self._with_line(delete, "the end of all queues")

    def _state(self, line: Line, queue: str) -> QueueState:
        def count(name: str) -> int:
            channel = line.channel()
            try:
                messages: int = channel.queue_declare(name, passive=True).message_count
            except REFUSED:  # not declared yet; the broker closes the channel for asking
                return 0
            channel.close()
            return messages

        return QueueState(
            ready=count(self.topology.jobs(queue)),
            delayed=sum(count(self.topology.delayed(queue, wait)) for wait in WAITS),
            dead=count(self.topology.dead(queue)),
        )

    # -- inside

    def _with_line(
        self, use: Callable[[Line], Result], what: str, *, until: float | None = None, patience: float | None = None
    ) -> Result:
        """Use a line; if it was cut, another one, until the patience (counted from the first failure) is at its end."""
        give_up: float | None = None
        pause = 0.0
        while True:
            try:
                with self._pool.borrow(wait=self._patience) as line:
                    return use(line)
            except Unroutable:
                reason: Exception = BusUnavailable(f"{what}: nobody is there, or its queue does not exist")
                allowed = ABSENT_SECONDS
            except REFUSED as error:
                raise refusal(error) from error
            except BusUnavailable:
                raise
            except LOST as error:
                self._pool.forget()
                reason = BusUnavailable(f"{what}: no connection to RabbitMQ ({type(error).__name__})")
                allowed = self._patience if patience is None else patience
            now = time.monotonic()
            give_up = now + allowed if give_up is None else give_up
            if now + pause >= min(give_up, until if until is not None else give_up):
                raise reason
            time.sleep(pause)
            pause = min(1.0, pause * 2 or 0.05)


def _letter(queue: str, message: Any) -> DeadJob:
    headers = message.headers or {}
    body = wire.decode(message.body, "a dead letter")
    job = Job(
        queue=queue,
        id=message.properties.get("message_id", ""),
        body=body if isinstance(body, dict) else {},
        attempt=int(headers.get("attempt", 1)),
    )
    # Without a word from us it was the broker: too many consumers died of it.
    return DeadJob(job=job, error=str(headers.get("error") or headers.get("x-first-death-reason") or "unknown"))
