"""Puts the worker together from settings and ports; the same for the nameko shell and the embedded system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from services.settings import Settings
from services.worker.mails import Mailer, Transport, folder_transport, smtp_transport
from services.worker.tasks import TaskRunner
from shared.bus.messages import Bus, Job
from shared.runner.ports import Limits, Outside, Runner
from shared.store.ports import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """`jobs` are handled from the queues of their names."""

    jobs: Mapping[str, Callable[[Job], None]]


def build(
    settings: Settings,
    *,
    store: Store,
    bus: Bus,
    runner: Runner,
    outside: Callable[[str], Outside],
    config: Mapping[str, Any],
    clock: Callable[[], datetime],
) -> Worker:
    tasks = TaskRunner(
        store=store,
        bus=bus,
        runner=runner,
        outside=outside,
        clock=clock,
        limits=Limits(seconds=settings.background_seconds, memory=settings.memory_bytes),
        config=config,
    )
    mailer = Mailer(
        store=store,
        transport=transport(settings),
        clock=clock,
        sender=settings.mail_sender,
        domain=settings.smtp_domain,
    )
    return Worker(jobs={"task": tasks.handle, "send": mailer.handle})


def transport(settings: Settings) -> Transport:
    """The outgoing server, or without one the folder ``mail`` in `var`."""
    if settings.outgoing_smtp is None:
        return folder_transport(settings.var / "mail")
    parts = urlsplit(settings.outgoing_smtp)
    return smtp_transport(
        host=parts.hostname or "localhost",
        port=parts.port or (465 if parts.scheme == "smtps" else 25),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        implicit_tls=parts.scheme == "smtps",
    )
