"""Background tasks in MongoDB: one document each; every change is one atomic update that names the lease it is made under."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING

from shared.contract.tasks import ENDED, TaskStatus
from shared.store import checks, paging
from shared.store.mongodb.blobs import INLINE_BYTES, Blobs, Missing
from shared.store.mongodb.connection import Connection, Document, insert_once, repeat, update_once
from shared.store.mongodb.keyset import after_cursor
from shared.store.overview import Page
from shared.store.packing import pack, unpack
from shared.store.ports import BadRecord
from shared.store.records import DueTask, Ended, Task

_MAPPINGS: Final = ("user", "browser", "response", "result", "options", "progress")
_LARGE: Final = ("arguments", "response", "result")
_LIVE: Final = {"$in": ["running", "responding"]}


def _lapsed(now: datetime) -> list[Document]:
    """Leases that have run out by `now`, and those that nobody can have been given."""
    return [{"lease_until": {"$lte": now}}, {"lease_until": {"$gt": now + checks.LONGEST_LEASE}}]


class MongoTasks:
    def __init__(self, connection: Connection, blobs: Blobs) -> None:
        self._tasks = connection.collection("tasks")
        self._blobs = blobs

    def add(self, task: Task) -> bool:
        checks.check_task(task)
        document = {name: getattr(task, name) for name in Task.__dataclass_fields__ if name != "id"}
        document |= {name: self._wrap(task.session, name, document[name]) for name in _MAPPINGS}
        document = {name: value for name, value in document.items() if value is not None}
        document["arguments"] = self._blobs.wrap(task.session, task.arguments)
        added = insert_once(self._tasks, task.id, document)
        if not added:
            self._blobs.drop([document[name] for name in (*_MAPPINGS, "arguments")])
        return added

    def get(self, task_id: str) -> Task | None:
        found = self._many({"_id": task_id}, 1) if checks.known_id(task_id) else []
        return found[0] if found else None

    def status(self, task_id: str, *, session: str) -> TaskStatus | None:
        if not checks.known_id(task_id, session):
            return None
        found = repeat(lambda: self._tasks.find_one({"_id": task_id, "session": session}, {"status": 1}))
        return None if found is None else TaskStatus(found["status"])

    def undelivered(self, session_id: str, *, limit: int = 100) -> list[Task]:
        checks.check_limit(limit)
        if not checks.known_id(session_id):
            return []
        where = {"session": session_id, "delivered": False, "ui": {"$gte": ""}, "status": {"$in": [*ENDED]}}
        # In the order of the index: sorted by the server, all would be read before the first is given.
        found = repeat(lambda: list(self._tasks.find(where).limit(limit)))
        return sorted(self._whole(found), key=lambda task: (task.created, task.id))

    def tells(self, session_id: str) -> bool:
        if not checks.known_id(session_id):
            return False
        # Either way, for the index on both: only those that tell are looked at.
        where = {"session": session_id, "delivered": {"$in": [False, True]}, "ui": {"$gte": ""}}
        return repeat(lambda: self._tasks.find_one(where, {"_id": 1})) is not None

    def of_session(self, session_id: str) -> list[Task]:
        if not checks.known_id(session_id):
            return []
        return self._many({"session": session_id}, 0)

    def claim(self, task_id: str, *, lease: str, now: datetime, length: timedelta) -> Task | None:
        if not checks.known_id(task_id):
            return None
        checks.check_time("now", now)
        checks.check_lease(lease, length)
        own = {"_id": task_id, "lease": lease, "status": _LIVE, "lease_until": {"$gt": now}}
        taken = {"lease": lease, "lease_until": now + length, "started": now}
        # What the status becomes depends on what it is, which one update cannot say; so there is one for each.
        for condition, status in (
            ({"status": "queued"}, "running"),
            ({"status": "running", "$or": _lapsed(now)}, "running"),
            ({"status": "responding", "$or": _lapsed(now)}, "responding"),
        ):
            found = self._update(
                {"_id": task_id, **condition}, {"$set": {**taken, "status": status}, "$inc": {"attempts": 1}}
            )
            if found is not None:
                return found
        mine = self._many(own, 1)
        return mine[0] if mine else None

    def urgent(self, queue: str, *, now: datetime, above: int | None = None, below: int | None = None) -> str | None:
        checks.check_time("now", now)
        between = {name: bound for name, bound in (("$gt", above), ("$lt", below)) if bound is not None}
        where: Document = {"status": "queued", "queue": queue, "created": {"$lte": now}}
        if between:
            where["priority"] = between
        order = [("priority", DESCENDING), ("created", ASCENDING)]
        found = repeat(lambda: self._tasks.find_one(where, {"_id": 1}, sort=order))
        return None if found is None else str(found["_id"])

    def heartbeat(self, task_id: str, *, lease: str, now: datetime, length: timedelta) -> bool:
        if not checks.known_id(task_id, lease):
            return False
        checks.check_time("now", now)
        checks.check_lease(lease, length)
        return self._change({"_id": task_id, "lease": lease, "status": _LIVE}, {"$set": {"lease_until": now + length}})

    def responding(self, task_id: str, *, lease: str, response: Mapping[str, Any]) -> bool:
        if not checks.known_id(task_id, lease):
            return False
        checks.check_mapping("response", response)
        return self._put(
            {"_id": task_id, "lease": lease, "status": _LIVE}, "response", response, {"status": "responding"}
        )

    def progress(self, task_id: str, *, lease: str, progress: Mapping[str, Any]) -> bool:
        if not checks.known_id(task_id, lease):
            return False
        checks.check_mapping("progress", progress)
        return self._put({"_id": task_id, "lease": lease, "status": _LIVE}, "progress", progress, {})

    def requeue(self, task_id: str, *, lease: str | None, at: datetime) -> Task | None:
        if not checks.known_id(task_id, *([] if lease is None else [lease])):
            return None
        checks.check_time("at", at)
        where: Document = {"_id": task_id, "status": "running", "lease": lease}
        again: Document = {}
        if lease is None:
            where, again = {"_id": task_id, "status": "failed", "trimmed": None}, {"attempts": 0, "deaths": 0}
        # A running one has no result yet, only perhaps what lets it open its session.
        names = ("response", "progress", *(("result",) if lease is None else ()))
        before = repeat(lambda: self._tasks.find_one(where, dict.fromkeys(names, 1)))
        cleared = dict.fromkeys(names, pack("result", {}, limit=checks.BODY_BYTES))
        found = self._update(
            where,
            {
                "$set": {"status": "queued", "created": at, "delivered": False, **again, **cleared},
                "$unset": {"lease": "", "lease_until": "", "finished": ""},
            },
        )
        if found is not None and before is not None:
            self._blobs.drop([value for name, value in before.items() if name != "_id"])
        return found

    def finish(
        self, task_id: str, *, lease: str | None, status: TaskStatus, result: Mapping[str, Any], now: datetime
    ) -> bool:
        if not checks.known_id(task_id, *([] if lease is None else [lease])):
            return False
        if status not in ENDED:
            raise BadRecord(f"a task ends done, failed or revoked, not {status!r}")
        checks.check_mapping("result", result)
        checks.check_time("now", now)
        where: Document = {"_id": task_id, "status": {"$in": ["queued", "running", "responding"]}}
        if lease is not None:
            where["lease"] = lease
        return self._put(where, "result", result, {"status": status, "finished": now}, ends=True)

    def _put(
        self, where: Document, name: str, value: Mapping[str, Any], changes: Document, *, ends: bool = False
    ) -> bool:
        """Set a mapping that may be large, with other fields."""
        task_id = where["_id"]
        held: Any = pack(name, value, limit=checks.BODY_BYTES)
        if len(held) > INLINE_BYTES:  # only what is written beside the document needs to know whose it is
            found = repeat(lambda: self._tasks.find_one({"_id": task_id}, {"session": 1}))
            if found is None:
                return False
            held = self._blobs.wrap(found["session"], held)
        change: Document = {"$set": {**changes, name: held}}
        if ends:
            change["$unset"] = {"lease": "", "lease_until": ""}
        done = self._change(where, change)
        if not done:
            self._blobs.drop([held])
        return done

    def release(self, task_id: str, *, lease: str, ended: Ended = Ended.INTERRUPTED) -> bool:
        if not checks.known_id(task_id, lease):
            return False
        own = {"_id": task_id, "lease": lease}
        counts = {Ended.UNBEGUN: {"attempts": -1}, Ended.DIED: {"deaths": 1}, Ended.INTERRUPTED: {}}[ended]
        counted: Document = {"$inc": counts} if counts else {}
        return self._change(
            {**own, "status": "running"},
            {"$set": {"status": "queued"}, "$unset": {"lease": "", "lease_until": ""}, **counted},
        ) or self._change(
            {**own, "status": "responding"}, {"$set": {"lease_until": checks.EPOCH}, "$unset": {"lease": ""}, **counted}
        )

    def revoke(self, task_id: str, *, now: datetime, terminate: bool) -> Task | None:
        if not checks.known_id(task_id):
            return None
        checks.check_time("now", now)
        return self._update(
            {"_id": task_id, "status": {"$in": ["queued", "running"] if terminate else ["queued"]}},
            {"$set": {"status": "revoked", "finished": now}, "$unset": {"lease": "", "lease_until": ""}},
        )

    def revoke_all(self, session_id: str, *, now: datetime) -> list[str]:
        if not checks.known_id(session_id):
            return []
        checks.check_time("now", now)
        open_ = {"status": {"$in": ["queued", "running", "responding"]}}
        found = repeat(lambda: [one["_id"] for one in self._tasks.find({"session": session_id, **open_}, {"_id": 1})])
        change = {
            "$set": {"status": "revoked", "finished": now},
            "$unset": {"lease": "", "lease_until": ""},
        }
        return sorted(one for one in found if self._change({"_id": one, **open_}, change))

    def mark_delivered(self, task_id: str) -> bool:
        if not checks.known_id(task_id):
            return False
        return self._change({"_id": task_id, "delivered": False}, {"$set": {"delivered": True}})

    def due(self, *, now: datetime, queued_before: datetime, limit: int) -> list[DueTask]:
        checks.check_time("now", now)
        checks.check_time("queued_before", queued_before)
        checks.check_limit(limit)
        # A question for each, so that each has an index of its own whatever the server's planner makes of $or.
        found = self._due({"status": "queued", "created": {"$lt": queued_before}}, limit)
        for lapsed in _lapsed(now):
            found += self._due({"status": _LIVE, **lapsed}, limit)
        return sorted(found, key=lambda task: (task.created, task.id))[:limit]

    def untrimmed(self, *, before: datetime, after: str = "", limit: int = 200) -> Page[str]:
        checks.check_time("before", before)
        found = after_cursor(self._tasks, {"trimmed": None}, "finished", after=after, limit=limit, before=before)
        return paging.ids([paging.Cursor(one["finished"], one["_id"]) for one in found], limit)

    def trim(self, task_id: str, *, result: Mapping[str, Any] | None) -> bool:
        if not checks.known_id(task_id):
            return False
        given: dict[str, Mapping[str, Any]] = {"response": {}}
        if result is not None:
            checks.check_mapping("result", result)
            given["result"] = result
        where = {"_id": task_id, "status": {"$in": list(ENDED)}}
        before = repeat(lambda: self._tasks.find_one(where, dict.fromkeys(("session", *_LARGE), 1)))
        if before is None:
            return False
        kept = {name: self._wrap(before["session"], name, value) for name, value in given.items()}
        done = self._change(where, {"$set": {**kept, "arguments": b"", "trimmed": True}})
        gone = [before[name] for name in ("arguments", *given)]
        self._blobs.drop(gone if done else kept.values())
        return done

    def _change(self, where: Document, change: Document) -> bool:
        return update_once(self._tasks, where, change, fields={"_id": 1}) is not None

    def _update(self, where: Document, change: Document) -> Task | None:
        found = update_once(self._tasks, where, change)
        return None if found is None else self._task(found)

    def _due(self, where: Document, limit: int) -> list[DueTask]:
        order, fields = (
            [("created", ASCENDING), ("_id", ASCENDING)],
            dict.fromkeys(("status", "created", "queue", "priority"), 1),
        )
        found = repeat(lambda: list(self._tasks.find(where, fields).sort(order).limit(limit)))
        return [DueTask(id=one.pop("_id"), **{**one, "status": TaskStatus(one["status"])}) for one in found]

    def _many(self, where: Document, limit: int) -> list[Task]:
        found = repeat(
            lambda: list(self._tasks.find(where).sort([("created", ASCENDING), ("_id", ASCENDING)]).limit(limit))
        )
        return self._whole(found)

    def _whole(self, found: list[Document]) -> list[Task]:
        tasks = []
        for document in found:
            try:
                tasks.append(self._task(document))
            except Missing:  # deleted with its session, or changed, while we read
                again = repeat(lambda document=document: self._tasks.find_one({"_id": document["_id"]}))  # type: ignore[misc]
                if again is not None:
                    tasks.append(self._task(again))
        return tasks

    def _wrap(self, session: str, name: str, value: Mapping[str, Any]) -> Any:
        return self._blobs.wrap(session, pack(name, value, limit=checks.BODY_BYTES))

    def _task(self, document: Document) -> Task:
        values = {name: value for name, value in document.items() if name in Task.__dataclass_fields__}
        values |= {name: unpack(name, self._blobs.unwrap(values[name])) for name in _MAPPINGS if name in values}
        values["arguments"] = self._blobs.unwrap(values["arguments"])
        values["status"] = TaskStatus(values["status"])
        if "lease" not in values:
            values.pop("lease_until", None)
        return Task(id=document["_id"], **values)
