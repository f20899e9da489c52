"""Hearing notifications over RabbitMQ: a thread with a connection and an exclusive queue of its own, renewed whenever it is cut."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from kombu import Connection, Consumer

from shared.bus import wire
from shared.bus.brokertypes import Message
from shared.bus.connections import LOST, broker, drop, kind, used
from shared.bus.covers import Cover
from shared.bus.messages import BadMessage, Notification
from shared.bus.topology import Topology

log = logging.getLogger(__name__)

#: A cut that no packet tells of is noticed after twice this (seconds): what is told meanwhile is not heard.
HEARTBEAT = 2
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0


class Listener:
    """Calls `receive` with each notification until `stop`. What is told while the connection is cut is not heard."""

    def __init__(
        self, uri: str, topology: Topology, receive: Callable[[Notification], None], *, name: str, cover: Cover
    ) -> None:
        self._uri = uri
        self._topology = topology
        self._receive = receive
        self._name = name
        self._cover = cover
        self._stopped = threading.Event()
        self.ready = threading.Event()
        threading.Thread(target=self._run, name="bus-listener", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        connection = broker(self._uri, name=self._name, heartbeat=HEARTBEAT)
        while not self._stopped.is_set():
            began = time.monotonic()
            try:
                with used(connection):
                    self._hear(connection)
            except LOST as error:
                log.warning("listener_disconnected", extra={"error": kind(error), "seconds": pause})
            pause = FIRST_PAUSE if time.monotonic() - began > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
            self._stopped.wait(pause)
        drop(connection)

    def _hear(self, connection: Connection) -> None:
        inbox = self._topology.inbox()(connection.default_channel)
        with Consumer(connection.default_channel, [inbox], no_ack=True, on_message=self._on_message):
            self.ready.set()
            while not self._stopped.is_set():
                try:
                    connection.drain_events(timeout=0.5)
                except TimeoutError:
                    pass
                connection.heartbeat_check()

    def _on_message(self, message: Message) -> None:
        if self._stopped.is_set():
            return
        try:
            body = wire.decode(self._cover.open(message.body, "notification"), "a notification")
            notification = Notification(session=body["session"], event=body["event"], data=body["data"])
        except (BadMessage, KeyError, TypeError):
            log.error("notification_lost", extra={"error": "BadMessage"})
            return
        try:
            self._receive(notification)
        except Exception as error:
            log.error("notification_failed", extra={"error": type(error).__name__, "where": wire.where(error)})
