"""Hearing news over RabbitMQ: a thread with a connection and an exclusive queue of its own, renewed whenever it is cut."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from shared.bus import wire
from shared.bus.lines import LOST, connect, used
from shared.bus.messages import BadMessage, BusError, News
from shared.bus.topology import Topology

log = logging.getLogger(__name__)

#: A cut that no packet tells of is noticed after twice this.
HEARTBEAT = 10
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0


class Listener:
    """Calls `receive` with each piece of news until `stop`. What is told while the connection is cut is not heard."""

    def __init__(self, uri: str, topology: Topology, receive: Callable[[News], None], *, name: str) -> None:
        self._uri = uri
        self._topology = topology
        self._receive = receive
        self._name = name
        self._stopped = threading.Event()
        self.ready = threading.Event()
        threading.Thread(target=self._run, name="bus-news", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopped.is_set():
            began = time.monotonic()
            connection = None
            try:
                connection = connect(self._uri, name=self._name, heartbeat=HEARTBEAT)
                with used(connection):
                    self._hear(connection)
            except (*LOST, BusError) as error:
                log.warning("news_connection_lost", extra={"error": type(error).__name__, "seconds": pause})
            finally:
                if connection is not None:
                    connection.collect()
            pause = FIRST_PAUSE if time.monotonic() - began > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
            self._stopped.wait(pause)

    def _hear(self, connection: Any) -> None:
        channel = connection.channel()
        self._topology.declare_news(channel)
        queue = channel.queue_declare("", exclusive=True, auto_delete=True, durable=False).queue
        channel.queue_bind(queue, self._topology.news)
        channel.basic_consume(queue, no_ack=True, callback=self._on_message)
        self.ready.set()
        while not self._stopped.is_set():
            try:
                connection.drain_events(timeout=1.0)
            except TimeoutError:
                pass
            connection.heartbeat_tick()

    def _on_message(self, message: Any) -> None:
        if self._stopped.is_set():
            return
        try:
            body = wire.decode(message.body, "news")
            news = News(session=body["session"], event=body["event"], data=body["data"])
        except (BadMessage, KeyError, TypeError):
            log.error("news_lost", extra={"error": "BadMessage"})
            return
        try:
            self._receive(news)
        except Exception as error:
            log.error("news_failed", extra={"error": type(error).__name__, "where": wire.where(error)})
