"""Mail addresses of sessions, and mails received, in MongoDB."""

from __future__ import annotations

from datetime import datetime

from pymongo import ASCENDING

from shared.store import checks
from shared.store.mongodb.blobs import Blobs
from shared.store.mongodb.connection import Connection, Document, insert_once, repeat
from shared.store.packing import pack, unpack
from shared.store.records import Address, Mail


class MongoMails:
    def __init__(self, connection: Connection, blobs: Blobs) -> None:
        self._addresses = connection.collection("addresses")
        self._mails = connection.collection("mails")
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

    def keep(self, mail: Mail) -> bool:
        checks.check_mail(mail)
        document: Document = {
            "address": mail.address,
            "session": mail.session,
            "sender": mail.sender,
            "received": mail.received,
            "status": mail.status,
            "raw": self._blobs.wrap(mail.session, mail.raw, inline=checks.MIB),
        }
        added = insert_once(self._mails, mail.id, document)
        if not added:
            self._blobs.drop([document["raw"]])
        return added

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

    def done(self, mail_id: str) -> None:
        if not checks.known_id(mail_id):
            return
        repeat(lambda: self._mails.update_one({"_id": mail_id}, {"$set": {"status": "done"}}))

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
