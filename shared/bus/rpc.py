"""Calls with their replies, and whatever else is sent without the broker's confirmation, on connections that are kept.

A connection per request costs 7 ms, a kept one 1 ms. A pool of them is kombu's `Resource`: one borrower at a time, a bound
on how many there are. Not for: jobs, which are confirmed (`publishing`).
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from kombu import Connection, Producer, Queue
from kombu.resource import Resource
from kombu.utils.functional import lazy

from shared.bus import frames
from shared.bus.brokertypes import Message
from shared.bus.connections import LOST, REFUSED, TRANSIENT, Unroutable, close, declare, drop, used
from shared.bus.messages import BusUnavailable
from shared.bus.topology import Topology

#: RabbitMQ's direct reply-to: no queue per client to declare, to clean up or to lose.
REPLIES = "amq.rabbitmq.reply-to"
#: After so long without a reply a caller asks the broker whether their connection still works (and so long again, later).
PROBE_AFTER = 2.0
#: So long the broker may take to say so. Then the caller asks again on another connection.
PROBE_SECONDS = 1.0
#: A connection unused for longer than this is looked at before something is sent on it that nobody confirms or answers.
FRESH_SECONDS = 0.2


class CallChannel:
    """One connection and one channel: a call at a time with its reply, replies to others, notifications."""

    def __init__(self, connection: Connection, topology: Topology) -> None:
        self.connection = connection
        self.generation = 0
        self._topology = topology
        self._channel: Any = None
        self._producer: Producer | None = None
        self._used_at = 0.0
        self._numbers = itertools.count(1)
        self._replies: dict[str, bytes | str] = {}
        self._returned = False

    def call(self, service: str, method: str, body: str | bytes, *, deadline: float) -> bytes | str | None:
        """The reply's body, or None if the deadline passes. Raises `Unroutable`, or one of `LOST`."""
        number = str(next(self._numbers))
        self._returned = False
        self._open()
        connection = self._channel.connection
        call = frames.message(
            self._channel.channel_id,
            body,
            routing_key=self._topology.calls_name(service),
            frame_max=connection.frame_max,
            mandatory=True,
            content_type="application/json",
            delivery_mode=1,
            correlation_id=number,
            reply_to=REPLIES,
            # A call that nobody waits for any more is not run. The broker's clock measures it: ours need not agree.
            expiration=str(max(1, int((deadline - time.monotonic()) * 1000))),
            type=method,
        )
        connection.transport.write(call)
        probe_at = time.monotonic() + PROBE_AFTER
        while number not in self._replies:
            if self._returned:
                raise Unroutable(service)
            now = time.monotonic()
            if now >= deadline:
                return None
            if now >= probe_at:
                self._probe()
                probe_at = time.monotonic() + PROBE_AFTER
                continue
            try:
                self.connection.drain_events(timeout=min(deadline, probe_at) - now)
            except TimeoutError:
                continue
        self._used_at = time.monotonic()
        return self._replies.pop(number)

    def reply(self, address: str, correlation_id: str, body: str | bytes) -> None:
        """Answer a call. Without a confirm: a caller who is gone is no error, one who is there has a time limit."""
        self._fresh().publish(body, routing_key=address, correlation_id=correlation_id, **TRANSIENT)

    def notify(self, body: str | bytes) -> None:
        producer = self._fresh()
        exchange = self._topology.notifications
        declare(producer, [exchange])
        producer.publish(body, exchange=exchange, routing_key="", **TRANSIENT)

    def _open(self) -> Producer:
        channel = self.connection.default_channel
        if self._producer is None or channel is not self._channel:
            self._replies.clear()
            self._channel = channel
            self._producer = Producer(channel, on_return=self._on_return, auto_declare=False)
            # kombu's `Consumer` would wait for the answer: one more round trip before the first call.
            Queue(REPLIES)(channel).consume(consumer_tag="replies", callback=self._on_reply, no_ack=True, nowait=True)
        return self._producer

    def _fresh(self) -> Producer:
        """Open, and not cut while it lay idle: the first write after that would succeed all the same. Raises `LOST`."""
        producer = self._open()
        if time.monotonic() - self._used_at > FRESH_SECONDS:
            try:
                self.connection.drain_events(timeout=0)
            except TimeoutError:
                pass
        self._used_at = time.monotonic()
        return producer

    def _probe(self) -> None:
        """Have the broker answer something that changes nothing. Raises TimeoutError, which is one of `LOST`.

        A service that is silent the broker notices (heartbeats) and gives the call to another. This is for the other half of
        the way: a reply that a dead link swallowed would never be missed by anybody but us.
        """
        sock = self.connection.connection.transport.sock
        before = sock.gettimeout()
        sock.settimeout(PROBE_SECONDS)
        self._channel.basic_qos(0, 0, False)
        sock.settimeout(before)

    def _on_reply(self, message: Message) -> None:
        self._replies.clear()  # one call at a time: anything older is the answer to a call that was given up
        self._replies[message.properties.get("correlation_id", "")] = message.body

    def _on_return(self, *_: object) -> None:
        self._returned = True


class CallChannels(Resource):  # type: ignore[misc] # kombu has no types
    """The pool: at most `limit` channels, those that are free waiting open."""

    def __init__(self, make: Callable[[], CallChannel], limit: int) -> None:
        self._make = make
        self._generation = 0
        super().__init__(limit)

    def setup(self) -> None:
        for _ in range(self.limit):
            self._resource.put_nowait(lazy(self._make))

    def prepare(self, resource: Any) -> CallChannel:
        channel: CallChannel = resource() if isinstance(resource, lazy) else resource
        return channel

    def collect_resource(self, resource: Any) -> None:
        if not isinstance(resource, lazy):
            drop(resource.connection)

    @contextmanager
    def borrow(self, *, wait: float) -> Iterator[CallChannel]:
        """A channel for this block alone. Raises `BusUnavailable` if all stay in use for `wait` seconds, or one of `LOST`."""
        try:
            channel: CallChannel = self.acquire(block=True, timeout=max(0.0, wait))
        except self.LimitExceeded:
            raise BusUnavailable("all connections to RabbitMQ are in use") from None
        except RuntimeError:
            raise BusUnavailable("the bus is closed") from None
        try:
            if channel.generation != self._generation:
                drop(channel.connection)
                channel.generation = self._generation
            with used(channel.connection):
                yield channel
        except LOST as error:
            # When one was cut the others mostly were too, and each would cost a borrower an error.
            self._generation += not isinstance(error, REFUSED)
            raise
        finally:
            if self._closed:
                drop(channel.connection)
            else:
                self.release(channel)

    def close(self) -> None:
        """Close those that are idle, politely while there is time; those in use are closed when they are given back."""
        self._closed = True
        deadline = time.monotonic() + 1.0
        while not self._resource.empty():
            resource = self._resource.get_nowait()
            if not isinstance(resource, lazy):
                close(resource.connection, seconds=max(0.05, deadline - time.monotonic()))
