"""What the bus uses of kombu, py-amqp, nameko and eventlet, which say no types of their own, as protocols. Not for: anything that runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Protocol

#: As ``sys.exc_info()`` has it, or None: how a worker of nameko ended.
ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | None


class Message(Protocol):
    """A message that came. Properties and headers hold what its sender put there."""

    body: str  #: ours are text, and leave the client decoded
    properties: Mapping[str, Any]
    headers: Mapping[str, Any] | None
    delivery_info: Mapping[str, Any]
    channel: object

    def ack(self) -> None: ...

    def requeue(self) -> None: ...


class Thread(Protocol):
    """A greenthread."""

    dead: bool

    def wait(self) -> object: ...

    def kill(self) -> object: ...

    def link(self, ended: Callable[..., None], *arguments: object) -> object: ...
