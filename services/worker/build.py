"""Puts the worker together from settings and ports; the same for the nameko shell and the embedded system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.notices import Notices
from services.runs.build import reports_of
from services.session_host import SessionHost
from services.settings import Settings
from services.worker.mailer import Mailer
from services.worker.tasks import TaskRunner
from shared.bus.messages import Bus, Job
from shared.runner.ports import Limits, Runner
from shared.store.ports import Store
from shared.vault.plain import PLAIN
from shared.vault.ports import Vault
from shared.vault.working import alone

#: What it takes, with ease, to end a child and write a row.
_HAND_BACK_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """`jobs` are handled from the queues of their names; `stopping` is called when the process begins to stop, `close` at its end."""

    jobs: Mapping[str, Callable[[Job], None]]
    stopping: Callable[[], None]
    close: Callable[[], None]


def build(
    settings: Settings,
    *,
    store: Store,
    vault: Vault = PLAIN,
    bus: Bus,
    runner: Runner,
    host: Callable[[str], SessionHost],
    config: Mapping[str, object],
    clock: Callable[[], datetime],
    keeps: bool = False,
) -> Worker:
    """`keeps`: as of `TaskRunner`."""
    tasks = TaskRunner(
        store=store,
        bus=bus,
        runner=runner,
        host=host,
        clock=clock,
        limits=Limits(seconds=settings.background_seconds, memory=settings.memory_bytes),
        config=config,
        reports=reports_of(settings, store, clock=clock),
        keeps=keeps,
    )
    mailer = Mailer(
        store=store,
        vault=vault,
        bus=bus,
        servers=settings.servers,
        clock=clock,
        sender=settings.sender,
        domain=settings.mail_domain,
        folder=settings.var / "mail",
        notices=Notices(store=store, bus=bus, clock=clock, addresses=settings.error_notification_email),
    )
    # Early enough for the rows to be given back before the process, and its database, are gone.
    grace = max(0.0, settings.stop_seconds - _HAND_BACK_SECONDS)
    return Worker(
        jobs={"task": alone(vault, tasks.handle), "send": alone(vault, mailer.handle)},
        stopping=lambda: tasks.stop(grace),
        close=mailer.close,
    )
