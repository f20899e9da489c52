"""The inner time limit of a step: an exception in author code shortly before the process is killed, so that its place can be told.

It is a courtesy, not the limit: author code may catch it, ignore the signal or sit in C code. The limit is the parent's.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Seconds between two rings: author code that swallows one gets the next.
_AGAIN = 0.1

#: Seconds (at most, and as part of the limit) before the end at which it rings first.
_EARLY, _EARLY_PART = 1.0, 0.2


class Rang(BaseException):
    """The time is up. Not an Exception: an author's ``except Exception`` must not swallow it."""


@contextmanager
def after(seconds: float, *, unless: Callable[[], bool]) -> Iterator[None]:
    """Raise `Rang` in this block shortly before `seconds` are over, again and again, but not while `unless` is true."""

    def ring(number: int, frame: object) -> None:
        if not unless():
            raise Rang(f"the interview's code ran longer than the {seconds:g} seconds allowed and was stopped")

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds - min(_EARLY, seconds * _EARLY_PART), _AGAIN)
    try:
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except Rang:
        # It may have rung in the very line that was to stop it; the next one comes only after a while.
        signal.setitimer(signal.ITIMER_REAL, 0)
        raise
