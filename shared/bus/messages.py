"""What travels: three kinds of message, all JSON, each with an id.

*Calls* (RPC, answered): to ``interview``, and of the clock to ``ticks``. *Jobs* (a durable queue, each handled by one consumer, at least once):
``task`` and ``send`` to workers, ``mail`` to interview. *Notifications* (to every gateway, lost if nobody listens).
Bodies hold JSON types; bytes travel as base64 text. Keys, answers and addresses are never logged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol, TypeVar, overload

from shared.contract import errors
from shared.contract.errors import CallFailed as CallFailed

T = TypeVar("T")


def _empty() -> Mapping[str, object]:
    return MappingProxyType({})


def _nothing() -> None:
    """What `Job.claimed` does where the bus has nothing to settle early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One message on a job queue. `queue` is ``task`` (or ``task.NAME``), ``mail`` or ``send``; handling it twice must do no harm.

    A handler whose work is held durably elsewhere (a lease on the task's row) says so with `claimed()`: the bus may
    then acknowledge before the handler ends, so that the broker's limit on unacknowledged messages (RabbitMQ: 30
    minutes) never gives a long job to a second worker. What fails after that is the claimant's to notice.
    """

    queue: str
    id: str
    body: Mapping[str, object] = field(default_factory=_empty)
    attempt: int = 1
    #: Seconds since it was sent, by the clocks of who sent it and who has it now; None if that is not known. No part of the message.
    waited: float | None = field(default=None, compare=False, repr=False)
    claimed: Callable[[], None] = field(default=_nothing, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """Something open pages of `session` should hear now: SSE event `event` with JSON `data`."""

    session: str
    event: str
    data: Mapping[str, object] = field(default_factory=_empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadJob:
    """A job whose attempts are used up. `error` is the kind of the last error, not its text (answers)."""

    job: Job
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """How many jobs of a queue are ready to be handled, wait for another attempt, and are dead; whether anybody handles them now."""

    ready: int
    delayed: int
    dead: int
    served: bool = True


class BusError(Exception):
    """Base of this package's own errors. What a call ends with: `shared.contract.errors`."""


class BadMessage(BusError, errors.BadRecord):
    """What should travel is not JSON, or names a queue that does not exist. Nothing was sent."""

    kind = "BadMessage"


class BusUnavailable(BusError, errors.BusUnavailable):
    """The broker cannot be reached or did not confirm: the message may not have been sent."""


class CallTimeout(BusError, errors.CallTimeout):
    """No reply in time. The call may have taken effect; calls carry a request id so that asking again is safe."""


class Retry(Exception):
    """Raised by a job handler: try again after `seconds`, until the attempts are used up (then it is a dead letter)."""

    def __init__(self, seconds: float, why: str) -> None:
        super().__init__(why)
        self.seconds = seconds


class Bus(Protocol):
    """How a service talks to the others."""

    @overload
    def call(self, service: str, method: str, /, *, timeout: float = 40.0, returns: type[T], **arguments: object) -> T:
        """Call a method of a service, return its JSON result as a `returns` (a type of `shared.contract`; without it, JSON types).

        Raises `CallFailed`, which `CallTimeout` and `BusUnavailable` are, too.

        After `timeout` seconds the caller has gone: a call that nobody began by then is not run any more, and one read late by
        a process that stood still is not either. Until then it is asked again when a connection fails or falls silent, and
        run again by another instance when one dies or falls silent, at most about 3 s after that. So it may run twice: what
        changes something carries a request id.
        """
        ...

    @overload
    def call(self, service: str, method: str, /, *, timeout: float = 40.0, **arguments: object) -> object: ...

    def send(self, job: Job) -> None:
        """Put a job on its queue; returns when the broker has confirmed and routed it."""
        ...

    def notify(self, notification: Notification) -> None:
        """Tell all gateways. Never raises: open pages also check in."""
        ...

    def listen(self, receive: Callable[[Notification], None]) -> Callable[[], None]:
        """Receive all notifications in a thread of its own, reconnecting as needed; returns a function that stops it."""
        ...

    def close(self) -> None: ...


class BusAdmin(Protocol):
    """What an operator wants to know and do; both buses have it."""

    def queues(self, *, brief: bool = False) -> dict[str, QueueState]:
        """The state of every job queue by name; if `brief`, nobody looks for jobs that are delayed or dead. Raises `BusUnavailable`."""
        ...

    def dead(self, queue: str, *, limit: int = 100) -> list[DeadJob]:
        """The oldest dead letters of a queue; they stay where they are."""
        ...

    def revive(self, queue: str, *, limit: int = 1000) -> int:
        """Put dead letters back on their queue as first attempts; returns how many."""
        ...


class BusServer(Protocol):
    """Where services register their handlers in the embedded system. (Over RabbitMQ: `shared.bus.entrypoints`.)"""

    def serve(self, service: str, methods: Mapping[str, Callable[..., object]], *, workers: int = 8) -> None:
        """Answer calls to `service` with these methods, at most `workers` at a time."""
        ...

    def consume(self, queue: str, handle: Callable[[Job], None], *, workers: int = 1) -> None:
        """Hand each job of `queue` to `handle`, at most `workers` at a time.

        Returning settles the job. `Retry` or any other exception brings it back later, until its attempts are used up.
        """
        ...
