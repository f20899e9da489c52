"""What runs of interviews said, in MongoDB."""

from __future__ import annotations

from datetime import datetime

from pymongo import DESCENDING

from shared.store import checks
from shared.store.mongodb.connection import Connection, Document, insert_once, repeat
from shared.store.overview import Page
from shared.store.packing import pack, unpack
from shared.store.paging import cursor, page, run_cursor
from shared.store.records import RunRecord

_NEWEST = [("at", DESCENDING), ("_id", DESCENDING)]


class MongoRuns:
    def __init__(self, connection: Connection) -> None:
        self._runs = connection.collection("runs")

    def append(self, run: RunRecord) -> bool:
        checks.check_run(run)
        document: Document = {
            "kind": run.kind,
            "at": run.at,
            "session": run.session,
            "interview": run.interview,
            "what": run.what,
            "name": run.name,
            "task": run.task,
            "ok": run.ok,
            "told": pack(f"run {run.id}", {"lines": run.lines, "failure": run.failure}, limit=checks.RUN_BYTES),
        }
        return insert_once(self._runs, run.id, document)

    def page(self, kind: str, *, after: str = "", limit: int = 100) -> Page[RunRecord]:
        checks.check_run_kind(kind)
        checks.check_limit(limit)
        where: Document = {"kind": kind}
        begin = cursor(after)
        if begin is not None:
            # The first condition bounds the index; the second leaves out what came before among those of the same time.
            where["at"] = {"$lte": begin.at}
            where["$or"] = [{"at": {"$lt": begin.at}}, {"_id": {"$lt": begin.id}}]
        found = repeat(lambda: list(self._runs.find(where).sort(_NEWEST).limit(limit + 1)))
        return page([_run(document) for document in found], limit, run_cursor)

    def forget(self, kind: str, *, before: datetime, keep: int) -> int:
        checks.check_run_kind(kind)
        checks.check_time("before", before)
        checks.check_limit(keep)
        last = repeat(lambda: list(self._runs.find({"kind": kind}, {"at": 1}).sort(_NEWEST).skip(keep).limit(1)))
        removed = repeat(lambda: self._runs.delete_many({"kind": kind, "at": {"$lt": before}})).deleted_count
        for end in last:
            beyond = {
                "kind": kind,
                "at": {"$lte": end["at"]},
                "$or": [{"at": {"$lt": end["at"]}}, {"_id": {"$lte": end["_id"]}}],
            }
            removed += repeat(lambda beyond=beyond: self._runs.delete_many(beyond)).deleted_count  # type: ignore[misc]
        return removed


def _run(document: Document) -> RunRecord:
    told = unpack("run", document["told"])
    return RunRecord(
        id=document["_id"],
        kind=document["kind"],
        at=document["at"],
        session=document["session"],
        interview=document["interview"],
        what=document["what"],
        name=document["name"],
        task=document["task"],
        ok=document["ok"],
        lines=tuple(told["lines"]),
        failure=told["failure"],
    )
