"""Sessions in SQLite: state, flags, seen and applied in one row; steps and outbox in tables beside it."""

# ruff: noqa: S608 - statements are put together from constants of this module; values are always bound
from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Literal

from shared.store import checks, session_checks
from shared.store.packing import from_ms, pack, quarter_ms, to_ms, unpack
from shared.store.ports import UNCHANGED, BadRecord, DuplicateId, TooLarge, Unchanged
from shared.store.records import CHANGEABLE, Changed, Commit, OutboxEntry, Session, Step, Visit
from shared.store.sqlite.session_lists import SqliteSessionLists

_DEPENDENT: Final = (
    "stored",
    "visits",
    "ticks",
    "browsers",
    "changes",
    "bases",
    "steps",
    "outbox",
    "tasks",
    "runs",
    "addresses",
    "mails",
    "mail_heads",
    "mail_parts",
    "mail_sizes",
    "uploads",
    "upload_pieces",
)


class SqliteSessions(SqliteSessionLists):
    def create(self, session: Session, *, visit: Visit | None = None) -> None:
        session_checks.check_session(session)
        if visit is not None:
            session_checks.check_visit(visit)
        row = {
            "id": session.id,
            "version": session.version,
            "step": session.step,
            "top": session.top.uid if session.top else None,
            "secret": session.secret,
            "created": to_ms(session.created),
            "modified": to_ms(session.modified),
            "seen": pack("seen", session.seen, limit=checks.SEEN_BYTES),
            "applied": _pack_applied(session.applied),
            "state": _held(session.state),
            "modified_quarter": quarter_ms(session.modified),
            "accessed_quarter": quarter_ms(session.accessed),
            **_columns({name: getattr(session, name) for name in _COLUMNS}),
        }
        marks = ", ".join(f":{name}" for name in row)
        with self._database.write() as connection:
            try:
                connection.execute(f"INSERT INTO sessions ({', '.join(row)}) VALUES ({marks})", row)
            except sqlite3.IntegrityError:
                raise DuplicateId(f"session {session.id} exists") from None
            if len(session.state) > CHANGEABLE:
                _set_base(connection, session.id, session.state)
            _set_browsers(connection, session.id, session.browsers)
            if session.top is not None:
                _add_step(connection, session.id, session.top)
            _add_outbox(connection, session.id, session.outbox, session.modified)
            if visit is not None:
                _set_visit(connection, session.id, visit)
                _set_accessed(connection, session.id, visit)

    def load(self, session_id: str) -> Session | None:
        loaded = self._load(session_id, version=None)
        return None if isinstance(loaded, Unchanged) else loaded

    def load_newer(self, session_id: str, *, version: int) -> Session | Literal[Unchanged.UNCHANGED] | None:
        checks.check_number("version", version)
        return self._load(session_id, version=version)

    def _load(self, session_id: str, *, version: int | None) -> Session | Literal[Unchanged.UNCHANGED] | None:
        if not checks.known_id(session_id):
            return None
        with self._database.read() as connection:
            if version is not None:
                stored = connection.execute("SELECT version FROM sessions WHERE id = ?", (session_id,)).fetchone()
                if stored is not None and stored["version"] == version:
                    return UNCHANGED
            row = connection.execute("SELECT * FROM sessions WHERE id = ?", (session_id,)).fetchone()
            if row is None:
                return None
            top = None if row["top"] is None else _step(connection, session_id, row["top"])
            outbox = connection.execute(
                "SELECT id, kind, body FROM outbox WHERE session = ? ORDER BY position", (session_id,)
            ).fetchall()
            changes = connection.execute(
                "SELECT version, delta FROM changes WHERE session = ? ORDER BY version", (session_id,)
            ).fetchall()
            base = connection.execute("SELECT state FROM bases WHERE session = ?", (session_id,)).fetchone()
        found = replace(_session(row, top, outbox), changes=tuple(Changed(*one) for one in changes))
        return found if base is None else replace(found, state=base["state"])

    def commit(self, session_id: str, *, version: int, commit: Commit) -> bool:
        session_checks.check_commit(session_id, version=version, commit=commit)
        columns = _columns(commit.fields)
        with self._database.write() as connection:
            row = connection.execute(
                "SELECT version, step, top, secret, applied, accessed, modified_quarter, accessed_quarter, length(state) AS inline "
                "FROM sessions WHERE id = ?",
                (session_id,),
            ).fetchone()
            if row is None or row["version"] != version:
                return False
            if commit.state is None and commit.change is not None and commit.secret not in (None, row["secret"]):
                return False
            columns |= {"version": version + 1} | _times(row, commit)
            if commit.pop or commit.push:
                columns["top"], columns["step"] = _move(connection, session_id, row, commit)
            if commit.state is not None:
                columns["state"] = _held(commit.state)
                if len(commit.state) > CHANGEABLE or not row["inline"]:  # else all of it was in this row, and is
                    _set_base(connection, session_id, commit.state)
            elif commit.change is not None:
                change = (session_id, version + 1, commit.change)
                connection.execute("INSERT INTO changes (session, version, delta) VALUES (?, ?, ?)", change)
            if commit.seen is not None:
                columns["seen"] = pack("seen", commit.seen, limit=checks.SEEN_BYTES)
            if commit.applied:
                columns["applied"] = _pack_applied(unpack("applied", row["applied"]) | dict(commit.applied))
            if "browsers" in columns:
                _set_browsers(connection, session_id, commit.fields["browsers"])
            _add_outbox(connection, session_id, commit.outbox, commit.now)
            if commit.visit is not None:
                _set_visit(connection, session_id, commit.visit)
            changes = ", ".join(f"{name} = :{name}" for name in columns)
            connection.execute(f"UPDATE sessions SET {changes} WHERE id = :id", {**columns, "id": session_id})
        return True

    def step(self, session_id: str, uid: int) -> Step | None:
        if not checks.known_id(session_id):
            return None
        checks.check_number("uid", uid)
        with self._database.read() as connection:
            return _step(connection, session_id, uid)

    def publish_done(self, session_id: str, entry_ids: Iterable[str]) -> None:
        done = [(session_id, entry_id) for entry_id in entry_ids if checks.known_id(entry_id)]
        if done and checks.known_id(session_id):
            with self._database.write(durable=False) as connection:
                connection.executemany("DELETE FROM outbox WHERE session = ? AND id = ?", done)

    def forget_applied(self, session_id: str, task_id: str) -> None:
        if not checks.known_id(session_id, task_id):
            return
        with self._database.write(durable=False) as connection:
            row = connection.execute("SELECT applied FROM sessions WHERE id = ?", (session_id,)).fetchone()
            applied = unpack("applied", row["applied"]) if row else {}
            if applied.pop(task_id, self) is not self:
                connection.execute("UPDATE sessions SET applied = ? WHERE id = ?", (_pack_applied(applied), session_id))

    def visit(self, session_id: str, visit: Visit) -> None:
        checks.check_id("session", session_id)
        session_checks.check_visit(visit)
        with self._database.write(durable=False) as connection:
            if connection.execute("SELECT 1 FROM sessions WHERE id = ?", (session_id,)).fetchone():
                _set_visit(connection, session_id, visit)
                _set_accessed(connection, session_id, visit)

    def delete(self, session_id: str, *, keep: Collection[int] = ()) -> bool:
        if not checks.known_id(session_id):
            return False
        removed = 0
        files = f"session = ? AND number NOT IN ({', '.join('?' * len(keep))})"
        with self._database.write() as connection:
            removed += connection.execute(
                f"DELETE FROM file_chunks WHERE number IN (SELECT number FROM files WHERE {files})", (session_id, *keep)
            ).rowcount
            removed += connection.execute(f"DELETE FROM files WHERE {files}", (session_id, *keep)).rowcount
            for table in _DEPENDENT:
                removed += connection.execute(f"DELETE FROM {table} WHERE session = ?", (session_id,)).rowcount
            removed += connection.execute("DELETE FROM sessions WHERE id = ?", (session_id,)).rowcount
        return removed > 0


