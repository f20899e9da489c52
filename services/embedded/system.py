"""The five services as objects of one process: made, started and stopped in the right order."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from services.authorconfig import author_config
from services.clock.build import build as build_clock
from services.embedded import mark
from services.embedded.bus import KeepingBus
from services.embedded.mailbox import Mailbox
from services.embedded.workshop import Workshop
from services.heartbeat import MAIL_PORT
from services.interview.build import build as build_interview
from services.mail_ingest.build import build as build_mail_ingest
from services.pools import children
from services.session_host import SessionHost
from services.settings import Settings
from services.vaults import sealed
from services.worker.build import build as build_worker
from shared.bus.queues import DEFAULT, TASK, task_queue, with_task_queues
from shared.runner.dissector import ChildDissector
from shared.runner.ports import Runner
from shared.store.open import open_store
from shared.store.ports import StoreError

log = logging.getLogger(__name__)

#: Seconds between two looks at what was left behind, while what was run by hand comes to its end.
_MEND_SECONDS = 2.0
#: Mails that are handed over at a time, and mails received that are dealt with at a time.
SENDING, RECEIVED = 8, 4


def utc_now() -> datetime:
    return datetime.now(UTC)


class System:
    """Store, bus, runner and services of the embedded system. `start` may be called once; `stop` again and again.

    Raises `StoreDamaged`, `DatabaseGone`, and any other `StoreError` that opening the database raises.
    """

    def __init__(
        self, settings: Settings, *, runner: Runner | None = None, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.settings = settings
        self.store = sealed(settings, open_store(settings.database, prepare=False), clock=clock)
        # Before anything is written: what is damaged must not be damaged more, and what is gone must not look like a new one.
        mark.expect(settings.var, self.store, settings.database)
        self.store.check()
        self.store.prepare()
        mark.keep(settings.var, settings.database)
        self.bus = KeepingBus(
            self.store.schedule, grace=settings.stop_seconds, policies=with_task_queues(settings.task_queues)
        )
        self.smtp_port = settings.smtp_port
        self._utc_now = clock
        # Background work must not leave a page without a process, however many tasks of its interview run.
        at_once = settings.interview_workers + settings.task_workers * (1 + len(settings.task_queues))
        pool = children(settings, at_once=at_once) if runner is None else None
        if pool is not None:
            pool.lender.begin()
        self._runner: Runner = runner or pool  # type: ignore[assignment]  # one of the two is there
        self._dissect = ChildDissector(lender=None if pool is None else pool.lender)
        self._clock = build_clock(settings, store=self.store, bus=self.bus, clock=clock)
        self._mail_ingest = build_mail_ingest(settings, store=self.store, bus=self.bus, clock=clock)
        self._stopping = threading.Event()
        self._stop_tasks: Callable[[], None] = lambda: None
        self._end_worker: Callable[[], None] = lambda: None
        self._ticking = threading.Thread(target=self._clock.run, args=(self._stopping,), name="clock", daemon=True)

    def start(self) -> None:
        """Start everything. Raises `OSError` if the port for mail is not free."""
        self.serve()
        self.smtp_port = self._mail_ingest.start()
        self.store.schedule.note(MAIL_PORT, {"port": self.smtp_port})
        self.bus.send_kept()
        self._ticking.start()

    def by_hand(self, name: str, *, again: bool, tell: Callable[[str], None], seconds: float = 3600.0) -> bool:
        """Run a schedule now (`serve` was called), and what it leads to: its tasks and mails. False if something of it failed."""
        well = self._clock.hand.run(name, again=again, tell=tell)
        end = time.monotonic() + seconds
        mended = time.monotonic()
        while time.monotonic() < end and not self._settled():
            if time.monotonic() - mended > _MEND_SECONDS:  # no clock does: what was left behind would be waited for
                self._clock.mend()
                mended = time.monotonic()
            time.sleep(0.1)
        return well

    def _settled(self) -> bool:
        waiting = any(state.ready or state.delayed for state in self.bus.queues().values())
        now = self._utc_now()
        counts = self.store.overview.counts(now=now, queued_before=now, most=1).tasks
        tasks = self.store.tasks.due(now=now, queued_before=now, limit=1) or counts["running"] or counts["responding"]
        mails = self.store.outgoing.due(now=now, limit=1) or self.store.outgoing.counts().get("sending")
        return not (waiting or tasks or mails)

    def serve(self) -> None:
        """Start what answers calls and handles jobs, but nothing that acts by itself: no clock, no mail coming in."""
        settings = self.settings
        interview = build_interview(
            settings,
            store=self.store,
            vault=self.store.vault,
            bus=self.bus,
            runner=self._runner,
            clock=self._utc_now,
            dissect=self._dissect,
        )
        worker = build_worker(
            settings,
            store=self.store,
            vault=self.store.vault,
            bus=self.bus,
            runner=self._runner,
            host=self._host,
            config=author_config(settings),
            clock=self._utc_now,
            keeps=True,
        )
        self._stop_tasks = worker.stopping
        self._end_worker = worker.close
        self.bus.serve("interview", interview.methods, workers=settings.interview_workers)
        self.bus.serve("ticks", interview.ticks, workers=settings.cron_workers)
        # A mail server that hangs holds two of those that send.
        at_once = {TASK: settings.task_workers, "send": SENDING, "mail": RECEIVED}
        for queue, handle in {**interview.jobs, **worker.jobs}.items():
            for name in map(task_queue, (DEFAULT, *settings.task_queues)) if queue == TASK else (queue,):
                self.bus.consume(name, handle, workers=at_once.get(queue, 1))
        if settings.debug:
            self.bus.serve("workshop", Workshop(self.store.runs).methods, workers=2)
        if not settings.servers:
            self.bus.serve("mailbox", Mailbox(settings.var / "mail", self._dissect).methods, workers=2)

    def _host(self, session: str) -> SessionHost:
        return SessionHost(self.store, session, clock=self._utc_now)

    def stop(self) -> None:
        """Take nothing new, let what runs finish for a while, close everything."""
        self._stopping.set()
        self._stop_tasks()
        self._mail_ingest.stop()
        try:
            self.store.schedule.forget(MAIL_PORT)
        except StoreError as error:
            log.info("mail_port_stays", extra={"error": type(error).__name__})
        self.bus.close()
        if self._ticking.is_alive():
            self._ticking.join(2)
        self._clock.close()
        self._end_worker()
        self._dissect.close()
        self._runner.close()
        self.store.close()
