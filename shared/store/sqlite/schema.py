"""The tables, as a list of migrations: what stands here is never edited, only added to.

Times are milliseconds since 1970; columns named after mappings and lists hold BSON (``shared.store.packing``).
Large columns come last, so that a look at the others does not read them.
"""

from __future__ import annotations

from typing import Final

_FIRST: Final = """
CREATE TABLE sessions (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, interview TEXT NOT NULL, step INTEGER NOT NULL, top INTEGER,
    secret BLOB NOT NULL, sealed INTEGER NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL,
    accessed INTEGER NOT NULL, owner TEXT, multi_user INTEGER NOT NULL, allow_cron INTEGER NOT NULL,
    events BLOB NOT NULL, title TEXT, tags BLOB NOT NULL, progress INTEGER, seen BLOB NOT NULL, applied BLOB NOT NULL,
    extra BLOB NOT NULL, state BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_modified ON sessions (modified, id);
CREATE INDEX sessions_owner ON sessions (owner, modified) WHERE owner IS NOT NULL;

CREATE TABLE events (event TEXT NOT NULL, session TEXT NOT NULL, PRIMARY KEY (event, session)) WITHOUT ROWID;
CREATE INDEX events_session ON events (session);

CREATE TABLE steps (
    session TEXT NOT NULL, uid INTEGER NOT NULL, number INTEGER NOT NULL, previous INTEGER, delta BLOB NOT NULL,
    PRIMARY KEY (session, uid)
);

CREATE TABLE outbox (
    position INTEGER PRIMARY KEY, session TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, added INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE UNIQUE INDEX outbox_entry ON outbox (session, id);
CREATE INDEX outbox_added ON outbox (added);

CREATE TABLE tasks (
    id TEXT PRIMARY KEY, session TEXT NOT NULL, interview TEXT NOT NULL, action TEXT NOT NULL, status TEXT NOT NULL,
    ui TEXT, origin TEXT NOT NULL, user BLOB NOT NULL, browser BLOB NOT NULL, created INTEGER NOT NULL,
    started INTEGER, finished INTEGER, attempts INTEGER NOT NULL, lease TEXT, lease_until INTEGER,
    delivered INTEGER NOT NULL, arguments BLOB NOT NULL, response BLOB NOT NULL, result BLOB NOT NULL
);
CREATE INDEX tasks_session ON tasks (session, created);
CREATE INDEX tasks_queued ON tasks (status, created);
CREATE INDEX tasks_leased ON tasks (status, lease_until);

CREATE TABLE files (
    number INTEGER PRIMARY KEY AUTOINCREMENT, session TEXT NOT NULL, filename TEXT NOT NULL, mimetype TEXT NOT NULL,
    created INTEGER NOT NULL, size INTEGER, sha256 TEXT
);
CREATE INDEX files_session ON files (session);
CREATE TABLE file_chunks (
    number INTEGER NOT NULL, position INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (number, position)
);

CREATE TABLE addresses (
    address TEXT PRIMARY KEY, session TEXT NOT NULL, key TEXT, ordinal INTEGER, user BLOB NOT NULL,
    created INTEGER NOT NULL
);
CREATE INDEX addresses_session ON addresses (session);
CREATE TABLE mails (
    id TEXT PRIMARY KEY, address TEXT NOT NULL, session TEXT NOT NULL, sender TEXT NOT NULL, received INTEGER NOT NULL,
    status TEXT NOT NULL, raw BLOB NOT NULL
);
CREATE INDEX mails_session ON mails (session, received);
CREATE INDEX mails_status ON mails (status, received);

CREATE TABLE claims (key TEXT PRIMARY KEY, period TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE notes (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""

#: Migration n brings a file from ``user_version`` n to n + 1.
MIGRATIONS: Final = (_FIRST,)
