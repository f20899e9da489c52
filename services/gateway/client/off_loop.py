"""Waiting for the bus without stopping other requests and event streams of this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import gevent
import gevent.monkey

T = TypeVar("T")

#: Calls at once from a process whose threads gevent has not patched; the interview service has fewer children than this.
CALLS_AT_ONCE = 32


def off_the_loop(go: Callable[[], T]) -> T:
    """`go()`, in a thread if it would block the event loop."""
    if gevent.monkey.is_module_patched("threading"):
        return go()
    pool = gevent.get_hub().threadpool
    if pool.maxsize < CALLS_AT_ONCE:
        pool.maxsize = CALLS_AT_ONCE
    result, error = pool.apply(_outcome, (go,))
    if error is not None:
        raise error
    made: T = result
    return made


def _outcome(go: Callable[[], object]) -> tuple[Any, Exception | None]:
    """What `go` returned or raised: gevent prints exceptions that leave a pool's thread, and ours are answers."""
    try:
        return go(), None
    except Exception as error:
        return None, error