def _held(state: bytes) -> bytes:
    """What the session's own row holds of it: not a large one, for the row is written whole with every commit."""
    return b"" if len(state) > CHANGEABLE else state


def _set_base(connection: sqlite3.Connection, session_id: str, state: bytes) -> None:
    """What stands outside of the session's own row: a large state, with no changes behind it yet."""
    connection.execute("DELETE FROM changes WHERE session = ?", (session_id,))
    if len(state) > CHANGEABLE:
        connection.execute("INSERT OR REPLACE INTO bases (session, state) VALUES (?, ?)", (session_id, state))
    else:
        connection.execute("DELETE FROM bases WHERE session = ?", (session_id,))


def _pack_applied(applied: Mapping[str, Any]) -> bytes:
    if len(applied) > checks.APPLIED_ENTRIES:
        raise TooLarge(f"{len(applied)} saved responses wait for their tasks; the limit is {checks.APPLIED_ENTRIES}")
    return pack("applied", applied, limit=2 * checks.BODY_BYTES)


#: Fields of a commit, and how a column holds them.
_COLUMNS: Final[dict[str, Callable[[Any], Any]]] = {
    "interview": str,
    "owner": lambda value: value,
    "title": lambda value: value,
    "progress": lambda value: value,
    "multi_user": int,
    "allow_cron": int,
    "scheduled": int,
    "sealed": int,
    "accessed": to_ms,
    "events": lambda value: pack("events", list(value), limit=checks.STATE_BYTES),
    "tags": lambda value: pack("tags", list(value), limit=checks.STATE_BYTES),
    "extra": lambda value: pack("extra", value, limit=checks.EXTRA_BYTES),
    "browsers": lambda value: pack("browsers", list(value), limit=checks.STATE_BYTES),
    "slots": lambda value: pack("slots", value, limit=checks.STATE_BYTES),
}


