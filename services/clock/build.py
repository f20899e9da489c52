"""Puts the clock together from settings and ports; the same for the nameko shell and the embedded system."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from services.authorconfig import author_config
from services.clock import declared
from services.clock.byhand import ByHand, Listener
from services.clock.executor import ELSEWHERE, Executor, Kind
from services.clock.idle import Idle, Retention
from services.clock.jobs import Errors, JobCall, Jobs
from services.clock.noting import Noter, Scheduled
from services.clock.sweeps import SweepBus, Sweeper
from services.clock.ticks import InterviewTicks
from services.heartbeat import Heartbeat, forget_stopped
from services.installation import Secrets
from services.runs.build import reports_of
from services.schedules import interviews
from services.settings import Settings
from shared.bus.messages import Bus, BusError
from shared.contract.errors import Busy
from shared.runner.called import CallRunner
from shared.runner.ports import Limits
from shared.store.ports import Store, StoreError

log = logging.getLogger(__name__)

#: Seconds between rounds. A task whose worker died waits this long at most after its lease has run out.
ROUND = 5.0
#: Seconds between two looks at the schedules: the finest of them tick every second.
LOOK = 1.0
#: So often it is looked for services that stopped a day ago.
FORGETTING = timedelta(minutes=10)


class Stopping(Protocol):
    """A `threading.Event`."""

    def wait(self, timeout: float) -> bool: ...


class Seldom:
    """Calls `do` the first time, and then once in `every`, however often it is called; again at once where it failed."""

    def __init__(self, do: Callable[[], None], *, clock: Callable[[], datetime], every: timedelta) -> None:
        self._do = do
        self._clock = clock
        self._every = every
        self._done: datetime | None = None

    def __call__(self) -> None:
        now = self._clock()
        if self._done is None or not timedelta(0) <= now - self._done < self._every:
            self._do()
            self._done = now


class Clock:
    """`round` does what is due; `run` does so until it is told to stop (for the embedded system, in a thread)."""

    def __init__(
        self,
        noter: Noter,
        executor: Executor,
        sweeper: Sweeper,
        heartbeat: Heartbeat,
        forget: Callable[[], None],
        end: Callable[[], None],
        *,
        hand: ByHand,
        listener: Listener,
    ) -> None:
        self.hand = hand
        self._looks = {
            "beat": self._beat,
            "ticks": lambda: noter.run() if executor.leads() else None,
            "executor": executor.run,
            "by hand": listener.look,
        }
        self._sweeper = sweeper
        self._sweeps = {"sweeps": sweeper.run, "forget": forget}
        self._beaten: float | None = None
        self._executor = executor
        self._end = end
        self._heartbeat = heartbeat

    def round(self) -> None:
        """Each part on its own, so that trouble of one does not hold up the others. Logged, never raised; done again next time."""
        self.look()
        self.sweep()

    def look(self) -> None:
        """At the schedules, and say that this clock is there: nothing that takes long may hold that up."""
        self._do(self._looks)

    def sweep(self) -> None:
        """What was left behind, and what is old. Deleting thousands of sessions takes minutes."""
        self._do(self._sweeps)

    def mend(self) -> None:
        """Put right what crashes left behind, and nothing else."""
        self._do({"mend": self._sweeper.mend})

    def _beat(self) -> None:
        now = time.monotonic()
        if self._beaten is None or now - self._beaten >= ROUND:
            self._heartbeat.beat()
            self._beaten = now

    def _do(self, jobs: dict[str, Callable[[], None]]) -> None:
        for part, job in jobs.items():
            try:
                job()
            except (StoreError, BusError) as error:
                log.warning("clock_waits", extra={"part": part, "error": type(error).__name__})
            except Exception:
                log.exception("clock_failed", extra={"part": part})

    def run(self, stopping: Stopping) -> None:
        self.look()
        sweeping, looks = self._sweeping(None), 0
        while not stopping.wait(LOOK):
            looks += 1
            self.look()
            if looks % round(ROUND / LOOK) == 0:
                sweeping = self._sweeping(sweeping)
        sweeping.join(LOOK)

    def _sweeping(self, before: threading.Thread | None) -> threading.Thread:
        """A sweep beside the looks, one at a time: the one that runs, or another."""
        if before is not None:
            before.join(LOOK / 10)
            if before.is_alive():
                return before
        thread = threading.Thread(target=self.sweep, name="sweep", daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        self._executor.stop()
        self._end()
        try:
            self._heartbeat.stop()
        except StoreError:
            log.info("heartbeat_left", extra={"service": "clock"})


def of_interviews(settings: Settings) -> list[Scheduled]:
    zone = ZoneInfo(settings.timezone)
    overlaps = {one.name: one.overlap for one in settings.schedules.declared}
    return [
        Scheduled(one, "interviews", overlaps.get(one.name))
        for one in interviews.schedules(settings.schedules.declared, zone)
    ]


class Calls:
    """The pool of children for jobs, made with the first of them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._pool: CallRunner | None = None
        self._closed = False

    def __call__(self) -> CallRunner:
        with self._lock:
            if self._closed:
                raise Busy("the service is stopping")
            self._pool = self._pool or declared.pool(self._settings)
            return self._pool

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._pool is not None:
                self._pool.close()


