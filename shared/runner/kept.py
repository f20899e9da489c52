"""What is worth remembering of sessions, in the clear: bounded by bytes, by number, and by time.

What is sealed where it is kept must not lie open in memory for long, also in a service that nobody asks for anything: one thread of
the process looks after all of it. Not for: what has nobody's answers in it.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from weakref import WeakSet

#: Seconds after its last use in which something is forgotten.
SECONDS = 60.0
#: Seconds between two looks at what is old.
_LOOK = 5.0

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Forgetting:
    """Looks after what grows old, as long as there is something: one thread, whatever it looks after."""

    def __init__(self, sleep: Callable[[float], object] = time.sleep) -> None:
        self._sleep = sleep
        self._all: WeakSet[Kept[Any, Any]] = WeakSet()
        self._lock = threading.Lock()
        self.thread: threading.Thread | None = None

    def look_after(self, kept: Kept[Any, Any]) -> None:
        with self._lock:
            self._all.add(kept)
            if self.thread is None:
                self.thread = threading.Thread(target=self._look, name="forgetting", daemon=True)
                self.thread.start()

    def _look(self) -> None:
        while True:
            self._sleep(_LOOK)
            with self._lock:
                for kept in [kept for kept in self._all if not kept.forget_old()]:
                    self._all.discard(kept)
                if not self._all:
                    self.thread = None
                    return


_OF_THIS_PROCESS = Forgetting()


@dataclass(slots=True)
class _Entry(Generic[V]):
    value: V
    size: int
    used: float


class Kept(Generic[K, V]):
    """`size` gives bytes; `clock` seconds that never go back. Threads may share it."""

    def __init__(
        self,
        size: Callable[[V], int],
        *,
        most_bytes: int,
        most: int = 10_000,
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
        forgetting: Forgetting = _OF_THIS_PROCESS,
    ) -> None:
        self._forgetting = forgetting
        self._size = size
        self._most_bytes = most_bytes
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._bytes = 0
        self._entries: OrderedDict[K, _Entry[V]] = OrderedDict()  #: the one used last is the last
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        with self._lock:
            self._forget_old()
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            entry.used = self._clock()
            return entry.value

    def put(self, key: K, value: V) -> None:
        with self._lock:
            self._forget_old()
            old = self._entries.get(key)
            if old is not None:
                value = self.better(old.value, value)
                self._drop(key)
            size = self._size(value)
            if size > self._most_bytes:
                return
            self._entries[key] = _Entry(value, size, self._clock())
            self._bytes += size
            while self._entries and (len(self._entries) > self._most or self._bytes > self._most_bytes):
                self._drop(next(iter(self._entries)))
        self._forgetting.look_after(self)

    def drop(self, key: K) -> None:
        with self._lock:
            self._drop(key)

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)

    def better(self, old: V, new: V) -> V:
        """Which of two values of one key is kept."""
        return new

    def forget_old(self) -> bool:
        """Forget what nobody used for `seconds`; whether anything is left."""
        with self._lock:
            self._forget_old()
            return bool(self._entries)

    def _drop(self, key: K) -> None:
        gone = self._entries.pop(key, None)
        if gone is not None:
            self._bytes -= gone.size

    def _forget_old(self) -> None:
        before = self._clock() - self._seconds
        while self._entries and self._entries[oldest := next(iter(self._entries))].used < before:
            self._drop(oldest)
