"""What an operator asks the broker about job queues, and does with dead letters. `BusAdmin` of the bus over RabbitMQ."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from kombu import Connection, Queue

from shared.bus import wire
from shared.bus.brokertypes import Message
from shared.bus.connections import REFUSED
from shared.bus.covers import Cover
from shared.bus.messages import BadMessage, DeadJob, Job, QueueState
from shared.bus.publishing import ConfirmedProducer
from shared.bus.queues import WAITS
from shared.bus.topology import Topology

#: How often dead letters are asked for where there are none, and seconds between.
_LOOKS, _MOMENT = 10, 0.05
#: RabbitMQ 4 throws a message away that was taken and put back more than 20 times, unless its queue says otherwise when it is
#: first declared. One that has been looked at so often is sent to the end of its queue again, where the broker counts anew.
_RENEWED_AFTER = 8


def states(connection: Connection, topology: Topology, *, brief: bool) -> dict[str, QueueState]:
    """A question for each queue; unless it is to be `brief`, as many more as there are delays, and three for each that nobody declared yet."""
    channels: list[Any] = []  # one for all: opening and closing it are three questions more

    def ask(queue: Queue) -> tuple[int, int]:
        """Its messages and its consumers."""
        if not channels:
            channels.append(connection.channel())
        try:
            found = queue.queue_declare(passive=True, channel=channels[0])
        except REFUSED:  # not declared yet; the broker closes the channel for asking
            channels.clear()
            return 0, 0
        return found.message_count, found.consumer_count

    def state(name: str) -> QueueState:
        ready, consumers = ask(topology.jobs(name))
        if brief:
            return QueueState(ready=ready, delayed=0, dead=0, served=consumers > 0)
        return QueueState(
            ready=ready,
            delayed=sum(ask(topology.delayed(name, wait))[0] for wait in WAITS),
            dead=ask(topology.dead(name))[0],
            served=consumers > 0,
        )

    found = {name: state(name) for name in topology.policies}
    for channel in channels:
        channel.close()
    return found


def dead_letters(
    producer: ConfirmedProducer, topology: Topology, queue: str, *, limit: int, cover: Cover
) -> list[DeadJob]:
    """The oldest; they stay where they are, however often somebody looks."""
    with producer.connection.channel() as channel:
        dead = topology.dead(queue)(channel)
        dead.declare()
        found: list[Message] = []
        while len(found) < limit and (message := dead.get()) is not None:
            found.append(message)
        for message in found:
            if int((message.headers or {}).get("x-delivery-count", 0)) < _RENEWED_AFTER:
                message.requeue()
            else:
                _renewed(producer, topology.dead(queue), message, _letter(queue, message, cover))
        dead.declare()  # once that is answered they are back where they were: whoever revives them next finds them all
    return [_letter(queue, message, cover) for message in found]


def _renewed(producer: ConfirmedProducer, dead: Queue, message: Message, letter: DeadJob) -> None:
    headers = {"attempt": letter.job.attempt, "error": letter.error}
    producer.put(dead, message.body, needs=[dead], message_id=letter.job.id, headers=headers)
    message.ack()


def revive(producer: ConfirmedProducer, topology: Topology, queue: str, *, limit: int, cover: Cover) -> int:
    """Put dead letters back on their queue as first attempts; returns how many.

    One that somebody has just looked at may not be back yet: where there is none, it is asked for again in a moment.
    """
    jobs = topology.jobs(queue)
    done: set[str] = set()
    again: list[Message] = []
    looks = 0
    with producer.connection.channel() as channel:
        dead = topology.dead(queue)(channel)
        dead.declare()
        while len(done) < limit and looks < _LOOKS:
            message = dead.get()
            if message is None:
                looks += 1
                time.sleep(_MOMENT)
                continue
            job = _letter(queue, message, cover).job
            if job.id in done:  # it has died again meanwhile: it waits until all others have been found
                again.append(message)
                continue
            producer.put(jobs, message.body, needs=[jobs], message_id=job.id, headers={"attempt": 1})
            message.ack()
            done.add(job.id)
            looks = 0
        for message in again:
            message.requeue()
        dead.declare()  # they are back where they were
    return len(done)


def remove(connection: Connection, topology: Topology, services: Iterable[str]) -> None:
    """Delete every queue and exchange of an installation, and what is in them."""
    with connection.channel() as channel:
        for name in topology.all(services):
            channel.queue_delete(name)  # no error if there is none
        channel.exchange_delete(topology.notifications.name)


def _letter(queue: str, message: Message, cover: Cover) -> DeadJob:
    headers = message.headers or {}
    job_id = message.properties.get("message_id", "")
    try:
        body = wire.decode(cover.open(message.body, "job", queue, job_id), "a dead letter")
    except BadMessage:
        body = None  # that is why it is one
    job = Job(
        queue=queue,
        id=job_id,
        body=body if isinstance(body, dict) else {},
        attempt=int(headers.get("attempt", 1)),
    )
    # Without a word from us it was the broker: too many consumers died of it.
    return DeadJob(job=job, error=str(headers.get("error") or headers.get("x-first-death-reason") or "unknown"))
