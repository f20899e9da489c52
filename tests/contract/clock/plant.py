"""A clock that runs jobs and Task classes in real children, and what it sends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.clock import declared
from services.clock.build import Calls, jobs_kind
from services.clock.executor import Executor, Kind
from services.clock.noting import Noter
from services.settings import Settings, load
from services.vaults import sealed
from shared.bus.inprocess import InProcessBus
from shared.bus.messages import Job
from shared.store.open import open_store
from shared.store.ports import Store
from shared.store.records import LedgerEntry, OutgoingMail, RunRecord
from tests.contract.clock.conftest import Hands


class Plant:
    """A clock that runs jobs, and what it sends."""

    def __init__(self, folder: Path, hands: Hands, text: str, environ: dict[str, str] | None = None) -> None:
        self.hands = hands
        configuration = folder / "parley.yml"
        configuration.write_text(f"error notification email: ops@example.org\n{text}")
        self.settings: Settings = load(
            {"PARLEY_CONFIG": str(configuration), **(environ or {})}, var=str(folder / "var"), packages=str(folder)
        )
        self.store: Store = sealed(self.settings, open_store(f"sqlite:///{folder / 'test.sqlite'}"), clock=hands)
        self.bus = InProcessBus()
        self.sent: list[OutgoingMail] = []
        self.bus.consume("send", self.note)
        self.calls = Calls(self.settings)
        jobs, tasks = declared.jobs(self.settings), declared.tasks(self.settings, self.calls)
        wrong = declared.wrong(self.settings, jobs.calls, self.calls)
        self.mistakes = (*self.settings.remarks, *jobs.mistakes, *wrong, *tasks.mistakes)
        self.scheduled = [*jobs.scheduled, *tasks.scheduled]
        self.kind = jobs_kind(
            self.settings, (*jobs.calls, *tasks.calls), self.calls, store=self.store, bus=self.bus, clock=hands
        )
        kinds: dict[str, Kind] = {"job": self.kind, "task": self.kind}
        self.noter = Noter(self.scheduled, ledger=self.store.ledger, claims=self.store.schedule, clock=hands)
        self.executor = Executor(kinds, self.scheduled, ledger=self.store.ledger, clock=hands)
        self.noter.run()

    def note(self, job: Job) -> None:
        mail = self.store.outgoing.get(str(job.body["mail"]))
        assert mail is not None
        self.sent.append(mail)

    def look(self) -> None:
        self.noter.run()
        self.executor.run()
        assert self.executor.wait(60)

    def history(self, name: str) -> list[LedgerEntry]:
        return list(reversed(self.store.ledger.page(name).lines))

    def lines(self, name: str) -> list[str]:
        return [line for run in self.runs(name) for line in run.lines]

    def said(self, name: str) -> list[str]:
        """What it logged, without the time and its name: ``INFO (file.py, line 7): text``; and what it printed."""
        return [
            re.sub(rf"^\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ (\w+) {re.escape(name)}", r"\1", line)
            for line in self.lines(name)
        ]

    def runs(self, name: str) -> list[RunRecord]:
        return [run for run in reversed(self.store.runs.page("scheduler").lines) if run.name == name]

    def close(self) -> None:
        self.executor.stop()
        self.calls.close()
        self.bus.close()
        self.store.close()


@pytest.fixture
def plant(tmp_path: Path, hands: Hands) -> Iterator[Callable[..., Plant]]:
    made: list[Plant] = []

    def make(text: str, **environ: str) -> Plant:
        made.append(Plant(tmp_path, hands, text, environ))
        return made[-1]

    yield make
    for one in made:
        one.close()
