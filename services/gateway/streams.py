"""Open event streams: what the bus tells about a session reaches every open page of it.

One greenlet per stream, woken only by news or a heartbeat. The news arrive in a thread of the bus; they cross into
the event loop through a thread-safe callback. Missed news are not lost: a page that reconnects gets what its
Last-Event-ID has not seen if this process still has it, else the word to check in at once (`resync`).
"""

from __future__ import annotations

import json
import resource
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

import gevent
from gevent.queue import Empty, Queue

from shared.bus.messages import Notification

#: Notification kept for pages that reconnect: the newest of a session, for the sessions that had news last.
KEPT_NEWS = 32
KEPT_SESSIONS = 2000
#: All of them together: about what 2,000 sessions with the usual short ones take.
KEPT_BYTES = 8 * 1024 * 1024
#: Notification waiting for one slow reader; then it is told to resync instead.
WAITING = 64
#: Sent when there is nothing to say. Not a comment: a page's script hears it, and notices when it stays away.
ALIVE = "event: alive\ndata: {}\n\n"


class TooManyStreams(Exception):
    """This process has as many open streams as it may."""


class _Loop(Protocol):
    """What is used of gevent's event loop."""

    def run_callback_threadsafe(self, func: Callable[[], None]) -> object: ...


@dataclass(slots=True)
class _Stream:
    client: str
    loop: _Loop
    queue: Queue[str | None] = field(default_factory=lambda: Queue(WAITING))


def allow_open_files(wanted: int) -> None:
    """Raise this process's soft limit of open files towards `wanted`: each stream is one, and the usual limit is 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    best = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < best:
        resource.setrlimit(resource.RLIMIT_NOFILE, (best, hard))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


class EventText:
    """What a server sends piece by piece. `close` gives the place back, also if nobody ever asked for the first piece."""

    def __init__(self, pieces: Iterator[str], closed: Callable[[], None]) -> None:
        self._pieces = pieces
        self._closed = closed

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            return next(self._pieces)
        except BaseException:
            self._closed()
            raise

    def close(self) -> None:
        self._closed()


class Streams:
    def __init__(self, *, heartbeat: float, limit: int, kept_bytes: int = KEPT_BYTES) -> None:
        self._heartbeat = heartbeat
        self._limit = limit
        self._kept_bytes = kept_bytes
        self._lock = Lock()
        self._open: dict[str, list[_Stream]] = {}
        self._count = 0
        self._kept: OrderedDict[str, deque[tuple[int, str]]] = OrderedDict()
        self._size = 0  #: bytes of all that is kept
        self._number = 0
        self._forgotten = 0  #: of news up to this number some are not kept any more
        #: Distinguishes this process's numbers from another's in Last-Event-ID.
        self._epoch = secrets.token_hex(4)

    @property
    def count(self) -> int:
        return self._count

    @property
    def position(self) -> str:
        """The id of the last news: a page that is being made now has heard everything up to here."""
        return f"{self._epoch}-{self._number}"

    def receive(self, notification: Notification) -> None:
        """From the bus's thread: pass `news` to the pages of its session. Never blocks."""
        with self._lock:
            self._number += 1
            text = self._event(notification.event, dict(notification.data), self._number)
            self._keep(notification.session, self._number, text)
            streams = list(self._open.get(notification.session, ()))
        for stream in streams:
            self._push(stream, text)
            if notification.event == "closed":
                self._push(stream, None)

    def cut(self, *, client: str) -> None:
        """End the streams of a browser that has logged out."""
        with self._lock:
            streams = [one for group in self._open.values() for one in group if one.client == client]
        for stream in streams:
            self._push(stream, None)

    def cut_all(self) -> None:
        """The process stops: pages reconnect to another."""
        with self._lock:
            streams = [one for group in self._open.values() for one in group]
        for stream in streams:
            self._push(stream, None)

    def open(self, session: str, *, client: str, last_id: str | None) -> EventText:
        """The text of an event stream, to be closed by whoever got it. Raises `TooManyStreams` at once, not while it runs."""
        stream = _Stream(client=client, loop=gevent.get_hub().loop)
        with self._lock:
            if self._count >= self._limit:
                raise TooManyStreams(f"{self._limit} event streams are open here")
            self._count += 1
            self._open.setdefault(session, []).append(stream)
            first = self._missed(session, last_id)
        return EventText(self._run(stream, first), lambda: self._closed(session, stream))

    def _run(self, stream: _Stream, first: list[str]) -> Iterator[str]:
        yield "retry: 3000\n\n"
        yield from first
        while True:
            try:
                text = stream.queue.get(timeout=self._heartbeat)
            except Empty:
                text = ALIVE
            if text is None:
                yield "event: end\ndata: {}\n\n"
                return
            yield text

    def _closed(self, session: str, stream: _Stream) -> None:
        with self._lock:
            group = self._open.get(session, [])
            if not any(one is stream for one in group):
                return
            self._count -= 1
            self._open[session] = [one for one in group if one is not stream]
            if not self._open[session]:
                del self._open[session]

    @staticmethod
    def _push(stream: _Stream, text: str | None) -> None:
        def put() -> None:
            if not stream.queue.full():
                stream.queue.put_nowait(text)
            elif text is None:
                stream.queue.get_nowait()
                stream.queue.put_nowait(None)

        stream.loop.run_callback_threadsafe(put)

    def _event(self, event: str, data: dict[str, object], number: int) -> str:
        return f"id: {self._epoch}-{number}\nevent: {event}\ndata: {json.dumps(data)}\n\n"

    def _keep(self, session: str, number: int, text: str) -> None:
        kept = self._kept.setdefault(session, deque())
        kept.append((number, text))
        self._size += len(text)  # of JSON in ASCII
        self._kept.move_to_end(session)
        if len(kept) > KEPT_NEWS:
            self._forget(kept)
        while len(self._kept) > KEPT_SESSIONS or self._size > self._kept_bytes:
            longest_silent, kept = next(iter(self._kept.items()))
            self._forget(kept)
            if not kept:
                del self._kept[longest_silent]

    def _forget(self, kept: deque[tuple[int, str]]) -> None:
        """The oldest of one session's."""
        number, text = kept.popleft()
        self._size -= len(text)
        self._forgotten = max(self._forgotten, number)

    def _missed(self, session: str, last_id: str | None) -> list[str]:
        """What a page that heard `last_id` last has not heard; `resync` if that is not known here."""
        if not last_id:
            return []
        epoch, _, number = last_id.partition("-")
        if epoch != self._epoch or not _is_number(number) or int(number) < self._forgotten:
            return [f"id: {self._epoch}-{self._number}\nevent: resync\ndata: {{}}\n\n"]
        return [text for kept, text in self._kept.get(session, ()) if kept > int(number)]