def jobs_kind(
    settings: Settings,
    calls: Iterable[JobCall],
    runner: Callable[[], CallRunner],
    *,
    store: Store,
    bus: Bus,
    clock: Callable[[], datetime],
) -> Jobs:
    """What happens at ticks of jobs and Task classes."""
    base = settings.application
    return Jobs(
        {one.name: one for one in calls},
        runner=runner,
        store=store,
        bus=bus,
        reports=reports_of(settings, store, clock=clock),
        clock=clock,
        limits=Limits(seconds=settings.job_seconds, memory=settings.memory_bytes),
        level=settings.scheduler.level,
        environment=declared.granted(settings),
        path=(str(base.resolve()),) if base is not None else (),
        container=settings.task_container,
        config=author_config(settings),
        errors=Errors(to=settings.error_notification_email, silent=settings.suppress_error_notifications),
    )


def _check_meanwhile(settings: Settings, jobs: Sequence[JobCall], calls: Calls) -> None:
    """Tell what is wrong with jobs, without holding up the start: importing what they name may take long."""
    if jobs:
        look = lambda: declared.tell(declared.wrong(settings, jobs, calls))  # noqa: E731
        threading.Thread(target=look, name="check-jobs", daemon=True).start()


def build(settings: Settings, *, store: Store, bus: SweepBus, clock: Callable[[], datetime]) -> Clock:
    calls = Calls(settings)
    jobs, tasks = declared.jobs(settings), declared.tasks(settings, calls)
    declared.tell((*jobs.mistakes, *tasks.mistakes))
    _check_meanwhile(settings, jobs.calls, calls)
    standing = of_interviews(settings)
    all_of_them = [*standing, *jobs.scheduled, *tasks.scheduled]
    ticks = InterviewTicks(sessions=store.sessions, bus=bus, seconds=settings.cron_seconds)
    job = jobs_kind(settings, (*jobs.calls, *tasks.calls), calls, store=store, bus=bus, clock=clock)
    kinds: dict[str, Kind] = {"interviews": ticks, "job": job, "task": job}
    retention = Retention.of(settings)
    idle = Idle(
        store.sessions,
        bus,
        retention,
        clock=clock,
        offers=lambda interview: ticks.may_offer(interview, (one.schedule.name for one in standing)),
    )
    sweeper = Sweeper(
        store=store,
        bus=bus,
        clock=clock,
        interval=timedelta(seconds=ROUND),
        idle=idle,
        job_files=timedelta(days=retention.days) if retention.days else None,
        lasting_files=timedelta(days=settings.persistent_file_days) if settings.persistent_file_days else None,
        keys=tuple(Secrets.of(settings).keys("transport")),
    )
    hand = ByHand(ticks, job, all_of_them, sweep=idle.run, clock=clock)
    heartbeat = Heartbeat(store.schedule, service="clock", clock=clock)
    executor = Executor(kinds, all_of_them, ledger=store.ledger, clock=clock, elsewhere=ELSEWHERE)
    return Clock(
        Noter(all_of_them, ledger=store.ledger, claims=store.schedule, clock=clock, noting=executor.expect),
        executor,
        sweeper,
        heartbeat,
        Seldom(lambda: forget_stopped(store.schedule, now=clock()), clock=clock, every=FORGETTING),
        calls.close,
        hand=hand,
        listener=Listener(hand, store.schedule, clock=clock),
    )
