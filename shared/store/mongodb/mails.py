"""Mail addresses of sessions, and mails received, in MongoDB."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pymongo import ASCENDING

from shared.store import checks, paging
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
        }
        return insert_once(self._addresses, address.address, document)

    def find(self, address: str) -> Address | None:
        if not checks.known_id(address):
            return None
        found = repeat(lambda: self._addresses.find_one({"_id": address}))
        return None if found is None else _address(found)

    def addresses(self, session_id: str) -> list[Address]:
        if not checks.known_id(session_id):
            return []
        order = [("created", ASCENDING), ("_id", ASCENDING)]
        found = repeat(lambda: list(self._addresses.find({"session": session_id}).sort(order)))
        return [_address(document) for document in found]

    def keep(self, mail: Mail, *, head: bytes | None = None) -> bool:
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
            return False
        # After it: a crash between loses the count of one mail, and no mail. It is not repeated, for then it might count twice.
        change = {"$inc": {"bytes": len(mail.raw)}, "$set": {"session": mail.session}}
        with reach():
            self._sizes.update_one({"_id": mail.session}, change, upsert=True)
        return True

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
        with reach():  # not repeated, as in `keep`
            self._sizes.update_one({"_id": known.session}, {"$inc": {"bytes": -len(known.raw)}})
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

    def size(self, session_id: str) -> int:
        if not checks.known_id(session_id):
            return 0
        found = repeat(lambda: self._sizes.find_one({"_id": session_id}))
        return 0 if found is None else int(found["bytes"])

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
