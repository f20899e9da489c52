"""How a session's document in MongoDB holds what a session has: fields, arrays of entries, and limits on them.

Not for when it is written: `sessions`. Not for its steps: `steps`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from shared.store import checks
from shared.store.mongodb.blobs import Blobs, Missing
from shared.store.mongodb.connection import Document
from shared.store.mongodb.steps import MongoSteps, Stack
from shared.store.packing import pack, unpack
from shared.store.ports import BadRecord, TooLarge
from shared.store.records import CHANGEABLE, Changed, Commit, OutboxEntry, Session, Visit

#: That a session is there still: one whose deletion was cut short is not.
LIVE: Final = {"deleted": None}
#: A larger state stands beside the document, which then holds what changed of it.
STATE_INLINE: Final = CHANGEABLE
#: Outbox bodies and saved responses: there may be thousands in one document.
_ENTRY_INLINE: Final = 4 * checks.KIB

FIELDS: Final = (
    "interview",
    "owner",
    "title",
    "progress",
    "multi_user",
    "allow_cron",
    "scheduled",
    "sealed",
    "accessed",
    "events",
    "tags",
    "extra",
    "browsers",
    "slots",
)
#: What a commit needs to know of a document that is in its way.
ABOUT: Final = {"top": 1, "step": 1, "steps": 1, "outbox.id": 1, "applied.id": 1}


def values(fields: Mapping[str, Any]) -> Document:
    """Fields as the document holds them; None for one that is absent."""
    held = dict(fields)
    for name in ("events", "tags", "browsers"):
        if name in held:
            held[name] = list(held[name])
    if "extra" in held:
        held["extra"] = pack("extra", held["extra"], limit=checks.EXTRA_BYTES)
    if "slots" in held:
        held["slots"] = pack("slots", held["slots"], limit=checks.EXTRA_BYTES)
    return held


def seen(requests: Mapping[str, int]) -> bytes:
    return pack("seen", requests, limit=checks.SEEN_BYTES)


_LIMITS: Final = {"outbox": checks.OUTBOX_ENTRIES, "applied": checks.APPLIED_ENTRIES}


def room(name: str, commit: Commit) -> Document:
    """The condition that the array `name` can take what the commit adds, and has no entry of the same id."""
    added = _added(name, commit)
    if not added:
        return {}
    condition: Document = {f"{name}.{_LIMITS[name] - len(added)}": {"$exists": False}}
    if name == "outbox":
        condition["outbox.id"] = {"$nin": added}
    return condition


def _added(name: str, commit: Commit) -> list[str]:
    return [entry.id for entry in commit.outbox] if name == "outbox" else list(commit.applied)


def check_room(found: Document, commit: Commit) -> None:
    for name, limit in _LIMITS.items():
        held = [entry["id"] for entry in found[name]]
        added = _added(name, commit)
        if added and len(held) + len(added) > limit:
            raise TooLarge(
                f"{name} of session {found['_id']} is full ({len(held)} entries wait); is the bus reachable?"
            )
    if set(_added("outbox", commit)) & {entry["id"] for entry in found["outbox"]}:
        raise BadRecord(f"the outbox of session {found['_id']} has an entry of the same id already")


def visit_key(visit: Visit) -> str:
    """The name of the last visit of one: ids of users may hold dots."""
    return hashlib.blake2b(visit.who.encode(), digest_size=12).hexdigest()


def visit_place(visit: Visit) -> str:
    """The field that holds it."""
    return f"visits.{visit_key(visit)}"


def visit_held(visit: Visit) -> Document:
    return {"who": visit.who, "at": visit.at, "privileges": list(visit.privileges)}


def visits(document: Document) -> tuple[Visit, ...]:
    held = sorted(document.get("visits", {}).values(), key=lambda one: str(one["who"]))
    return tuple(Visit(who=one["who"], at=one["at"], privileges=tuple(one["privileges"])) for one in held)


def references(document: Document) -> list[Any]:
    entries = [*document["outbox"], *document["applied"]]
    return [document["state"], *(entry["body"] for entry in entries), *(step["d"] for step in document["steps"])]


def outbox_entries(blobs: Blobs, session_id: str, entries: Iterable[OutboxEntry], now: datetime) -> list[Document]:
    return [
        {
            "id": entry.id,
            "kind": entry.kind,
            "at": now,
            "body": blobs.wrap(session_id, pack("body", entry.body, limit=checks.BODY_BYTES), inline=_ENTRY_INLINE),
        }
        for entry in entries
    ]


def applied_entries(blobs: Blobs, session_id: str, applied: Mapping[str, Any]) -> list[Document]:
    return [
        {
            "id": task,
            "body": blobs.wrap(session_id, pack("applied", value, limit=checks.BODY_BYTES), inline=_ENTRY_INLINE),
        }
        for task, value in applied.items()
    ]


def session(document: Document, blobs: Blobs, steps: MongoSteps) -> Session:
    """The record. Raises `Missing` if the document was replaced since it was read."""
    stack = Stack.of(document)
    top = None if stack.top is None else steps.get(document["_id"], stack, stack.top)
    if stack.top is not None and top is None:
        raise Missing(f"step {stack.top} is missing")
    return Session(
        id=document["_id"],
        version=document["version"],
        interview=document["interview"],
        state=blobs.unwrap(document["state"]),
        changes=tuple(Changed(one["v"], one["d"]) for one in document.get("changes", ())),
        step=stack.step,
        top=top,
        below=steps.below(stack),
        secret=document["secret"],
        sealed=document["sealed"],
        created=document["created"],
        modified=document["modified"],
        accessed=document["accessed"],
        owner=document.get("owner"),
        multi_user=document["multi_user"],
        allow_cron=document["allow_cron"],
        scheduled=document.get("scheduled", False),
        events=tuple(document["events"]),
        title=document.get("title"),
        tags=tuple(document["tags"]),
        progress=document.get("progress"),
        browsers=tuple(document.get("browsers", ())),
        slots=unpack("slots", document["slots"]) if "slots" in document else {},
        outbox=tuple(
            OutboxEntry(id=one["id"], kind=one["kind"], body=unpack("body", blobs.unwrap(one["body"])))
            for one in document["outbox"]
        ),
        # Before 0.2 it was a list of the newest 64, which nobody repeats any more.
        seen=unpack("seen", document["seen"]) if isinstance(document["seen"], bytes) else {},
        applied={one["id"]: unpack("applied", blobs.unwrap(one["body"])) for one in document["applied"]},
        extra=unpack("extra", document["extra"]),
    )
