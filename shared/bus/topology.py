"""Queues and exchanges at the broker, as kombu's entities: one place, so that every process declares the same with the same arguments.

Job queues are quorum queues: replicated where there is a cluster, with a limit on deliveries (a message that kills every
consumer ends as a dead letter) and dead-lettering at least once. Calls are kept in memory only and for as long as their
caller waits: nothing of an answer is written to the broker's disk. For that reason they have no dead letters either:
the caller is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kombu import Exchange, Queue

from shared.bus.messages import BadMessage
from shared.bus.queues import WAITS, Policy
from shared.contract.jsonvalue import JsonObject

#: Calls of a service that nobody runs any more: after this many seconds the queue goes, and calls are refused instead of waiting.
CALLS_EXPIRE = 60.0
#: Full is an error for the sender (who has the job in an outbox); without a limit the broker would fill its memory.
MOST_JOBS = 1_000_000


@dataclass(frozen=True, slots=True)
class Topology:
    """What is declared, under names that begin with `prefix`. Nothing here speaks to the broker."""

    prefix: str
    policies: Mapping[str, Policy]

    def policy(self, queue: str) -> Policy:
        """Raises `BadMessage` if there is no such queue."""
        try:
            return self.policies[queue]
        except KeyError:
            raise BadMessage(f"there is no job queue {queue!r}, only {', '.join(sorted(self.policies))}") from None

    @property
    def notifications(self) -> Exchange:
        return Exchange(f"{self.prefix}.notifications", "fanout", durable=True, auto_delete=False)

    def inbox(self) -> Queue:
        """A queue of one listener; the broker gives it a name, and removes it with its connection."""
        return Queue("", self.notifications, durable=False, exclusive=True, auto_delete=True)

    def calls(self, service: str) -> Queue:
        return Queue(self.calls_name(service), durable=True, auto_delete=False, expires=CALLS_EXPIRE)

    def calls_name(self, service: str) -> str:
        return f"{self.prefix}.call.{service}"

    def jobs(self, queue: str) -> Queue:
        """Raises `BadMessage` if there is no such queue."""
        limits = {"x-delivery-limit": self.policy(queue).attempts - 1}
        return _leading_to(self.dead(queue), f"{self.prefix}.job.{queue}", limits, max_length=MOST_JOBS)

    def dead(self, queue: str) -> Queue:
        name = f"{self.prefix}.job.{queue}.dead"
        return Queue(name, durable=True, auto_delete=False, queue_arguments={"x-queue-type": "quorum"})

    def delayed(self, queue: str, seconds: float) -> Queue:
        """Where a job waits `seconds` (one of `WAITS`) before it is on its queue again."""
        name = f"{self.prefix}.job.{queue}.wait.{round(seconds * 1000)}"
        return _leading_to(self.jobs(queue), name, {}, message_ttl=seconds)

    def all(self, services: Iterable[str]) -> list[str]:
        """The names of all queues there may be."""
        queues = [self.calls(service) for service in services]
        for queue in self.policies:
            queues += [self.jobs(queue), self.dead(queue), *(self.delayed(queue, wait) for wait in WAITS)]
        return [queue.name for queue in queues]


def _leading_to(target: Queue, name: str, arguments: JsonObject, **options: object) -> Queue:
    """A quorum queue whose dead letters the broker moves to `target`, confirming it to itself: that needs the overflow to be a refusal."""
    leads = {
        "x-queue-type": "quorum",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": target.name,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    return Queue(name, durable=True, auto_delete=False, queue_arguments=arguments | leads, **options)
