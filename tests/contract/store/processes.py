"""Work done by several processes at once, and what the tests have them do. Not a test itself.

The processes are forked from a server that has imported the stores and opened none, so they are cheap and begin clean.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from shared.store.open import open_store
from shared.store.ports import Store
from shared.store.records import OutboxEntry
from tests.contract.store.make import a_commit, a_step, at

ROOT = Path(__file__).parents[3]
READY = "ready"

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__, "shared.store.sqlite", "shared.store.mongodb"])


class Worker:
    """A process that is ready, waits for `begin`, and reports."""

    def __init__(self, work: str, uri: str, *arguments: object) -> None:
        self.reports, theirs = _FORKS.Pipe()
        self.process: ForkServerProcess = _FORKS.Process(
            target=_run, args=(theirs, work, uri, *map(str, arguments)), daemon=True
        )
        self.process.start()
        theirs.close()

    def report(self) -> Any:
        """The next one. Raises `EOFError` when the process has ended."""
        if not self.reports.poll(60):
            raise AssertionError("no report in a minute")
        return self.reports.recv()

    def begin(self) -> None:
        assert self.report() == READY
        self.reports.send("go")

    def rest(self) -> list[Any]:
        found = []
        try:
            while True:
                found.append(self.report())
        except EOFError:
            self.process.join(20)
            return found

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.reports.close()


def run_together(work: str, uri: str, *arguments: object, processes: int = 8) -> list[list[Any]]:
    """What each of the processes reported."""
    workers = [Worker(work, uri, *arguments, number) for number in range(processes)]
    try:
        for worker in workers:
            assert worker.report() == READY
        for worker in workers:
            worker.reports.send("go")
        reports = [worker.rest() for worker in workers]
        assert [worker.process.exitcode for worker in workers] == [0] * processes
    finally:
        for worker in workers:
            worker.end()
    return reports


def _run(reports: Connection, work: str, uri: str, *arguments: str) -> None:
    store = open_store(uri, prepare=work == "prepare")
    reports.send(READY)
    reports.recv()
    for report in WORK[work](store, *arguments):
        reports.send(report)
    store.close()


def race(store: Store, wins: str, number: str) -> Iterator[Any]:
    """Commit `wins` times to one session: read, add one to the number in its state, write, again if the race was lost."""
    for win in range(int(wins)):
        while True:
            session = store.sessions.load("s")
            assert session is not None
            commit = a_commit(
                state=b"%d" % (int(session.state) + 1),
                push=a_step(session.version + 1, session.top.uid if session.top else None, number=session.step + 1),
                outbox=(OutboxEntry(id=f"{number}-{win}", kind="effect", body={}),),
                seen={**session.seen, f"{number}-{win}": session.version},
            )
            if store.sessions.commit("s", version=session.version, commit=commit):
                break
        yield session.version + 1
        if win % 3 == 0:  # another part of the service publishes meanwhile
            store.sessions.publish_done("s", [f"{number}-{win}"])


def claim_all(store: Store, tasks: str, number: str) -> Iterator[Any]:
    for task in range(int(tasks)):
        if store.tasks.claim(f"t{task}", lease=number, now=at(0), length=timedelta(minutes=1)):
            yield task


def claim_periods(store: Store, periods: str, number: str) -> Iterator[Any]:
    for period in range(int(periods)):
        if store.schedule.claim("cron_hourly", period=f"{period:04}", now=at(0)):
            yield period


def put_files(store: Store, files: str, number: str) -> Iterator[Any]:
    for file in range(int(files)):
        content = [f"{number}/{file}".encode()]
        yield store.files.put(session="s", filename=f"{number}/{file}", mimetype="m", content=content, now=at(0)).number


def prepare(store: Store, number: str) -> Iterator[Any]:
    store.prepare()
    yield store.schedule.claim("prepared", period=number, now=at(0)) in (True, False)


def large_states(store: Store, wins: str, number: str) -> Iterator[Any]:
    """As `race`, with states that do not fit into a document; each is of one letter, so a mixture would show."""
    for win in range(int(wins)):
        while True:
            session = store.sessions.load("s")
            assert session is not None
            assert len(set(session.state)) == 1, "a state put together from two"
            state = bytes([65 + (session.version + 1) % 26]) * (2_300_000 + session.version)
            if store.sessions.commit("s", version=session.version, commit=a_commit(state=state)):
                break
        yield win


def write_on(store: Store) -> Iterator[Any]:
    """Commit, add tasks, keep files, and report each only when it is acknowledged: until killed."""
    version = 0
    while True:
        push = a_step(version + 1, version or None, number=version + 1, delta=b"%d" % version * 500)
        outbox = (OutboxEntry(id=f"o{version}", kind="effect", body={}),)
        assert store.sessions.commit(
            "s", version=version, commit=a_commit(state=b"%d" % (version + 1), push=push, outbox=outbox)
        )
        store.sessions.publish_done("s", [f"o{version - 500}"])
        version += 1
        yield version


WORK: dict[str, Callable[..., Iterator[Any]]] = {
    one.__name__: one for one in (race, claim_all, claim_periods, put_files, prepare, large_states, write_on)
}
