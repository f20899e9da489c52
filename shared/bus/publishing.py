"""Jobs on their way to the broker: published with its confirmation, by kombu's pool of producers.

`publish` returns when the message is safe at the broker (on a majority of its nodes), and raises if it may not be. Not for:
calls, replies and notifications (`rpc`), which cost no confirmation.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kombu import Producer, Queue
from kombu.pools import ProducerPool

from shared.bus.connections import LOST, REFUSED, Unroutable, broker, close, declare, drop, used
from shared.bus.messages import BusUnavailable

#: A quorum queue confirms in milliseconds. After so long the link is taken for dead, and what was sent is sent again on another:
#: an answer with effects waits for it.
CONFIRM_SECONDS = 3.0


class ConfirmedProducer(Producer):  # type: ignore[misc] # kombu has no types
    """A producer that raises when the broker gives a message back (`mandatory`); kombu leaves that to who uses it."""

    auto_declare = False
    _returned = False

    def put(self, queue: Queue, body: object, *, needs: Sequence[Queue], **properties: object) -> None:
        """Put `body` on `queue`, after declaring what was not declared on this connection yet.

        Raises `Unroutable` if the queue is gone, one of `REFUSED` if it was declared otherwise, one of `LOST` if the
        message may be there or not.
        """
        self._returned = False
        declare(self, needs)
        self.publish(body, routing_key=queue.name, mandatory=True, confirm_timeout=CONFIRM_SECONDS, **properties)
        # The broker sends what it gives back before it confirms.
        if self._returned:
            raise Unroutable(queue.name)

    def on_return(self, *_: object) -> None:
        self._returned = True


class Producers:
    """At most `size` confirmed messages under way at once."""

    def __init__(self, uri: str, *, name: str, size: int) -> None:
        self._connections = broker(uri, name=name, confirm=True).Pool(limit=size)
        self._producers = ProducerPool(self._connections, limit=size, Producer=ConfirmedProducer)
        self._generation = 0
        self._closed = False

    @contextmanager
    def borrow(self, *, wait: float) -> Iterator[ConfirmedProducer]:
        """A producer for this block alone; its connection is dropped if the block raises.

        Raises `BusUnavailable` if none is free within `wait` seconds.
        """
        if self._closed:
            raise BusUnavailable("the bus is closed")
        try:
            producer: ConfirmedProducer = self._producers.acquire(block=True, timeout=max(0.0, wait))
        except self._producers.LimitExceeded:
            raise BusUnavailable("all connections to RabbitMQ are in use") from None
        connection = producer.connection
        try:
            if getattr(connection, "generation", 0) != self._generation:
                drop(connection)
                connection.generation = self._generation
            with used(connection):
                yield producer
        except LOST as error:
            # When one was cut the others mostly were too, and each would cost a borrower an error.
            self._generation += not isinstance(error, REFUSED)
            raise
        finally:
            if self._closed:
                drop(connection)
            producer.release()

    def close(self) -> None:
        """Close those that are idle, politely while there is time; those in use are closed when they are given back."""
        self._closed = True
        deadline = time.monotonic() + 1.0
        try:
            while True:  # never released, so that there is an end of them
                close(self._connections.acquire(block=False), seconds=max(0.05, deadline - time.monotonic()))
        except self._connections.LimitExceeded:
            return
