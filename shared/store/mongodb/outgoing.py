"""Mails that leave, in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING

from shared.store import checks, paging
from shared.store.mongodb.blobs import Blobs
from shared.store.mongodb.connection import Connection, Document, insert_once, new_id, repeat, update_once
from shared.store.mongodb.keyset import after_cursor
from shared.store.overview import COUNTED, Page
from shared.store.packing import pack, unpack
from shared.store.records import OUTGOING_STATUSES, OutgoingMail

_FIELDS: Final = (
    *("session", "task", "server", "status", "created", "due", "attempts", "lease", "lease_until", "finished", "last"),
)
_INLINE: Final = 16 * checks.KIB
_FREE: Final = {"lease": None, "lease_until": None}


class MongoOutgoing:
    def __init__(self, connection: Connection, blobs: Blobs) -> None:
        self._mails = connection.collection("outgoing")
        self._blobs = blobs

    def add(self, mail: OutgoingMail) -> bool:
        checks.check_outgoing(mail)
        held = self._held(mail.id, mail.body)
        document: Document = {
            **{name: getattr(mail, name) for name in _FIELDS},
            "last": pack("last", mail.last, limit=checks.EXTRA_BYTES),
            "body": held,
        }
        added = insert_once(self._mails, mail.id, document)
        if not added:
            self._blobs.drop([held])
        return added

    def get(self, mail_id: str) -> OutgoingMail | None:
        if not checks.known_id(mail_id):
            return None
        found = repeat(lambda: self._mails.find_one({"_id": mail_id}))
        return None if found is None else self._mail(found)

    def claim(
        self, mail_id: str, *, lease: str, now: datetime, length: timedelta, ahead: timedelta = timedelta(0)
    ) -> OutgoingMail | None:
        if not checks.known_id(mail_id):
            return None
        checks.check_time("now", now)
        checks.check_lease(lease, length)
        taken: Document = {
            "$set": {"status": "sending", "lease": lease, "lease_until": now + length},
            "$inc": {"attempts": 1},
        }
        free = [
            {"status": "queued", "due": {"$lte": now + ahead}},
            {"status": "sending", "lease_until": {"$lte": now}},
        ]
        mine = update_once(self._mails, {"_id": mail_id, "$or": free}, taken)
        return None if mine is None else self._mail(mine)

    def heartbeat(self, mail_id: str, *, lease: str, now: datetime, length: timedelta) -> bool:
        if not checks.known_id(mail_id, lease):
            return False
        checks.check_lease(lease, length)
        return self._change(_mine(mail_id, lease), {"$set": {"lease_until": now + length}})

    def later(
        self, mail_id: str, *, lease: str, due: datetime, last: Mapping[str, Any], body: Mapping[str, Any] | None = None
    ) -> bool:
        if not checks.known_id(mail_id, lease):
            return False
        checks.check_time("due", due)
        checks.check_mapping("last", last)
        changed: Document = {"status": "queued", "due": due, "last": _packed(last), **_FREE}
        if body is not None:
            changed["body"] = self._held(mail_id, body)
        return self._replace(_mine(mail_id, lease), changed)

    def renew(self, mail_id: str, *, body: Mapping[str, Any]) -> bool:
        if not checks.known_id(mail_id):
            return False
        return self._replace({"_id": mail_id, "status": "queued"}, {"body": self._held(mail_id, body)})

    def put_off(self, mail_id: str, *, lease: str, due: datetime) -> bool:
        if not checks.known_id(mail_id, lease):
            return False
        change: Document = {"$set": {"status": "queued", "due": due, **_FREE}, "$inc": {"attempts": -1}}
        return self._change(_mine(mail_id, lease), change)

    def finish(self, mail_id: str, *, lease: str, status: str, last: Mapping[str, Any], now: datetime) -> bool:
        if not checks.known_id(mail_id, lease):
            return False
        paging.check_status(status, ("sent", "failed"))
        checks.check_mapping("last", last)
        changed: Document = {"status": status, "finished": now, "last": _packed(last), **_FREE}
        if status == "sent":
            changed["body"] = self._held(mail_id, {})
        return self._replace(_mine(mail_id, lease), changed)

    def bounce(self, mail_id: str, *, last: Mapping[str, Any], now: datetime) -> bool:
        if not checks.known_id(mail_id):
            return False
        change: Document = {"$set": {"status": "bounced", "finished": now, "last": _packed(last)}}
        return self._change({"_id": mail_id, "status": "sent"}, change)

    def again(self, mail_id: str, *, now: datetime) -> bool:
        if not checks.known_id(mail_id):
            return False
        fresh: Document = {"status": "queued", "due": now, "attempts": 0, "finished": None, **_FREE}
        return self._change({"_id": mail_id, "status": "queued"}, {"$set": fresh}) or self._change(
            {"_id": mail_id, "status": "failed"}, {"$set": {**fresh, "created": now}}
        )

    def remove(self, mail_id: str) -> bool:
        if not checks.known_id(mail_id):
            return False
        found = repeat(lambda: self._mails.find_one({"_id": mail_id}, {"body": 1}))
        if found is None:
            return False
        repeat(lambda: self._mails.delete_one({"_id": mail_id}))
        self._blobs.drop([found["body"]])
        return True

    def due(self, *, now: datetime, limit: int) -> list[str]:
        checks.check_time("now", now)
        checks.check_limit(limit)
        found: list[tuple[datetime, str]] = []
        for status, field in (("queued", "due"), ("sending", "lease_until")):
            where: Document = {"status": status, field: {"$lte": now}}
            documents = repeat(
                lambda where=where, field=field: list(  # type: ignore[misc]
                    self._mails.find(where, {field: 1}).sort([(field, ASCENDING), ("_id", ASCENDING)]).limit(limit)
                )
            )
            found += [(one[field], one["_id"]) for one in documents]
        return [name for _, name in sorted(found)[:limit]]

    def waiting_of(self, session: str, *, limit: int = 1000) -> list[OutgoingMail]:
        checks.check_limit(limit)
        if not checks.known_id(session):
            return []
        where = {"session": session, "status": {"$in": ["queued", "sending"]}}
        return [self._mail(one) for one in repeat(lambda: list(self._mails.find(where).limit(limit)))]

    def latest(self, session: str, task: str) -> OutgoingMail | None:
        if not checks.known_id(session, task):
            return None
        order = [("created", DESCENDING), ("_id", DESCENDING)]
        where = {"session": session, "task": task}
        found = repeat(lambda: list(self._mails.find(where, dict.fromkeys(_FIELDS, 1)).sort(order).limit(1)))
        return self._mail(found[0]) if found else None

    def page(self, status: str, *, after: str = "", limit: int = 100) -> Page[OutgoingMail]:
        paging.check_status(status, OUTGOING_STATUSES)
        found = after_cursor(self._mails, {"status": status}, "created", after=after, limit=limit, fields=_FIELDS)
        return paging.page([self._mail(one) for one in found], limit, paging.outgoing_cursor)

    def counts(self, *, most: int = COUNTED) -> dict[str, int]:
        checks.check_limit(most)
        return {
            status: repeat(lambda status=status: self._mails.count_documents({"status": status}, limit=most))  # type: ignore[misc]
            for status in OUTGOING_STATUSES
        }

    def forget(self, *, before: datetime, limit: int) -> int:
        checks.check_time("before", before)
        checks.check_limit(limit)
        where = {"finished": {"$lt": before}}
        found = repeat(lambda: [one["_id"] for one in self._mails.find(where, {"_id": 1}).limit(limit)])
        return sum(self.remove(name) for name in found)

    def _replace(self, where: Document, changed: Document) -> bool:
        """Set fields, of which the body may be a new one: the old one's chunks go, or the new one's if nothing was changed."""
        write = new_id()
        change: Document = {"$set": {**changed, "write": write}}
        before = repeat(lambda: self._mails.find_one_and_update(where, change, {"body": 1}))
        # One whose confirmation was lost is repeated, and finds that it was done.
        ours = {"_id": where["_id"], "write": write}
        done = before is not None or repeat(lambda: self._mails.find_one(ours, {"_id": 1})) is not None
        if "body" in changed and before is not None:
            self._blobs.drop([before["body"]])
        elif "body" in changed and not done:
            self._blobs.drop([changed["body"]])
        return done

    def _change(self, where: Document, change: Document) -> bool:
        return repeat(lambda: self._mails.update_one(where, change)).modified_count == 1

    def _held(self, mail_id: str, body: Mapping[str, Any]) -> Any:
        # Under the mail's own id, not the session's: it outlives the session.
        return self._blobs.wrap(f"outgoing.{mail_id}", pack("body", body, limit=checks.BODY_BYTES), inline=_INLINE)

    def _mail(self, document: Document) -> OutgoingMail:
        values = {name: document[name] for name in _FIELDS}
        body = unpack("body", self._blobs.unwrap(document["body"])) if "body" in document else {}
        return OutgoingMail(id=document["_id"], **(values | {"last": unpack("last", values["last"]), "body": body}))


def _packed(last: Mapping[str, Any]) -> bytes:
    return pack("last", last, limit=checks.EXTRA_BYTES)


def _mine(mail_id: str, lease: str) -> Document:
    return {"_id": mail_id, "lease": lease, "status": "sending"}
