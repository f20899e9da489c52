"""Which index serves each query of each port: SQLite's own plans at 100,000 rows, and the definitions of MongoDB's indexes.

The server of MongoDB's protocol that tests use looks at every document whatever there is: so a rule stands here, MongoDB's own for an index
that finds without looking further and gives in order (fields asked for by equality first, then those that sort, then a range).
Not for how much is read: `test_every_read`, `test_reads`.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
from pymongo import MongoClient

from shared.store.open import open_store
from tests.contract.store.reads import counted
from tests.contract.store.test_every_read import LATER, QUESTIONS, one_of_each

ROWS = 100_000
Index = Sequence[tuple[str, int]]


# ------------------------------------------------------------------ SQLite


def fill(store: Any) -> None:
    """Each table's first row (somebody else's, whose times lie in the future) 100,000 times, by one statement."""
    with store._database.write() as connection:
        names = [
            row["name"]
            for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        for table in names:
            columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
            keys = {row["name"]: row["type"] for row in columns if row["pk"]}
            unique = {
                part["name"]: "TEXT"
                for index in connection.execute(f"PRAGMA index_list({table})").fetchall()
                if index["unique"]
                for part in connection.execute(f"PRAGMA index_info({index['name']})").fetchall()
            }
            others = {name: "TEXT" for name in ("session", "id") if any(row["name"] == name for row in columns)}
            changed = {**unique, **others, **keys}
            values = [
                row["name"]
                if row["name"] not in changed
                else (
                    f"{row['name']} + 1000 + n" if row["type"] == "INTEGER" else f"printf('zz%s%06d', {row['name']}, n)"
                )
                for row in columns
            ]
            listed = ", ".join(row["name"] for row in columns)
            connection.execute(
                f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ROWS}) "
                f"INSERT OR IGNORE INTO {table} ({listed}) SELECT {', '.join(values)} "
                f"FROM (SELECT * FROM {table} LIMIT 1) CROSS JOIN numbers"
            )


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The plans of what each question asks of SQLite."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('shapes')}/parley.sqlite")
    one_of_each(store, "o", "demos:other.yml", LATER)
    fill(store)
    one_of_each(store, "s", "demos:welcome.yml", 0)
    found = {}
    for name, question in QUESTIONS.items():
        with counted(store) as reads:
            question(store)
        found[name] = reads.plans
    store.close()
    return found


#: Questions that sort or look through a few rows by hand, and which those are.
BY_HAND = {
    "sessions.load": "the outbox of the session",
    "sessions.of_browsers": "the sessions of one browser",
    "mails.addresses": "the addresses of one session",
    "mails.retire": "the addresses of one session",
    "outgoing.due": "two pages, one for each way to be due",
    "ledger.open": "an index that only holds what is open",
    "overview.counts": "all that waits in outboxes, as much as is counted",
    "overview.lapsed": "what workers hold",
    "overview.outboxes": "all that waits in outboxes",
}


def looks_further(part: str) -> bool:
    """Whether a part of a plan reads what is not asked for.

    Its subqueries are pages; the ``RIGHT PART`` of an order, or its ``LAST TERM`` as SQLite says since 3.44, are rows of one millisecond.
    """
    sorts = "TEMP B-TREE" in part and "RIGHT PART" not in part and "LAST TERM OF" not in part
    return sorts or (part.startswith("SCAN ") and not part.startswith("SCAN (subquery"))


def test_sqlite_finds_by_an_index_and_in_its_order(plans: dict[str, list[str]]) -> None:
    found = {name: [one for one in parts if looks_further(one)] for name, parts in plans.items()}
    assert {name: parts for name, parts in found.items() if parts and name not in BY_HAND} == {}
    tables = {one for parts in found.values() for one in parts if one.startswith("SCAN ") and "USING" not in one}
    assert tables == set(), "looked through without any index"


# ------------------------------------------------------------------ MongoDB

_RANGES = {"$lt", "$lte", "$gt", "$gte", "$ne", "$exists", "$regex", "$nin"}


def fields_of(filters: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """Those that are asked for by equality (with one value or several), and those with a range."""
    equal, ranges = set[str](), set[str]()
    for part in filters.get("$and", ()):
        more, wider = fields_of(part)
        equal, ranges = equal | more, ranges | wider
    for name, wanted in filters.items():
        if name == "$and":
            continue
        operators = set(wanted) & _RANGES if isinstance(wanted, Mapping) else set()
        (ranges if operators else equal).add(name)
    return equal, ranges


def serves(index: Index, filters: Mapping[str, Any], sort: Index, *, sparse: bool = False) -> set[str] | None:
    """The fields of the filter that `index` does not find by, if it gives what is asked for in order; None: it does not."""
    equal, ranges = fields_of(filters)
    if index[0][0] not in equal | ranges or (sparse and filters.get(index[0][0]) is None):
        return None
    left = [(name, way) for name, way in sort if name not in equal]
    if any("." in name for name, _ in left):  # of a list, of which each document stands at several places in an index
        return None
    turned, used = set[int](), set[str]()
    for name, way in index:
        if name in equal:
            used.add(name)
        elif left and left[0][0] == name:
            turned.add(way * left.pop(0)[1])
            used.add(name)
        elif not left and name in ranges:
            used.add(name)
            break
        else:
            break
    if left or len(turned) > 1:
        return None
    return (equal | ranges) - used


#: Fields of a filter by which no index finds: of what it finds, nearly all has them.
NEARLY_ALL = {
    "modified": "sessions of a quarter of an hour that were changed before a time in it",
    "accessed": "sessions of a quarter of an hour that were used before a time in it",
    "deleted": "sessions of which something is left for a moment",
    "sha256": "files that are still being written",
}
#: Questions that look at more than they give, and at what.
MORE = {
    "sessions.unpublished": "what waits in outboxes: an index of a list gives no order",
    "overview.outboxes": "what waits in outboxes: an index of a list gives no order",
    "sessions.of_browsers": "the sessions of one browser",
    "tasks.due": "what workers hold",
    "tasks.undelivered": "what a page asked to be told of and has not ended",
    "tasks.revoke_all": "the tasks of one session, when it ends",
    "outgoing.waiting_of": "the mails of one session",
    "schedule.expire": "old claims, of which nearly all go",
    "ledger.forget": "ended ticks that are old, which go",
}


def asked_for(store: Any, name: str) -> list[tuple[str, Mapping[str, Any], Index]]:
    with counted(store) as reads:
        QUESTIONS[name](store)
    return [one for one in reads.shapes if "_id" not in fields_of(one[1])[0]]


@pytest.mark.mongodb
def test_mongodb_has_an_index_for_each_query_and_sort() -> None:
    address = urlsplit(os.environ["MONGO_URI"])
    uri = address._replace(path=f"/test_{secrets.token_hex(6)}").geturl()
    store = open_store(uri)
    one_of_each(store, "o", "demos:other.yml", LATER)
    one_of_each(store, "s", "demos:welcome.yml", 0)
    found: dict[str, list[tuple[str, Mapping[str, Any], Index, set[str] | None]]] = {}
    with MongoClient[dict[str, Any]](uri) as client:
        database = client.get_default_database()
        known = {name: list(database[name].index_information().values()) for name in database.list_collection_names()}
        for name in QUESTIONS:
            for collection, filters, sort in asked_for(store, name):
                ways = [
                    rest - NEARLY_ALL.keys()
                    for index in known.get(collection, [{"key": [("_id", 1)]}])
                    if (rest := serves(index["key"], filters, sort, sparse=index.get("sparse", False))) is not None
                ]
                best = min(ways, key=len, default=None)
                if best is None or best:
                    found.setdefault(name, []).append((collection, filters, sort, best))
        client.drop_database(database.name)
    store.close()
    assert {name: shapes for name, shapes in found.items() if name not in MORE} == {}
    assert found.keys() == MORE.keys(), "there is an index for it now"


def test_an_index_serves_what_is_asked_for_by_it_and_in_its_order() -> None:
    index = [("status", 1), ("created", 1), ("_id", 1)]
    order = [("created", 1), ("_id", 1)]
    assert serves(index, {"status": "queued", "created": {"$lt": 5}}, order) == set()
    assert serves(index, {"status": {"$in": ["queued"]}}, [("created", -1), ("_id", -1)]) == set()
    assert serves(index, {"status": "queued", "session": "s"}, order) == {"session"}
    assert serves(index, {"status": "queued"}, [("created", 1), ("_id", -1)]) is None, "two ways at once"
    assert serves(index[:2], {"status": "queued"}, order) is None, "it would be sorted by hand"
    assert serves(index, {"created": {"$lt": 5}}, [("created", 1)]) is None, "of every status"
    assert serves(index, {"status": {"$gt": "a"}}, order) is None, "a range comes before the order"
    assert serves([("outbox.at", 1)], {"outbox.at": {"$lt": 5}}, [("outbox.at", 1)]) is None, (
        "an index of lists gives no order"
    )
    assert serves([("owner", 1)], {"owner": None}, (), sparse=True) is None


@pytest.mark.mongodb
def test_indexes_that_others_replaced_go() -> None:
    address = urlsplit(os.environ["MONGO_URI"])
    uri = address._replace(path=f"/test_{secrets.token_hex(6)}").geturl()
    with MongoClient[dict[str, Any]](uri) as client:
        database = client.get_default_database()
        database["mails"].create_index([("status", 1), ("received", 1)])
        database["sessions"].create_index([("modified", 1), ("_id", 1)])
        open_store(uri).close()
        kept = [
            (collection, *(name for name, _ in one["key"]))
            for collection in ("mails", "sessions")
            for one in database[collection].index_information().values()
        ]
        client.drop_database(database.name)
    assert not {("mails", "status", "received"), ("sessions", "modified", "_id")} & set(kept)
    assert {("mails", "status", "received", "_id"), ("sessions", "modified_quarter", "_id")} <= set(kept)
