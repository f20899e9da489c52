"""What travels: three kinds of message, all JSON, each with an id.

*Calls* (RPC, answered): to ``interview``. *Jobs* (a durable queue, each handled by one consumer, at least once):
``task`` to workers, ``tick`` and ``mail`` to interview. *News* (to every gateway, lost if nobody listens): ``news``.
Bodies hold JSON types; bytes travel as base64 text. Keys, answers and addresses are never logged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One message on a job queue. `queue` is ``task``, ``tick`` or ``mail``; handling it twice must do no harm."""

    queue: str
    id: str
    body: Mapping[str, Any] = field(default_factory=_empty)
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something open pages of `session` should hear now: SSE event `event` with JSON `data`."""

    session: str
    event: str
    data: Mapping[str, Any] = field(default_factory=_empty)


class BusError(Exception):
    """Base of this package's errors."""


class BusUnavailable(BusError):
    """The broker cannot be reached or did not confirm: the message may not have been sent."""


class CallTimeout(BusError):
    """No reply in time. The call may have taken effect; calls carry a request id so that asking again is safe."""


class CallFailed(BusError):
    """The other side refused or failed. `kind` is the short name of the error, `data` what it wants known (plain)."""

    def __init__(self, kind: str, message: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.data = dict(data or {})


class Retry(Exception):
    """Raised by a job handler: try again after `seconds` (a back-off queue), until the attempts are used up (then dead letters)."""

    def __init__(self, seconds: float, why: str) -> None:
        super().__init__(why)
        self.seconds = seconds


class Bus(Protocol):
    """How a service talks to the others."""

    def call(self, service: str, method: str, /, *, timeout: float = 40.0, **arguments: Any) -> Any:
        """Call a method of a service and return its JSON result. Raises `CallFailed`, `CallTimeout`, `BusUnavailable`."""
        ...

    def send(self, job: Job) -> None:
        """Put a job on its queue; returns when the broker has confirmed and routed it."""
        ...

    def tell(self, news: News) -> None:
        """Tell all gateways. Never raises: open pages also check in."""
        ...

    def listen(self, receive: Callable[[News], None]) -> Callable[[], None]:
        """Receive all news in a thread (or greenlet) of its own, reconnecting as needed; returns a function that stops it."""
        ...

    def close(self) -> None: ...
