"""Connections to RabbitMQ, by kombu: how they are opened, what a lost or refused one raises, and pools of them.

Run on plain threads, under gevent and under eventlet (whoever patches does so before importing this). Not for: what is sent
(`rpc`, `publishing`) or received (`listener`, `consumers`) on them.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlsplit

import amqp.transport
from amqp.exceptions import AccessRefused, AMQPError, MessageNacked, NotAllowed, NotFound, PreconditionFailed
from kombu import Connection, Exchange, Producer, Queue
from kombu.exceptions import OperationalError
from kombu.transport import pyamqp

from shared.bus.frames import PieceTransport
from shared.bus.messages import BusError, BusUnavailable

#: What a connection raises that was cut, and a broker that did not take a message.
LOST = (OSError, AMQPError, MessageNacked, OperationalError)
#: Errors that trying again does not mend: wrong password, no such vhost, a queue that exists with other arguments.
REFUSED = (AccessRefused, NotAllowed, NotFound, PreconditionFailed)
CONNECT_SECONDS = 3.0
#: The longest wait for one answer of the broker (declare, confirm). A quorum queue confirms in milliseconds.
ANSWER_SECONDS = 10.0

#: Without "connection.blocked", for which `amqp` would look at the socket (five system calls) before every message. A broker
#: that blocks publishers confirms nothing, and that is noticed.
CAPABILITIES = {"consumer_cancel_notify": True, "authentication_failure_close": True}


#: How calls, replies and notifications travel: as JSON, kept in the broker's memory only.
TRANSIENT: dict[str, object] = {"content_type": "application/json", "delivery_mode": 1}


class Unroutable(BusError):
    """The broker gave the message back: there is no such queue."""


class Refused(BusUnavailable):
    """The broker refuses us, and will again: the message says what it said."""


class AmqpConnection(pyamqp.Connection):  # type: ignore[misc] # kombu has no types
    """kombu's own, which reads from its socket what there is (TLS does that by itself)."""

    def Transport(
        self,
        host: str,
        connect_timeout: float,
        ssl: object = False,
        read_timeout: float | None = None,
        write_timeout: float | None = None,
        **options: object,
    ) -> object:
        times = {"connect_timeout": connect_timeout, "read_timeout": read_timeout, "write_timeout": write_timeout}
        made = partial(amqp.transport.SSLTransport, ssl=ssl) if ssl else PieceTransport
        return made(host, **times, **options)


class Transport(pyamqp.Transport):  # type: ignore[misc] # kombu has no types
    """kombu's own, with a limit on how long a silent broker may hold us; without it that would be for ever."""

    Connection = AmqpConnection

    def establish_connection(self) -> object:
        connection = super().establish_connection()
        connection.transport.sock.settimeout(ANSWER_SECONDS)
        return connection


def broker(uri: str, *, name: str, heartbeat: int = 0, confirm: bool = False) -> Connection:
    """A connection that opens when it is first used, and again when it is used after it was lost.

    `name` is what ``rabbitmqctl list_connections client_properties`` shows. With `confirm` the broker confirms what is
    published on any of its channels. One attempt to connect, no pauses: whoever uses it knows how long to go on.
    """
    parts = urlsplit(uri)
    secure = parts.scheme == "amqps"
    connection = Connection(
        uri,
        transport=Transport,
        connect_timeout=CONNECT_SECONDS,
        heartbeat=heartbeat,
        login_method="PLAIN",
        ssl={"server_hostname": parts.hostname, "cert_reqs": ssl.CERT_REQUIRED} if secure else False,
        transport_options={
            "client_properties": {"connection_name": f"{name} pid {os.getpid()}", "capabilities": CAPABILITIES},
            "confirm_publish": confirm,
            "max_retries": 0,
        },
    )
    if ":" in (parts.hostname or ""):
        connection.hostname = f"[{parts.hostname}]"  # kombu puts the port behind it as it is
    return connection


def opened(connection: Connection) -> None:
    """Open it if it is not. Raises one of `LOST` or `REFUSED`. (kombu's `connect` tries twice, with two seconds in between.)"""
    if not connection.connected:
        connection.ensure_connection(max_retries=0)


@contextmanager
def used(connection: Connection) -> Iterator[None]:
    """For the time of the block: it is open, what was lost is one of `LOST`, and if it failed it is dropped, to be opened anew.

    Dropped without a word: kombu's own way to close waits for the broker's answer, which a dead link never brings.
    `amqp` stumbles over its own missing parts when a connection is used after it was cut: that is a cut, too.
    """
    try:
        opened(connection)
        yield
    except (TypeError, AttributeError, KeyError) as error:
        cut = not connection.connected
        drop(connection)
        if not cut:
            raise
        raise ConnectionResetError("the connection to RabbitMQ was cut") from error
    except BaseException:
        drop(connection)
        raise


def declare(producer: Producer, entities: Iterable[Queue | Exchange]) -> None:
    """Declare what was not declared on this connection yet, without waiting for the broker's answer.

    (kombu's own ``publish(declare=…)`` does, a round trip for each.) A refusal closes the channel: it is raised by whatever
    waits next, such as for a confirmation.
    """
    declared = producer.connection.declared_entities
    for entity in entities:
        if entity.name not in declared:
            entity.declare(channel=producer.channel, nowait=True)
            declared.add(entity.name)


def drop(connection: Connection) -> None:
    """Close without a word to the broker."""
    try:
        connection.collect()
    except LOST:
        pass


def close(connection: Connection, *, seconds: float) -> None:
    """Close politely if the broker answers in time."""
    try:
        if connection.connected:
            connection.connection.transport.sock.settimeout(seconds)
        connection.close()
    except LOST:
        drop(connection)


def refusal(error: BaseException) -> Refused:
    return Refused(f"RabbitMQ refuses: {getattr(error, 'reply_text', '') or type(error).__name__}")


def kind(error: BaseException) -> str:
    """The class of what happened; kombu wraps what keeps it from connecting."""
    return type(error.__cause__ if isinstance(error, OperationalError) and error.__cause__ else error).__name__
