"""Work that goes on when whoever asked for it does not wait to its end, and is there for whoever asks for the same next.

Not for: what is worth remembering once it was fetched (`kept`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from shared.documents.ports import StillMaking

#: Pieces of work that go on at the same time; whoever asks for more waits himself.
MOST: Final = 64
#: Seconds for which what nobody fetched stays; patience is counted from when the work begins, but at most this many times longer altogether.
_STAYS, _LONGER = 300.0, 3.0


class _Going:
    def __init__(self) -> None:
        self.done: Future[bytes] = Future()
        self.began = threading.Event()
        self.since = time.monotonic()


class Ongoing:
    """Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._going: dict[bytes, _Going] = {}

    def result(self, key: bytes, work: Callable[[Callable[[], None]], bytes], *, patience: float | None) -> bytes:
        """What `work` gives, waited for `patience` seconds from when it calls its argument. Raises `StillMaking`, and what `work` raises."""
        if patience is None:
            return work(lambda: None)
        with self._lock:
            one = self._going.get(key)
            if one is None and len(self._going) < MOST:
                one = self._going[key] = _Going()
                threading.Thread(target=self._do, args=(one, work), daemon=True, name="document").start()
        if one is None:
            return work(lambda: None)
        one.began.wait(patience * _LONGER)
        try:
            return one.done.result(patience)
        except TimeoutError:
            raise StillMaking("the document is being made") from None
        finally:
            if one.done.done():
                with self._lock:
                    self._going.pop(key, None)

    @staticmethod
    def _do(one: _Going, work: Callable[[Callable[[], None]], bytes]) -> None:
        try:
            one.done.set_result(work(one.began.set))
        except BaseException as error:  # it is told to whoever asks next
            one.done.set_exception(error)
        finally:
            one.began.set()

    def tidy(self) -> None:
        """Forget what was made and nobody fetched."""
        old = time.monotonic() - _STAYS
        with self._lock:
            self._going = {key: one for key, one in self._going.items() if one.since > old or not one.done.done()}
