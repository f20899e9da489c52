"""What the store refuses, checked before anything is sent: the same for every adapter.

For limits, ids, times and plain values. Not for what the values mean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.store.plain_values import plain
from shared.store.ports import BadRecord, TooLarge
from shared.store.records import (
    Address,
    LedgerEntry,
    Mail,
    OutgoingMail,
    RunRecord,
    StoredItem,
    Task,
    TickMark,
)

KIB: Final = 1024
MIB: Final = 1024 * KIB

#: Longest id. Four bytes a character stay below the 1,024 bytes that older servers allow in an index.
ID_LENGTH: Final = 200
#: One state or delta. Larger ones would make every answer slow; large contents belong into files.
STATE_BYTES: Final = 64 * MIB
#: One outbox body, task argument, result or response.
BODY_BYTES: Final = 32 * MIB
#: `Session.extra`: it is in the session's document whole.
EXTRA_BYTES: Final = 512 * KIB
#: Entries in one session's outbox. With larger bodies host, 2,000 of 4 KiB are 8 MB of the document's 16.
OUTBOX_ENTRIES: Final = 2000
#: Response actions saved whose task does not know yet.
APPLIED_ENTRIES: Final = 500
#: Requests remembered by a session: at some 30 bytes each, in its document whole.
SEEN_ENTRIES: Final = 4000
SEEN_BYTES: Final = 256 * KIB
#: Lines and failure of one run. Whoever writes them keeps well below.
RUN_BYTES: Final = 256 * KIB
MAIL_BYTES: Final = 64 * MIB
#: One that runs for longer from now was given by a clock that was wrong, and is over: else its task would wait for as long as that was.
LONGEST_LEASE: Final = timedelta(minutes=5)
#: What a mail is made of: a line for each of its parts.
PARTS_BYTES: Final = 2 * MIB
#: One piece of an upload, in one document.
PIECE_BYTES: Final = 8 * MIB
FILE_BYTES: Final = 1024 * MIB
TEXT_LENGTH: Final = 10_000
LIST_ENTRIES: Final = 2000
#: One thing that interviews share: it is in one document.
STORED_BYTES: Final = 8 * MIB
#: A scope holds the name of an interview, a key whatever an author says; both may be sealed.
SCOPE_LENGTH: Final = 2400
#: What one look at the database gives at most.
LIMIT_ENTRIES: Final = 10_000

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def known_id(*values: object) -> bool:
    """Whether records could have these ids: look-ups answer "not there" for text that could be none.

    Raises `BadRecord` for anything but text, so that no parsed JSON ever becomes a part of a query.
    """
    for value in values:
        if not isinstance(value, str):
            raise BadRecord(f"an id is a string, not {type(value).__name__}")
    return all(0 < len(value) <= ID_LENGTH and value.isprintable() for value in values if isinstance(value, str))


def known_start(after: object) -> bool:
    """The same for where a page of ids begins, which may be the empty text."""
    return after == "" or known_id(after)


def check_id(what: str, value: object) -> None:
    if not known_id(value):
        raise BadRecord(f"{what}: an id has 1 to {ID_LENGTH} printable characters, not {str(value)[:40]!r}…")


def check_text(what: str, value: object, *, optional: bool = False, limit: int = TEXT_LENGTH) -> None:
    if value is None and optional:
        return
    if not isinstance(value, str):
        raise BadRecord(f"{what} is a string, not {type(value).__name__}")
    if len(value) > limit:
        raise TooLarge(f"{what} has {len(value)} characters; the limit is {limit}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadRecord(f"{what} is not Unicode text: it holds a lone surrogate") from None


def check_time(what: str, value: object, *, optional: bool = False) -> None:
    if value is None and optional:
        return
    if not isinstance(value, datetime):
        raise BadRecord(f"{what} is a datetime, not {type(value).__name__}")
    if value.utcoffset() is None:
        raise BadRecord(f"{what} is a datetime without a time zone; use an aware one in UTC")


def check_bytes(what: str, value: object, *, limit: int) -> None:
    if not isinstance(value, bytes):
        raise BadRecord(f"{what} is bytes, not {type(value).__name__}")
    if len(value) > limit:
        raise TooLarge(f"{what} has {len(value)} bytes; the limit is {limit}")


def check_number(what: str, value: object, *, optional: bool = False) -> None:
    if value is None and optional:
        return
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**62:
        raise BadRecord(f"{what} is a whole number from 0, not {value!r}")


def check_flag(what: str, value: object) -> None:
    if not isinstance(value, bool):
        raise BadRecord(f"{what} is True or False, not {type(value).__name__}")


def check_mapping(what: str, value: object) -> None:
    if not isinstance(value, Mapping):
        raise BadRecord(f"{what} is a mapping, not {type(value).__name__}")
    check_plain(what, value)


def check_plain(what: str, value: object) -> None:
    try:
        good = plain(value)
    except RecursionError:
        good = False
    if not good:
        raise BadRecord(
            f"{what} holds something that is not plain: allowed are None, bool, int, float, str, bytes, aware "
            "datetime, lists, and mappings with strings as keys"
        )


def check_names(what: str, value: object, check: Callable[[str, object], None]) -> None:
    if not isinstance(value, tuple | list):
        raise BadRecord(f"{what} is a tuple of strings, not {type(value).__name__}")
    if len(value) > LIST_ENTRIES:
        raise TooLarge(f"{what} has {len(value)} entries; the limit is {LIST_ENTRIES}")
    for one in value:
        check(what, one)


def check_tick_mark(mark: TickMark) -> None:
    for name in ("session", "event", "period", "outcome"):
        check_id(name, getattr(mark, name))
    check_time("at", mark.at)
    check_number("failures", mark.failures)
    check_text("digest", mark.digest, limit=ID_LENGTH)
    check_mapping("error", mark.error)
    if mark.until is not None:
        check_time("until", mark.until)


def check_stored(item: StoredItem) -> None:
    for name in ("scope", "key"):
        check_text(name, getattr(item, name), limit=SCOPE_LENGTH)
    if not item.scope:
        raise BadRecord("a scope has a name")
    if item.session is not None:
        check_id("session", item.session)
    check_time("until", item.until, optional=True)
    check_mapping("body", item.body)
    check_number("version", item.version)
    for mark in item.applied:
        check_text("mark", mark, limit=SCOPE_LENGTH)


OUTCOMES: Final = ("waiting", "running", "ran", "late", "skipped", "failed")


def check_ledger_entry(entry: LedgerEntry) -> None:
    for name in ("schedule", "period", "kind"):
        check_id(name, getattr(entry, name))
    check_time("due", entry.due)
    for name in ("first", "began", "ended"):
        if (moment := getattr(entry, name)) is not None:
            check_time(name, moment)
    if entry.outcome not in OUTCOMES:
        raise BadRecord(f"a tick is {', '.join(OUTCOMES)}, not {str(entry.outcome)[:40]!r}")
    for name in ("reason", "by", "position"):
        check_text(name, getattr(entry, name))
    check_number("count", entry.count)
    check_mapping("counts", entry.counts)
    check_mapping("detail", entry.detail)


def check_task(task: Task) -> None:
    check_id("task", task.id)
    check_id("session", task.session)
    check_text("interview", task.interview)
    check_text("action", task.action)
    check_bytes(f"task {task.id}: arguments", task.arguments, limit=BODY_BYTES)
    check_text("ui", task.ui, optional=True, limit=ID_LENGTH)
    check_text("origin", task.origin, limit=ID_LENGTH)
    check_text("queue", task.queue, limit=ID_LENGTH)
    for name in ("user", "browser", "response", "result", "options", "progress"):
        check_mapping(f"task {task.id}: {name}", getattr(task, name))
    check_time("created", task.created)
    if (task.status, task.attempts, task.deaths, task.lease, task.finished) != ("queued", 0, 0, None, None):
        raise BadRecord(f"task {task.id} is new, so it is queued, without attempts, lease or end")


#: Priorities of tasks lie between this and its negative.
MOST_PRIORITY: Final = 1000


def check_lease(lease: object, length: timedelta) -> None:
    check_id("lease", lease)
    if not timedelta(0) < length <= LONGEST_LEASE:
        raise BadRecord(f"a lease lasts some time, and at most {LONGEST_LEASE}, not {length}")


def check_piece(session: object, upload: object, *, offset: object, piece: object) -> None:
    check_id("session", session)
    check_id("upload", upload)
    check_number("offset", offset)
    check_bytes("piece", piece, limit=PIECE_BYTES)


def check_address(address: Address) -> None:
    check_id("address", address.address)
    check_id("session", address.session)
    check_text("key", address.key, optional=True)
    check_number("index", address.index, optional=True)
    check_mapping(f"address {address.address}: user", address.user)
    check_time("created", address.created)


def check_mail(mail: Mail) -> None:
    check_id("mail", mail.id)
    check_id("address", mail.address)
    check_id("session", mail.session)
    check_text("sender", mail.sender)
    check_time("received", mail.received)
    check_bytes(f"mail {mail.id}", mail.raw, limit=MAIL_BYTES)
    if mail.status != "received":
        raise BadRecord(f"mail {mail.id} is new, so its status is received, not {mail.status!r}")


def check_outgoing(mail: OutgoingMail) -> None:
    check_id("mail", mail.id)
    check_id("session", mail.session)
    check_mapping(f"mail {mail.id}: body", mail.body)
    check_text("task", mail.task, optional=True, limit=ID_LENGTH)
    check_text("server", mail.server, limit=ID_LENGTH)
    check_time("created", mail.created)
    check_time("due", mail.due)
    if (mail.status, mail.attempts, mail.lease, mail.finished) != ("queued", 0, None, None):
        raise BadRecord(f"mail {mail.id} is new, so it is queued, without attempts, lease or end")


RUN_KINDS: Final = ("interview", "worker", "cron", "scheduler", "mail")


def check_run_kind(kind: object) -> None:
    if kind not in RUN_KINDS:
        raise BadRecord(f"there are no runs of kind {str(kind)[:40]!r}; there are {', '.join(RUN_KINDS)}")


def check_run(run: RunRecord) -> None:
    check_id("run", run.id)
    check_run_kind(run.kind)
    check_id("session", run.session)
    check_text("interview", run.interview)
    check_text("what", run.what, limit=ID_LENGTH)
    check_text("name", run.name)
    if run.task is not None:
        check_id("task", run.task)
    check_time("at", run.at)
    check_flag("ok", run.ok)
    check_names(f"run {run.id}: lines", run.lines, check_text)
    check_mapping(f"run {run.id}: failure", run.failure)


def check_limit(limit: int) -> None:
    if not isinstance(limit, int) or not 1 <= limit <= LIMIT_ENTRIES:
        raise BadRecord(f"a limit is from 1 to {LIMIT_ENTRIES}, not {limit!r}")
