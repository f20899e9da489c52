"""What an author is told beside the page: what code said and failed of in this session, the newest first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.embedded.workshop import TOLD, Workshop
from shared.store.sqlite import SqliteStore
from tests.contract.store.make import a_run, at
from tests.helpers.memory import memory_store

FAILURE = {"type": "KeyError", "message": "'x'", "file": "demos:a.yml", "block": "b", "line": 3, "trail": ["x"]}


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    made = memory_store()
    yield made
    made.close()


def test_of_every_kind_the_newest_come_first_and_of_this_session_only(store: SqliteStore) -> None:
    for number, kind in enumerate(("interview", "worker", "cron", "mail")):
        store.runs.append(a_run(kind, kind=kind, at=at(number), lines=(kind,)))
    store.runs.append(a_run("other", session="t"))
    said = Workshop(store.runs).methods["said"](session="s")
    assert [(run["id"], run["lines"]) for run in said] == [  # type: ignore[attr-defined]
        (kind, [kind]) for kind in ("mail", "cron", "worker", "interview")
    ]


def test_a_failure_is_told_with_its_place(store: SqliteStore) -> None:
    store.runs.append(a_run("r", ok=False, failure=FAILURE, lines=()))
    [run] = Workshop(store.runs).said(session="s")
    assert run["failure"] == {name: FAILURE[name] for name in ("type", "message", "file", "block", "line")}


def test_what_is_told_ends(store: SqliteStore) -> None:
    for number in range(TOLD + 5):
        store.runs.append(a_run(f"r{number}", at=at(number)))
    assert len(Workshop(store.runs).said(session="s")) == TOLD
