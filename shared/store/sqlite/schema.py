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

#: What is remembered of requests has another form (a mapping of digests to times); deaths of tasks are counted apart.
_SECOND: Final = """
UPDATE sessions SET seen = X'0d000000037600050000000000';
ALTER TABLE tasks ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;
"""

#: Sessions by browser. The columns are absent (NULL) from sessions of before, which no browser holds by a key yet.
_BROWSERS: Final = """
ALTER TABLE sessions ADD COLUMN browsers BLOB;
ALTER TABLE sessions ADD COLUMN slots BLOB;
CREATE TABLE browsers (browser TEXT NOT NULL, session TEXT NOT NULL, PRIMARY KEY (browser, session)) WITHOUT ROWID;
CREATE INDEX browsers_session ON browsers (session);
"""

#: What runs of interviews said.
_RUNS: Final = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL, session TEXT NOT NULL, interview TEXT NOT NULL,
    what TEXT NOT NULL, name TEXT NOT NULL, task TEXT, ok INTEGER NOT NULL, told BLOB NOT NULL
);
CREATE INDEX runs_kind ON runs (kind, at, id);
CREATE INDEX runs_session ON runs (session);
"""

#: What a page should still be told. The query says it in the same words, or SQLite would not use the index.
UNDELIVERED: Final = "delivered = 0 AND ui IS NOT NULL AND status IN ('done', 'failed', 'revoked')"

_UNDELIVERED: Final = """
CREATE INDEX tasks_undelivered ON tasks (session, created, id)
    WHERE delivered = 0 AND ui IS NOT NULL AND status IN ('done', 'failed');
"""

_REVOKED_TOO: Final = f"""
DROP INDEX tasks_undelivered;
CREATE INDEX tasks_undelivered ON tasks (session, created, id) WHERE {UNDELIVERED};
"""

_UPLOADS: Final = """
CREATE TABLE uploads (
    session TEXT NOT NULL, id TEXT NOT NULL, number INTEGER, changed INTEGER NOT NULL, PRIMARY KEY (session, id)
) WITHOUT ROWID;
CREATE INDEX uploads_changed ON uploads (changed);
CREATE TABLE upload_pieces (
    session TEXT NOT NULL, upload TEXT NOT NULL, position INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (session, upload, position)
);
"""

_RETENTION: Final = """
ALTER TABLE tasks ADD COLUMN trimmed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tasks_untrimmed ON tasks (finished, id) WHERE trimmed = 0 AND finished IS NOT NULL;
CREATE INDEX claims_at ON claims (at);
"""

#: Of mails of before, the header is taken out of the mail: up to its empty line, or the first 64 KiB.
_HEADS: Final = """
CREATE TABLE mail_heads (
    session TEXT NOT NULL, received INTEGER NOT NULL, id TEXT NOT NULL, address TEXT NOT NULL, sender TEXT NOT NULL,
    head BLOB NOT NULL, PRIMARY KEY (session, received, id)
) WITHOUT ROWID;
INSERT INTO mail_heads SELECT session, received, id, address, sender,
    coalesce(substr(raw, 1, min(65536, iif(instr(raw, X'0D0A0D0A') > 0, instr(raw, X'0D0A0D0A') + 3, 65536))), X'')
    FROM mails;
