"""How runs end is told without answers to operators, and with what was said to who may read the record."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.logs import JsonLines, session_hash
from services.runs import reports
from services.runs.reports import LINES, RUNS, RunReports, Work, failure_of, lines
from shared.contract.effects import LogMessage, NotifyBrowser
from shared.contract.errors import (
    BadInterview,
    Busy,
    ChildDied,
    ChildKilled,
    NoSession,
    ProblemPlace,
    StepFailed,
    StoreUnavailable,
    TimeLimit,
)
from shared.contract.outcome import Failure
from shared.store.ports import StoreUnavailable as Away
from shared.store.records import RunRecord

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
ANSWER = "PLANTED-ANSWER"
FAILURE = Failure(
    type="KeyError", message=ANSWER, file="demos:a.yml", block="block 2", line=7, trail=("n",), trace=f"… {ANSWER}"
)
WORK = Work(what="tick", session="the-session", interview="demos:a.yml", name="cron_daily")


class Kept:
    def __init__(self) -> None:
        self.runs: list[RunRecord] = []
        self.error: Exception | None = None

    def append(self, run: RunRecord) -> bool:
        if self.error is not None:
            raise self.error
        self.runs.append(run)
        return True

    def page(self, kind: str, *, after: str = "", limit: int = 100) -> Any: ...
    def forget(self, kind: str, *, before: datetime, keep: int) -> int:
        return 0


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def said(kept: Kept) -> RunReports:
    return RunReports(kept, clock=lambda: NOW)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger(reports.__name__)
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


def count(what: str, ended: str) -> float:
    return float(RUNS.labels(what, ended)._value.get())


def test_a_failure_is_one_line_with_its_place_and_without_what_it_said(
    said: RunReports, kept: Kept, logged: io.StringIO
) -> None:
    before = count("tick", "failed"), count("tick", "well")
    said.ended(WORK, FAILURE, (LogMessage(message=f"log {ANSWER}"),))
    [line] = logged.getvalue().splitlines()
    told = json.loads(line)
    assert told.pop("time")
    assert told == {
        "level": "warning",
        "event": "interview_failed",
        "kind": "tick",
        "session": session_hash("the-session"),
        "interview": "demos:a.yml",
        "task": None,
        "error": "KeyError",
        "source": "demos:a.yml",
        "block": "block 2",
        "line": 7,
        "logger": "services.runs.reports",
    }
    assert (count("tick", "failed"), count("tick", "well")) == (before[0] + 1, before[1])
    [run] = kept.runs
    assert (run.kind, run.at, run.ok, run.lines) == ("cron", NOW, False, (f"log {ANSWER}",))
    assert run.failure["message"] == ANSWER


def test_what_ended_well_and_said_nothing_is_only_counted(said: RunReports, kept: Kept, logged: io.StringIO) -> None:
    before = count("tick", "well")
    said.ended(WORK, None, (NotifyBrowser(event="x", data={}),))
    assert count("tick", "well") == before + 1
    assert (kept.runs, logged.getvalue()) == ([], "")


def test_what_ended_well_and_said_something_is_kept(said: RunReports, kept: Kept, logged: io.StringIO) -> None:
    said.ended(Work(what="task", session="s", interview="i", scheduled=True), None, (LogMessage(message="a\nb"),))
    said.ended(
        Work(what="mail", session="s", interview="i"), None, (LogMessage(message="to them", priority="success"),)
    )
    assert [(run.kind, run.ok, run.lines) for run in kept.runs] == [
        ("cron", True, ("a", "b")),
        ("mail", True, ("success: to them",)),
    ]
    assert logged.getvalue() == ""


def test_a_store_that_is_away_harms_nobody(said: RunReports, kept: Kept, logged: io.StringIO) -> None:
    kept.error = Away("away")
    said.ended(WORK, FAILURE)
    assert [json.loads(line)["event"] for line in logged.getvalue().splitlines()] == [
        "interview_failed",
        "run_not_kept",
    ]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (StepFailed("x", FAILURE), FAILURE),
        (TimeLimit("slow"), Failure(type="TimeLimit", message="slow")),
        (ChildDied("died"), Failure(type="ChildDied", message="died")),
        (
            BadInterview("no", [ProblemPlace(file="a:b.yml", block="block 1", line=3, message="bad")]),
            Failure(type="BadInterview", message="bad", file="a:b.yml", block="block 1", line=3),
        ),
        (BadInterview("no"), Failure(type="BadInterview", message="no")),
        (Busy(), None),
        (ChildKilled(), None),
        (StoreUnavailable(), None),
        (NoSession(), None),
    ],
)
def test_only_what_is_the_interviews_doing_is_a_failure_of_it(error: Any, told: Failure | None) -> None:
    assert failure_of(error) == told


def test_what_is_kept_of_one_run_is_bounded(said: RunReports, kept: Kept) -> None:
    many = [LogMessage(message=f"{number}") for number in range(LINES + 5)]
    assert lines(many)[-1] == "… and 5 more lines"
    assert len(lines(many)) == LINES + 1
    [long] = lines([LogMessage(message="x" * 100_000)])
    assert len(long) == 2000
    wide = lines([LogMessage(message="\U0001f600" * 2000)] * 100)
    assert sum(len(line.encode()) for line in wide) < 70_000
    assert lines([LogMessage(message="\ud800")]) == ("?",)
    huge = Failure(type="E" * 9999, message="m" * 99_999, trace="t" * 999_999, trail=("n" * 9999,) * 999)
    said.ended(Work(what="step", session="s", interview="i", name="n" * 9999), huge)
    assert len(str(kept.runs[0])) < 25_000


def test_records_of_the_same_run_are_told_apart(said: RunReports, kept: Kept) -> None:
    said.ended(WORK, FAILURE)
    said.ended(WORK, FAILURE)
    assert len({run.id for run in kept.runs}) == 2
    assert NOW - kept.runs[0].at == timedelta(0)
