"""Which session of an interview a browser went on with last, as this process has seen it: a guess, which the interview service checks.

With it a page that names no session takes one call instead of two. Nothing depends on it: other gateways, and a new one, ask.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

_MOST = 10_000


class Guesses:
    def __init__(self, *, most: int = _MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._seen: OrderedDict[tuple[str, str], str] = OrderedDict()

    def note(self, browsers: Sequence[str], interview: str, session: str) -> None:
        """The browser (the first of its ids counts) has just been in `session`."""
        if not browsers:
            return
        key = (browsers[0], interview)
        with self._lock:
            self._seen[key] = session
            self._seen.move_to_end(key)
            while len(self._seen) > self._most:
                self._seen.popitem(last=False)

    def of(self, browsers: Sequence[str], interview: str) -> str | None:
        return self._seen.get((browsers[0], interview)) if browsers else None
