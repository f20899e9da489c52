"""Mail addresses of sessions, and mails received, in MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pymongo import ASCENDING

from shared.store import checks, paging
from shared.store.delivery import Delivery, Destination
from shared.store.mongodb.blobs import Blobs
from shared.store.mongodb.connection import Connection, Document, insert_once, reach, repeat
from shared.store.mongodb.keyset import after_cursor
from shared.store.overview import Page
from shared.store.packing import pack, unpack
from shared.store.records import Address, Mail, MailHead, digest_of, head_of

#: What is larger is not in the mail's document, so that a list of mails does not read it.
_INLINE: Final = 16 * checks.KIB


class MongoMails:
    def __init__(self, connection: Connection, blobs: Blobs) -> None:
        self._addresses = connection.collection("addresses")
        self._mails = connection.collection("mails")
        self._parts = connection.collection("mail_parts")
        self._sizes = connection.collection("mail_sizes")
        self._gone = connection.collection("gone_addresses")
        self._blobs = blobs

    def open(self, address: Address) -> bool:
        checks.check_address(address)
        document = {
            "session": address.session,
            "key": address.key,
            "index": address.index,
            "user": pack("user", address.user, limit=checks.EXTRA_BYTES),
            "created": address.created,
            "bytes": self._size(address.session),
        }
        return insert_once(self._addresses, address.address, document)

    def find(self, address: str) -> Address | None:
        if not checks.known_id(address):
            return None
        found = repeat(lambda: self._addresses.find_one({"_id": address}))
        return None if found is None else _address(found)

    def destination(self, address: str) -> Destination | None:
        if not checks.known_id(address):
            return None
        found = repeat(lambda: self._addresses.find_one({"_id": address}))
        if found is None:
            return None
        size = found["bytes"] if "bytes" in found else self._counted_before(found["session"])
        return Destination(address=_address(found), size=size)

    def addresses(self, session_id: str) -> list[Address]:
        if not checks.known_id(session_id):
            return []
        order = [("created", ASCENDING), ("_id", ASCENDING)]
        found = repeat(lambda: list(self._addresses.find({"session": session_id}).sort(order)))
        return [_address(document) for document in found]

    def keep(self, mail: Mail, *, head: bytes | None = None) -> bool:
        if not self._insert(mail, head):
            return False
        self._count(mail.session, len(mail.raw))
        return True

    def deliver(self, mail: Mail, *, to: Address, head: bytes | None = None) -> Delivery:
        if not self._insert(mail, head):
            return Delivery.KNOWN
        # A session loses its addresses before its mails. So either it had one after the mail was there, and that goes with it; or it had none.
        if self._count(to.session, len(mail.raw)):
            return Delivery.KEPT
        self.remove(mail.id)
        return Delivery.GONE

    def _insert(self, mail: Mail, head: bytes | None) -> bool:
        checks.check_mail(mail)
        document: Document = {
            "address": mail.address,
            "session": mail.session,
            "sender": mail.sender,
            "received": mail.received,
            "status": mail.status,
            "head": head_of(mail.raw) if head is None else head,
            "raw": self._blobs.wrap(mail.session, mail.raw, inline=_INLINE),
            "front": mail.front,
        }
        added = insert_once(self._mails, mail.id, document)
        if not added:
            self._blobs.drop([document["raw"]])
        return added

    def _count(self, session: str, change: int) -> bool:
        """Each address of a session tells how much mail the session has. False: it has none any more.

        After a mail is there: a crash between loses the count of one, and no mail. It is not repeated, for then it might count twice.
        """
        with reach():
            return self._addresses.update_many({"session": session}, {"$inc": {"bytes": change}}).matched_count > 0

    def _size(self, session: str) -> int:
        another = repeat(lambda: self._addresses.find_one({"session": session}, {"bytes": 1}))
        if another is None:
            return 0
        return another["bytes"] if "bytes" in another else self._counted_before(session)

    def _counted_before(self, session: str) -> int:
        """The size of a session whose addresses are of a version that counted elsewhere; from now on they tell it."""
        found = repeat(lambda: self._sizes.find_one({"_id": session}))
        size = 0 if found is None else int(found["bytes"])
        of_before = {"session": session, "bytes": {"$exists": False}}
        repeat(lambda: self._addresses.update_many(of_before, {"$set": {"bytes": size}}))
        return size

    def known(self, ids: Sequence[str], *, since: datetime) -> str | None:
        checks.check_time("since", since)
        where = {"_id": {"$in": [one for one in ids if checks.known_id(one)]}, "received": {"$gt": since}}
        found = {one["_id"] for one in repeat(lambda: list(self._mails.find(where, {"_id": 1})))}
        return next((one for one in ids if one in found), None)

    def get(self, mail_id: str) -> Mail | None:
        if not checks.known_id(mail_id):
            return None
        found = repeat(lambda: self._mails.find_one({"_id": mail_id}))
        return None if found is None else self._mail(found)

    def of_session(self, session_id: str) -> list[Mail]:
        if not checks.known_id(session_id):
            return []
        order = [("received", ASCENDING), ("_id", ASCENDING)]
        found = repeat(lambda: list(self._mails.find({"session": session_id}).sort(order)))
        return [self._mail(document) for document in found]

    def heads(self, session_id: str, *, after: str = "", limit: int = 100) -> Page[MailHead]:
        checks.check_limit(limit)
        if not checks.known_id(session_id):
            paging.cursor(after)
            return Page((), None)
        fields = ("address", "session", "sender", "head")
        where = {"session": session_id}
        found = after_cursor(self._mails, where, "received", after=after, limit=limit, fields=fields)
        return paging.page([self._head(one) for one in found], limit, paging.head_cursor)

    def _head(self, document: Document) -> MailHead:
        mail_id = document.pop("_id")
        if "head" not in document:  # of before 0.3
            whole = self.get(mail_id)
            document["head"] = b"" if whole is None else head_of(whole.raw)
        return MailHead(id=mail_id, **document)

    def done(self, mail_id: str) -> None:
        if not checks.known_id(mail_id):
            return
        repeat(lambda: self._mails.update_one({"_id": mail_id}, {"$set": {"status": "done"}}))

    def remove(self, mail_id: str) -> bool:
        known = self.get(mail_id)
        if known is None:
            return False
        repeat(lambda: self._parts.delete_one({"_id": mail_id}))
        with reach():
            found = self._mails.find_one_and_delete({"_id": mail_id})
        if found is None:  # somebody else was faster, and counts it
            return False
        self._blobs.drop([found["raw"]])
        self._count(known.session, -len(known.raw))
        return True

    def dissected(self, mail_id: str, *, session: str, parts: bytes) -> bool:
        checks.check_id("mail", mail_id)
        checks.check_id("session", session)
        checks.check_bytes(f"mail {mail_id}: parts", parts, limit=checks.PARTS_BYTES)
        return insert_once(self._parts, mail_id, {"session": session, "parts": parts})

    def parts(self, mail_id: str, *, session: str) -> bytes | None:
        if not checks.known_id(mail_id, session):
            return None
        found = repeat(lambda: self._parts.find_one({"_id": mail_id, "session": session}))
        return None if found is None else bytes(found["parts"])

    def retire(self, session_id: str, *, now: datetime) -> None:
        checks.check_time("now", now)
        for one in self.addresses(session_id):
            insert_once(self._gone, digest_of(one.address), {"at": now})

    def gone(self, address: str) -> bool:
        if not checks.known_id(address):
            return False
        return repeat(lambda: self._gone.find_one({"_id": digest_of(address)})) is not None

    def forget_gone(self, *, before: datetime, limit: int) -> int:
        checks.check_time("before", before)
        checks.check_limit(limit)
        found = repeat(
            lambda: [one["_id"] for one in self._gone.find({"at": {"$lt": before}}, {"_id": 1}).limit(limit)]
        )
        return repeat(lambda: self._gone.delete_many({"_id": {"$in": found}})).deleted_count if found else 0

    def waiting_of(self, session_id: str, *, limit: int) -> list[str]:
        checks.check_limit(limit)
        if not checks.known_id(session_id):
            return []
        where = {"session": session_id, "status": "received"}
        order = [("received", ASCENDING), ("_id", ASCENDING)]
        return repeat(lambda: [one["_id"] for one in self._mails.find(where, {"_id": 1}).sort(order).limit(limit)])

    def waiting(self, *, older_than: datetime, limit: int) -> list[str]:
        checks.check_time("older_than", older_than)
        checks.check_limit(limit)
        where = {"status": "received", "received": {"$lte": older_than}}
        order = [("received", ASCENDING), ("_id", ASCENDING)]
        return repeat(lambda: [one["_id"] for one in self._mails.find(where, {"_id": 1}).sort(order).limit(limit)])

    def _mail(self, document: Document) -> Mail:
        values = {name: value for name, value in document.items() if name in Mail.__dataclass_fields__}
        values["raw"] = self._blobs.unwrap(values["raw"])
        return Mail(id=document["_id"], **values)


def _address(document: Document) -> Address:
    return Address(
        address=document["_id"],
        session=document["session"],
        key=document["key"],
        index=document["index"],
        user=unpack("user", document["user"]),
        created=document["created"],
    )
