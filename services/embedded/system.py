"""The five services as objects of one process: made, started and stopped in the right order."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from services.authorconfig import author_config
from services.interview.build import build as build_interview
from services.outside import SessionOutside
from services.settings import Settings
from services.worker.build import build as build_worker
from shared.bus.inprocess import InProcessBus
from shared.runner.pool import ProcessPool
from shared.runner.ports import Outside, Runner
from shared.store.open import open_store
from shared.store.ports import Store

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


class System:
    """Store, bus, runner and services of the embedded system. `start` may be called once; `stop` again and again."""

    def __init__(
        self, settings: Settings, *, runner: Runner | None = None, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.bus = InProcessBus()
        self.store: Store = open_store(settings.database)
        self._runner: Runner = runner if runner is not None else ProcessPool(roots=settings.packages)

    def start(self) -> None:
        settings = self.settings
        interview = build_interview(settings, store=self.store, bus=self.bus, runner=self._runner, clock=self.clock)
        self.bus.serve("interview", interview.methods, workers=settings.interview_workers)
        worker = build_worker(
            settings,
            store=self.store,
            bus=self.bus,
            runner=self._runner,
            outside=self._outside,
            config=author_config(settings),
            clock=self.clock,
        )
        for queue, handle in {**interview.jobs, **worker.jobs}.items():
            self.bus.consume(queue, handle, workers=settings.task_workers if queue == "task" else 1)

    def _outside(self, session: str) -> Outside:
        return SessionOutside(self.store, session, clock=self.clock)

    @property
    def smtp_port(self) -> int:
        """The port on which mail comes in."""
        return self.settings.smtp_port

    def stop(self) -> None:
        self.bus.close()
        self._runner.close()
        self.store.close()
