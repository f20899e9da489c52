"""Sessions in MongoDB: one document each, changed by compare-and-set on its version.

The document holds the newest steps (`steps`: u uid, n number, p previous, d delta), `outbox` and `applied` as arrays, so
that taking one entry out does not meet a commit. Older steps are in the collection ``steps``: a commit that finds too many in the
document writes those there first, keyed by session and uid, and drops them from the document in its compare-and-set.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from typing import Any, Final, Literal

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.store import checks, session_checks
from shared.store.mongodb import session_document as documents
from shared.store.mongodb.blobs import CHANGED, Blobs, Missing
from shared.store.mongodb.connection import Connection, Document, interrupted, reach, repeat
from shared.store.mongodb.session_lists import MongoSessionLists
from shared.store.mongodb.steps import MongoSteps, Stack
from shared.store.packing import quarter
from shared.store.ports import UNCHANGED, BadRecord, DuplicateId, StoreError, StoreUnavailable, Unchanged
from shared.store.records import Commit, Session, Step, Visit

_RELOADS: Final = 20
#: Ids of the newest writes that a document keeps: others may have written, many times, while one looks for a new connection.
_WRITES: Final = 64
#: Of the state before, only where its chunks are: not the state.
_STATE_REFERENCE: Final = {"state.blob": 1, "state.chunks": 1}
#: What its steps are told from.
_CHAIN: Final = {"top": 1, "step": 1, "steps": 1}
#: What a file consists of, and where its number stands there.
_NUMBERED: Final = {"file_chunks": "number", "files": "_id"}
_DEPENDENT: Final = (
    "stored",
    "steps",
    "blobs",
    "tasks",
    "runs",
    "ticks",
    "file_chunks",
    "files",
    "addresses",
    "mails",
    "mail_parts",
    "mail_sizes",
    "uploads",
    "upload_pieces",
)


class MongoSessions(MongoSessionLists):
    def __init__(self, connection: Connection, blobs: Blobs) -> None:
        super().__init__(connection)
        self._connection = connection
        self._blobs = blobs
        self._steps = MongoSteps(connection, blobs)

    def create(self, session: Session, *, visit: Visit | None = None) -> None:
        session_checks.check_session(session)
        if visit is not None:
            session_checks.check_visit(visit)
        stack = Stack.empty()
        if session.top is not None:
            stack = stack.pushed(self._steps.held(session.id, session.top))
        write = secrets.token_hex(8)
        document: Document = {
            "_id": session.id,
            "version": session.version,
            "secret": session.secret,
            "created": session.created,
            "modified": session.modified,
            "modified_quarter": quarter(session.modified),
            "accessed_quarter": quarter(session.accessed),
            "state": self._blobs.wrap(session.id, session.state, inline=documents.STATE_INLINE),
            "outbox": documents.outbox_entries(self._blobs, session.id, session.outbox, session.modified),
            "seen": documents.seen(session.seen),
            "applied": documents.applied_entries(self._blobs, session.id, session.applied),
            "write": write,
            "writes": [write],
            **stack.document(),
            **documents.values({name: getattr(session, name) for name in documents.FIELDS}),
        }
        document = {name: value for name, value in document.items() if value is not None}
        if visit is not None:
            document["visits"] = {documents.visit_key(visit): documents.visit_held(visit)}
        try:
            repeat(lambda: self._sessions.insert_one(dict(document)))
        except DuplicateKeyError:
            # After a broken connection it may be our own.
            if repeat(lambda: self._sessions.find_one({"_id": session.id, "writes": write}, {"_id": 1})) is None:
                self._blobs.drop(documents.references(document))
                raise DuplicateId(f"session {session.id} exists") from None

    def load(self, session_id: str) -> Session | None:
        if not checks.known_id(session_id):
            return None
        for _ in range(_RELOADS):
            document = repeat(lambda: self._sessions.find_one({"_id": session_id, **documents.LIVE}))
            if document is None:
                return None
            try:
                found = documents.session(document, self._blobs, self._steps)
            except Missing as error:  # committed again between reading the document and its chunks
                lost = error
                continue
            if found.top is None or found.top.uid <= found.version:
                return found
            # MongoDB reads a document whole; not every server of its protocol does while another writes it.
            lost = Missing("it was read while it was being written")
        raise StoreError(f"session {session_id}: {lost}")

    def load_newer(self, session_id: str, *, version: int) -> Session | Literal[Unchanged.UNCHANGED] | None:
        checks.check_number("version", version)
        if not checks.known_id(session_id):
            return None
        found = repeat(lambda: self._sessions.find_one({"_id": session_id, **documents.LIVE}, {"version": 1}))
        if found is not None and found["version"] == version:
            return UNCHANGED
        return None if found is None else self.load(session_id)

    def commit(self, session_id: str, *, version: int, commit: Commit) -> bool:
        session_checks.check_commit(session_id, version=version, commit=commit)
        values = documents.values(commit.fields)
        write = secrets.token_hex(8)
        change: Document = {
            "$set": {name: value for name, value in values.items() if value is not None}
            | {"version": version + 1, "modified": commit.now, "modified_quarter": quarter(commit.now), "write": write},
            "$unset": {name: "" for name, value in values.items() if value is None},
            "$push": {"writes": {"$each": [write], "$slice": -_WRITES}},
            "$inc": {},
        }
        if commit.visit is not None:
            change["$set"][documents.visit_place(commit.visit)] = documents.visit_held(commit.visit)
            change["$set"].setdefault("accessed", commit.visit.at)
        if "accessed" in change["$set"]:
            change["$set"]["accessed_quarter"] = quarter(change["$set"]["accessed"])
        if commit.seen is not None:
            change["$set"]["seen"] = documents.seen(commit.seen)
        written: list[Any] = []
        try:
            if commit.state is not None:
                change["$set"]["state"] = self._blobs.wrap(session_id, commit.state, inline=documents.STATE_INLINE)
                written.append(change["$set"]["state"])
                change["$set"]["changes"] = []
            elif commit.change is not None:
                change["$set"]["state.sha256"] = CHANGED
                change["$push"]["changes"] = {"$each": [{"v": version + 1, "d": commit.change}]}
            for name, entries in (
                ("outbox", documents.outbox_entries(self._blobs, session_id, commit.outbox, commit.now)),
                ("applied", documents.applied_entries(self._blobs, session_id, commit.applied)),
            ):
                if entries:
                    change["$push"][name] = {"$each": entries}
                    written += [entry["body"] for entry in entries]
            pushed = None
            if commit.push is not None:
                pushed = self._steps.held(session_id, commit.push)
                written.append(pushed["d"])
            before = self._compare_and_set(session_id, version, commit, change, pushed)
        except StoreUnavailable:
            raise  # it may have been written: the chunks stay
        except BaseException:
            self._blobs.drop(written)
            raise
        if before is None:
            self._blobs.drop(written)
            return False
        if commit.state is not None:
            self._blobs.drop([before.get("state") or None])
        return True

    def _compare_and_set(
        self, session_id: str, version: int, commit: Commit, change: Document, pushed: Document | None
    ) -> Document | None:
        """The document as it was (some of its fields), or None for a lost race."""
        condition = {
            "_id": session_id,
            "version": version,
            **documents.room("outbox", commit),
            **documents.room("applied", commit),
        }
        if commit.state is None and commit.change is not None:
            condition["state.sum"] = {"$exists": True}
            if commit.secret is not None:
                condition["secret"] = commit.secret
        if not commit.pop or commit.popped:
            where, fast = self._at_once(commit, change, pushed)
            before = self._settle(session_id, version, condition | where, fast)
            if before is not None:
                return before
        # A lost race, or something of the document is in the way: a full outbox, a step that belongs elsewhere, too many steps.
        found = repeat(lambda: self._sessions.find_one({"_id": session_id, "version": version}, documents.ABOUT))
        if found is None:
            return None
        documents.check_room(found, commit)
        try:
            moved = self._steps.move(session_id, Stack.of(found), pop=commit.pop, push=pushed)
        except Missing:
            if repeat(lambda: self._sessions.find_one({"_id": session_id, "version": version}, {"_id": 1})) is None:
                return None  # somebody else went back meanwhile
            raise
        change["$set"] |= moved.stack.document()
        if moved.stack.top is None:
            change["$set"].pop("top")
            change["$unset"]["top"] = ""
        before = self._settle(session_id, version, condition, change)
        if before is not None:
            self._steps.remove(session_id, moved.popped)
        return before

    def _at_once(self, commit: Commit, change: Document, pushed: Document | None) -> tuple[Document, Document]:
        """`change` with its steps, where nothing need be looked up for it: what the document must be like, and what is done to it.

        What is popped stays where it is, no part of the chain any more: an array cannot lose and gain an element in one update.
        """
        fast = {name: dict(value) for name, value in change.items()}
        where: Document = {}
        below, depth = (commit.popped[-1].previous, commit.popped[-1].number - 1) if commit.popped else (None, 0)
        if commit.popped:
            where |= self._steps.held_all(commit.popped)
            fast["$set"] |= {"top": below, "step": depth}
        if pushed is not None:
            room = self._steps.room(pushed)
            if commit.popped:
                if room.pop("top") != below:
                    raise BadRecord(f"step {pushed['u']} goes on top of {below}, not of {pushed['p']}")
                fast["$set"] |= {"top": pushed["u"], "step": depth + 1}
            else:
                fast["$set"]["top"] = pushed["u"]
                fast["$inc"]["step"] = 1
            where |= room
            fast["$push"]["steps"] = {"$each": [pushed]}
            fast["$inc"] |= {"steps_count": 1, "steps_bytes": self._steps.size(pushed)}
        if "top" in fast["$set"] and fast["$set"]["top"] is None:
            del fast["$set"]["top"]
            fast["$unset"]["top"] = ""
        return where, fast

    def _settle(self, session_id: str, version: int, where: Document, change: Document) -> Document | None:
        """Make the change, and if the connection breaks find out whether it was made.

        Every write has an id of its own, and the document the ids of the newest; so a write that was not confirmed is recognised
        even if others have written since, and confirmed by writing its id down (which waits for the majority that the first
        had not waited for). The id names the write and nothing else: another process may well save the same request.
        """
        change = {name: value for name, value in change.items() if value}
        write = change["$set"]["write"]

        def attempt() -> Document | None:
            return self._sessions.find_one_and_update(
                where, change, projection=_STATE_REFERENCE, return_document=ReturnDocument.BEFORE
            )

        try:
            with reach():
                return attempt()
        except StoreUnavailable as error:
            if not interrupted(error):
                raise
        before = repeat(attempt)
        if before is not None:
            return before
        own = repeat(
            lambda: self._sessions.update_one({"_id": session_id, "writes": write}, {"$set": {"confirmed": write}})
        )
        if own.matched_count:
            return {}
        now = repeat(lambda: self._sessions.find_one({"_id": session_id}, {"version": 1}))
        if now is not None and now["version"] >= version + _WRITES:
            raise StoreUnavailable(
                f"session {session_id}: the connection broke and what became of the write is unknown"
            )
        return None

    def step(self, session_id: str, uid: int) -> Step | None:
        if not checks.known_id(session_id):
            return None
        checks.check_number("uid", uid)
        document = repeat(lambda: self._sessions.find_one({"_id": session_id, **documents.LIVE}, _CHAIN))
        if document is None:
            return None
        try:
            return self._steps.get(session_id, Stack.of(document), uid)
        except Missing:  # popped while we read
            return None

    def publish_done(self, session_id: str, entry_ids: Iterable[str]) -> None:
        self._take(session_id, "outbox", list(entry_ids))

    def forget_applied(self, session_id: str, task_id: str) -> None:
        self._take(session_id, "applied", [task_id])

    def _take(self, session_id: str, name: str, ids: list[str]) -> None:
        ids = [one for one in ids if checks.known_id(one)]
        if not checks.known_id(session_id) or not ids:
            return
        before = repeat(
            lambda: self._sessions.find_one_and_update(
                {"_id": session_id, f"{name}.id": {"$in": ids}},
                {"$pull": {name: {"id": {"$in": ids}}}},
                projection={name: 1},
                return_document=ReturnDocument.BEFORE,
            )
        )
        if before is not None:
            self._blobs.drop(entry["body"] for entry in before[name] if entry["id"] in ids)

    def visit(self, session_id: str, visit: Visit) -> None:
        checks.check_id("session", session_id)
        session_checks.check_visit(visit)
        place = documents.visit_place(visit)
        where = {"_id": session_id, **documents.LIVE, "$or": [{place: None}, {f"{place}.at": {"$lt": visit.at}}]}
        # Who was here later is no news, and was counted as the last access, too.
        change = {
            "$set": {place: documents.visit_held(visit)},
            "$max": {"accessed": visit.at, "accessed_quarter": quarter(visit.at)},
        }
        repeat(lambda: self._sessions.update_one(where, change))

    def delete(self, session_id: str, *, keep: Collection[int] = ()) -> bool:
        """The document becomes a tombstone, what depends on it goes, then the tombstone: a crash between leaves it for `remains`."""
        if not checks.known_id(session_id):
            return False
        tombstone = {
            "_id": session_id,
            "version": -1,
            "deleted": True,
            "modified": checks.EPOCH,
            "modified_quarter": checks.EPOCH,
        }
        removed = repeat(lambda: self._sessions.replace_one({"_id": session_id}, dict(tombstone))).matched_count
        for name in _DEPENDENT:
            removed += self._delete_all(name, session_id, keep)
        repeat(lambda: self._sessions.delete_one({"_id": session_id, "deleted": True}))
        return removed > 0

    def _delete_all(self, collection: str, session_id: str, keep: Collection[int]) -> int:
        where: Document = {"session": session_id}
        if keep and collection in _NUMBERED:
            where[_NUMBERED[collection]] = {"$nin": list(keep)}
        return repeat(lambda: self._connection.collection(collection).delete_many(where)).deleted_count
