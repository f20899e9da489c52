"""Two clocks with twenty jobs over one store, killed again and again: no tick runs twice, and none is missing from the ledger.

Time passes sixty times as fast for them: a minute of a schedule is a second here, and a dead leader is followed after half a second.
``python -m tests.faults.test_clocks_killed 200`` kills two hundred times.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from services.clock.executor import LEAD, Executor, Progress
from services.clock.noting import Noter, Scheduled
from services.schedules.core import Schedule
from services.schedules.triggers import parse
from shared.store.open import open_store
from shared.store.ports import Store, StoreError
from shared.store.records import LedgerEntry

BEGAN = datetime(2026, 3, 28, 12, tzinfo=UTC)
FASTER = 60
JOBS = 20
KILLS = 10


class Work:
    """A job that says which tick it runs for, and takes a moment: it may be killed in it."""

    def __init__(self, said: Path) -> None:
        self._said = os.open(said, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def run(self, progress: Progress) -> LedgerEntry:
        entry = progress.entry
        os.write(self._said, f"{entry.schedule} {entry.period}\n".encode())
        time.sleep(0.01)
        return replace(entry, outcome="ran")

    def resumes(self, entry: LedgerEntry) -> bool:
        return False

    def left(self, entry: LedgerEntry) -> int:
        return 0


def schedules() -> list[Scheduled]:
    trigger = parse({"type": "interval", "minutes": 1}, zone=ZoneInfo("UTC"))
    return [Scheduled(Schedule(name=f"job {number:02}", trigger=trigger), "work") for number in range(JOBS)]


def parts(store: Store, said: Path, clock: Callable[[], datetime]) -> tuple[Noter, Executor]:
    scheduled = schedules()
    noter = Noter(scheduled, ledger=store.ledger, claims=store.schedule, clock=clock)
    return noter, Executor({"work": Work(said)}, scheduled, ledger=store.ledger, clock=clock)


def fast(start: float) -> Callable[[], datetime]:
    return lambda: BEGAN + timedelta(seconds=(time.time() - start) * FASTER)


def go(folder: Path, start: float) -> None:
    """A clock, until it is killed."""
    store = open_store(f"sqlite:///{folder}/clocks.sqlite")
    noter, executor = parts(store, folder / "said", fast(start))
    while True:
        try:
            if executor.leads():
                noter.run()
            executor.run()
        except StoreError:
            pass  # the other one writes
        time.sleep(0.05)


def one_clock(folder: Path, start: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.faults.test_clocks_killed", "clock", str(folder), str(start)]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2])


def killed(folder: Path, kills: int) -> tuple[Store, datetime]:
    """The store after `kills`, with what was open ended by one more clock, and how far that one got."""
    store = open_store(f"sqlite:///{folder}/clocks.sqlite")
    store.prepare()
    start = time.time()
    parts(store, folder / "said", lambda: BEGAN)[0].run()  # the first look: from here on every tick counts
    clocks = [one_clock(folder, start) for _ in range(2)]
    try:
        until_one_ran(folder / "said")
        for number in range(kills):
            time.sleep(random.uniform(0.1, 0.9))
            victim = number % 2
            clocks[victim].kill()
            clocks[victim].wait()
            clocks[victim] = one_clock(folder, start)
    finally:
        for clock in clocks:
            clock.kill()
            clock.wait()
    end = fast(start)() + LEAD + timedelta(seconds=1)
    noter, executor = parts(store, folder / "said", lambda: end)
    for _ in range(2):
        noter.run()
        executor.run()
        assert executor.wait(60)
    return store, end


def until_one_ran(said: Path) -> None:
    deadline = time.monotonic() + 60
    while not (said.exists() and said.stat().st_size):
        assert time.monotonic() < deadline, "no clock ran anything"
        time.sleep(0.05)


def check(store: Store, end: datetime, said: Path) -> Counter[str]:
    ran = Counter(said.read_text().splitlines())
    assert [tick for tick, times in ran.items() if times > 1] == [], "a tick ran twice"
    expected = int((end - BEGAN) / timedelta(minutes=1))
    outcomes: Counter[str] = Counter()
    for one in schedules():
        found: list[datetime] = []
        after: str | None = ""
        while after is not None:
            page = store.ledger.page(one.schedule.name, after=after, limit=100)
            after = page.after
            for entry in page.lines:
                found += [(entry.first or entry.due) + timedelta(minutes=number) for number in range(entry.count)]
                outcomes[entry.outcome] += entry.count
                if entry.outcome in ("ran", "late"):
                    assert f"{entry.schedule} {entry.period}" in ran
                if entry.outcome == "failed":
                    assert entry.reason == "killed"
        assert sorted(found) == [BEGAN + timedelta(minutes=number + 1) for number in range(expected)]
    assert set(outcomes) <= {"ran", "late", "skipped", "failed"}
    return outcomes


def test_no_tick_runs_twice_and_none_is_unaccounted(tmp_path: Path) -> None:
    store, end = killed(tmp_path, KILLS)
    try:
        assert check(store, end, tmp_path / "said")["ran"] > 0
    finally:
        store.close()


if __name__ == "__main__":
    if sys.argv[1] == "clock":
        go(Path(sys.argv[2]), float(sys.argv[3]))
    with tempfile.TemporaryDirectory() as made:
        kept, reached = killed(Path(made), int(sys.argv[1]))
        print(dict(check(kept, reached, Path(made) / "said")))
        kept.close()
