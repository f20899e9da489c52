"""Names and declarations at the broker: one place, so that every process declares the same with the same arguments.

Job queues are quorum queues: replicated where there is a cluster, with a limit on deliveries (a message that kills every
consumer ends as a dead letter) and dead-lettering at least once. Calls are kept in memory only and for as long as their
caller waits: nothing of an answer is written to the broker's disk. For that reason they have no dead letters either:
the caller is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.bus.messages import BadMessage
from shared.bus.queues import WAITS, Policy

#: Calls of a service that nobody runs any more: after this the queue goes, and calls are refused instead of waiting.
CALLS_EXPIRE = 60_000  # ms
#: Full is an error for the sender (who has the job in an outbox); without a limit the broker would fill its memory.
MOST_JOBS = 1_000_000


@dataclass(frozen=True, slots=True)
class Topology:
    """What is declared, under names that begin with `prefix`. `channel` is a channel of `amqp` throughout."""

    prefix: str
    policies: Mapping[str, Policy]

    def policy(self, queue: str) -> Policy:
        """Raises `BadMessage` if there is no such queue."""
        try:
            return self.policies[queue]
        except KeyError:
            raise BadMessage(f"there is no job queue {queue!r}, only {', '.join(sorted(self.policies))}") from None

    @property
    def news(self) -> str:
        return f"{self.prefix}.news"

    def calls(self, service: str) -> str:
        return f"{self.prefix}.call.{service}"

    def jobs(self, queue: str) -> str:
        return f"{self.prefix}.job.{queue}"

    def dead(self, queue: str) -> str:
        return f"{self.jobs(queue)}.dead"

    def delayed(self, queue: str, seconds: float) -> str:
        return f"{self.jobs(queue)}.wait.{round(seconds * 1000)}"

    def all(self, services: Iterable[str]) -> list[str]:
        """The names of all queues there may be."""
        names = [self.calls(service) for service in services]
        for queue in self.policies:
            names += [self.jobs(queue), self.dead(queue), *(self.delayed(queue, wait) for wait in WAITS)]
        return names

    def declare_news(self, channel: Any) -> None:
        channel.exchange_declare(self.news, "fanout", durable=True, auto_delete=False)

    def declare_calls(self, channel: Any, service: str) -> None:
        self._queue(channel, self.calls(service), {"x-expires": CALLS_EXPIRE})

    def declare_jobs(self, channel: Any, queue: str) -> None:
        policy = self.policy(queue)
        self._queue(channel, self.dead(queue), {"x-queue-type": "quorum"})
        arguments = {"x-delivery-limit": policy.attempts - 1, "x-max-length": MOST_JOBS}
        self._queue(channel, self.jobs(queue), arguments | _leads_to(self.dead(queue)))

    def declare_delayed(self, channel: Any, queue: str, seconds: float) -> None:
        arguments = {"x-message-ttl": round(seconds * 1000)}
        self._queue(channel, self.delayed(queue, seconds), arguments | _leads_to(self.jobs(queue)))

    def _queue(self, channel: Any, name: str, arguments: dict[str, Any]) -> None:
        channel.queue_declare(name, durable=True, auto_delete=False, arguments=arguments)


def _leads_to(queue: str) -> dict[str, Any]:
    """Dead-lettering that the broker confirms to itself; it needs the overflow to be a refusal."""
    return {
        "x-queue-type": "quorum",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": queue,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
