"""Waiting for something to become true, without a fixed sleep."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def eventually(look: Callable[[], Value], *, seconds: float = 20.0) -> Value:
    """The first true value of `look()`; fails if there is none in `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = look()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s; the last look gave {value!r}")
        time.sleep(0.01)


class Progress:
    """Waiting as long as something goes on: a number rises at least once in `seconds`, however long all of it takes."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._most: float = -1
        self._since = time.monotonic()

    def note(self, number: float) -> None:
        """Fails if `number` and those before it have not risen for too long."""
        now = time.monotonic()
        if number > self._most:
            self._most, self._since = number, now
        elif now - self._since > self._seconds:
            raise AssertionError(f"nothing has gone on for {self._seconds:g} s; it stands at {self._most:g}")

    def until(self, look: Callable[[], float], *, at_least: float) -> None:
        """Until `look()` gives `at_least`."""
        self._since = time.monotonic()
        while (number := look()) < at_least:
            self.note(number)
            time.sleep(0.05)
