"""What an operator's console reads, in MongoDB.

A page is two queries, what has the cursor's own time and what comes after it: so each has an index of its own, whatever the
server's planner makes of an ``$or``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection

from shared.contract.tasks import TaskStatus
from shared.store import checks, paging
from shared.store.mongodb.blobs import Blobs, Missing
from shared.store.mongodb.connection import Connection, Document, repeat
from shared.store.overview import COUNTED, Counts, MailLine, OutboxLine, Page, TaskLine, TickLine
from shared.store.packing import unpack

_TASK: Final = (
    "session", "interview", "action", "origin", "status", "created", "started", "finished", "lease", "lease_until",
    "attempts",
)  # fmt: skip
_LIVE: Final = ("running", "responding")


class MongoOverview:
    def __init__(self, connection: Connection, blobs: Blobs) -> None:
        self._sessions = connection.collection("sessions")
        self._tasks = connection.collection("tasks")
        self._mails = connection.collection("mails")
        self._claims = connection.collection("claims")
        self._blobs = blobs

    def counts(self, *, now: datetime, queued_before: datetime, most: int = COUNTED) -> Counts:
        checks.check_time("now", now)
        checks.check_time("queued_before", queued_before)
        checks.check_limit(most)

        def count(collection: Collection[Document], where: Document) -> int:
            return repeat(lambda: collection.count_documents(where, limit=most))

        lapsed = sum(count(self._tasks, {"status": one, "lease_until": {"$lte": now}}) for one in _LIVE)
        return Counts(
            tasks={str(status): count(self._tasks, {"status": status}) for status in TaskStatus},
            late=count(self._tasks, {"status": "queued", "created": {"$lt": queued_before}}),
            lapsed=min(lapsed, most),
            mails=count(self._mails, {"status": "received"}),
            outboxes=count(self._sessions, {"outbox.at": {"$gte": checks.EPOCH}}),
        )

    def tasks(
        self,
        status: str,
        *,
        before: datetime | None = None,
        newest_first: bool = False,
        after: str = "",
        limit: int = 100,
    ) -> Page[TaskLine]:
        paging.check_status(status, tuple(TaskStatus))
        checks.check_time("before", before, optional=True)
        where: Document = {"status": status}
        if before is not None:
            where["$and"] = [{"created": {"$lt": before}}]
        fields = (*_TASK, "result") if status == "failed" else _TASK
        found = _page(self._tasks, [where], "created", after, limit, fields, down=newest_first)
        return paging.page([self._task(one) for one in found], limit, paging.task_cursor)

    def lapsed(self, *, now: datetime, after: str = "", limit: int = 100) -> Page[TaskLine]:
        checks.check_time("now", now)
        wheres: list[Document] = [{"status": status, "$and": [{"lease_until": {"$lte": now}}]} for status in _LIVE]
        found = _page(self._tasks, wheres, "lease_until", after, limit, _TASK)
        return paging.page([self._task(one, lapsed=True) for one in found], limit, paging.lease_cursor)

    def mails(self, status: str, *, newest_first: bool = False, after: str = "", limit: int = 100) -> Page[MailLine]:
        paging.check_status(status, paging.MAIL_STATUSES)
        fields = ("session", "status", "received")
        found = _page(self._mails, [{"status": status}], "received", after, limit, fields, down=newest_first)
        lines = [
            MailLine(id=one["_id"], session=one["session"], status=one["status"], received=one["received"])
            for one in found
        ]
        return paging.page(lines, limit, paging.mail_cursor)

    def outboxes(self, *, before: datetime, after: str = "", limit: int = 100) -> Page[OutboxLine]:
        checks.check_time("before", before)
        checks.check_limit(limit)
        begin = paging.cursor(after)
        # The oldest entry decides, and an index over an array finds any: so those with an older one are left out.
        wheres: list[Document] = [{"outbox.at": {"$lte": before}}]
        if begin is not None:
            older = {"$elemMatch": {"at": {"$lt": begin.at}}}
            not_newer = {"$elemMatch": {"at": {"$lte": begin.at}}}
            wheres = [
                {"outbox.at": begin.at, "outbox": {"$not": older}, "_id": {"$gt": begin.id}},
                {"outbox.at": {"$gt": begin.at, "$lte": before}, "outbox": {"$not": not_newer}},
            ]
        fields = {"outbox.at": 1, "outbox.kind": 1}
        order = [("outbox.at", ASCENDING), ("_id", ASCENDING)]
        lines = [
            _outbox(one)
            for where in wheres
            for one in _list(self._sessions, {**where, "deleted": None}, fields, order, limit + 1)
        ]
        lines.sort(key=lambda line: (line.oldest, line.session))
        return paging.page(lines, limit, paging.outbox_cursor)

    def ticks(self, *, after: str = "", limit: int = 100) -> Page[TickLine]:
        checks.check_limit(limit)
        if not checks.known_start(after):
            return Page((), None)
        found = _list(self._claims, {"_id": {"$gt": after}}, {"period": 1, "at": 1}, [("_id", ASCENDING)], limit + 1)
        lines = [TickLine(key=one["_id"], period=one["period"], at=one["at"]) for one in found]
        return Page(tuple(lines[:limit]), lines[limit - 1].key if len(lines) > limit else None)

    def _task(self, document: Document, *, lapsed: bool = False) -> TaskLine:
        values: dict[str, Any] = {name: document.get(name) for name in _TASK}
        if values.pop("lease") is None and not lapsed:
            values["lease_until"] = None
        try:
            result = unpack("result", self._blobs.unwrap(document["result"])) if "result" in document else {}
        except Missing:  # deleted with its session while we read
            result = {}
        return TaskLine(id=document["_id"], error_type=paging.error_type(result), **values)


def _list(
    collection: Collection[Document], where: Document, fields: dict[str, int], order: list[tuple[str, int]], limit: int
) -> list[Document]:
    return repeat(lambda: list(collection.find(where, fields).sort(order).limit(limit)))


def _page(
    collection: Collection[Document],
    wheres: Iterable[Document],
    field: str,
    after: str,
    limit: int,
    fields: tuple[str, ...],
    *,
    down: bool = False,
) -> list[Document]:
    """Documents that fit one of `wheres` (which exclude each other) by `field`, then id: one more than `limit`, if there are so many."""
    checks.check_limit(limit)
    begin = paging.cursor(after)
    beyond = "$lt" if down else "$gt"
    ranges: list[Document] = [{}]
    if begin is not None:
        ranges = [{field: begin.at, "_id": {beyond: begin.id}}, {field: {beyond: begin.at}}]
    way = DESCENDING if down else ASCENDING
    found: list[Document] = []
    for where in wheres:
        for part in ranges:
            found += _list(
                collection, {**where, **part}, dict.fromkeys(fields, 1), [(field, way), ("_id", way)], limit + 1
            )
    return sorted(found, key=lambda one: (one[field], one["_id"]), reverse=down)[: limit + 1]


def _outbox(document: Document) -> OutboxLine:
    return OutboxLine(
        session=document["_id"],
        oldest=min(entry["at"] for entry in document["outbox"]),
        entries=len(document["outbox"]),
        kinds=tuple(sorted({entry["kind"] for entry in document["outbox"]})),
    )
