"""What the store refuses of sessions and commits: the same for every adapter. Not for: limits and checks of single values (`checks`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from shared.store.checks import (
    ID_LENGTH,
    KIB,
    LIST_ENTRIES,
    OUTBOX_ENTRIES,
    SEEN_ENTRIES,
    STATE_BYTES,
    check_bytes,
    check_flag,
    check_id,
    check_mapping,
    check_names,
    check_number,
    check_plain,
    check_text,
    check_time,
)
from shared.store.ports import BadRecord, TooLarge
from shared.store.records import Commit, OutboxEntry, Session, Step, Visit


def check_outbox(entries: Iterable[OutboxEntry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        check_id("outbox entry", entry.id)
        check_text(f"outbox entry {entry.id}: kind", entry.kind, limit=ID_LENGTH)
        check_mapping(f"outbox entry {entry.id}: body", entry.body)
        if entry.id in seen:
            raise BadRecord(f"outbox entry {entry.id} is there twice")
        seen.add(entry.id)
    if len(seen) > OUTBOX_ENTRIES:
        raise TooLarge(f"{len(seen)} outbox entries; the limit is {OUTBOX_ENTRIES}")


def check_step(step: Step) -> None:
    check_number("step: uid", step.uid)
    check_number("step: number", step.number)
    check_number("step: previous", step.previous, optional=True)
    if step.previous is not None and step.previous >= step.uid:
        raise BadRecord(f"step {step.uid} names {step.previous} as the one below it, which is not older")
    check_bytes(f"step {step.uid}: delta", step.delta, limit=STATE_BYTES)


def check_seen(seen: Mapping[str, int]) -> None:
    if len(seen) > SEEN_ENTRIES:
        raise TooLarge(f"{len(seen)} requests to be remembered; the limit is {SEEN_ENTRIES}")
    for request, at in seen.items():
        check_id("request", request)
        check_number(f"time of request {request}", at)


def check_applied(applied: Mapping[str, Any]) -> None:
    for task, value in applied.items():
        check_id("applied task", task)
        check_plain(f"applied[{task}]", value)


def check_slots(value: object) -> None:
    check_mapping("slots", value)
    assert isinstance(value, Mapping)
    if len(value) > LIST_ENTRIES:
        raise TooLarge(f"{len(value)} slots; the limit is {LIST_ENTRIES}")
    for name, kept in value.items():
        check_id("slot", name)
        check_bytes(f"slot {name[:40]}", kept, limit=KIB)


_FIELDS: Final = {
    "multi_user": lambda value: check_flag("multi_user", value),
    "allow_cron": lambda value: check_flag("allow_cron", value),
    "scheduled": lambda value: check_flag("scheduled", value),
    "sealed": lambda value: check_flag("sealed", value),
    "events": lambda value: check_names("events", value, check_id),
    "tags": lambda value: check_names("tags", value, check_text),
    "title": lambda value: check_text("title", value, optional=True),
    "owner": lambda value: None if value is None else check_id("owner", value),
    "interview": lambda value: check_text("interview", value),
    "progress": lambda value: check_number("progress", value, optional=True),
    "extra": lambda value: check_mapping("extra", value),
    "accessed": lambda value: check_time("accessed", value),
    "browsers": lambda value: check_names("browsers", value, check_id),
    "slots": lambda value: check_slots(value),
}


def check_fields(fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if name not in _FIELDS:
            raise BadRecord(f"a commit cannot change {name!r}; its fields are {', '.join(sorted(_FIELDS))}")
        _FIELDS[name](value)


def check_session(session: Session) -> None:
    check_id("session", session.id)
    check_number("version", session.version)
    check_number("step", session.step)
    check_bytes("state", session.state, limit=STATE_BYTES)
    check_bytes("secret", session.secret, limit=KIB)
    for name in ("created", "modified", "accessed"):
        check_time(name, getattr(session, name))
    check_fields({name: getattr(session, name) for name in _FIELDS})
    check_outbox(session.outbox)
    check_applied(session.applied)
    check_seen(session.seen)
    if session.top is not None:
        check_step(session.top)
        if session.top.previous is not None:
            raise BadRecord(f"session {session.id} is new, so no step can be below its first")
    if session.step != (session.top is not None):
        raise BadRecord(f"session {session.id} says step {session.step}, which is not the number of its steps")


def check_commit(session_id: str, *, version: int, commit: Commit) -> None:
    check_id("session", session_id)
    check_number("version", version)
    check_time("now", commit.now)
    check_number("pop", commit.pop)
    if commit.state is not None:
        check_bytes("state", commit.state, limit=STATE_BYTES)
    if commit.push is not None:
        check_step(commit.push)
        if commit.push.uid != version + 1:
            raise BadRecord(f"a step is named after the version that creates it, {version + 1}, not {commit.push.uid}")
    if commit.seen is not None:
        check_seen(commit.seen)
    check_outbox(commit.outbox)
    check_applied(commit.applied)
    check_fields(commit.fields)
    if commit.visit is not None:
        check_visit(commit.visit)


def check_visit(visit: Visit) -> None:
    check_id("who", visit.who)
    check_time("at", visit.at)
    check_names("privileges", visit.privileges, check_id)
