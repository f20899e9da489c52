"""What the MongoDB adapter makes of a server that breaks off, refuses or is away; and what it asks. The server is the test's.

What a server does with what it is asked: tests/contract/store; what becomes of it when a link is cut: tests/faults/store.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from pymongo.errors import (
    AutoReconnect,
    DocumentTooLarge,
    DuplicateKeyError,
    ExecutionTimeout,
    InvalidOperation,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)

from shared.store import checks, paging
from shared.store.mongodb import connection, keyset, session_document
from shared.store.mongodb.connection import insert_once, reach, repeat, update_once
from shared.store.ports import BadRecord, StoreError, StoreUnavailable, TooLarge
from shared.store.records import Commit, OutboxEntry

NOW = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr(connection, "time", SimpleNamespace(sleep=waited.append))
    return waited


class Server:
    """Answers in turn with what the test says; an exception is raised, after it took effect with `done`."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, Any]] = []

    def _answer(self, method: str, *given: Any) -> Any:
        self.asked.append((method, *given))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def update_one(self, where: Any, change: Any, *, upsert: bool) -> Any:
        return self._answer("update_one", where, change)

    def find_one(self, where: Any, fields: Any = None) -> Any:
        return self._answer("find_one", where)

    def find_one_and_update(self, where: Any, change: Any, **how: Any) -> Any:
        return self._answer("find_one_and_update", where, change)


# ------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (DocumentTooLarge("20 MB"), TooLarge),
        (OperationFailure("too large", 17419), TooLarge),
        (OperationFailure("no", 13), StoreError),
        (InvalidOperation("Cannot use MongoClient after close"), StoreUnavailable),
        (AutoReconnect("cut"), StoreUnavailable),
        (NotPrimaryError("stepped down"), StoreUnavailable),
        (ServerSelectionTimeoutError("nobody"), StoreUnavailable),
        (ExecutionTimeout("slow"), StoreUnavailable),
        (WTimeoutError("unconfirmed", 64), StoreUnavailable),
        (PyMongoError("whatever"), StoreError),
    ],
)
def test_an_error_of_the_server_is_one_of_the_store(raised: Exception, error: type[StoreError]) -> None:
    with pytest.raises(StoreError) as told, reach():
        raise raised
    assert type(told.value) is error
    assert told.value.__cause__ is raised


def test_what_a_key_that_is_taken_means_is_for_the_caller() -> None:
    with pytest.raises(DuplicateKeyError), reach():
        raise DuplicateKeyError("taken")


def operation(*answers: Any) -> tuple[Callable[[], Any], list[Any]]:
    left = list(answers)

    def run() -> Any:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return run, left


def test_what_may_be_repeated_is_while_connections_break(pauses: list[float]) -> None:
    run, _ = operation(AutoReconnect("cut"), AutoReconnect("cut"), 7)
    assert repeat(run) == 7
    assert len(pauses) == 2
    assert pauses == sorted(pauses)


def test_a_server_that_stays_away_is_told_after_some_seconds(pauses: list[float]) -> None:
    run, left = operation(*[AutoReconnect("cut")] * 9)
    with pytest.raises(StoreUnavailable):
        repeat(run)
    assert len(left) == 3
    assert 3 < sum(pauses) < 5


@pytest.mark.parametrize("error", [ServerSelectionTimeoutError("waited for already"), OperationFailure("no", 13)])
def test_what_another_try_does_not_mend_is_not_tried(error: Exception, pauses: list[float]) -> None:
    run, _ = operation(error)
    with pytest.raises(StoreError):
        repeat(run)
    assert pauses == []


# ------------------------------------------------------------------ writes that are done once


def test_a_record_is_inserted_if_there_is_none() -> None:
    server = Server(SimpleNamespace(upserted_id="r"))
    assert insert_once(server, "r", {"a": 1})  # type: ignore[arg-type]
    ((_, where, change),) = server.asked
    assert where == {"_id": "r"}
    assert change["$setOnInsert"]["a"] == 1


@pytest.mark.parametrize(("found", "ours"), [({"_id": "r"}, True), (None, False)])
def test_an_insert_that_broke_off_finds_out_whether_it_was_done(found: Any, ours: bool) -> None:
    server = Server(AutoReconnect("cut"), SimpleNamespace(upserted_id=None), found)
    assert insert_once(server, "r", {"a": 1}) is ours  # type: ignore[arg-type]
    write = server.asked[0][2]["$setOnInsert"]["write"]  # type: ignore[misc]
    assert server.asked[-1] == ("find_one", {"_id": "r", "write": write}), "by the id of this very write"


def test_two_inserts_at_once_are_one() -> None:
    server = Server(DuplicateKeyError("taken"), None)
    assert insert_once(server, "r", {"a": 1}) is False  # type: ignore[arg-type]


def test_a_change_that_finds_nothing_is_none() -> None:
    server = Server(None)
    assert update_once(server, {"_id": "r", "version": 3}, {"$inc": {"version": 1}}) is None  # type: ignore[arg-type]
    assert len(server.asked) == 1


def test_a_change_that_broke_off_is_repeated_and_then_looked_for() -> None:
    server = Server(AutoReconnect("cut"), None, {"_id": "r", "version": 4})
    changed = update_once(server, {"_id": "r", "version": 3}, {"$set": {"a": 1}})  # type: ignore[arg-type]
    assert changed == {"_id": "r", "version": 4}
    (_, _, first), (_, _, second), (_, looked) = server.asked  # type: ignore[misc]
    assert first == second, "the same write, not another"
    assert first["$set"]["a"] == 1
    assert looked == {"_id": "r", "write": first["$set"]["write"]}


