"""What looking for idle sessions costs where a million are kept and none is idle, in SQLite: milliseconds, and to an empty store.

    python -m bench.idling [sessions [interviews]]

The store is on disk; the sessions are copies of one, written by SQL, since opening a million takes hours.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from services.clock.idle import Idle, Retention
from shared.store.open import open_store
from shared.store.ports import Sessions
from shared.store.records import Session

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


class Nobody:
    """A bus on which nothing is asked: none is idle."""

    def call(self, *_: object, **__: object) -> object:
        raise AssertionError("a session was found that is not idle")


def fill(file: Path, sessions: int, interviews: int) -> None:
    with sqlite3.connect(file) as connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(sessions)")]
        changed = {
            "id": "printf('s%09d', number)",
            "interview": f"printf('pack:i%d.yml', number % {interviews})",
            "scheduled": "number % 20 = 0",
        }
        columns = ", ".join(changed.get(name, name) for name in names)
        connection.execute(
            "WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ?) "
            f"INSERT INTO sessions SELECT {columns} FROM sessions, numbers WHERE id = 'first'",
            (sessions,),
        )


def run(sessions: Sessions) -> float:
    """Milliseconds of the middle of nine sweeps."""
    idle = Idle(
        sessions,
        Nobody(),  # type: ignore[arg-type]
        Retention(days=90, by_interview={}, people=False),
        clock=lambda: NOW,
        offers=lambda _: False,
    )
    took = []
    for _ in range(9):
        begun = time.perf_counter()
        idle.run()
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took)


def measure(sessions: int, interviews: int = 20) -> tuple[float, float]:
    """Milliseconds of a sweep over a store of so many sessions, of which none is idle, and over one of one."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "store.db")
        store: Any = open_store(f"sqlite:///{file}")
        try:
            made = NOW - timedelta(days=10)
            first = Session(
                id="first",
                version=1,
                interview="pack:i0.yml",
                state=b"",
                step=0,
                created=made,
                modified=made,
                accessed=made,
            )
            store.sessions.create(first)
            empty = run(store.sessions)
            fill(file, sessions, interviews)
            return run(store.sessions), empty
        finally:
            store.close()


def main(arguments: list[str]) -> None:
    sessions, interviews = (int(one) for one in [*arguments, *("1000000", "20")[len(arguments) :]])
    full, empty = measure(sessions, interviews)
    print(
        f"{sessions} sessions of {interviews} interviews, none idle: {full:.2f} ms, {full / empty:.1f} x a store of one"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
