"""Fresh children in stock: forked and walled in off the request's path, so that a visit begins at once; and what nobody uses goes.

One thread, as long as there are templates. Not for: who gets a child (`crew`).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from shared.runner.handles import Template

#: Seconds in which those that were taken are counted: as many are kept ready, within `LEAST` and `MOST`.
_RECENT = 10.0
LEAST, MOST = 2, 4

#: Seconds after one was taken until the next is forked: the visit that took it comes first.
_PAUSE = 0.02


@dataclass(frozen=True, slots=True)
class Keeper:
    """What the stock asks of its pool."""

    refill: Callable[[], bool]  #: fork one that is missing; False if there is none, or no room
    clean: Callable[[float], bool]  #: end what nobody used since then; False if nothing is left to look after


class Stock:
    def __init__(self, keeper: Keeper, *, idle_seconds: float) -> None:
        self._keeper = keeper
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stop = False
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """See that somebody looks after it."""
        with self._lock:
            if self._thread is None and not self._stop:
                self._thread = threading.Thread(target=self._keep, name="runner-stock", daemon=True)
                self._thread.start()

    def taken(self, template: Template) -> None:
        """One was taken (or a template is new): think of the next. With the pool's lock held."""
        template.taken.append(time.monotonic())
        self._wake.set()

    def look(self) -> None:
        """There is something to do, when the one who brought it has gone on."""
        self._wake.set()
        self.begin()

    @staticmethod
    def wanted(template: Template, *, now: float) -> int:
        """How many fresh children there should be of a template. With the pool's lock held."""
        taken: deque[float] = template.taken
        while taken and taken[0] < now - _RECENT:
            taken.popleft()
        return min(MOST, max(LEAST, len(taken)))

    def close(self) -> None:
        with self._lock:
            self._stop = True
        self._wake.set()

    def _keep(self) -> None:
        clean_at = time.monotonic()
        while not self._stop:
            # An event of its own: nobody who gives a child back should wake this thread.
            if self._wake.wait(self._idle_seconds / 4):
                self._wake.clear()
                time.sleep(_PAUSE)
            while not self._stop and self._keeper.refill():
                pass
            now = time.monotonic()
            if now < clean_at:
                continue
            clean_at = now + self._idle_seconds / 4
            if not self._keeper.clean(now - self._idle_seconds):
                with self._lock:
                    if not self._wake.is_set():
                        self._thread = None
                        return
