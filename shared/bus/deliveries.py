"""One message being handled, and the subscription by which it came: what may be settled, how many come at a time.

Not for the connection (`consumers`) and for what is done with a message (`receiving`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import eventlet
from eventlet.semaphore import Semaphore
from kombu import Consumer, Queue

from shared.bus import frames
from shared.bus.brokertypes import Message, Thread
from shared.bus.connections import LOST

log = logging.getLogger(__name__)

#: The longest that the thread which receives waits for a message before it looks around.
TURN_SECONDS = 0.25


class Delivery:
    """One message being handled. Settling it when its connection is gone does nothing: the broker has taken it back."""

    def __init__(self, subscription: Subscription, message: Message) -> None:
        self.message = message
        self.thread: Thread | None = None  #: in which it is handled
        self.counted = True  #: the broker counts it against the prefetch of the consumer there is now
        self.claimed_at: float | None = None
        self._subscription = subscription
        self._settled = False

    @property
    def acknowledged(self) -> bool:
        return self._settled

    def claimed(self) -> None:
        if self.claimed_at is None:
            self.claimed_at = time.monotonic()

    def acknowledge(self) -> None:
        if not self._settled:
            self._settled = True
            self._say(self.message.ack)

    def give_back(self) -> None:
        """Let the broker deliver it again, here or elsewhere (it counts as one of its deliveries)."""
        if not self._settled:
            self._settled = True
            self._say(self.message.requeue)

    def answer(self, body: str | bytes) -> bool:
        """Answer on the connection the call came by, which is known to work, and acknowledge the call with the same write.

        False: it is gone, or failed just now, and the broker has taken the call back.
        """
        properties = self.message.properties

        def say() -> None:
            channel: Any = self.message.channel
            connection = channel.connection
            answer = frames.message(
                channel.channel_id,
                body,
                routing_key=properties["reply_to"],
                frame_max=connection.frame_max,
                content_type="application/json",
                delivery_mode=1,
                correlation_id=properties.get("correlation_id", ""),
            )
            done = frames.acknowledgement(channel.channel_id, self.message.delivery_info["delivery_tag"])
            connection.transport.write(answer + done)
            connection.bytes_sent += 1  # so that no heartbeat is sent for nothing

        self._settled = True
        return self._say(say)

    def done(self) -> None:
        """The handler has ended, however it did."""
        self._subscription.running.discard(self)

    def _say(self, say: Callable[[], object]) -> bool:
        subscription = self._subscription
        if subscription.channel is None or self.message.channel is not subscription.channel:
            return False
        try:
            with subscription.writing:
                say()
        except (*LOST, AttributeError, TypeError) as error:
            log.warning("settle_failed", extra={"queue": subscription.name, "error": type(error).__name__})
            return False
        return True


class Subscription:
    """What one kind of entrypoint wants to receive: the messages of a queue, declared with `needs`, at most `workers` at a time."""

    def __init__(
        self, queue: Queue, *, needs: tuple[Queue, ...] = (), workers: int, handle: Callable[[Delivery], None]
    ) -> None:
        self.name: str = queue.name
        self.workers = workers
        self.handle = handle
        self.channel: Any = None
        self.running: set[Delivery] = set()
        self.spawn: Callable[[Delivery], None] = handle
        self.late: Callable[[], bool] = lambda: False
        #: One greenthread at a time may write to the connection; whoever opens it says which semaphore that is.
        self.writing = Semaphore()
        self._queue = queue
        self._needs = needs
        self._consumer: Consumer | None = None
        self._consuming = False
        self._prefetch = 0

    def open(self, channel: Any, writing: Semaphore) -> None:
        self.channel, self.writing = channel, writing
        for queue in (*self._needs, self._queue):
            queue.declare(channel=channel)
        self._consumer = Consumer(channel, [self._queue], auto_declare=False, on_message=self._on_message)
        self._consuming = False
        self.tune()

    def tune(self) -> None:
        """Let the broker send as many messages as there are handlers free.

        It counts messages, not handlers: those still at work on an acknowledged message, or on one from a connection that
        was cut, must be taken off, or there would be more of them than `workers`.
        """
        wanted = max(0, self.workers - sum(not delivery.counted for delivery in self.running))
        if self._consumer is None or (wanted == self._prefetch and self._consuming):
            return
        self.cancel()
        wanted = max(0, self.workers - len(self.running))
        if wanted:
            with self.writing:
                self._consumer.qos(prefetch_count=wanted)
                self._consumer.consume()
            self._consuming = True
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
                delivery.acknowledge()

    def cancel(self) -> None:
        if self._consuming and self._consumer is not None:
            self._consuming = False
            with self.writing:
                self._consumer.cancel()
        for delivery in self.running:
            delivery.counted = False

    def lost(self) -> None:
        self.channel = None
        self._consumer = None
        self._prefetch = 0
        for delivery in self.running:
            delivery.counted = False

    def _on_message(self, message: Message) -> None:
        late = self.late()
        delivery = Delivery(self, message)
        self.running.add(delivery)
        if late and "expiration" in message.properties:
            eventlet.spawn_after(TURN_SECONDS, self._return, delivery)
        else:
            self.spawn(delivery)

    def _return(self, delivery: Delivery) -> None:
        log.info("call_read_late", extra={"queue": self.name})
        delivery.give_back()
        delivery.done()
