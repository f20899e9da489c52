"""One time for all processes over one store, whatever the clocks of their machines show. Not for schedules or time zones.

Leases, ages and periods are written by one process and judged by another. So all of them take the store's time, and a machine whose clock
is wrong is told of, not believed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.store.ports import Store, StoreError

log = logging.getLogger(__name__)

#: Seconds after which the store is asked again. A quartz drifts by less than a millisecond in it.
EVERY: Final = 10.0
#: An answer that took longer (seconds) says too little of what time it is now.
SLOW: Final = 1.0
#: How much a machine's clock may differ (seconds) before the log says so: what NTP leaves, with ease.
TOLERATED: Final = 2.0


def machine_time() -> datetime:
    return datetime.now(UTC)


def aside(do: Callable[[], None]) -> None:
    """Do it while whoever asks goes on."""
    threading.Thread(target=do, name="store-clock", daemon=True).start()


class StoreClock:
    """Call it for the time by the store, in UTC. Never raises: while the store is away it goes on counting from what it knows.

    `machine` is this machine's clock, which is believed until the store has answered once; `steady` counts seconds and is never set.
    `report` is told by how many seconds the machine's clock is ahead of the store's, at each answer. Only the first answer is waited
    for, and one after the machine's clock was set or the machine slept; all others come `aside`.
    """

    def __init__(
        self,
        store: Store,
        *,
        machine: Callable[[], datetime] = machine_time,
        steady: Callable[[], float] = time.monotonic,
        report: Callable[[float], None] = lambda ahead: None,
        aside: Callable[[Callable[[], None]], None] = aside,
    ) -> None:
        self._store = store
        self._machine = machine
        self._steady = steady
        self._report = report
        self._aside = aside
        self._asking = threading.Lock()
        self._skewed = False
        self._answered = False
        self._asked = float("-inf")
        self._known = (machine(), steady())  #: a moment, and when that was
        self._ahead_of_steady = self._machine().timestamp() - steady()

    def __call__(self) -> datetime:
        # While one asks, the others take what is known; but a machine's clock is believed only if the store does not answer.
        if not self._answered or self._jumped():
            if self._asking.acquire(blocking=not self._answered):
                try:
                    if self._jumped() or self._old():
                        self._ask()
                finally:
                    self._asking.release()
        elif self._old() and self._asking.acquire(blocking=False):
            self._aside(self._ask_and_release)
        moment, when = self._known
        return moment + timedelta(seconds=self._steady() - when)

    def _jumped(self) -> bool:
        # The steady clock stands still while a machine sleeps, which shows by the other one.
        return abs(self._machine().timestamp() - self._steady() - self._ahead_of_steady) > TOLERATED

    def _old(self) -> bool:
        return self._steady() - self._asked >= EVERY

    def _ask_and_release(self) -> None:
        try:
            self._ask()
        finally:
            self._asking.release()

    def _ask(self) -> None:
        begun = self._asked = self._steady()
        self._ahead_of_steady = self._machine().timestamp() - begun
        try:
            told = self._store.time()
        except StoreError:  # whoever needs the store now hears of it
            return
        took = self._steady() - begun
        if took > SLOW and self._answered:
            return
        self._known, self._answered = (told, begun + took / 2), True
        self._compare(self._machine().timestamp() - told.timestamp() - took / 2)

    def _compare(self, ahead: float) -> None:
        self._report(ahead)
        skewed = abs(ahead) > TOLERATED
        if skewed and not self._skewed:
            log.warning("machine_clock_wrong", extra={"seconds": round(ahead, 1)})
        elif self._skewed and not skewed:
            log.info("machine_clock_right_again")
        self._skewed = skewed
