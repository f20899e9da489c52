"""What a question reads does not grow with what is kept: the same at one record and at ten thousand (rule 14 of the design)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.store.delivery import Delivery
from shared.store.open import open_store
from shared.store.packing import to_ms
from shared.store.ports import Store
from tests.contract.store.make import a_mail, a_session, a_task, an_address, an_entry, at
from tests.contract.store.reads import Reads, copy, counted, indexes, is_sqlite

MANY = 9_999
QUARTER = 900


class Kept:
    """A store, and its address: the adapter itself, because what is counted is what reaches the database."""

    def __init__(self, uri: str, store: Store) -> None:
        self.uri, self.store = uri, store

    def more(self, table: str, change: Callable[[int], dict[str, Any]]) -> None:
        copy(self.store, self.uri, table, MANY, change)

    def time(self, seconds: float) -> Any:
        """As the database holds it."""
        return to_ms(at(seconds)) if is_sqlite(self.uri) else at(seconds)

    def reads(self, ask: Callable[[], Any]) -> tuple[Any, Reads]:
        with counted(self.store) as reads:
            result = ask()
        return result, reads

    def indexed(self, collection: str, *fields: str) -> bool:
        """Whether an index of MongoDB begins with these fields. (Plans say it of SQLite.)"""
        return is_sqlite(self.uri) or any(one[: len(fields)] == fields for one in indexes(self.uri, collection))


@pytest.fixture
def kept(store_uri: str) -> Any:
    store = open_store(store_uri)
    yield Kept(store_uri, store)
    store.close()


def same(one: Reads, many: Reads) -> None:
    assert (many.rows, many.commands) == (one.rows, one.commands)
    # Deeper trees take some more steps; a look at every record would take tens of thousands.
    assert many.steps <= one.steps + 200
    assert many.bad_plans == []


def test_whose_an_address_is_and_how_much_mail_its_session_has(kept: Kept) -> None:
    kept.store.mails.open(an_address())
    kept.store.mails.keep(a_mail(raw=b"x" * 10))
    found, one = kept.reads(lambda: kept.store.mails.destination("abc"))
    kept.more("mails", lambda number: {"id": f"m{number}"})
    again, many = kept.reads(lambda: kept.store.mails.destination("abc"))
    assert found == again
    assert found.size == 10
    assert one.commands in (0, 1), "one question, of MongoDB"
    same(one, many)


def test_a_mail_among_many(kept: Kept) -> None:
    kept.store.mails.open(an_address())
    numbers = iter(range(9))

    def deliver() -> Delivery:
        return kept.store.mails.deliver(a_mail(f"new {next(numbers)}"), to=an_address())

    done, one = kept.reads(deliver)
    kept.more("mails", lambda number: {"id": f"m{number}"})
    again, many = kept.reads(deliver)
    assert done == again == Delivery.KEPT
    assert one.commands in (0, 2), "the mail, and how much mail its session has, which tells whether it is there"
    same(one, many)


def test_what_a_page_should_be_told(kept: Kept) -> None:
    kept.store.tasks.add(a_task("new", ui="flash"))
    kept.store.tasks.finish("new", lease=None, status="done", result={"ok": True}, now=at(1))
    told, one = kept.reads(lambda: kept.store.tasks.undelivered("s"))
    quiet = [{"delivered": True}, {"ui": None}, {"status": "running"}]
    kept.more("tasks", lambda n: {"id": f"t{n}", **quiet[n % 3]})
    again, many = kept.reads(lambda: kept.store.tasks.undelivered("s"))
    assert told == again == [kept.store.tasks.get("new")]
    same(one, many)
    assert kept.indexed("tasks", "session", "delivered", "ui", "status")


def test_whether_a_page_can_be_told_anything(kept: Kept) -> None:
    kept.store.tasks.add(a_task("quiet"))
    found, one = kept.reads(lambda: kept.store.tasks.tells("s"))
    kept.more("tasks", lambda n: {"id": f"t{n}", "ui": None, "delivered": bool(n % 2)})
    again, many = kept.reads(lambda: kept.store.tasks.tells("s"))
    assert found is again is False
    same(one, many)


def test_more_than_a_page_is_told_at_once(kept: Kept) -> None:
    kept.store.tasks.add(a_task("new", ui="flash"))
    kept.store.tasks.finish("new", lease=None, status="done", result={"ok": True}, now=at(1))
    kept.more("tasks", lambda n: {"id": f"t{n:05}"})
    told, reads = kept.reads(lambda: kept.store.tasks.undelivered("s", limit=20))
    assert len(told) == reads.rows == 20
    assert reads.bad_plans == []


def test_how_far_a_task_is(kept: Kept) -> None:
    kept.store.tasks.add(a_task(arguments=b"x" * 200_000))
    status, one = kept.reads(lambda: kept.store.tasks.status("t", session="s"))
    kept.more("tasks", lambda n: {"id": f"t{n}", "arguments": b""})
    again, many = kept.reads(lambda: kept.store.tasks.status("t", session="s"))
    assert status == again == "queued"
    same(one, many)


def test_which_sessions_are_idle(kept: Kept) -> None:
    kept.store.sessions.create(a_session(state=b"x" * 200_000))

    def idle() -> tuple[str, ...]:
        return kept.store.sessions.idle("demos:welcome.yml", scheduled=False, before=at(1)).lines

    found, one = kept.reads(idle)
    # Indexes hold times to a quarter of an hour: of the quarter that is asked for, all are looked at.
    later = {"modified": kept.time(QUARTER), "modified_quarter": kept.time(QUARTER), "state": b""}
    kept.more("sessions", lambda n: {"id": f"s{n}", **later})
    again, many = kept.reads(idle)
    assert found == again == ("s",)
    same(one, many)
    assert kept.indexed("sessions", "scheduled", "interview", "modified_quarter", "_id")


def test_a_page_of_idle_sessions_and_the_page_after_it(kept: Kept) -> None:
    kept.store.sessions.create(a_session())
    kept.more("sessions", lambda n: {"id": f"s{n:05}", "modified": kept.time(n // 50), "state": b""})
    first, one = kept.reads(
        lambda: kept.store.sessions.idle("demos:welcome.yml", scheduled=False, before=at(999), limit=20)
    )
    last, many = kept.reads(
        lambda: kept.store.sessions.idle(
            "demos:welcome.yml", scheduled=False, before=at(999), after=first.after, limit=20
        )
    )
    assert not set(first.lines) & set(last.lines)
    assert one.rows == 21
    assert many.rows <= 22
    assert many.steps <= one.steps + 200
    assert one.bad_plans == many.bad_plans == []


def test_whether_a_session_is_there(kept: Kept) -> None:
    kept.store.sessions.create(a_session(state=b"x" * 200_000))
    found, one = kept.reads(lambda: kept.store.sessions.exists("s"))
    kept.more("sessions", lambda n: {"id": f"s{n}", "state": b""})
    again, many = kept.reads(lambda: kept.store.sessions.exists("s"))
    assert found is again is True
    same(one, many)


def test_one_more_piece_of_an_upload(kept: Kept) -> None:
    kept.store.files.put(session="s", filename="f", mimetype="m", content=[b"x"], now=at(0))

    def append(offset: int) -> None:
        kept.store.uploads.append("s", "u", offset=offset, piece=b"x", now=at(0))

    append(0)
    _, one = kept.reads(lambda: append(1))
    kept.more("files", lambda n: {"number" if is_sqlite(kept.uri) else "_id": n + 1000})
    for table, key in (("uploads", "id"), ("upload_pieces", "position")):
        kept.more(table, lambda n, key=key: {key: f"u{n}" if key == "id" else n + 1000})  # type: ignore[misc]
    _, many = kept.reads(lambda: append(2))
    same(one, many)


def test_uploads_that_nobody_goes_on_with(kept: Kept) -> None:
    kept.store.uploads.append("s", "u", offset=0, piece=b"x", now=at(0))
    found, one = kept.reads(lambda: kept.store.uploads.old(before=at(1)))
    kept.more("uploads", lambda n: {"id": f"u{n}", "changed": kept.time(1 + n)})
    again, many = kept.reads(lambda: kept.store.uploads.old(before=at(1)))
    assert [one.id for one in found] == [one.id for one in again] == ["u"]
    same(one, many)
    assert kept.indexed("uploads", "changed")


def test_which_tasks_ended_long_ago(kept: Kept) -> None:
    kept.store.tasks.add(a_task())
    kept.store.tasks.finish("t", lease=None, status="done", result={"ok": True}, now=at(1))
    found, one = kept.reads(lambda: kept.store.tasks.untrimmed(before=at(2)).lines)
    others = [{"trimmed": True}, {"finished": kept.time(3)}, {"finished": None, "status": "running"}]
    kept.more("tasks", lambda n: {"id": f"t{n}", **others[n % 3]})
    again, many = kept.reads(lambda: kept.store.tasks.untrimmed(before=at(2)).lines)
    assert found == again == ("t",)
    same(one, many)
    assert kept.indexed("tasks", "trimmed", "finished", "_id")


def test_which_marks_are_old(kept: Kept) -> None:
    assert kept.store.schedule.claim("mail.old", period="1", now=at(0))
    _, one = kept.reads(lambda: kept.store.schedule.expire("mail.", before=at(0), limit=9))
    key = "key" if is_sqlite(kept.uri) else "_id"
    kept.more("claims", lambda n: {key: f"mail.{n}", "at": kept.time(1 + n)})
    _, many = kept.reads(lambda: kept.store.schedule.expire("mail.", before=at(0), limit=9))
    same(one, many)
    assert kept.indexed("claims", "at")


def test_the_mails_of_a_session_without_their_contents(kept: Kept) -> None:
    kept.store.mails.keep(a_mail(raw=b"Subject: x\r\n\r\n" + b"x" * 900_000))
    found, one = kept.reads(lambda: kept.store.mails.heads("s").lines)
    later = {"received": kept.time(5)}
    kept.more("mails", lambda n: {"id": f"m{n}", "raw": b"", "session": f"s{n}", **later})
    if is_sqlite(kept.uri):
        kept.more("mail_heads", lambda n: {"id": f"m{n}", "session": f"s{n}", **later})
    again, many = kept.reads(lambda: kept.store.mails.heads("s").lines)
    assert found == again
    same(one, many)
    assert kept.indexed("mails", "session", "received", "_id")


def test_a_page_of_many_mails(kept: Kept) -> None:
    kept.store.mails.keep(a_mail())
    table = "mail_heads" if is_sqlite(kept.uri) else "mails"
    kept.more(table, lambda n: {"id": f"m{n}", "received": kept.time(n)})
    page, reads = kept.reads(lambda: kept.store.mails.heads("s", limit=20))
    assert (len(page.lines), reads.rows) == (20, 21)
    _, later = kept.reads(lambda: kept.store.mails.heads("s", after=page.after, limit=20))
    assert later.rows <= 22
    assert reads.bad_plans == later.bad_plans == []


def test_a_session_among_many(kept: Kept) -> None:
    kept.store.sessions.create(a_session(state=b"x" * 1000, browsers=("b",), owner="me"))
    ask = [
        lambda: kept.store.sessions.load("s"),
        lambda: kept.store.sessions.load_newer("s", version=0),
        lambda: kept.store.sessions.owned("me"),
        lambda: kept.store.sessions.of_browsers(["b"]),
    ]
    before = [kept.reads(one) for one in ask]
    others: dict[str, Any] = {"owner": "you"} if is_sqlite(kept.uri) else {"owner": "you", "browsers": ["c"]}
    kept.more("sessions", lambda n: {"id": f"s{n}", **others})
    if is_sqlite(kept.uri):
        kept.more("browsers", lambda n: {"browser": "c", "session": f"s{n}"})
    for question, (found, one) in zip(ask, before, strict=True):
        again, many = kept.reads(question)
        assert found == again
        assert (many.rows, many.commands) == (one.rows, one.commands)
        assert many.steps <= one.steps + 200
        assert not [plan for plan in many.plans if plan.startswith("SCAN")]
    assert kept.indexed("sessions", "owner", "modified")
    assert kept.indexed("sessions", "browsers")


def test_which_sessions_take_part_in_scheduled_tasks(kept: Kept) -> None:
    kept.store.sessions.create(a_session(scheduled=True))
    ask: list[Callable[[], Any]] = [
        lambda: kept.store.sessions.scheduled("demos:welcome.yml"),
        lambda: kept.store.sessions.interviews(scheduled=True),
        lambda: kept.store.sessions.idle("demos:welcome.yml", scheduled=True, before=at(1)),
    ]
    before = [kept.reads(one) for one in ask]
    kept.more("sessions", lambda n: {"id": f"s{n}", "scheduled": False})
    for question, (found, one) in zip(ask, before, strict=True):
        again, many = kept.reads(question)
        assert found == again
        same(one, many)
    assert kept.indexed("sessions", "scheduled", "interview", "modified_quarter", "_id") or is_sqlite(kept.uri)


def test_which_outboxes_wait(kept: Kept) -> None:
    kept.store.sessions.create(a_session(modified=at(0), outbox=(an_entry("o"),)))
    found, one = kept.reads(lambda: kept.store.sessions.unpublished(older_than=at(0), limit=1))
    if is_sqlite(kept.uri):
        kept.more("outbox", lambda n: {"position": n + 1000, "session": f"s{n}", "added": kept.time(1)})
    else:
        kept.more("sessions", lambda n: {"id": f"s{n}", "outbox": [{"id": "o", "at": at(1), "kind": "k", "body": b""}]})
    again, many = kept.reads(lambda: kept.store.sessions.unpublished(older_than=at(9), limit=1))
    assert found == again == ["s"]
    same(one, many)
    assert kept.indexed("sessions", "outbox.at")


def test_which_tasks_are_due(kept: Kept) -> None:
    kept.store.tasks.add(a_task())
    found, one = kept.reads(lambda: kept.store.tasks.due(now=at(9), queued_before=at(9), limit=1))
    kept.more("tasks", lambda n: {"id": f"t{n}", "created": kept.time(1), "status": ["queued", "done"][n % 2]})
    again, many = kept.reads(lambda: kept.store.tasks.due(now=at(9), queued_before=at(9), limit=1))
    assert found == again
    same(one, many)
    assert kept.indexed("tasks", "status", "created")
    assert kept.indexed("tasks", "status", "lease_until")


def test_how_much_there_is(kept: Kept) -> None:
    kept.store.tasks.add(a_task())
    kept.store.mails.keep(a_mail())

    def ask() -> Any:
        return kept.store.overview.counts(now=at(9), queued_before=at(9), most=1)

    found, one = kept.reads(ask)
    statuses = ["queued", "done", "failed", "revoked"]
    kept.more("tasks", lambda n: {"id": f"t{n}", "status": statuses[n % 4], "created": kept.time(1)})
    kept.more("mails", lambda n: {"id": f"m{n}", "received": kept.time(1)})
    again, many = kept.reads(ask)
    assert (found.late, found.mails) == (again.late, again.mails) == (1, 1)
    assert many.commands == one.commands
    assert many.rows <= max(many.commands, one.rows), "MongoDB sends a number for each question, and none for nothing"
    assert many.steps <= one.steps + 200
    assert not [plan for plan in many.bad_plans if "subquery" not in plan and "outbox" not in plan], (
        "of what waits, as much as is counted"
    )


def test_the_tasks_that_are_due_are_not_read_whole(kept: Kept) -> None:
    kept.store.tasks.add(a_task(arguments=b"x" * 5_000_000))
    due, reads = kept.reads(lambda: kept.store.tasks.due(now=at(9), queued_before=at(9), limit=9))
    assert [task.id for task in due] == ["t"]
    assert reads.rows == 1, "its arguments are in records of their own"


def test_a_file_a_mail_and_a_mark_among_many(kept: Kept) -> None:
    number = kept.store.files.put(session="s", filename="f", mimetype="m", content=[b"x"], now=at(0)).number
    kept.store.mails.keep(a_mail())
    kept.store.mails.open(an_address())
    kept.store.schedule.claim("k", period="1", now=at(0))
    ask: list[Callable[[], Any]] = [
        lambda: kept.store.files.info(number),
        lambda: list(kept.store.files.read(number)),
        lambda: kept.store.files.of_session("s"),
        lambda: kept.store.mails.get("m"),
        lambda: kept.store.mails.waiting(older_than=at(0), limit=1),
        lambda: kept.store.mails.find("abc"),
        lambda: kept.store.mails.addresses("s"),
        lambda: kept.store.schedule.last("k"),
        lambda: kept.store.schedule.claim("k", period="1", now=at(0)),
    ]
    before = [kept.reads(one) for one in ask]
    name = {"files": "number", "addresses": "address", "claims": "key"} if is_sqlite(kept.uri) else {}
    kept.more("files", lambda n: {name.get("files", "_id"): n + 1000, "session": f"s{n}"})
    kept.more("mails", lambda n: {"id": f"m{n}", "session": f"s{n}", "received": kept.time(1)})
    kept.more("addresses", lambda n: {name.get("addresses", "_id"): f"a{n}", "session": f"s{n}"})
    kept.more("claims", lambda n: {name.get("claims", "_id"): f"k{n}"})
    for question, (found, one) in zip(ask, before, strict=True):
        again, many = kept.reads(question)
        assert found == again
        assert (many.rows, many.commands) == (one.rows, one.commands)
        assert many.steps <= one.steps + 200
        assert not [plan for plan in many.plans if plan.startswith("SCAN")]
    assert kept.indexed("files", "session")
    assert kept.indexed("addresses", "session")
    assert kept.indexed("mails", "status", "received")


def test_a_look_at_every_record_would_be_seen(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/parley.sqlite")
    kept = Kept(f"sqlite:///{tmp_path}/parley.sqlite", store)
    store.tasks.add(a_task("new", ui="flash"))
    store.tasks.finish("new", lease=None, status="done", result={"ok": True}, now=at(1))
    _, one = kept.reads(lambda: store.tasks.undelivered("s"))
    kept.more("tasks", lambda n: {"id": f"t{n}", "delivered": True})
    with store._database.write() as connection:  # type: ignore[attr-defined]
        connection.execute("DROP INDEX tasks_undelivered")
    _, many = kept.reads(lambda: store.tasks.undelivered("s"))
    assert many.rows == one.rows
    assert many.steps > one.steps + 10_000
    store.close()