def _columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _COLUMNS[name](value) for name, value in fields.items()}


def _set_visit(connection: sqlite3.Connection, session_id: str, visit: Visit) -> None:
    at = to_ms(visit.at)
    connection.execute(
        "INSERT INTO visits (session, who, at, privileges) VALUES (?, ?, ?, ?) ON CONFLICT (session, who) "
        "DO UPDATE SET at = excluded.at, privileges = excluded.privileges WHERE at < excluded.at",
        (session_id, visit.who, at, pack("privileges", list(visit.privileges), limit=checks.KIB)),
    )


def _set_accessed(connection: sqlite3.Connection, session_id: str, visit: Visit) -> None:
    at, quarter = to_ms(visit.at), quarter_ms(visit.at)
    connection.execute("UPDATE sessions SET accessed = ? WHERE id = ? AND accessed < ?", (at, session_id, at))
    # A statement that names an indexed column writes the index, whether it changes or not.
    connection.execute(
        "UPDATE sessions SET accessed_quarter = ? WHERE id = ? AND accessed_quarter < ?", (quarter, session_id, quarter)
    )


def _times(row: sqlite3.Row, commit: Commit) -> dict[str, int]:
    """The columns of times that a commit writes; those that indexes hold only where they change."""
    made = {"modified": to_ms(commit.now)}
    quarters = {"modified": quarter_ms(commit.now)}
    accessed = commit.fields.get("accessed")
    if accessed is None and commit.visit is not None and row["accessed"] < to_ms(commit.visit.at):
        accessed = commit.visit.at
    if accessed is not None:
        made["accessed"], quarters["accessed"] = to_ms(accessed), quarter_ms(accessed)
    return made | {f"{name}_quarter": value for name, value in quarters.items() if row[f"{name}_quarter"] != value}


