"""The five services as objects of one process: made, started and stopped in the right order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from services.authorconfig import author_config
from services.clock.build import build as build_clock
from services.embedded.bus import KeepingBus
from services.interview.build import build as build_interview
from services.mail_ingest.build import build as build_mail_ingest
from services.outside import SessionOutside
from services.running import children
from services.settings import Settings
from services.worker.build import build as build_worker
from shared.runner.ports import Outside, Runner
from shared.store.open import open_store
from shared.store.ports import Store


def utc_now() -> datetime:
    return datetime.now(UTC)


class System:
    """Store, bus, runner and services of the embedded system. `start` may be called once; `stop` again and again."""

    def __init__(
        self, settings: Settings, *, runner: Runner | None = None, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.settings = settings
        self.store: Store = open_store(settings.database)
        self.bus = KeepingBus(self.store.schedule, grace=settings.stop_seconds)
        self.smtp_port = settings.smtp_port
        self._utc_now = clock
        # Background work must not leave a page without a process, however many tasks of its interview run.
        at_once = settings.interview_workers + settings.task_workers
        self._runner: Runner = runner if runner is not None else children(settings, at_once=at_once)
        self._clock = build_clock(settings, store=self.store, bus=self.bus, clock=clock)
        self._mail_ingest = build_mail_ingest(settings, store=self.store, bus=self.bus, clock=clock)
        self._stopping = threading.Event()
        self._ticking = threading.Thread(target=self._clock.run, args=(self._stopping,), name="clock", daemon=True)

    def start(self) -> None:
        """Start everything. Raises `OSError` if the port for mail is not free."""
        settings = self.settings
        interview = build_interview(settings, store=self.store, bus=self.bus, runner=self._runner, clock=self._utc_now)
        worker = build_worker(
            settings,
            store=self.store,
            bus=self.bus,
            runner=self._runner,
            outside=self._outside,
            config=author_config(settings),
            clock=self._utc_now,
        )
        self.smtp_port = self._mail_ingest.start()
        self.bus.serve("interview", interview.methods, workers=settings.interview_workers)
        for queue, handle in {**interview.jobs, **worker.jobs}.items():
            self.bus.consume(queue, handle, workers=settings.task_workers if queue == "task" else 1)
        self.bus.send_kept()
        self._ticking.start()

    def _outside(self, session: str) -> Outside:
        return SessionOutside(self.store, session, clock=self._utc_now)

    def stop(self) -> None:
        """Take nothing new, let what runs finish for a while, close everything."""
        self._stopping.set()
        self._mail_ingest.stop()
        self.bus.close()
        if self._ticking.is_alive():
            self._ticking.join(2)
        self._clock.close()
        self._runner.close()
        self.store.close()
