"""The bus over RabbitMQ, for all who send: gateways (threads or gevent) and services (eventlet).

A connection that is cut is no error while a new one can be had within `patience` seconds: calls carry a request id and
jobs are harmless twice, so that what may or may not have arrived is sent again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from kombu.utils.functional import retry_over_time

from shared.bus import administration, wire
from shared.bus.brokertypes import Message
from shared.bus.connections import LOST, REFUSED, TRANSIENT, Unroutable, broker, kind, refusal
from shared.bus.covers import NO_COVER, Body, Cover
from shared.bus.listener import Listener
from shared.bus.messages import BadMessage, BusUnavailable, CallTimeout, DeadJob, Job, Notification, QueueState
from shared.bus.publishing import ConfirmedProducer, Producers
from shared.bus.queues import POLICIES, Policy
from shared.bus.rpc import CallChannel, CallChannels
from shared.bus.topology import Topology

log = logging.getLogger(__name__)

Result = TypeVar("Result")

#: How long a call to a service without a queue waits for it to come (it may be starting), and a listener to be connected.
ABSENT_SECONDS = 2.0
#: A call that came back from a dead consumer is worth another run for this much longer at most: how
#: long it waited already nobody knows any more.
AGAIN_SECONDS = 20.0


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
        cover: Cover = NO_COVER,
    ) -> None:
        self.topology = Topology(prefix, policies)
        self.cover = cover
        self._uri = uri
        self._name = name
        self._patience = patience
        self._bridged_until: float | None = None
        self._channels = CallChannels(lambda: CallChannel(broker(uri, name=name), self.topology), limit=size)
        self._producers = Producers(uri, name=f"{name} jobs", size=size)
        self._listeners: list[Listener] = []

    # -- Bus

    def call(
        self, service: str, method: str, /, *, timeout: float = 40.0, returns: object = Any, **arguments: object
    ) -> Any:
        text = wire.encode(arguments, f"the arguments of {service}.{method}")
        body = self.cover.close(text, "call", service, method)
        deadline = time.monotonic() + timeout
        reply = self._on_channel(
            lambda channel: channel.call(service, method, body, deadline=deadline),
            f"{service}.{method}",
            until=deadline,
        )
        if reply is None:
            raise CallTimeout(f"{service}.{method} did not answer within {timeout:g} s")
        opened = self.cover.open(reply, "reply", service, method, self.cover.mark(body))
        return wire.result(opened, returns, f"the answer of {service}.{method}")

    def send(self, job: Job) -> None:
        body = wire.encode(dict(job.body), f"the body of job {job.id} on {job.queue}")
        self.put(job, self.cover.close(body, "job", job.queue, job.id))

    def notify(self, notification: Notification) -> None:
        try:
            content = {"session": notification.session, "event": notification.event, "data": dict(notification.data)}
            body = self.cover.close(wire.encode(content, "a notification"), "notification")
            # Only as long as it takes to replace a connection that was cut: pages also check in.
            self._on_channel(lambda channel: channel.notify(body), "a notification", patience=0.5)
        except (BadMessage, BusUnavailable) as error:
            extra = {"session": notification.session, "kind": notification.event, "error": type(error).__name__}
            log.warning("notification_lost", extra=extra)

    def listen(self, receive: Callable[[Notification], None]) -> Callable[[], None]:
        listener = Listener(self._uri, self.topology, receive, name=f"{self._name} listener", cover=self.cover)
        self._listeners.append(listener)
        listener.ready.wait(ABSENT_SECONDS)
        return listener.stop

    def hurry(self, seconds: float) -> None:
        """The process is about to end: no cut is bridged for longer than `seconds` from now on, also by what is at it already.

        What is not sent then is where it was: a job in its outbox, a call with its caller.
        """
        self._bridged_until = time.monotonic() + seconds

    def close(self) -> None:
        for listener in self._listeners:
            listener.stop()
        self._channels.close()
        self._producers.close()

    # -- for the consumers of this package

    def put(
        self, job: Job, body: Body, *, seconds: float | None = None, dead: bool = False, error: str | None = None
    ) -> None:
        """Put a job, whose body is covered already, on its queue, on one that leads there later, or among the dead."""
        jobs, letters = self.topology.jobs(job.queue), self.topology.dead(job.queue)
        target, needed = (letters if dead else jobs), [letters, jobs]
        if seconds is not None:
            target = self.topology.delayed(job.queue, seconds)
            needed.append(target)
        headers: dict[str, object] = {"attempt": job.attempt, "sent": time.time()} | ({"error": error} if error else {})

        def put(producer: ConfirmedProducer) -> None:
            producer.put(
                target,
                body,
                needs=needed,
                content_type="application/json",
                delivery_mode=2,
                message_id=job.id,
                headers=headers,
            )

        self._on_producer(put, f"job {job.id} on {job.queue}")

    def reply(self, address: str, correlation_id: str, body: str | bytes) -> None:
        self._on_channel(lambda channel: channel.reply(address, correlation_id, body), "a reply", patience=2.0)

    def call_again(self, service: str, message: Message, headers: Mapping[str, object]) -> None:
        """Put a call that came back from a dead consumer at the end of its queue, with other headers."""
        queue = self.topology.calls(service)
        known = {name: message.properties[name] for name in ("type", "correlation_id", "reply_to")}

        def put(producer: ConfirmedProducer) -> None:
            producer.put(
                queue,
                message.body,
                needs=(),
                expiration=min(AGAIN_SECONDS, wire.seconds_left(message)),
                headers=dict(headers),
                **known,
                **TRANSIENT,
            )

        self._on_producer(put, f"a call to {service}")

    # -- BusAdmin

    def queues(self, *, brief: bool = False) -> dict[str, QueueState]:
        def look(producer: ConfirmedProducer) -> dict[str, QueueState]:
            return administration.states(producer.connection, self.topology, brief=brief)

        return self._on_producer(look, "the state of the queues")

    def dead(self, queue: str, *, limit: int = 100) -> list[DeadJob]:
        def look(producer: ConfirmedProducer) -> list[DeadJob]:
            return administration.dead_letters(producer, self.topology, queue, limit=limit, cover=self.cover)

        self.topology.policy(queue)
        return self._on_producer(look, f"dead letters of {queue}")

    def revive(self, queue: str, *, limit: int = 1000) -> int:
        def move(producer: ConfirmedProducer) -> int:
            return administration.revive(producer, self.topology, queue, limit=limit, cover=self.cover)

        self.topology.policy(queue)
        return self._on_producer(move, f"dead letters of {queue}")

    def remove(self, services: Iterable[str] = ()) -> None:
        """Delete every queue and exchange of this prefix, and what is in them: the end of an installation (or a test)."""
        names = list(services)
        self._on_producer(
            lambda producer: administration.remove(producer.connection, self.topology, names), "the end of all queues"
        )

    # -- inside

    def _on_channel(
        self,
        use: Callable[[CallChannel], Result],
        what: str,
        *,
        until: float | None = None,
        patience: float | None = None,
    ) -> Result:
        def attempt() -> Result:
            with self._channels.borrow(wait=self._patience) as channel:
                return use(channel)

        return self._patiently(attempt, what, until=until, patience=patience)

    def _on_producer(self, use: Callable[[ConfirmedProducer], Result], what: str) -> Result:
        def attempt() -> Result:
            with self._producers.borrow(wait=self._patience) as producer:
                return use(producer)

        return self._patiently(attempt, what)

    def _patiently(
        self,
        attempt: Callable[[], Result],
        what: str,
        *,
        until: float | None = None,
        patience: float | None = None,
    ) -> Result:
        """Attempt it; if the connection was lost, on another one, until the patience (counted from the first failure) ends."""
        give_up: float | None = until

        def pause(error: Exception, pauses: Iterator[float], failures: int) -> float:
            nonlocal give_up
            if isinstance(error, REFUSED):
                raise refusal(error) from error
            if isinstance(error, Unroutable):
                reason, allowed = f"{what}: nobody is there, or its queue does not exist", ABSENT_SECONDS
            else:
                reason = f"{what}: no connection to RabbitMQ ({kind(error)})"
                allowed = self._patience if patience is None else patience
            now, seconds = time.monotonic(), next(pauses)
            if failures == 0:
                give_up = now + allowed if until is None else min(until, now + allowed)
            if any(end is not None and now + seconds >= end for end in (give_up, self._bridged_until)):
                raise BusUnavailable(reason) from error
            return seconds

        # The first pause is none: a connection that was cut while it lay idle is replaced at once.
        result: Result = retry_over_time(
            attempt, (*LOST, Unroutable), errback=pause, interval_start=0.0, interval_step=0.1, interval_max=1.0
        )
        return result