def _set_browsers(connection: sqlite3.Connection, session_id: str, browsers: Iterable[str]) -> None:
    connection.execute("DELETE FROM browsers WHERE session = ?", (session_id,))
    rows = [(browser, session_id) for browser in browsers]
    connection.executemany("INSERT OR IGNORE INTO browsers VALUES (?, ?)", rows)


def _add_outbox(
    connection: sqlite3.Connection, session_id: str, entries: tuple[OutboxEntry, ...], now: datetime
) -> None:
    if not entries:
        return
    (held,) = connection.execute("SELECT count(*) FROM outbox WHERE session = ?", (session_id,)).fetchone()
    if held + len(entries) > checks.OUTBOX_ENTRIES:
        raise TooLarge(
            f"the outbox of session {session_id} is full ({held} entries wait to be published); is the bus reachable?"
        )
    rows = [
        (session_id, entry.id, entry.kind, to_ms(now), pack("body", entry.body, limit=checks.BODY_BYTES))
        for entry in entries
    ]
    try:
        connection.executemany("INSERT INTO outbox (session, id, kind, added, body) VALUES (?, ?, ?, ?, ?)", rows)
    except sqlite3.IntegrityError:
        raise BadRecord(f"the outbox of session {session_id} has an entry of the same id already") from None


def _add_step(connection: sqlite3.Connection, session_id: str, step: Step) -> None:
    connection.execute(
        "INSERT INTO steps (session, uid, number, previous, delta) VALUES (?, ?, ?, ?, ?)",
        (session_id, step.uid, step.number, step.previous, step.delta),
    )


def _move(connection: sqlite3.Connection, session_id: str, row: sqlite3.Row, commit: Commit) -> tuple[int | None, int]:
    """Pop and push; the uid on top after it, and how many steps there are."""
    top, step = row["top"], row["step"]
    if commit.pop >= step:
        connection.execute("DELETE FROM steps WHERE session = ?", (session_id,))
        top, step = None, 0
    for _ in range(min(commit.pop, step)):
        below = connection.execute(
            "DELETE FROM steps WHERE session = ? AND uid = ? RETURNING previous", (session_id, top)
        ).fetchone()
        top, step = below["previous"], step - 1
    if commit.push is not None:
        if commit.push.previous != top:
            raise BadRecord(f"step {commit.push.uid} goes on top of {top}, not of {commit.push.previous}")
        _add_step(connection, session_id, commit.push)
        top, step = commit.push.uid, step + 1
    return top, step


def _step(connection: sqlite3.Connection, session_id: str, uid: int) -> Step | None:
    row = connection.execute(
        "SELECT uid, number, previous, delta FROM steps WHERE session = ? AND uid = ?", (session_id, uid)
    ).fetchone()
    return None if row is None else Step(**dict(zip(row.keys(), row, strict=True)))


def _session(row: sqlite3.Row, top: Step | None, outbox: Iterable[sqlite3.Row]) -> Session:
    return Session(
        id=row["id"],
        version=row["version"],
        interview=row["interview"],
        state=row["state"],
        step=row["step"],
        top=top,
        secret=row["secret"],
        sealed=bool(row["sealed"]),
        created=from_ms(row["created"]),
        modified=from_ms(row["modified"]),
        accessed=from_ms(row["accessed"]),
        owner=row["owner"],
        multi_user=bool(row["multi_user"]),
        allow_cron=bool(row["allow_cron"]),
        scheduled=bool(row["scheduled"]),
        events=tuple(unpack("events", row["events"])),
        title=row["title"],
        tags=tuple(unpack("tags", row["tags"])),
        progress=row["progress"],
        browsers=() if row["browsers"] is None else tuple(unpack("browsers", row["browsers"])),
        slots={} if row["slots"] is None else unpack("slots", row["slots"]),
        outbox=tuple(OutboxEntry(id=one["id"], kind=one["kind"], body=unpack("body", one["body"])) for one in outbox),
        seen=unpack("seen", row["seen"]),
        applied=unpack("applied", row["applied"]),
        extra=unpack("extra", row["extra"]),
    )
