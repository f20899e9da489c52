"""How far sessions have come with their scheduled events, in MongoDB."""

from __future__ import annotations

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from shared.store import checks
from shared.store.mongodb.connection import Connection, Document, repeat
from shared.store.packing import pack, unpack
from shared.store.records import TickMark


class MongoTicks:
    def __init__(self, connection: Connection) -> None:
        self._ticks = connection.collection("ticks")
        self._sessions = connection.collection("sessions")

    def get(self, session_id: str, event: str) -> TickMark | None:
        if not checks.known_id(session_id, event):
            return None
        found = repeat(lambda: self._ticks.find_one({"_id": _id(session_id, event)}))
        return None if found is None else _mark(found)

    def put(self, mark: TickMark) -> None:
        checks.check_tick_mark(mark)
        there = repeat(lambda: self._sessions.find_one({"_id": mark.session, "deleted": None}, {"_id": 1}))
        if there is None:
            return  # nobody would ever remove it
        document: Document = {
            "session": mark.session,
            "event": mark.event,
            "period": mark.period,
            "at": mark.at,
            "outcome": mark.outcome,
            "failures": mark.failures,
            "until": mark.until,
            "digest": mark.digest,
            "error": pack("error", mark.error, limit=checks.EXTRA_BYTES),
            # Found by its event as long as it fails.
            "failing": mark.event if mark.failures else "",
        }
        where = {"_id": _id(mark.session, mark.event), "period": {"$lte": mark.period}}
        try:
            repeat(lambda: self._ticks.update_one(where, {"$set": document}, upsert=True))
        except DuplicateKeyError:
            return  # a later period is there

    def of_session(self, session_id: str) -> list[TickMark]:
        if not checks.known_id(session_id):
            return []
        found = repeat(lambda: list(self._ticks.find({"session": session_id}).sort([("event", ASCENDING)])))
        return [_mark(one) for one in found]

    def failing(self, event: str, *, after: str = "", limit: int = 100) -> list[TickMark]:
        checks.check_limit(limit)
        if not checks.known_id(event) or not checks.known_start(after):
            return []
        where = {"failing": event, "session": {"$gt": after}}
        found = repeat(lambda: list(self._ticks.find(where).sort([("session", ASCENDING)]).limit(limit)))
        return [_mark(one) for one in found]


def _id(session_id: str, event: str) -> str:
    return f"{session_id} {event}"


def _mark(document: Document) -> TickMark:
    return TickMark(
        session=document["session"],
        event=document["event"],
        period=document["period"],
        at=document["at"],
        outcome=document["outcome"],
        failures=document["failures"],
        until=document["until"],
        digest=document["digest"],
        error=unpack("error", document["error"]),
    )
