"""Puts the clock together from settings and ports; the same for the nameko shell and the embedded system."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from services.clock.sweeps import SweepBus, Sweeper
from services.clock.ticks import Ticker
from services.heartbeat import Heartbeat, forget_stopped
from services.settings import Settings
from shared.bus.messages import BusError
from shared.store.ports import Store, StoreError

log = logging.getLogger(__name__)

#: Seconds between rounds. A task whose worker died waits this long at most after its lease has run out.
ROUND = 5.0


class Stopping(Protocol):
    """A `threading.Event`."""

    def wait(self, timeout: float) -> bool: ...


class Clock:
    """`round` does what is due; `run` does so until it is told to stop (for the embedded system, in a thread)."""

    def __init__(self, ticker: Ticker, sweeper: Sweeper, heartbeat: Heartbeat, forget: Callable[[], None]) -> None:
        self._jobs = {"beat": heartbeat.beat, "ticks": ticker.run, "sweeps": sweeper.run, "forget": forget}
        self._heartbeat = heartbeat

    def round(self) -> None:
        """Each part on its own, so that trouble of one does not hold up the others. Logged, never raised; done again next time."""
        for part, job in self._jobs.items():
            try:
                job()
            except (StoreError, BusError) as error:
                log.warning("clock_waits", extra={"action": part, "error": type(error).__name__})
            except Exception:
                log.exception("clock_failed", extra={"action": part})

    def run(self, stopping: Stopping) -> None:
        self.round()
        while not stopping.wait(ROUND):
            self.round()

    def close(self) -> None:
        try:
            self._heartbeat.stop()
        except StoreError:
            log.info("heartbeat_left", extra={"service": "clock"})


def build(settings: Settings, *, store: Store, bus: SweepBus, clock: Callable[[], datetime]) -> Clock:
    days = settings.interview_delete_days
    ticker = Ticker(
        sessions=store.sessions, schedule=store.schedule, bus=bus, clock=clock, zone=ZoneInfo(settings.timezone)
    )
    sweeper = Sweeper(
        store=store,
        bus=bus,
        clock=clock,
        interval=timedelta(seconds=ROUND),
        delete_after=timedelta(days=days) if days else None,
    )
    heartbeat = Heartbeat(store.schedule, service="clock", clock=clock)
    return Clock(ticker, sweeper, heartbeat, lambda: forget_stopped(store.schedule, now=clock()))
