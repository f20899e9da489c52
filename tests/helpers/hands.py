"""A clock that a test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Hands:
    """The time in the test's hands: noon of a January day until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 1, 15, 12, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """By so many `days`, `hours`, `minutes`, `seconds`."""
        self.now += timedelta(**by)
