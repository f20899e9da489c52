"""Which sessions there are in MongoDB: by interview, time, owner, browser. Not for: what stands in one, and writing it (`sessions`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pymongo import ASCENDING, DESCENDING

from shared.store import checks, paging
from shared.store.mongodb import session_document as documents
from shared.store.mongodb.connection import Connection, Document, repeat
from shared.store.mongodb.keyset import after_cursor
from shared.store.overview import Page
from shared.store.records import SessionName, Summary, Visit


class MongoSessionLists:
    def __init__(self, connection: Connection) -> None:
        self._sessions = connection.collection("sessions")

    def unpublished(self, *, older_than: datetime, limit: int) -> list[str]:
        checks.check_time("older_than", older_than)
        return self._ids({"outbox.at": {"$lte": older_than}}, limit, order="outbox.at")

    def scheduled(self, interview: str, *, after: str = "", limit: int = 200) -> list[str]:
        if not checks.known_start(after):
            return []
        return self._ids({"scheduled": True, "interview": interview, "_id": {"$gt": after}}, limit)

    def interviews(self, *, scheduled: bool, after: str = "", limit: int = 200) -> list[str]:
        checks.check_limit(limit)
        found: list[str] = []
        while len(found) < limit:
            # One look into the index for each: `distinct` would read all sessions.
            beyond = {"scheduled": scheduled, "interview": {"$gt": found[-1] if found else after}}
            following = repeat(
                lambda beyond=beyond: list(  # type: ignore[misc]
                    self._sessions.find(beyond, {"interview": 1}).sort([("interview", ASCENDING)]).limit(1)
                )
            )
            if not following:
                break
            found.append(following[0]["interview"])
        return found

    def visits(self, session_id: str) -> tuple[Visit, ...]:
        if not checks.known_id(session_id):
            return ()
        found = repeat(lambda: self._sessions.find_one({"_id": session_id, **documents.LIVE}, {"visits": 1}))
        return () if found is None else documents.visits(found)

    def exists(self, session_id: str) -> bool:
        if not checks.known_id(session_id):
            return False
        return repeat(lambda: self._sessions.find_one({"_id": session_id, **documents.LIVE}, {"_id": 1})) is not None

    def used(self, session_id: str) -> tuple[datetime, datetime] | None:
        if not checks.known_id(session_id):
            return None
        fields = {"modified": 1, "accessed": 1}
        found = repeat(lambda: self._sessions.find_one({"_id": session_id, **documents.LIVE}, fields))
        return None if found is None else (found["modified"], found["accessed"])

    def idle(
        self, interview: str, *, scheduled: bool, before: datetime, after: str = "", limit: int = 200
    ) -> Page[str]:
        where = {"scheduled": scheduled, "interview": interview}
        return self._since("modified", where, before=before, after=after, limit=limit)

    def unvisited(self, interview: str, *, before: datetime, after: str = "", limit: int = 200) -> Page[str]:
        return self._since("accessed", {"interview": interview}, before=before, after=after, limit=limit)

    def every(self, *, before: datetime, after: str = "", limit: int = 200) -> Page[str]:
        return self._since("modified", documents.LIVE, before=before, after=after, limit=limit)

    def remains(self, *, limit: int = 200) -> list[str]:
        checks.check_limit(limit)
        found = repeat(lambda: list(self._sessions.find({"deleted": True}, {"_id": 1}).limit(limit)))
        return [one["_id"] for one in found]

    def _since(self, field: str, where: Document, *, before: datetime, after: str, limit: int) -> Page[str]:
        checks.check_time("before", before)
        exactly, quarter = {**where, field: {"$lt": before}}, f"{field}_quarter"
        found = after_cursor(self._sessions, exactly, quarter, after=after, limit=limit, before=before)
        return paging.ids([paging.Cursor(one[quarter], one["_id"]) for one in found], limit)

    def owned(self, owner: str, *, limit: int = 200) -> list[Summary]:
        if not checks.known_id(owner):
            return []
        checks.check_limit(limit)
        fields = ("interview", "title", "tags", "progress", "created", "modified")
        found = repeat(
            lambda: list(
                self._sessions.find({"owner": owner, **documents.LIVE}, dict.fromkeys(fields, 1))
                .sort([("modified", DESCENDING)])
                .limit(limit)
            )
        )
        return [
            Summary(
                id=one["_id"],
                interview=one["interview"],
                title=one.get("title"),
                tags=tuple(one["tags"]),
                progress=one.get("progress"),
                created=one["created"],
                modified=one["modified"],
            )
            for one in found
        ]

    def of_browsers(
        self, browsers: Iterable[str], *, interview: str | None = None, session: str | None = None, limit: int = 24
    ) -> list[SessionName]:
        checks.check_limit(limit)
        where: Document = {"browsers": {"$in": [one for one in browsers if checks.known_id(one)]}, **documents.LIVE}
        if interview is not None:
            where["interview"] = interview
        if session is not None:
            where["_id"] = session
        fields = {"interview": 1, "version": 1}
        found = repeat(lambda: list(self._sessions.find(where, fields).sort([("modified", DESCENDING)]).limit(limit)))
        return [SessionName(id=one["_id"], interview=one["interview"], version=one["version"]) for one in found]

    def _ids(self, condition: Document, limit: int, *, order: str = "_id") -> list[str]:
        checks.check_limit(limit)
        where = condition | documents.LIVE
        return repeat(
            lambda: [
                one["_id"] for one in self._sessions.find(where, {"_id": 1}).sort([(order, ASCENDING)]).limit(limit)
            ]
        )
