"""What a nameko shell holds: a service put together over the store and the runner that the settings name, and their end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from prometheus_client import Gauge

from services import walls, wordfiles
from services.settings import Settings
from services.vaults import sealed
from shared.bus.messages import Job
from shared.runner.pool import ProcessPool
from shared.runner.ports import Runner
from shared.store.clock import StoreClock
from shared.store.open import open_store
from shared.store.ports import Store
from shared.store.probe import Probe
from shared.vault.store import VaultedStore

SKEW = Gauge("parley_clock_skew_seconds", "By how much the machine's clock is ahead of the store's")

#: Sessions that have a process each: of the embedded system, of a service.
_CHILDREN = {False: 24, True: 64}
#: So long a service that starts waits for its processes before it takes calls all the same.
READY_SECONDS = 30.0


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


def ports(settings: Settings, *, ready: bool = False) -> tuple[VaultedStore, ProcessPool]:
    """The store and a pool of children, which starts nothing yet unless it is to be `ready`.

    Raises `StoreUnavailable` if the database does not answer (yet).
    """
    # Whoever may begin must find a process, or it waits for one until it is turned away as busy.
    at_once = max(settings.interview_workers, settings.task_workers * (1 + len(settings.task_queues)))
    store, pool = sealed_store(settings), children(settings, at_once=at_once)
    if ready:
        # Whoever takes calls before it can answer any holds people up for seconds, while another instance would not.
        pool.ready(READY_SECONDS)
    return store, pool


def children(settings: Settings, *, at_once: int) -> ProcessPool:
    """The pool in which author code runs, large enough for `at_once` steps."""
    return ProcessPool(
        roots=settings.packages,
        cache=settings.var / "compiled",
        good=settings.var,
        words=wordfiles.read(settings.words, settings.packages),
        max_children=max(settings.children or _CHILDREN[settings.distributed], at_once),
        # Each of those that begin at once may be of another interview.
        max_templates=max(settings.templates, at_once),
        # An author who saves and clicks at once sees the new version; elsewhere sources hardly ever change.
        check_seconds=0.0 if settings.debug else 0.25,
        last_good=not settings.debug,
        shared=walls.shared(settings),
        rules=walls.rules(settings),
    )
