"""What comes of a job's call: lines kept, mails and files sent, operators told once an hour, tried again if asked. Children: tests/contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from services.clock.jobs import OWNER, Errors, JobCall, Jobs
from services.runs.reports import RunReports
from shared.bus.inprocess import InProcessBus
from shared.contract.effects import SendMail, to_body
from shared.contract.errors import Busy
from shared.runner.call import Called, CallError, Failed
from shared.runner.ports import Limits
from shared.store.records import LedgerEntry
from shared.store.sqlite import SqliteStore
from tests.helpers.memory import memory_store
from tests.helpers.waiting import eventually

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
CALL = JobCall(name="office.count", module="office", function="count", retry=2)
KILLED = Called(failed=Failed(error=CallError.DIED, message="killed"))
BROKEN = Called(failed=Failed(error=CallError.RAISED, type="KeyError", message="'x'", file="office.py", line=3))


class Bench:
    """`calls` are what the calls give, one after the other; an exception is raised."""

    def __init__(self, **more: Any) -> None:
        self.store: SqliteStore = memory_store()
        self.bus = InProcessBus()
        self.heard: list[Any] = []
        self.bus.listen(self.heard.append)
        self.calls: list[Called | Exception] = []
        self.given: list[Mapping[str, Any]] = []
        self.slept: list[float] = []
        self.now = NOW
        self.jobs = Jobs(
            {"office.count": CALL}, runner=lambda: self, store=self.store, bus=self.bus, clock=lambda: self.now,  # type: ignore[arg-type, return-value]
            reports=RunReports(self.store.runs, clock=lambda: self.now), limits=Limits(), sleep=self.slept.append,
            environment={"OFFICE": "1"}, **more,
        )  # fmt: skip

    def job(self, given: Mapping[str, Any], *, limits: Limits) -> Called:
        self.given.append(given)
        called = self.calls.pop(0)
        if isinstance(called, Exception):
            raise called
        return called

    def run(self, *calls: Called | Exception, detail: Mapping[str, Any] | None = None) -> LedgerEntry:
        self.calls = list(calls)
        entry = LedgerEntry(schedule="office.count", period="p", kind="job", due=NOW, detail=detail or {})
        saved: list[Any] = []
        progress = SimpleNamespace(entry=entry, check=lambda: None, save=lambda **given: saved.append(given))
        return self.jobs.run(progress)  # type: ignore[arg-type]

    def mails(self) -> list[Any]:
        return [self.store.outgoing.get(one.id) for one in self.store.outgoing.page("queued").lines]


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench(errors=Errors(to=("op@x.example",)))
    yield made
    made.bus.close()
    made.store.close()


def test_what_it_said_and_printed_is_kept(bench: Bench) -> None:
    lines = [{"level": "info", "message": "seven", "logger": "office"}]
    ended = bench.run(Called(value={"lines": lines, "printed": "one\ntwo\n"}))
    assert (ended.outcome, ended.reason, ended.detail) == ("ran", "", {})
    [run] = bench.store.runs.page("scheduler").lines
    assert (run.name, run.ok, run.session) == ("office.count", True, OWNER)
    assert run.lines[1:] == ("one", "two")
    assert "seven" in run.lines[0]
    assert bench.given[0]["environment"] == {"OFFICE": "1"}


def test_a_job_that_says_nothing_keeps_nothing(bench: Bench) -> None:
    bench.run(Called(value={}))
    assert bench.store.runs.page("scheduler").lines == ()


def test_what_it_wants_done_is_done(bench: Bench) -> None:
    mail = to_body(SendMail(mail_id="m1", to=("a@example.com",), subject="Hi", body="Hello"))
    bench.run(
        Called(
            value={
                "mails": [mail, {"subject": "nobody gets it"}, "no mail"],
                "files": [{"filename": "report.csv", "content": b"1,2"}, {"content": "no bytes"}],
                "told": [{"session": "s", "data": {"a": 1}}, {"session": "s", "data": "no data"}],
            }
        )
    )
    [row] = bench.mails()
    assert (row.id, row.body["automatic"]) == ("m1", True)
    [file] = bench.store.files.of_session(OWNER)
    assert (file.filename, b"".join(bench.store.files.read(file.number))) == ("report.csv", b"1,2")
    eventually(lambda: [one.data for one in bench.heard] == [{"a": 1}, {}])


def test_a_failure_has_its_place_and_the_operator_hears_of_it_once_an_hour(bench: Bench) -> None:
    for _ in range(3):
        ended = bench.run(BROKEN)
    assert ended.outcome == "failed"
    assert (ended.detail["type"], ended.detail["file"], ended.detail["line"]) == ("KeyError", "office.py", 3)
    assert len(bench.mails()) == 1
    bench.now += timedelta(hours=1)
    bench.run(BROKEN)
    assert [mail.body["subject"] for mail in bench.mails()] == ["Error in office.count"] * 2


def test_what_is_logged_as_critical_is_told_too_and_what_a_handler_had_is_not(bench: Bench) -> None:
    bench.run(Called(value={"lines": [{"level": "critical", "message": "the disk is full"}]}))
    bench.run(Called(value={"handled": True}, failed=BROKEN.failed))
    [mail] = bench.mails()
    assert mail.body["body"] == "the disk is full"


def test_nobody_is_told_where_nobody_wants_to_be() -> None:
    for errors in (Errors(), Errors(to=("op@x.example",), silent=True)):
        bench = Bench(errors=errors)
        bench.run(BROKEN)
        assert bench.mails() == []
        bench.bus.close()
        bench.store.close()


def test_one_that_was_killed_is_tried_as_often_as_its_configuration_says(bench: Bench) -> None:
    assert bench.run(KILLED, Called(value={})).outcome == "ran"
    assert bench.run(KILLED, KILLED, KILLED, Called(value={})).outcome == "failed"
    assert bench.run(BROKEN, Called(value={})).outcome == "failed", "an error would come again"
    assert len(bench.given) == 2 + 3 + 1


def test_it_waits_for_a_process(bench: Bench) -> None:
    assert bench.run(Busy("all are taken"), Busy("all are taken"), Called(value={})).outcome == "ran"
    assert len(bench.slept) == 2


def test_arguments_that_cannot_travel_fail_it(bench: Bench) -> None:
    ended = bench.run(ValueError("an object"))
    assert (ended.outcome, bench.store.runs.page("scheduler").lines[0].failure["message"]) == ("failed", "an object")


def test_whether_another_clock_may_go_on_with_it(bench: Bench) -> None:
    entry = LedgerEntry(schedule="office.count", period="p", kind="job", due=NOW, detail={"tries": 2})
    assert bench.jobs.resumes(entry)
    assert not bench.jobs.resumes(LedgerEntry(schedule="gone", period="p", kind="job", due=NOW))
    assert bench.jobs.named("office.count") is CALL
    assert bench.jobs.named("gone") is None
