"""A job of another package."""

from datetime import UTC, datetime


def get_time():
    return datetime.now(UTC).isoformat(timespec="seconds")
