"""Records for the tests, with as little said as possible. Times are seconds after one fixed moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.store.records import Address, Commit, Mail, OutboxEntry, RunRecord, Session, Step, Task

START = datetime(2026, 3, 28, 23, 59, 59, 123000, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def a_session(name: str = "s", **values: Any) -> Session:
    given: dict[str, Any] = {
        "version": 0,
        "interview": "demos:welcome.yml",
        "state": b"state 0",
        "step": 0,
        "created": at(0),
        "modified": at(0),
        "accessed": at(0),
    }
    return Session(id=name, **(given | values))


def a_commit(**values: Any) -> Commit:
    return Commit(**({"now": at(1)} | values))


def a_step(uid: int, previous: int | None, *, number: int = 1, delta: bytes = b"delta") -> Step:
    return Step(uid=uid, number=number, delta=delta, previous=previous)


def an_entry(name: str, **body: Any) -> OutboxEntry:
    return OutboxEntry(id=name, kind="task", body=body)


def a_task(name: str = "t", *, session: str = "s", **values: Any) -> Task:
    given: dict[str, Any] = {"interview": "demos:welcome.yml", "action": "work", "arguments": b"", "created": at(0)}
    return Task(id=name, session=session, **(given | values))


def an_address(name: str = "abc", *, session: str = "s", **values: Any) -> Address:
    return Address(**({"address": name, "session": session, "key": None, "index": None, "created": at(0)} | values))


def a_mail(name: str = "m", *, session: str = "s", **values: Any) -> Mail:
    given: dict[str, Any] = {
        "address": "abc",
        "sender": "a@example.com",
        "received": at(0),
        "raw": b"Subject: x\r\n\r\n",
    }
    return Mail(id=name, session=session, **(given | values))


def a_run(name: str = "r", /, **values: Any) -> RunRecord:
    given: dict[str, Any] = {
        "kind": "worker",
        "at": at(0),
        "session": "s",
        "interview": "demos:a.yml",
        "what": "task",
        "lines": ("a", "b"),
    }
    return RunRecord(**({"id": name} | given | values))
