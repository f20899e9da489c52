"""A request that does not arrive: its body must be there in time, however slowly it trickles in (408 otherwise).

The time for its head, and for a reader of the answer who does not read, is the server's (services/gateway/service.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import IO, Any, TypeVar, cast

import gevent
from werkzeug.exceptions import RequestTimeout

T = TypeVar("T")


class _Body:
    """``wsgi.input`` until `end` (by `time.monotonic`). Raises `RequestTimeout` when it is asked after that."""

    def __init__(self, source: IO[bytes], end: float) -> None:
        self._source = source
        self._end = end

    def _in_time(self, read: Callable[[int], T], size: int) -> T:
        # A timer, not a look at the clock: one read goes on for as long as a byte comes now and then.
        with gevent.Timeout(max(0.0, self._end - time.monotonic()), RequestTimeout):
            return read(size)

    def read(self, size: int = -1) -> bytes:
        return self._in_time(self._source.read, size)

    def readline(self, size: int = -1) -> bytes:
        return self._in_time(self._source.readline, size)

    def readlines(self, hint: int = -1) -> list[bytes]:
        return self._in_time(self._source.readlines, hint)

    def __iter__(self) -> _Body:
        return self

    def __next__(self) -> bytes:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)


class Arriving:
    def __init__(self, app: Callable[..., Iterable[bytes]], *, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ.get("wsgi.input")
        if body is not None:
            environ["wsgi.input"] = _Body(cast("IO[bytes]", body), time.monotonic() + self._seconds)
        return self._app(environ, start_response)
