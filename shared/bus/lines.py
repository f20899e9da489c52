"""Connections to RabbitMQ for those who send: one borrower at a time, kept for the next, thrown away on any error.

A connection per request costs 7 ms, a kept one 1 ms. Runs on plain threads, under gevent and under eventlet (whoever patches
does so before importing this). Not for: receiving (`listener`, `consumers`).
"""

from __future__ import annotations

import itertools
import os
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp
from amqp.exceptions import AccessRefused, AMQPError, MessageNacked, NotAllowed, NotFound, PreconditionFailed

from shared.bus.messages import BusError, BusUnavailable
from shared.bus.topology import Topology

#: What a connection raises that was cut, and a broker that did not take a message.
LOST = (OSError, AMQPError, MessageNacked)
#: Errors that trying again does not mend: wrong password, no such vhost, a queue that exists with other arguments.
REFUSED = (AccessRefused, NotAllowed, NotFound, PreconditionFailed)
CONNECT_SECONDS = 3.0
#: The longest wait for one answer of the broker (declare, confirm). A quorum queue confirms in milliseconds.
ANSWER_SECONDS = 10.0

#: Without "connection.blocked", for which `amqp` would look at the socket (five system calls) before every message. A broker
#: that blocks publishers confirms nothing, and that is noticed.
CAPABILITIES = {"consumer_cancel_notify": True, "authentication_failure_close": True}
#: A line unused for longer than this is looked at before something is sent on it that nobody confirms or answers.
FRESH_SECONDS = 0.2


class Unroutable(BusError):
    """The broker gave the message back: there is no such queue."""


class Refused(BusUnavailable):
    """The broker refuses us, and will again: the message says what it said."""


@contextmanager
def used(connection: Any) -> Iterator[None]:
    """`amqp` stumbles over its own missing parts when a connection is used after it was cut: that is a cut, too."""
    try:
        yield
    except (TypeError, AttributeError, KeyError) as error:
        if connection.connected:
            raise
        raise ConnectionResetError("the connection to RabbitMQ was cut") from error


def refusal(error: BaseException) -> Refused:
    return Refused(f"RabbitMQ refuses: {getattr(error, 'reply_text', '') or type(error).__name__}")


def connect(uri: str, *, name: str, heartbeat: float = 0) -> Any:
    """An open `amqp.Connection`. The name is what ``rabbitmqctl list_connections client_properties`` shows."""
    parts = urlsplit(uri)
    host = parts.hostname or "localhost"
    secure = parts.scheme == "amqps"
    tls = {"server_hostname": host, "cert_reqs": ssl.CERT_REQUIRED}
    connection = amqp.Connection(
        host=f"[{host}]" if ":" in host else host if parts.port is None else f"{host}:{parts.port}",
        userid=unquote(parts.username or "guest"),
        password=unquote(parts.password or "guest"),
        virtual_host=unquote(parts.path[1:]) or "/",
        login_method="PLAIN",
        ssl=tls if secure else False,
        connect_timeout=CONNECT_SECONDS,
        heartbeat=heartbeat,
        client_properties={"connection_name": f"{name} pid {os.getpid()}", "capabilities": CAPABILITIES},
    )
    try:
        connection.connect()
        # The default for everything that waits for the broker; without it a silent broker would hold us for ever.
        connection.transport.sock.settimeout(ANSWER_SECONDS)
    except REFUSED as error:
        connection.collect()
        raise refusal(error) from error
    except BaseException:
        connection.collect()
        raise
    return connection


