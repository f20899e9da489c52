"""What a nameko shell holds: a service put together over the store and the runner that the settings name, and their end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from prometheus_client import Gauge

from services.settings import Settings
from services.vaults import sealed
from shared.bus.messages import Job
from shared.runner.ports import Runner
from shared.store.clock import StoreClock
from shared.store.open import open_store
from shared.store.ports import Store
from shared.store.probe import Probe
from shared.vault.store import VaultedStore

SKEW = Gauge("parley_clock_skew_seconds", "By how much the machine's clock is ahead of the store's")


def utc_now() -> datetime:
    """By this machine's clock, which may be wrong: services judge leases, ages and periods by `clock_of` their store."""
    return datetime.now(UTC)


def clock_of(store: Store) -> StoreClock:
    """The time by which all services over `store` go."""
    # Looked up when it is called: a test of wrong clocks puts another in its place.
    return StoreClock(store, machine=lambda: utc_now(), report=SKEW.set)


def sealed_store(settings: Settings) -> VaultedStore:
    """The store that the settings name, behind its vault. Raises `StoreUnavailable` if the database does not answer (yet)."""
    inner = open_store(settings.database)
    return sealed(settings, inner, clock=clock_of(inner))


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """`methods` answer calls, `jobs` handle queues, both by name; `close` ends the children and leaves the database."""

    store: Store
    runner: Runner
    methods: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    jobs: Mapping[str, Callable[[Job], None]] = field(default_factory=dict)
    #: Calls to other names that the same process answers, with workers of their own.
    services: Mapping[str, Mapping[str, Callable[..., Any]]] = field(default_factory=dict)
    stopping: Callable[[], None] = lambda: (
        None
    )  #: called when the process begins to stop, while what runs still may end
    watched: Mapping[str, Callable[[], str | None]] = field(default_factory=dict)  #: what ``/healthz`` asks
    walls: Mapping[str, bool] = field(default_factory=dict)  #: around author code, and whether they are up

    ends: tuple[Callable[[], None], ...] = ()  #: what else is to be ended

    def close(self) -> None:
        for end in self.ends:
            end()
        self.runner.close()
        self.store.close()


def watched(store: Store) -> Mapping[str, Callable[[], str | None]]:
    """What ``/healthz`` of a service over `store` asks."""
    return {"store": Probe(store)}
