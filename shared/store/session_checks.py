"""What the store refuses of sessions and commits: the same for every adapter. Not for: limits and checks of single values (`checks`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from shared.store import checks
from shared.store.ports import BadRecord, TooLarge
from shared.store.records import Commit, OutboxEntry, Session, Step, Visit


def check_outbox(entries: Iterable[OutboxEntry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        checks.check_id("outbox entry", entry.id)
        checks.check_text(f"outbox entry {entry.id}: kind", entry.kind, limit=checks.ID_LENGTH)
        checks.check_mapping(f"outbox entry {entry.id}: body", entry.body)
        if entry.id in seen:
            raise BadRecord(f"outbox entry {entry.id} is there twice")
        seen.add(entry.id)
    if len(seen) > checks.OUTBOX_ENTRIES:
        raise TooLarge(f"{len(seen)} outbox entries; the limit is {checks.OUTBOX_ENTRIES}")


def check_step(step: Step) -> None:
    checks.check_number("step: uid", step.uid)
    checks.check_number("step: number", step.number)
    checks.check_number("step: previous", step.previous, optional=True)
    if step.previous is not None and step.previous >= step.uid:
        raise BadRecord(f"step {step.uid} names {step.previous} as the one below it, which is not older")
    checks.check_bytes(f"step {step.uid}: delta", step.delta, limit=checks.STATE_BYTES)


def check_seen(seen: Mapping[str, int]) -> None:
    if len(seen) > checks.SEEN_ENTRIES:
        raise TooLarge(f"{len(seen)} requests to be remembered; the limit is {checks.SEEN_ENTRIES}")
    if _seen_as_ever(seen):
        return
    for request, at in seen.items():
        checks.check_id("request", request)
        checks.check_number(f"time of request {request}", at)


def _seen_as_ever(seen: Mapping[str, int]) -> bool:
    """What the loop below would find, at the speed of C: there may be thousands, and each write says all of them."""
    if set(map(type, seen)) != {str} or set(map(type, seen.values())) != {int}:
        return False
    longest, shortest = max(map(len, seen)), min(map(len, seen))
    return (
        shortest > 0
        and longest <= checks.ID_LENGTH
        and "".join(seen).isprintable()
        and min(seen.values()) >= 0
        and max(seen.values()) < 2**62
    )


def check_applied(applied: Mapping[str, Any]) -> None:
    for task, value in applied.items():
        checks.check_id("applied task", task)
        checks.check_plain(f"applied[{task}]", value)


def check_slots(value: object) -> None:
    checks.check_mapping("slots", value)
    assert isinstance(value, Mapping)
    if len(value) > checks.LIST_ENTRIES:
        raise TooLarge(f"{len(value)} slots; the limit is {checks.LIST_ENTRIES}")
    for name, kept in value.items():
        checks.check_id("slot", name)
        checks.check_bytes(f"slot {name[:40]}", kept, limit=checks.KIB)


_FIELDS: Final = {
    "multi_user": lambda value: checks.check_flag("multi_user", value),
    "allow_cron": lambda value: checks.check_flag("allow_cron", value),
    "scheduled": lambda value: checks.check_flag("scheduled", value),
    "sealed": lambda value: checks.check_flag("sealed", value),
    "events": lambda value: checks.check_names("events", value, checks.check_id),
    "tags": lambda value: checks.check_names("tags", value, checks.check_text),
    "title": lambda value: checks.check_text("title", value, optional=True),
    "owner": lambda value: None if value is None else checks.check_id("owner", value),
    "interview": lambda value: checks.check_text("interview", value),
    "progress": lambda value: checks.check_number("progress", value, optional=True),
    "extra": lambda value: checks.check_mapping("extra", value),
    "accessed": lambda value: checks.check_time("accessed", value),
    "browsers": lambda value: checks.check_names("browsers", value, checks.check_id),
    "slots": lambda value: check_slots(value),
}


#: Fields that hold answers.
_CONTENTS: Final = frozenset({"title", "tags", "extra"})


def check_fields(fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if name not in _FIELDS:
            raise BadRecord(f"a commit cannot change {name!r}; its fields are {', '.join(sorted(_FIELDS))}")
        _FIELDS[name](value)


def check_session(session: Session) -> None:
    checks.check_id("session", session.id)
    checks.check_number("version", session.version)
    checks.check_number("step", session.step)
    checks.check_bytes("state", session.state, limit=checks.STATE_BYTES)
    checks.check_bytes("secret", session.secret, limit=checks.KIB)
    for name in ("created", "modified", "accessed"):
        checks.check_time(name, getattr(session, name))
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
    checks.check_id("session", session_id)
    checks.check_number("version", version)
    checks.check_time("now", commit.now)
    checks.check_number("pop", commit.pop)
    for step in commit.popped:
        check_step(step)
    if commit.popped and len(commit.popped) != commit.pop:
        raise BadRecord(f"{len(commit.popped)} steps are named as the {commit.pop} to go back")
    if commit.state is not None:
        checks.check_bytes("state", commit.state, limit=checks.STATE_BYTES)
    if commit.change is not None:
        checks.check_bytes("change", commit.change, limit=checks.STATE_BYTES)
    if commit.secret is not None:
        checks.check_bytes("secret", commit.secret, limit=checks.KIB)
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


def check_contents(session_id: str, commit: Commit) -> None:
    """Of `check_commit`, what holds answers: for a vault, which seals that before an adapter can look at it."""
    checks.check_id("session", session_id)
    if commit.state is not None:
        checks.check_bytes("state", commit.state, limit=checks.STATE_BYTES)
    if commit.push is not None:
        check_step(commit.push)
    if commit.outbox:
        check_outbox(commit.outbox)
    if commit.applied:
        check_applied(commit.applied)
    check_fields({name: value for name, value in commit.fields.items() if name in _CONTENTS})


def check_visit(visit: Visit) -> None:
    checks.check_id("who", visit.who)
    checks.check_time("at", visit.at)
    checks.check_names("privileges", visit.privileges, checks.check_id)