class Line:
    """One connection: a channel for calls with their replies, and one on which the broker confirms what it took."""

    def __init__(self, uri: str, topology: Topology, *, name: str) -> None:
        self.pid = os.getpid()
        self.used_at = time.monotonic()
        self._topology = topology
        self._declared: set[str] = set()
        self._numbers = itertools.count(1)
        self._replies: dict[str, bytes | str] = {}
        self._returned = False
        self.connection = connect(uri, name=name)
        self._calls = self.connection.channel()
        # RabbitMQ's direct reply-to: no queue per client to declare, to clean up or to lose.
        self._calls.basic_consume("amq.rabbitmq.reply-to", no_ack=True, callback=self._on_reply)
        self._calls.events["basic_return"].add(self._on_return)
        self._confirmed: Any = None

    def call(self, service: str, method: str, body: str, *, deadline: float) -> bytes | str | None:
        """The reply's body, or None if the deadline passes. Raises `Unroutable`, or one of `LOST`."""
        number = str(next(self._numbers))
        left = deadline - time.monotonic()
        message = amqp.Message(
            body,
            content_type="application/json",
            type=method,
            correlation_id=number,
            reply_to="amq.rabbitmq.reply-to",
            # A call that nobody waits for any more is not run.
            expiration=str(max(1, int(left * 1000))),
            delivery_mode=1,
        )
        self._returned = False
        self._calls.basic_publish(message, exchange="", routing_key=self._topology.calls(service), mandatory=True)
        while number not in self._replies:
            if self._returned:
                raise Unroutable(service)
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            try:
                self.connection.drain_events(timeout=left)
            except TimeoutError:
                continue
        return self._replies.pop(number)

    def reply(self, address: str, correlation_id: str, body: str) -> None:
        """Answer a call. Without a confirm: a caller who is gone is no error, one who is there has a time limit."""
        self._look()
        message = amqp.Message(body, content_type="application/json", correlation_id=correlation_id, delivery_mode=1)
        self._calls.basic_publish(message, exchange="", routing_key=address)

    def tell(self, body: str) -> None:
        self._look()
        if "news" not in self._declared:
            self._topology.declare_news(self._calls)
            self._declared.add("news")
        message = amqp.Message(body, content_type="application/json", delivery_mode=1)
        self._calls.basic_publish(message, exchange=self._topology.news, routing_key="")

    def put(
        self, queue: str, body: str, *, seconds: float | None = None, dead: bool = False, **properties: Any
    ) -> None:
        """Put a job on its queue, on one that leads there after `seconds`, or among the dead; return when it is safe there."""
        topology = self._topology
        self._declare(f"jobs {queue}", topology.declare_jobs, queue)
        name = topology.dead(queue) if dead else topology.jobs(queue)
        if seconds is not None:
            name = topology.delayed(queue, seconds)
            self._declare(name, topology.declare_delayed, queue, seconds)
        message = amqp.Message(body, content_type="application/json", delivery_mode=2, **properties)
        self._publish(name, message)

    def again(self, service: str, message: Any, headers: dict[str, Any]) -> None:
        """Put a call that came back from a dead consumer at the end of its queue, with other headers."""
        copy = amqp.Message(message.body, **message.properties | {"application_headers": headers})
        self._publish(self._topology.calls(service), copy)

    def channel(self) -> Any:
        """A channel of its own, for what the other two are not made for; the caller closes it."""
        return self.connection.channel()

    def close(self) -> None:
        try:
            self.connection.transport.sock.settimeout(1.0)
            self.connection.close()
        except LOST:
            self.drop()

    def drop(self) -> None:
        """Close without a word to the broker."""
        try:
            self.connection.collect()
        except LOST:
            pass

    def _look(self) -> None:
        """Raise now if the line was cut while it lay idle: the first write after that would succeed all the same."""
        if time.monotonic() - self.used_at > FRESH_SECONDS:
            try:
                self.connection.drain_events(timeout=0)
            except TimeoutError:
                pass

    def _publish(self, name: str, message: Any) -> None:
        if self._confirmed is None:
            self._confirmed = self.connection.channel()
            self._confirmed.confirm_select()
            self._confirmed.events["basic_return"].add(self._on_return)
        self._returned = False
        self._confirmed.basic_publish_confirm(
            message, exchange="", routing_key=name, mandatory=True, confirm_timeout=ANSWER_SECONDS
        )
        # The broker sends what it gives back before it confirms.
        if self._returned:
            self._declared.clear()
            raise Unroutable(name)

    def _declare(self, key: str, declare: Any, *arguments: Any) -> None:
        if key not in self._declared:
            declare(self._calls, *arguments)
            self._declared.add(key)

    def _on_reply(self, message: Any) -> None:
        self._replies.clear()  # one call at a time: anything older is the answer to a call that was given up
        self._replies[message.properties.get("correlation_id", "")] = message.body

    def _on_return(self, *_: Any) -> None:
        self._returned = True


class Pool:
    """Lines that are open and idle, and a bound on how many there are at once."""

    def __init__(self, uri: str, topology: Topology, *, name: str, size: int) -> None:
        self._uri = uri
        self._topology = topology
        self._name = name
        self._free = threading.BoundedSemaphore(size)
        self._idle: list[Line] = []
        self._closed = False

    @contextmanager
    def borrow(self, *, wait: float) -> Iterator[Line]:
        """An open line, for this block alone. Raises `BusUnavailable` if all stay in use for `wait` seconds."""
        if self._closed:
            raise BusUnavailable("the bus is closed")
        if not self._free.acquire(timeout=max(0.0, wait)):
            raise BusUnavailable("all connections to RabbitMQ are in use")
        try:
            line = self._take() or Line(self._uri, self._topology, name=self._name)
            try:
                with used(line.connection):
                    yield line
            except BaseException:
                line.drop()
                raise
            line.used_at = time.monotonic()
            if self._closed:
                line.close()
            else:
                self._idle.append(line)
        finally:
            self._free.release()

    def forget(self) -> None:
        """Drop all idle lines: when one was cut the others mostly were too, and each would cost a borrower an error."""
        idle, self._idle = self._idle, []
        for line in idle:
            line.drop()

    def close(self) -> None:
        self._closed = True
        idle, self._idle = self._idle, []
        deadline = time.monotonic() + 1.0
        for line in idle:
            # Politely while there is time; a broker that does not answer must not hold up the end of a service.
            (line.close if time.monotonic() < deadline else line.drop)()

    def _take(self) -> Line | None:
        while self._idle:
            try:
                line = self._idle.pop()
            except IndexError:
                return None
            # After a fork the sockets belong to the parent: leave them alone.
            if line.pid == os.getpid():
                return line
        return None
