"""Handlers of jobs, each run as a piece of work of its own (`ports.Keyring.work`)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from shared.vault.ports import Keyring

T = TypeVar("T")


def alone(keys: Keyring, handle: Callable[[T], None]) -> Callable[[T], None]:
    """`handle`, which begins with no session's key and leaves none behind."""

    @wraps(handle)
    def handled(job: T) -> None:
        with keys.work():
            handle(job)

    return handled
