"""Receiving calls and jobs in a nameko container: one connection per service process, watched by a greenthread.

It replaces nameko's `QueueConsumer`, which dies of an acknowledgement on a cut connection, cannot be stopped while there is
no broker, and stays alive but deaf when a queue exists with other arguments. Here: a cut connection is made anew, for as
long as it takes; what it held is delivered again by the broker, and acknowledging it any more does nothing; what the broker
refuses ends the process with the broker's own words. Handlers run in greenthreads of the container, so that heartbeats go
on; one that blocks the whole process past the heartbeat only costs the connection.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import eventlet
from eventlet.event import Event
from nameko.extensions import SharedExtension

from shared.bus import wire
from shared.bus.health import Health
from shared.bus.lines import LOST, REFUSED, Refused, connect, refusal, used

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
#: After this long a claimed job is acknowledged though its handler still runs: well before RabbitMQ's 30 minutes.
CLAIMED_SECONDS = 600.0


class Delivery:
    """One message being handled. Settling it when its connection is gone does nothing: the broker has taken it back."""

    def __init__(self, subscription: Subscription, message: Any, tag: str) -> None:
        self.message = message
        self.consumer_tag = tag
        self.acknowledged = False
        self.released = False  #: acknowledged although its handler still runs
        self.claimed_at: float | None = None
        self._subscription = subscription

    def claimed(self) -> None:
        if self.claimed_at is None:
            self.claimed_at = time.monotonic()

    def acknowledge(self) -> None:
        if self.acknowledged:
            return
        self.acknowledged = True
        self._settle(lambda channel: channel.basic_ack(self.message.delivery_tag))

    def give_back(self) -> None:
        """Let the broker deliver it again, here or elsewhere (it counts as one of its deliveries)."""
        self._settle(lambda channel: channel.basic_reject(self.message.delivery_tag, requeue=True))

    def done(self) -> None:
        """The handler has ended, however it did."""
        self._subscription.running.discard(self)

    def _settle(self, say: Callable[[Any], None]) -> None:
        channel = self.message.channel
        if channel is None or channel is not self._subscription.channel:
            return
        try:
            say(channel)
        except (*LOST, AttributeError, TypeError) as error:
            log.warning("settle_failed", extra={"queue": self._subscription.queue, "error": type(error).__name__})


class Subscription:
    """What one kind of entrypoint wants to receive: `queue`, declared by `declare(channel)`, at most `workers` at a time."""

    def __init__(
        self, queue: str, *, declare: Callable[[Any], None], workers: int, handle: Callable[[Delivery], None]
    ) -> None:
        self.queue = queue
        self.declare = declare
        self.workers = workers
        self.handle = handle
        self.channel: Any = None
        self.running: set[Delivery] = set()
        self.spawn: Callable[[Delivery], None] = handle
        self._tag = ""
        self._prefetch = 0
        self._generation = 0

    def open(self, channel: Any) -> None:
        self.channel = channel
        self._tag = ""
        self.declare(channel)
        self.tune()

    def tune(self) -> None:
        """Let the broker send as many messages as there are handlers free.

        It counts messages, not handlers: those still at work on an acknowledged message, or on one from a connection that
        was cut, must be taken off, or there would be more of them than `workers`.
        """
        others = sum(delivery.released or delivery.consumer_tag != self._tag for delivery in self.running)
        wanted = max(0, self.workers - others)
        if wanted == self._prefetch and self._tag:
            return
        self.cancel()
        # Those of the consumer just cancelled are now others.
        wanted = max(0, self.workers - len(self.running))
        if wanted:
            self._generation += 1
            self._tag = f"{self.queue}.{self._generation}"
            self.channel.basic_qos(0, wanted, False)
            self.channel.basic_consume(self.queue, consumer_tag=self._tag, callback=self._on_message)
        self._prefetch = wanted

    def release_claimed(self, seconds: float) -> None:
        """Acknowledge what was claimed long ago, without getting another message in its place.

        Exchanging the consumer may send back a message that was on its way, which costs it one of its attempts; that is
        why this happens after minutes and not at once.
        """
        due = time.monotonic() - seconds
        old = [d for d in self.running if not d.acknowledged and d.claimed_at is not None and d.claimed_at <= due]
        if old:
            self.cancel()
            for delivery in old:
                delivery.released = True
                delivery.acknowledge()

    def cancel(self) -> None:
        if self._tag:
            tag, self._tag = self._tag, ""
            self.channel.basic_cancel(tag)

    def lost(self) -> None:
        self.channel = None
        self._tag = ""
        self._prefetch = 0

    def _on_message(self, message: Any) -> None:
        delivery = Delivery(self, message, message.delivery_info["consumer_tag"])
        self.running.add(delivery)
        self.spawn(delivery)


class Consumers(SharedExtension):  # type: ignore[misc]
    """The connection on which a container receives. Entrypoints `add` subscriptions in their `setup`."""

    def __init__(self) -> None:
        super().__init__()
        self.subscriptions: dict[str, Subscription] = {}
        self._stopping = False
        self._wake = Event()
        self._thread: Any = None
        self._idle = Event()

    @property
    def health(self) -> Health:
        health: Health = self.container.config["health"]
        return health

    def add(self, subscription: Subscription) -> None:
        def guarded(delivery: Delivery) -> None:
            try:
                subscription.handle(delivery)
            except Exception as error:  # whatever it is, it is about one message and not worth the process
                extra = {"queue": subscription.queue, "error": type(error).__name__, "where": wire.where(error)}
                log.error("message_failed", extra=extra)
                eventlet.sleep(1)  # it comes back at once
                delivery.give_back()
                delivery.done()

        # In a greenthread of its own, so that nothing a handler waits for holds up the heartbeats.
        subscription.spawn = lambda delivery: eventlet.spawn(guarded, delivery)
        self.subscriptions[subscription.queue] = subscription

    def start(self) -> None:
        if self._thread is None and self.subscriptions:
            self.health.down("broker", "not connected yet")
            self._thread = self.container.spawn_managed_thread(self._run, identifier="bus-consumers")

    def stop(self) -> None:
        """Take nothing new; return when what runs has ended. (The host gives it a time limit.)"""
        if not self._stopping:
            self._stopping = True
            self._wake.send(None)
        if self._thread is not None:
            self._idle.wait()

    def kill(self) -> None:
        self._stopping = True
        for subscription in self.subscriptions.values():
            subscription.lost()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        try:
            while not self._stopping:
                began = time.monotonic()
                try:
                    self._receive()
                except Refused as error:
                    self.health.down("broker", str(error))
                    log.critical("broker_refuses", extra={"reason": str(error)})
                    raise
                except LOST as error:
                    self.health.down("broker", f"no connection: {type(error).__name__}")
                    log.warning("broker_lost", extra={"error": type(error).__name__, "seconds": pause})
                pause = FIRST_PAUSE if time.monotonic() - began > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
                if not self._stopping:
                    with eventlet.Timeout(pause, False):
                        self._wake.wait()
            # Without a connection there is nothing to settle, but what runs may still end well.
            while any(subscription.running for subscription in self.subscriptions.values()):
                eventlet.sleep(0.05)
        finally:
            self._idle.send(None)

    def _receive(self) -> None:
        config = self.container.config
        connection = connect(config["AMQP_URI"], name=self.container.service_name, heartbeat=config["heartbeat"])
        subscriptions = list(self.subscriptions.values())
        try:
            with used(connection):
                try:
                    for subscription in subscriptions:
                        subscription.open(connection.channel())
                except REFUSED as error:
                    raise refusal(error) from error
                self.health.up("broker")
                log.info("consuming", extra={"queues": [subscription.queue for subscription in subscriptions]})
                while not self._stopping:
                    self._turn(connection, subscriptions)
                for subscription in subscriptions:
                    subscription.cancel()
                while any(subscription.running for subscription in subscriptions):
                    self._drain(connection, 0.05)
                connection.close()
        finally:
            for subscription in subscriptions:
                subscription.lost()
            connection.collect()

    def _turn(self, connection: Any, subscriptions: list[Subscription]) -> None:
        for subscription in subscriptions:
            subscription.release_claimed(self.container.config["claimed_seconds"])
            subscription.tune()
        self._drain(connection, 0.25)

    def _drain(self, connection: Any, seconds: float) -> None:
        try:
            connection.drain_events(timeout=seconds)
        except TimeoutError:
            pass
        connection.heartbeat_tick()
