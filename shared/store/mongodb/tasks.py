"""Background tasks in MongoDB: one document each; every change is one atomic update that names the lease it is made under."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import ASCENDING

from shared.store import checks
from shared.store.mongodb.blobs import Blobs, Missing
from shared.store.mongodb.connection import Connection, Document, insert_once, repeat, update_once
from shared.store.packing import pack, unpack
from shared.store.ports import BadRecord
from shared.store.records import Task

_MAPPINGS: Final = ("user", "browser", "response", "result")
_LIVE: Final = {"$in": ["running", "responding"]}


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
            ({"status": "running", "lease_until": {"$lte": now}}, "running"),
            ({"status": "responding", "lease_until": {"$lte": now}}, "responding"),
        ):
            found = self._update(
                {"_id": task_id, **condition}, {"$set": {**taken, "status": status}, "$inc": {"attempts": 1}}
            )
            if found is not None:
                return found
        mine = self._many(own, 1)
        return mine[0] if mine else None

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

    def finish(self, task_id: str, *, lease: str | None, status: str, result: Mapping[str, Any], now: datetime) -> bool:
        if not checks.known_id(task_id, *([] if lease is None else [lease])):
            return False
        if status not in checks.ENDED:
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
        found = repeat(lambda: self._tasks.find_one({"_id": task_id}, {"session": 1}))
        if found is None:
            return False
        held = self._wrap(found["session"], name, value)
        change: Document = {"$set": {**changes, name: held}}
        if ends:
            change["$unset"] = {"lease": "", "lease_until": ""}
        done = self._change(where, change)
        if not done:
            self._blobs.drop([held])
        return done

    def release(self, task_id: str, *, lease: str, counted: bool = True) -> bool:
        if not checks.known_id(task_id, lease):
            return False
        own = {"_id": task_id, "lease": lease}
        fewer: Document = {} if counted else {"$inc": {"attempts": -1}}
        return self._change(
            {**own, "status": "running"},
            {"$set": {"status": "queued"}, "$unset": {"lease": "", "lease_until": ""}, **fewer},
        ) or self._change(
            {**own, "status": "responding"}, {"$set": {"lease_until": checks.EPOCH}, "$unset": {"lease": ""}, **fewer}
        )

    def revoke(self, task_id: str, *, now: datetime, terminate: bool) -> Task | None:
        if not checks.known_id(task_id):
            return None
        checks.check_time("now", now)
        return self._update(
            {"_id": task_id, "status": {"$in": ["queued", "running"] if terminate else ["queued"]}},
            {"$set": {"status": "revoked", "finished": now}, "$unset": {"lease": "", "lease_until": ""}},
        )

    def mark_delivered(self, task_id: str) -> bool:
        if not checks.known_id(task_id):
            return False
        return self._change({"_id": task_id, "delivered": False}, {"$set": {"delivered": True}})

    def due(self, *, now: datetime, queued_before: datetime, limit: int) -> list[Task]:
        checks.check_time("now", now)
        checks.check_time("queued_before", queued_before)
        checks.check_limit(limit)
        # Two conditions, so that each has an index of its own whatever the server's planner makes of $or.
        found = self._many({"status": "queued", "created": {"$lt": queued_before}}, limit)
        found += self._many({"status": _LIVE, "lease_until": {"$lte": now}}, limit)
        return sorted(found, key=lambda task: (task.created, task.id))[:limit]

    def counts(self) -> dict[str, int]:
        return {
            status: repeat(lambda status=status: self._tasks.count_documents({"status": status}))  # type: ignore[misc]
            for status in checks.TASK_STATUSES
        }

    def _change(self, where: Document, change: Document) -> bool:
        return update_once(self._tasks, where, change, fields={"_id": 1}) is not None

    def _update(self, where: Document, change: Document) -> Task | None:
        found = update_once(self._tasks, where, change)
        return None if found is None else self._task(found)

    def _many(self, where: Document, limit: int) -> list[Task]:
        found = repeat(
            lambda: list(self._tasks.find(where).sort([("created", ASCENDING), ("_id", ASCENDING)]).limit(limit))
        )
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
        values |= {name: unpack(name, self._blobs.unwrap(values[name])) for name in _MAPPINGS}
        values["arguments"] = self._blobs.unwrap(values["arguments"])
        if "lease" not in values:
            values.pop("lease_until", None)
        return Task(id=document["_id"], **values)
