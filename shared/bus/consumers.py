"""Receiving calls and jobs in a nameko container, by kombu's consumers: a connection for each of the two, watched by a greenthread.

It replaces nameko's `QueueConsumer`, which dies of an acknowledgement on a cut connection, cannot be stopped while there is
no broker, and stays alive but deaf when a queue exists with other arguments. Here: a cut connection is made anew, for as
long as it takes; what it held is delivered again by the broker, and acknowledging it any more does nothing; what the broker
refuses ends the process with the broker's own words. Handlers run in greenthreads of the container, so that heartbeats go
on; one that blocks the whole process past the heartbeat only costs the connection. (Why not kombu's `ConsumerMixin`:
docs/adr/0020-kombu.md.)

Silence is made death: the broker gives what a silent connection holds to another consumer after two to three heartbeats.
So calls, for which somebody waits, have a heartbeat of a second; jobs, where being given up wrongly costs an attempt, have
a long one. A process that stood still for so long does not read what lies in its socket: the broker has given that away.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import eventlet
from eventlet.event import Event
from eventlet.semaphore import Semaphore
from kombu import Connection
from nameko.extensions import SharedExtension

from shared.bus import wire
from shared.bus.brokertypes import Thread
from shared.bus.connections import LOST, REFUSED, Refused, broker, drop, kind, opened, refusal, used
from shared.bus.deliveries import TURN_SECONDS, Delivery, Subscription
from shared.bus.health import Health

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
#: After this long a claimed job is acknowledged though its handler still runs: well before RabbitMQ's 30 minutes.
CLAIMED_SECONDS = 600.0
#: A process that stood still for longer than a turn and this gives back the calls it reads next: their callers may have gone meanwhile,
#: and only the broker's clock knows.
LATE_SECONDS = 0.5


class StoodStill(OSError):
    """This process did not run for longer than the broker waits for it."""


class Consumers(SharedExtension):  # type: ignore[misc] # nameko has no types
    """The connection on which a container receives one kind of message. Entrypoints `add` subscriptions in their `setup`."""

    kind = ""
    #: The longest wait for a message, in seconds, before it looks around: whether to stop, to say that it is alive, to take more.
    longest_turn = TURN_SECONDS

    def __init__(self) -> None:
        super().__init__()
        self.subscriptions: dict[str, Subscription] = {}
        self._stopping = False
        self._wake = Event()
        self._thread: Thread | None = None
        self._idle = Event()
        self._alive_at = 0.0
        self._late_until = 0.0
        self._ticked_at = 0.0

    @property
    def health(self) -> Health:
        health: Health = self.container.config["health"]
        return health

    @property
    def heartbeat(self) -> int:
        """Seconds. The broker gives up a connection that was silent for two to three of them."""
        heartbeat: int = self.container.config["heartbeat"][self.kind]
        return heartbeat

    @property
    def turn(self) -> float:
        """Four in a heartbeat at least: the broker gives up whoever is silent for two, and on a busy machine a turn takes longer."""
        return min(self.longest_turn, self.heartbeat / 4)

    def add(self, subscription: Subscription) -> None:
        def guarded(delivery: Delivery) -> None:
            try:
                subscription.handle(delivery)
            except Exception as error:  # whatever it is, it is about one message and not worth the process
                extra = {"queue": subscription.name, "error": type(error).__name__, "where": wire.where(error)}
                log.error("message_failed", extra=extra)
                eventlet.sleep(1)  # it comes back at once
                delivery.give_back()
                delivery.done()

        # In a greenthread of its own, so that nothing a handler waits for holds up the heartbeats.
        def spawn(delivery: Delivery) -> None:
            delivery.thread = eventlet.spawn(guarded, delivery)

        subscription.spawn = spawn
        subscription.late = self._late
        self.subscriptions[subscription.name] = subscription

    def start(self) -> None:
        if self._thread is None and self.subscriptions:
            self.health.down(self.kind, "not connected to the broker yet")
            self._thread = self.container.spawn_managed_thread(self._run, identifier=f"bus-{self.kind}")

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
            for delivery in list(subscription.running):
                if delivery.thread is not None:
                    delivery.thread.kill()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        name = f"{self.container.service_name} {self.kind}"
        connection = broker(self.container.config["AMQP_URI"], name=name, heartbeat=self.heartbeat)
        try:
            while not self._stopping:
                began = time.monotonic()
                try:
                    self._receive(connection)
                except Refused as error:
                    self.health.down(self.kind, str(error))
                    log.critical("broker_refuses", extra={"reason": str(error)})
                    raise
                except LOST as error:
                    self.health.down(self.kind, f"no connection to the broker: {kind(error)}")
                    log.warning("broker_lost", extra={"kind": self.kind, "error": kind(error), "seconds": pause})
                pause = FIRST_PAUSE if time.monotonic() - began > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
                if not self._stopping:
                    with eventlet.Timeout(pause, False):
                        self._wake.wait()
            # Without a connection there is nothing to settle, but what runs may still end well.
            while any(subscription.running for subscription in self.subscriptions.values()):
                eventlet.sleep(0.05)
        finally:
            self._idle.send(None)

    def _receive(self, connection: Connection) -> None:
        subscriptions = list(self.subscriptions.values())
        writing = Semaphore()
        try:
            with refusals():
                opened(connection)
            with used(connection):
                self._alive_at = self._ticked_at = time.monotonic()
                with refusals():
                    for subscription in subscriptions:
                        subscription.open(connection.channel(), writing)
                self.health.up(self.kind)
                log.info("consuming", extra={"queues": [subscription.name for subscription in subscriptions]})
                while not self._stopping:
                    self._turn(connection, subscriptions, writing)
                for subscription in subscriptions:
                    subscription.cancel()
                while any(subscription.running for subscription in subscriptions):
                    self._drain(connection, 0.05, writing)
                connection.close()
        finally:
            for subscription in subscriptions:
                subscription.lost()
            drop(connection)

    def _turn(self, connection: Connection, subscriptions: list[Subscription], writing: Semaphore) -> None:
        for subscription in subscriptions:
            subscription.release_claimed(self.container.config["claimed_seconds"])
            subscription.tune()
        self._drain(connection, self.turn, writing)

    def _drain(self, connection: Connection, seconds: float, writing: Semaphore) -> None:
        self._check_alive()
        try:
            connection.drain_events(timeout=seconds)
        except TimeoutError:
            pass
        self._check_alive()
        if writing.acquire(blocking=False):
            try:
                connection.heartbeat_check()
                self._ticked_at = self._alive_at
            finally:
                writing.release()
        elif self._alive_at - self._ticked_at > 2 * self.heartbeat:
            raise ConnectionResetError("nothing can be written to RabbitMQ")

    def _check_alive(self) -> None:
        """Raise `StoodStill` if this process did. (The time is monotonic: it goes on while a process is stopped.)

        What is read after that may have been lying there for as long, and somebody else may have answered it.
        """
        now = time.monotonic()
        if now - self._alive_at > self.turn + 2 * self.heartbeat:
            raise StoodStill
        if now - self._alive_at > self.turn + LATE_SECONDS:
            self._late_until = now + self.turn
        self._alive_at = now

    def _late(self) -> bool:
        """Whether what is read just now may have been lying there. Raises `StoodStill`."""
        self._check_alive()
        return self._alive_at < self._late_until


class CallConsumers(Consumers):
    """Of calls: what a silent service holds is answered by another within three seconds."""

    kind = "calls"


class JobConsumers(Consumers):
    """Of jobs."""

    kind = "jobs"
    #: A job arrives at once, however long the turn is; looking around four times a second is what a service without work would do most.
    longest_turn = 1.0


@contextmanager
def refusals() -> Iterator[None]:
    """What trying again does not mend, as `Refused`."""
    try:
        yield
    except REFUSED as error:
        raise refusal(error) from error