def test_a_change_that_a_server_refused_is_not_repeated() -> None:
    server = Server(ServerSelectionTimeoutError("nobody"))
    with pytest.raises(StoreUnavailable):
        update_once(server, {"_id": "r"}, {"$set": {}})  # type: ignore[arg-type]
    assert len(server.asked) == 1


@pytest.mark.parametrize("uri", ["mongodb://", "mongodb://h:port/", "mongodb://h/?w=1&readConcernLevel=x&tls=perhaps"])
def test_an_address_that_is_none_is_told(uri: str) -> None:
    with pytest.raises(BadRecord, match="the address of MongoDB is not right"):
        connection.Connection(uri)


# ------------------------------------------------------------------ pages


class Collection:
    """Gives `found` of each query, and keeps the queries."""

    def __init__(self, *found: list[dict[str, Any]]) -> None:
        self.found = list(found)
        self.queries: list[dict[str, Any]] = []
        self.limits: list[int] = []

    def find(self, where: dict[str, Any], wanted: dict[str, int]) -> Collection:
        self.queries.append(where)
        return self

    def sort(self, order: Any) -> Collection:
        assert order == [("at", 1), ("_id", 1)]
        return self

    def limit(self, number: int) -> list[dict[str, Any]]:
        self.limits.append(number)
        return self.found.pop(0)[:number]


def page(collection: Collection, **how: Any) -> list[dict[str, Any]]:
    return keyset.after_cursor(collection, {"session": "s"}, "at", **{"after": "", "limit": 2, **how})  # type: ignore[arg-type]


def test_a_first_page_is_one_query_of_one_more_than_asked_for() -> None:
    collection = Collection([{"_id": "a"}])
    assert page(collection, before=NOW) == [{"_id": "a"}]
    assert collection.queries == [{"session": "s", "at": {"$lt": NOW}}]
    assert collection.limits == [3]


def test_a_further_page_begins_among_those_of_the_same_time() -> None:
    after = paging.Cursor(NOW, "b").text()
    collection = Collection([{"_id": "c"}], [{"_id": "d"}, {"_id": "e"}, {"_id": "f"}])
    assert [one["_id"] for one in page(collection, after=after)] == ["c", "d", "e"]
    assert collection.queries == [
        {"session": "s", "at": NOW, "_id": {"$gt": "b"}},
        {"session": "s", "at": {"$gt": NOW}},
    ]
    assert collection.limits == [3, 2]


def test_a_page_that_is_full_asks_no_further() -> None:
    after = paging.Cursor(NOW, "b").text()
    collection = Collection([{"_id": "c"}, {"_id": "d"}, {"_id": "e"}])
    assert len(page(collection, after=after)) == 3
    assert len(collection.queries) == 1


# ------------------------------------------------------------------ what a document can take


def commit(*outbox: str, applied: tuple[str, ...] = ()) -> Commit:
    entries = tuple(OutboxEntry(id=one, kind="task", body={}) for one in outbox)
    return Commit(now=NOW, outbox=entries, applied=dict.fromkeys(applied))


def document(outbox: int = 0, applied: int = 0) -> dict[str, Any]:
    return {
        "_id": "s",
        "outbox": [{"id": f"o{n}"} for n in range(outbox)],
        "applied": [{"id": f"a{n}"} for n in range(applied)],
    }


def test_a_commit_that_adds_nothing_needs_no_room() -> None:
    assert session_document.room("outbox", commit()) == {}
    session_document.check_room(document(outbox=checks.OUTBOX_ENTRIES), commit())


def test_room_is_a_condition_of_the_write_itself() -> None:
    condition = session_document.room("outbox", commit("x", "y"))
    assert condition == {
        f"outbox.{checks.OUTBOX_ENTRIES - 2}": {"$exists": False},
        "outbox.id": {"$nin": ["x", "y"]},
    }
    assert session_document.room("applied", commit(applied=("t",))) == {
        f"applied.{checks.APPLIED_ENTRIES - 1}": {"$exists": False}
    }


def test_why_a_write_did_not_fit_is_told() -> None:
    session_document.check_room(document(outbox=checks.OUTBOX_ENTRIES - 1), commit("x"))
    with pytest.raises(TooLarge, match="outbox of session s is full"):
        session_document.check_room(document(outbox=checks.OUTBOX_ENTRIES), commit("x"))
    with pytest.raises(TooLarge, match="applied of session s is full"):
        session_document.check_room(document(applied=checks.APPLIED_ENTRIES), commit(applied=("t",)))
    with pytest.raises(BadRecord, match="an entry of the same id"):
        session_document.check_room(document(outbox=1), commit("o0"))


def test_fields_are_held_as_arrays_and_packed_values() -> None:
    held = session_document.values(
        {"tags": ("a",), "events": ("e",), "title": "t", "extra": {"a": 1}, "slots": {"b": 2}}
    )
    assert (held["tags"], held["events"], held["title"]) == (["a"], ["e"], "t")
    assert isinstance(held["extra"], bytes)
    assert isinstance(held["slots"], bytes)
    assert "browsers" not in held, "what is not given is not touched"
    with pytest.raises(TooLarge):
        session_document.values({"extra": {"a": "x" * (checks.EXTRA_BYTES + 1)}})
