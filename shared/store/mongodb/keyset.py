"""Pages of records by a time and then by id, in MongoDB.

A page is two queries, what has the cursor's own time and what comes after it: so each has an index of its own, whatever the
server's planner makes of an ``$or``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pymongo import ASCENDING
from pymongo.collection import Collection

from shared.store import checks, paging
from shared.store.mongodb.connection import Document, repeat


def after_cursor(
    collection: Collection[Document],
    where: Document,
    field: str,
    *,
    after: str,
    limit: int,
    before: datetime | None = None,
    fields: Iterable[str] = (),
) -> list[Document]:
    """Documents after the cursor `after` by `field`, with `before` only those of an earlier time: one more than `limit`, if there are."""
    checks.check_limit(limit)
    begin = paging.cursor(after)
    end: Document = {} if before is None else {"$lt": before}
    ranges: list[Document] = [{field: end} if end else {}]
    if begin is not None:
        ranges = [{field: begin.at, "_id": {"$gt": begin.id}}, {field: {"$gt": begin.at, **end}}]
    order = [(field, ASCENDING), ("_id", ASCENDING)]
    wanted = dict.fromkeys((field, *fields), 1)
    found: list[Document] = []
    for part in ranges:
        if len(found) > limit:
            break
        left = limit + 1 - len(found)
        found += repeat(
            lambda part=part, left=left: list(collection.find({**where, **part}, wanted).sort(order).limit(left))  # type: ignore[misc]
        )
    return found
