"""What a nameko shell holds: a service put together over the store and the runner that the settings name, and their end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from services.settings import Settings
from shared.bus.messages import Job
from shared.runner.isolation import Rules
from shared.runner.pool import ProcessPool
from shared.runner.ports import Runner
from shared.store.open import open_store
from shared.store.ports import Store


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """`methods` answer calls, `jobs` handle queues, both by name; `close` ends the children and leaves the database."""

    store: Store
    runner: Runner
    methods: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    jobs: Mapping[str, Callable[[Job], None]] = field(default_factory=dict)

    def close(self) -> None:
        self.runner.close()
        self.store.close()


def ports(settings: Settings) -> tuple[Store, Runner]:
    """The store and a pool of children. Raises `StoreUnavailable` if the database does not answer (yet)."""
    # Whoever may begin must find a process, or it waits for one until it is turned away as busy.
    at_once = max(settings.interview_workers, settings.task_workers)
    return open_store(settings.database), children(settings, at_once=at_once)


def children(settings: Settings, *, at_once: int) -> ProcessPool:
    """The pool in which author code runs, large enough for `at_once` steps of one interview."""
    return ProcessPool(
        roots=settings.packages,
        max_children=max(32, at_once),
        per_interview=max(8, at_once),
        # An author who saves and clicks at once sees the new version; elsewhere sources hardly ever change.
        check_seconds=0.0 if settings.debug else 0.25,
        rules=Rules(network=settings.author_network),
    )