"""

_OPTIONS: Final = """
ALTER TABLE tasks ADD COLUMN options BLOB NOT NULL DEFAULT X'';
ALTER TABLE tasks ADD COLUMN progress BLOB NOT NULL DEFAULT X'';
"""

#: Scheduled tasks: which sessions take part, who was here when, how far events have come, and what became of each tick.
_SCHEDULED: Final = """
ALTER TABLE sessions ADD COLUMN scheduled INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET scheduled = 1 WHERE allow_cron AND multi_user;
CREATE INDEX sessions_scheduled ON sessions (scheduled, interview, id);
CREATE INDEX sessions_idle ON sessions (scheduled, interview, modified, id);
CREATE INDEX sessions_unvisited ON sessions (interview, accessed, id);
DROP TABLE events;
CREATE TABLE visits (
    session TEXT NOT NULL, who TEXT NOT NULL, at INTEGER NOT NULL, privileges BLOB NOT NULL, PRIMARY KEY (session, who)
) WITHOUT ROWID;
CREATE TABLE ticks (
    session TEXT NOT NULL, event TEXT NOT NULL, period TEXT NOT NULL, at INTEGER NOT NULL, outcome TEXT NOT NULL,
    failures INTEGER NOT NULL, until INTEGER, digest TEXT NOT NULL, error BLOB NOT NULL, PRIMARY KEY (session, event)
) WITHOUT ROWID;
CREATE INDEX ticks_failing ON ticks (event, session) WHERE failures > 0;
CREATE TABLE ledger (
    schedule TEXT NOT NULL, period TEXT NOT NULL, due INTEGER NOT NULL, outcome TEXT NOT NULL, by TEXT NOT NULL,
    entry BLOB NOT NULL, PRIMARY KEY (schedule, period)
) WITHOUT ROWID;
CREATE INDEX ledger_open ON ledger (due, schedule) WHERE outcome IN ('waiting', 'running');
"""

#: Queues and priorities of tasks.
_QUEUES: Final = """
ALTER TABLE tasks ADD COLUMN queue TEXT NOT NULL DEFAULT 'task';
ALTER TABLE tasks ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tasks_urgent ON tasks (queue, priority DESC, created) WHERE status = 'queued';
"""

#: What interviews share between sessions.
_STORED: Final = """
CREATE TABLE stored (
    scope TEXT NOT NULL, key TEXT NOT NULL, session TEXT, until INTEGER, version INTEGER NOT NULL, applied BLOB NOT NULL,
    body BLOB NOT NULL, PRIMARY KEY (scope, key)
) WITHOUT ROWID;
CREATE INDEX stored_session ON stored (session) WHERE session IS NOT NULL;
CREATE INDEX stored_until ON stored (until) WHERE until IS NOT NULL;
"""

#: What mails are made of, and digests of addresses that nobody has any more.
_MAIL_PARTS: Final = """
CREATE TABLE mail_parts (mail TEXT PRIMARY KEY, session TEXT NOT NULL, parts BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX mail_parts_session ON mail_parts (session);
CREATE INDEX mails_waiting ON mails (session, received, id) WHERE status = 'received';
CREATE TABLE gone_addresses (digest TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX gone_addresses_at ON gone_addresses (at);
"""

_OUTGOING: Final = """
CREATE TABLE outgoing (
    id TEXT PRIMARY KEY, session TEXT NOT NULL, task TEXT, server TEXT NOT NULL, status TEXT NOT NULL, created INTEGER NOT NULL,
    due INTEGER NOT NULL, attempts INTEGER NOT NULL, lease TEXT, lease_until INTEGER, finished INTEGER, last BLOB NOT NULL,
    body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX outgoing_due ON outgoing (status, due, id);
CREATE INDEX outgoing_lapsed ON outgoing (status, lease_until, id);
CREATE INDEX outgoing_status ON outgoing (status, created, id);
CREATE INDEX outgoing_task ON outgoing (session, task, created);
CREATE INDEX outgoing_finished ON outgoing (finished) WHERE finished IS NOT NULL;
"""

#: How much mail each session has: a sum that grows with each mail, so that nobody adds up all of them for the next.
_MAIL_SIZES: Final = """
CREATE TABLE mail_sizes (session TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO mail_sizes SELECT session, sum(length(raw)) FROM mails GROUP BY session;
"""

#: Whether a mail was handed over by a server of the operator's own.
_FRONTS: Final = """
ALTER TABLE mails ADD COLUMN front INTEGER NOT NULL DEFAULT 0;
"""

#: What commits changed of large states since these were written.
_CHANGES: Final = """
CREATE TABLE changes (
    session TEXT NOT NULL, version INTEGER NOT NULL, delta BLOB NOT NULL, PRIMARY KEY (session, version)
) WITHOUT ROWID;
"""

#: Large states: SQLite writes a row whole, whichever of its columns changes.
_BASES: Final = """
CREATE TABLE bases (session TEXT PRIMARY KEY, state BLOB NOT NULL) WITHOUT ROWID;
"""

#: When files that outlast their sessions were last of use.
_USED: Final = """
ALTER TABLE files ADD COLUMN used INTEGER;
UPDATE files SET used = created WHERE substr(session, 1, 8) = 'lasting:';
CREATE INDEX files_used ON files (used, number) WHERE used IS NOT NULL;
"""

#: Sessions that ever had a task which tells its page something.
_TELLING: Final = """
CREATE INDEX tasks_telling ON tasks (session) WHERE ui IS NOT NULL;
"""

#: What an answer writes of a session is one page of its row, two of its step, one of who was here: indexes hold times to a quarter of an hour
#: (`packing.quarter`), or they would be written as well. And what may be large stands in tables with row numbers: in one without, SQLite
#: reads a row whole, megabytes of it, to compare its key with the one that is looked for, and spreads it over several pages from 1 kB on.
_FEWER_PAGES: Final = """
DROP INDEX sessions_modified;
DROP INDEX sessions_owner;
DROP INDEX sessions_scheduled;
DROP INDEX sessions_idle;
DROP INDEX sessions_unvisited;
ALTER TABLE sessions RENAME TO before;
CREATE TABLE sessions (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, interview TEXT NOT NULL, step INTEGER NOT NULL, top INTEGER,
    secret BLOB NOT NULL, sealed INTEGER NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL,
    accessed INTEGER NOT NULL, modified_quarter INTEGER NOT NULL, accessed_quarter INTEGER NOT NULL, owner TEXT,
    multi_user INTEGER NOT NULL, allow_cron INTEGER NOT NULL, scheduled INTEGER NOT NULL, events BLOB NOT NULL, title TEXT,
    tags BLOB NOT NULL, progress INTEGER, browsers BLOB, slots BLOB, applied BLOB NOT NULL, extra BLOB NOT NULL,
    seen BLOB NOT NULL, state BLOB NOT NULL
);
INSERT INTO sessions SELECT
    id, version, interview, step, top, secret, sealed, created, modified, accessed, modified - modified % 900000,
    accessed - accessed % 900000, owner, multi_user, allow_cron, scheduled, events, title, tags, progress, browsers, slots,
    applied, extra, seen, state FROM before;
DROP TABLE before;
CREATE INDEX sessions_modified ON sessions (modified_quarter, id);
CREATE INDEX sessions_owner ON sessions (owner, modified) WHERE owner IS NOT NULL;
CREATE INDEX sessions_scheduled ON sessions (scheduled, interview, id);
CREATE INDEX sessions_idle ON sessions (scheduled, interview, modified_quarter, id);
CREATE INDEX sessions_unvisited ON sessions (interview, accessed_quarter, id);

ALTER TABLE bases RENAME TO before;
CREATE TABLE bases (session TEXT PRIMARY KEY, state BLOB NOT NULL);
INSERT INTO bases SELECT session, state FROM before;
DROP TABLE before;

ALTER TABLE changes RENAME TO before;
CREATE TABLE changes (
    session TEXT NOT NULL, version INTEGER NOT NULL, delta BLOB NOT NULL, PRIMARY KEY (session, version)
);
INSERT INTO changes SELECT session, version, delta FROM before;
DROP TABLE before;

ALTER TABLE mail_heads RENAME TO before;
CREATE TABLE mail_heads (
    session TEXT NOT NULL, received INTEGER NOT NULL, id TEXT NOT NULL, address TEXT NOT NULL, sender TEXT NOT NULL,
    head BLOB NOT NULL, PRIMARY KEY (session, received, id)
);
INSERT INTO mail_heads SELECT session, received, id, address, sender, head FROM before;
DROP TABLE before;

DROP INDEX mail_parts_session;
ALTER TABLE mail_parts RENAME TO before;
CREATE TABLE mail_parts (mail TEXT PRIMARY KEY, session TEXT NOT NULL, parts BLOB NOT NULL);
INSERT INTO mail_parts SELECT mail, session, parts FROM before;
DROP TABLE before;
CREATE INDEX mail_parts_session ON mail_parts (session);

DROP INDEX outgoing_due;
DROP INDEX outgoing_lapsed;
DROP INDEX outgoing_status;
DROP INDEX outgoing_task;
DROP INDEX outgoing_finished;
ALTER TABLE outgoing RENAME TO before;
CREATE TABLE outgoing (
    id TEXT PRIMARY KEY, session TEXT NOT NULL, task TEXT, server TEXT NOT NULL, status TEXT NOT NULL, created INTEGER NOT NULL,
    due INTEGER NOT NULL, attempts INTEGER NOT NULL, lease TEXT, lease_until INTEGER, finished INTEGER, last BLOB NOT NULL,
    body BLOB NOT NULL
);
INSERT INTO outgoing SELECT
    id, session, task, server, status, created, due, attempts, lease, lease_until, finished, last, body FROM before;
DROP TABLE before;
CREATE INDEX outgoing_due ON outgoing (status, due, id);
CREATE INDEX outgoing_lapsed ON outgoing (status, lease_until, id);
CREATE INDEX outgoing_status ON outgoing (status, created, id);
CREATE INDEX outgoing_task ON outgoing (session, task, created);
CREATE INDEX outgoing_finished ON outgoing (finished) WHERE finished IS NOT NULL;

DROP INDEX stored_session;
DROP INDEX stored_until;
ALTER TABLE stored RENAME TO before;
CREATE TABLE stored (
    scope TEXT NOT NULL, key TEXT NOT NULL, session TEXT, until INTEGER, version INTEGER NOT NULL, applied BLOB NOT NULL,
    body BLOB NOT NULL, PRIMARY KEY (scope, key)
);
INSERT INTO stored SELECT scope, key, session, until, version, applied, body FROM before;
DROP TABLE before;
CREATE INDEX stored_session ON stored (session) WHERE session IS NOT NULL;
CREATE INDEX stored_until ON stored (until) WHERE until IS NOT NULL;
"""

#: Migration n brings a file from ``user_version`` n to n + 1.
MIGRATIONS: Final = (
    _FIRST,
    _SECOND,
    _BROWSERS,
    _RUNS,
    _UNDELIVERED,
    _UPLOADS,
    _RETENTION,
    _HEADS,
    _REVOKED_TOO,
    _OPTIONS,
    _SCHEDULED,
    _QUEUES,
    _STORED,
    _MAIL_PARTS,
    _OUTGOING,
    _MAIL_SIZES,
    _FRONTS,
    _CHANGES,
    _BASES,
    _USED,
    _TELLING,
    _FEWER_PAGES,
)
