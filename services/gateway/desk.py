"""The calls of docs/architecture.md, as the gateway makes them: every one off the event loop, none with engine types."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import gevent
import gevent.monkey

from services.gateway.options import Options
from shared.bus.messages import Bus

#: Calls at once from a process whose threads gevent has not patched; the interview service has fewer children than this.
CALLS_AT_ONCE = 32


def new_request_id() -> str:
    return uuid.uuid4().hex


class InterviewDesk:
    """`bus.call` to the interview service. Raises what the bus raises (`CallFailed`, `CallTimeout`, `BusUnavailable`)."""

    def __init__(self, bus: Bus, options: Options) -> None:
        self._bus = bus
        self._options = options

    def call(self, method: str, **arguments: Any) -> Any:
        def go() -> Any:
            return self._bus.call("interview", method, timeout=self._options.call_seconds, **arguments)

        return off_the_loop(go)


def off_the_loop(go: Callable[[], Any]) -> Any:
    """`go()`, without stopping other requests and event streams of this process while it waits."""
    if gevent.monkey.is_module_patched("threading"):
        return go()
    pool = gevent.get_hub().threadpool
    if pool.maxsize < CALLS_AT_ONCE:
        pool.maxsize = CALLS_AT_ONCE
    result, error = pool.apply(_outcome, (go,))
    if error is not None:
        raise error
    return result


def _outcome(go: Callable[[], Any]) -> tuple[Any, Exception | None]:
    """What `go` returned or raised: gevent prints exceptions that leave a pool's thread, and ours are answers."""
    try:
        return go(), None
    except Exception as error:
        return None, error
