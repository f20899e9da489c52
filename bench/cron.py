"""What one tick costs over 500 and 50,000 sessions of which 5 % listen, and what it does to a person who answers meanwhile.

The embedded system's parts in one process, without pages in between. Those that listen are opened one by one; the others, which nobody opens,
are copies of one.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.embedded.system import System
from services.settings import load
from shared.contract.reply import Reply
from shared.store.open import open_store

LISTENS = """
mandatory: True
code: |
  multi_user = True
  allow_cron = True
---
question: Number?
fields:
  - Number: number
    datatype: integer
---
mandatory: True
question: ${ number }
---
event: cron_hourly
code: |
  seen = showifdef('seen', 0)
  response(null=True)
"""
IS_DEAF = LISTENS.replace("cron_hourly", "something_else")


class Hands:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 15, 12, 59, 50, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def cpu() -> float:
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def opened(system: System, interview: str) -> str:
    who = {"client": uuid.uuid4().hex, "user": {}, "browser": {}}
    reply = system.bus.call(
        "interview", "open", returns=Reply, interview=interview, request_id=uuid.uuid4().hex, caller=who
    )
    return reply.session


def fill(system: System, sessions: int) -> None:
    listen = sessions // 20
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: opened(system, "bench:listens.yml"), range(listen)))
    kept = open_store(system.settings.database)
    try:
        first = kept.sessions.load(opened(system, "bench:deaf.yml"))
        assert first is not None
        for copy in range(sessions - listen - 1):
            kept.sessions.create(replace(first, id=f"{first.id}{copy}", version=0, step=0, top=None))
    finally:
        kept.close()


def person(system: System, enough: threading.Event, times: list[float]) -> None:
    """Looks at a page again and again."""
    who = {"client": uuid.uuid4().hex, "user": {}, "browser": {}}
    session = opened(system, "bench:deaf.yml")
    while not enough.is_set():
        begun = time.perf_counter()
        system.bus.call("interview", "screen", returns=Reply, session=session, caller=who)
        times.append((time.perf_counter() - begun) * 1000)
        time.sleep(0.02)


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else float("nan")


def measure(sessions: int) -> float:
    """Seconds of the tick."""
    with tempfile.TemporaryDirectory() as folder:
        questions = Path(folder, "bench", "data", "questions")
        questions.mkdir(parents=True)
        (questions / "listens.yml").write_text(LISTENS)
        (questions / "deaf.yml").write_text(IS_DEAF)
        hands = Hands()
        settings = load({}, var=f"{folder}/var", packages=folder, smtp_port=0, port=0, log_level="ERROR")
        system = System(settings, clock=hands)
        system.start()
        try:
            fill(system, sessions)
            alone, meanwhile, spent = _tick(system, hands, sessions)
            print(f"  a person: p95 {p95(alone):.1f} ms alone, {p95(meanwhile):.1f} ms meanwhile", file=sys.stderr)
        finally:
            system.stop()
    return spent


def _tick(system: System, hands: Hands, sessions: int) -> tuple[list[float], list[float], float]:
    spent = 0.0
    alone: list[float] = []
    meanwhile: list[float] = []
    for times, ticks in ((alone, False), (meanwhile, True)):
        enough = threading.Event()
        someone = threading.Thread(target=person, args=(system, enough, times))
        someone.start()
        if ticks:
            begun, used = time.perf_counter(), cpu()
            hands.now += timedelta(seconds=20)
            while not (found := system.store.ledger.page("cron_hourly", limit=1).lines) or found[0].open:
                time.sleep(0.02)
            spent = time.perf_counter() - begun
            entry = found[0]
            reached = entry.counts.get("reached", 0)
            print(
                f"{sessions} sessions, {reached} reached ({entry.outcome}): {spent:.1f} s, "
                f"{(cpu() - used) * 1000 / max(reached, 1):.1f} ms of CPU a session (without the children that still live)",
                file=sys.stderr,
            )
        else:
            time.sleep(5)
        enough.set()
        someone.join()
    return alone, meanwhile, spent


def main() -> int:
    for sessions in map(int, sys.argv[1:] or ("500", "50000")):
        measure(sessions)
    return 0


if __name__ == "__main__":
    sys.exit(main())
