"""Pages of the overview by keyset: cursors, and what every adapter does alike. Not for: the queries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from shared.store import checks
from shared.store.overview import MailLine, OutboxLine, Page, TaskLine
from shared.store.packing import from_ms, to_ms
from shared.store.ports import BadRecord
from shared.store.records import MailHead, OutgoingMail, RunRecord

Line = TypeVar("Line")

MAIL_STATUSES: Final = ("received", "done")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The time and the id of the last line of a page."""

    at: datetime
    id: str

    def text(self) -> str:
        return f"{to_ms(self.at)}/{self.id}"


def cursor(after: str) -> Cursor | None:
    """The cursor that `after` is; None for the first page. Raises `BadRecord`."""
    if after == "":
        return None
    if isinstance(after, str):
        moment, slash, name = after.partition("/")
        if slash and moment.isascii() and moment.isdigit() and len(moment) < 15 and name and checks.known_id(name):
            return Cursor(from_ms(int(moment)), name)
    raise BadRecord("a page begins where another one ended: give its `after` as it was")


def page(lines: Sequence[Line], limit: int, of: Callable[[Line], Cursor]) -> Page[Line]:
    """A page of the first `limit` of `lines`, of which there is one more if there is another page."""
    more = len(lines) > limit
    return Page(tuple(lines[:limit]), of(lines[limit - 1]).text() if more else None)


def task_cursor(line: TaskLine) -> Cursor:
    return Cursor(line.created, line.id)


def lease_cursor(line: TaskLine) -> Cursor:
    assert line.lease_until is not None
    return Cursor(line.lease_until, line.id)


def mail_cursor(line: MailLine) -> Cursor:
    return Cursor(line.received, line.id)


def run_cursor(run: RunRecord) -> Cursor:
    return Cursor(run.at, run.id)


def outbox_cursor(line: OutboxLine) -> Cursor:
    return Cursor(line.oldest, line.session)


def head_cursor(mail: MailHead) -> Cursor:
    return Cursor(mail.received, mail.id)


def outgoing_cursor(mail: OutgoingMail) -> Cursor:
    return Cursor(mail.created, mail.id)


def ids(found: Sequence[Cursor], limit: int) -> Page[str]:
    """A page of nothing but ids."""
    made = page(found, limit, lambda one: one)
    return Page(tuple(one.id for one in made.lines), made.after)


def check_status(status: str, known: Sequence[str]) -> None:
    if status not in known:
        raise BadRecord(f"there is no status {str(status)[:40]!r}; there are {', '.join(known)}")


def error_type(result: Mapping[str, object]) -> str | None:
    """The class of what a task raised, from its result."""
    found = result.get("error_type")
    return found if isinstance(found, str) and found else None
