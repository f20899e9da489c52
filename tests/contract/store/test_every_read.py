"""Every method of every port, asked of a store that holds one of everything and of one that holds ten thousand: it reads as much (rule 14).

All others are other people's: other sessions, schedules, names. That a list of one's own ends with its page is shown by `test_reads`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from shared.store import overview, ports
from shared.store.open import open_store
from shared.store.packing import to_ms
from shared.store.ports import Store
from shared.store.readers import for_everybody
from shared.store.records import LedgerEntry, OutgoingMail, StoredItem, TaskStatus, TickMark, Visit
from tests.contract.store.make import a_commit, a_mail, a_run, a_session, a_step, a_task, an_address, an_entry, at
from tests.contract.store.reads import Reads, copy, counted, drop, indexes, is_sqlite, tables

#: What MongoDB looks at is not told over the wire, only what comes of it: a few more than the largest page, and that an index begins
#: with what is asked for. (`test_reads` has ten thousand of the tables that grow fastest.)
MANY = {True: 9_999, False: 500}
LENGTH = timedelta(seconds=30)
LATER = 1_000_000.0
PORTS = {
    "sessions": ports.Sessions,
    "tasks": ports.Tasks,
    "files": ports.Files,
    "uploads": ports.Uploads,
    "mails": ports.Mails,
    "outgoing": ports.Outgoing,
    "schedule": ports.Schedule,
    "runs": ports.RunLog,
    "ticks": ports.Ticks,
    "ledger": ports.Ledger,
    "storage": ports.Storage,
    "overview": overview.Overview,
}

Question = Callable[[Store], Any]


def _file(store: Store) -> int:
    return store.files.of_session("s")[0].number


def _entry(period: str, **values: Any) -> LedgerEntry:
    return LedgerEntry(**({"schedule": "daily", "period": period, "kind": "interviews", "due": at(0)} | values))


def _mark(session: str, **values: Any) -> TickMark:
    given = {"session": session, "event": "cron_daily", "period": "1", "at": at(0), "outcome": "failed", "failures": 1}
    return TickMark(**(given | values))


def _leaving(name: str, *, session: str = "s", time: float = 0) -> OutgoingMail:
    return OutgoingMail(id=name, session=session, body={"a": 1}, task="task", created=at(time), due=at(time))


def _stored(session: str, **values: Any) -> StoredItem:
    return StoredItem(scope=f"scope of {session}", key="k", session=session, until=at(LATER), **values)


#: In this order: what one changes, the next ones find.
QUESTIONS: dict[str, Question] = {
    "sessions.create": lambda store: store.sessions.create(a_session("new")),
    "sessions.load": lambda store: store.sessions.load("s"),
    "sessions.load_newer": lambda store: store.sessions.load_newer("s", version=1),
    "sessions.commit": lambda store: store.sessions.commit(
        "s",
        version=1,
        commit=a_commit(state=b"1", push=a_step(2, 1), outbox=(an_entry("more"),), seen={"r": 1}, now=at(0)),
    ),
    "sessions.step": lambda store: store.sessions.step("s", 1),
    "sessions.publish_done": lambda store: store.sessions.publish_done("s", ["more"]),
    "sessions.forget_applied": lambda store: store.sessions.forget_applied("s", "t"),
    "sessions.unpublished": lambda store: store.sessions.unpublished(older_than=at(9), limit=9),
    "sessions.scheduled": lambda store: store.sessions.scheduled("demos:welcome.yml"),
    "sessions.interviews": lambda store: store.sessions.interviews(scheduled=True),
    "sessions.visit": lambda store: store.sessions.visit("s", Visit(who="me", at=at(1))),
    "sessions.visits": lambda store: store.sessions.visits("s"),
    "sessions.used": lambda store: store.sessions.used("s") is not None,
    "sessions.exists": lambda store: store.sessions.exists("s"),
    "sessions.idle": lambda store: store.sessions.idle("demos:welcome.yml", scheduled=True, before=at(9)).lines,
    "sessions.unvisited": lambda store: store.sessions.unvisited("demos:welcome.yml", before=at(9)).lines,
    "sessions.every": lambda store: store.sessions.every(before=at(9)).lines,
    "sessions.remains": lambda store: store.sessions.remains(),
    "sessions.owned": lambda store: store.sessions.owned("me of s"),
    "sessions.of_browsers": lambda store: store.sessions.of_browsers(["b of s"]),
    "tasks.add": lambda store: store.tasks.add(a_task("two")),
    "tasks.get": lambda store: store.tasks.get("t of s"),
    "tasks.status": lambda store: store.tasks.status("t of s", session="s"),
    "tasks.of_session": lambda store: len(store.tasks.of_session("s")),
    "tasks.due": lambda store: [one.id for one in store.tasks.due(now=at(9), queued_before=at(9), limit=9)],
    "tasks.urgent": lambda store: store.tasks.urgent("task", now=at(9)),
    "tasks.claim": lambda store: store.tasks.claim("t of s", lease="mine", now=at(1), length=LENGTH),
    "tasks.heartbeat": lambda store: store.tasks.heartbeat("t of s", lease="mine", now=at(2), length=LENGTH),
    "tasks.progress": lambda store: store.tasks.progress("t of s", lease="mine", progress={"percent": 5}),
    "tasks.release": lambda store: store.tasks.release("t of s", lease="mine"),
    "tasks.responding": lambda store: (
        store.tasks.claim("two", lease="l", now=at(1), length=LENGTH),
        store.tasks.responding("two", lease="l", response={"a": 1}),
    ),
    "tasks.finish": lambda store: store.tasks.finish("two", lease="l", status=TaskStatus.DONE, result={}, now=at(3)),
    "tasks.undelivered": lambda store: len(store.tasks.undelivered("s")),
    "tasks.tells": lambda store: store.tasks.tells("s"),
    "tasks.mark_delivered": lambda store: store.tasks.mark_delivered("two"),
    "tasks.untrimmed": lambda store: store.tasks.untrimmed(before=at(9)).lines,
    "tasks.trim": lambda store: store.tasks.trim("two", result=None),
    "tasks.revoke": lambda store: store.tasks.revoke("t of s", now=at(4), terminate=True),
    "tasks.revoke_all": lambda store: store.tasks.revoke_all("s", now=at(4)),
    "tasks.requeue": lambda store: store.tasks.requeue("t of s", lease=None, at=at(5)),
    "files.put": lambda store: store.files.put(session="s", filename="g", mimetype="m", content=[b"x"], now=at(0)).size,
    "files.info": lambda store: store.files.info(_file(store)) is not None,
    "files.read": lambda store: list(store.files.read(_file(store))),
    "files.of_session": lambda store: len(store.files.of_session("s")),
    "files.use": lambda store: store.files.use(store.files.of_session("lasting:s")[0].number, now=at(1)),
    "files.unused": lambda store: [session for _, session in store.files.unused(before=at(9), limit=9)],
    "files.delete": lambda store: store.files.delete(_file(store)),
    "uploads.append": lambda store: store.uploads.append("s", "u", offset=1, piece=b"y", now=at(0)),
    "uploads.find": lambda store: store.uploads.find("s", "u"),
    "uploads.pieces": lambda store: list(store.uploads.pieces("s", "u")),
    "uploads.old": lambda store: len(store.uploads.old(before=at(9))),
    "uploads.finish": lambda store: store.uploads.finish("s", "u", number=7),
    "uploads.remove": lambda store: store.uploads.remove("s", "u"),
    "mails.open": lambda store: store.mails.open(an_address("more")),
    "mails.find": lambda store: store.mails.find("a of s"),
    "mails.destination": lambda store: store.mails.destination("a of s"),
    "mails.keep": lambda store: store.mails.keep(a_mail("more")),
    "mails.deliver": lambda store: store.mails.deliver(a_mail("yet more"), to=an_address("a of s")),
    "mails.known": lambda store: store.mails.known(["m of s", "more", "none"], since=at(-1)),
    "mails.get": lambda store: store.mails.get("m of s"),
    "mails.of_session": lambda store: len(store.mails.of_session("s")),
    "mails.heads": lambda store: len(store.mails.heads("s").lines),
    "mails.waiting": lambda store: store.mails.waiting(older_than=at(9), limit=9),
    "mails.waiting_of": lambda store: store.mails.waiting_of("s", limit=9),
    "mails.dissected": lambda store: store.mails.dissected("m of s", session="s", parts=b"y"),
    "mails.parts": lambda store: store.mails.parts("m of s", session="s"),
    "mails.remove": lambda store: store.mails.remove("m of s"),
    "mails.done": lambda store: store.mails.done("m of s"),
    "mails.addresses": lambda store: len(store.mails.addresses("s")),
    "mails.retire": lambda store: store.mails.retire("s", now=at(0)),
    "mails.gone": lambda store: store.mails.gone("a of s"),
    "mails.forget_gone": lambda store: store.mails.forget_gone(before=at(9), limit=9),
    "outgoing.add": lambda store: store.outgoing.add(_leaving("more")),
    "outgoing.get": lambda store: store.outgoing.get("l of s"),
    "outgoing.due": lambda store: store.outgoing.due(now=at(9), limit=9),
    "outgoing.claim": lambda store: store.outgoing.claim("l of s", lease="l", now=at(1), length=LENGTH),
    "outgoing.heartbeat": lambda store: store.outgoing.heartbeat("l of s", lease="l", now=at(1), length=LENGTH),
    "outgoing.later": lambda store: store.outgoing.later("l of s", lease="l", due=at(2), last={}),
    "outgoing.renew": lambda store: store.outgoing.renew("l of s", body={"a": 2}),
    "outgoing.put_off": lambda store: (
        store.outgoing.claim("l of s", lease="l", now=at(3), length=LENGTH),
        store.outgoing.put_off("l of s", lease="l", due=at(3)),
    ),
    "outgoing.finish": lambda store: (
        store.outgoing.claim("l of s", lease="l", now=at(4), length=LENGTH),
        store.outgoing.finish("l of s", lease="l", status="sent", last={}, now=at(4)),
    ),
    "outgoing.bounce": lambda store: store.outgoing.bounce("l of s", last={}, now=at(5)),
    "outgoing.again": lambda store: store.outgoing.again("more", now=at(5)),
    "outgoing.waiting_of": lambda store: len(store.outgoing.waiting_of("s")),
    "outgoing.latest": lambda store: store.outgoing.latest("s", "task"),
    "outgoing.page": lambda store: len(store.outgoing.page("bounced").lines),
    "outgoing.counts": lambda store: store.outgoing.counts(most=1) and None,
    "outgoing.forget": lambda store: store.outgoing.forget(before=at(9), limit=9),
    "outgoing.remove": lambda store: store.outgoing.remove("more"),
    "schedule.claim": lambda store: store.schedule.claim("mail.s", period="2", now=at(0)),
    "schedule.move": lambda store: store.schedule.move("mail.s", was="2", to="3", now=at(0)),
    "schedule.last": lambda store: store.schedule.last("mail.s"),
    "overview.ticks": lambda store: len(store.overview.ticks(limit=1).lines),
    "schedule.expire": lambda store: store.schedule.expire("mail.", before=at(9), limit=1),
    "schedule.note": lambda store: store.schedule.note("note of s", {"a": 2}),
    "schedule.notes": lambda store: store.schedule.notes("note of s"),
    "schedule.forget": lambda store: store.schedule.forget("note of s"),
    "runs.append": lambda store: store.runs.append(a_run("more", kind="cron")),
    "runs.page": lambda store: len(store.runs.page("cron").lines),
    "runs.forget": lambda store: store.runs.forget("cron", before=at(9), keep=1),
    "ticks.put": lambda store: store.ticks.put(_mark("s", period="2")),
    "ticks.get": lambda store: store.ticks.get("s", "cron_daily"),
    "ticks.of_session": lambda store: store.ticks.of_session("s"),
    "ticks.failing": lambda store: len(store.ticks.failing("cron_daily")),
    "ledger.note": lambda store: store.ledger.note(_entry("2")),
    "ledger.open": lambda store: len(store.ledger.open()),
    "ledger.take": lambda store: store.ledger.take("daily", "2", by="me", was=""),
    "ledger.save": lambda store: store.ledger.save(_entry("2", by="me", outcome="ran")),
    "ledger.page": lambda store: len(store.ledger.page("daily").lines),
    "ledger.schedules": lambda store: store.ledger.schedules(),
    "ledger.forget": lambda store: store.ledger.forget("daily", before=at(9), keep=1),
    "ledger.lead": lambda store: store.ledger.lead("me", now=at(0), length=LENGTH),
    "storage.get": lambda store: store.storage.get("scope of s", "k"),
    "storage.put": lambda store: store.storage.put(_stored("s", version=1)),
    "storage.keys": lambda store: store.storage.keys("scope of s"),
    "storage.every": lambda store: len(store.storage.every(limit=1).lines),
    "storage.reseal": lambda store: store.storage.reseal("scope of s", "k"),
    "storage.expire": lambda store: store.storage.expire(before=at(9), limit=9),
    "storage.remove": lambda store: store.storage.remove("scope of s", "k", version=2),
    "overview.counts": lambda store: store.overview.counts(now=at(9), queued_before=at(9), most=1) and None,
    "overview.tasks": lambda store: len(store.overview.tasks("failed").lines),
    "overview.lapsed": lambda store: len(store.overview.lapsed(now=at(9)).lines),
    "overview.mails": lambda store: len(store.overview.mails("received").lines),
    "overview.outboxes": lambda store: len(store.overview.outboxes(before=at(9)).lines),
    "sessions.delete": lambda store: store.sessions.delete("s"),
}


def methods() -> Iterator[str]:
    for port, protocol in PORTS.items():
        yield from (f"{port}.{name}" for name in vars(protocol) if not name.startswith("_"))


def test_no_method_is_left_out() -> None:
    assert sorted(QUESTIONS) == sorted(methods())
    assert set(PORTS) == set(Store.__annotations__)


def one_of_each(store: Store, session: str, interview: str, time: float) -> None:
    store.sessions.create(
        a_session(
            session,
            interview=interview,
            owner=f"me of {session}",
            browsers=(f"b of {session}",),
            scheduled=True,
            modified=at(time),
            accessed=at(time),
            outbox=(an_entry("o"),),
        )
    )
    store.sessions.commit(session, version=0, commit=a_commit(push=a_step(1, None), now=at(time)))
    store.sessions.visit(session, Visit(who="me", at=at(0)))
    store.tasks.add(a_task(f"t of {session}", session=session, ui="flash", created=at(time)))
    store.files.put(session=session, filename="f", mimetype="m", content=[b"x"], now=at(0))
    whose = for_everybody(session, lasting=True)
    store.files.put(session=whose, filename="f", mimetype="m", content=[b"x"], now=at(time))
    store.uploads.append(session, "u", offset=0, piece=b"x", now=at(time))
    store.mails.open(an_address(f"a of {session}", session=session))
    store.mails.keep(a_mail(f"m of {session}", session=session, received=at(time)))
    store.schedule.claim(f"mail.{session}", period="1", now=at(time))
    store.mails.dissected(f"m of {session}", session=session, parts=b"x")
    store.mails.open(an_address(f"gone of {session}", session=f"{session} gone"))
    store.mails.retire(f"{session} gone", now=at(time))
    store.outgoing.add(_leaving(f"l of {session}", session=session, time=time))
    store.storage.put(_stored(session))
    for name in (f"note of {session}", "zzz"):  # whoever reads in order sees where the others begin
        store.schedule.note(name, {"a": 1})
    store.runs.append(a_run(f"r of {session}", kind="worker", session=session))
    store.ticks.put(_mark(session, event=f"cron of {session}"))
    store.ledger.note(_entry("1", schedule=f"daily of {session}", outcome="ran"))


def others(table: str, uri: str) -> Callable[[int], dict[str, Any]] | None:
    """How what somebody else has of `table` differs from one's own; None if the copies of another table bring it."""
    sqlite = is_sqlite(uri)
    late = to_ms(at(LATER)) if sqlite else at(LATER)
    theirs: dict[str, Callable[[int], dict[str, Any]]] = {
        "sessions": lambda n: {
            "id": f"x{n}",
            "interview": "demos:other.yml",
            "owner": "you",
            "modified": late,
            "accessed": late,
            **({} if sqlite else {"browsers": ["c"], "outbox": []}),
        },
        "browsers": lambda n: {"browser": "c", "session": f"x{n}"},
        "visits": lambda n: {"session": f"x{n}"},
        "steps": lambda n: {"session": f"x{n}"},
        "outbox": lambda n: {"position": n + 1000, "session": f"x{n}", "added": late},
        "tasks": lambda n: {"id": f"y{n}", "session": f"x{n}", "created": late},
        "files": lambda n: {"number" if sqlite else "_id": n + 1000, "session": f"lasting:x{n}", "used": late},
        "file_chunks": lambda n: {"number": n + 1000, "session": f"x{n}"} if not sqlite else {"number": n + 1000},
        "uploads": lambda n: {"session": f"x{n}", "id" if sqlite else "_id": f"u{n}", "changed": late},
        "upload_pieces": lambda n: {"session": f"x{n}", "upload": f"u{n}"},
        "addresses": lambda n: {"address" if sqlite else "_id": f"a{n}", "session": f"x{n}"},
        "mails": lambda n: {"id": f"m{n}", "session": f"x{n}", "received": late, "status": "done"},
        "mail_parts": lambda n: {"mail" if sqlite else "_id": f"m{n}", "session": f"x{n}"},
        "mail_sizes": lambda n: {"session": f"x{n}"},
        "gone_addresses": lambda n: {"digest" if sqlite else "_id": f"d{n}", "at": late},
        "outgoing": lambda n: {"id": f"l{n}", "session": f"x{n}", "created": late, "due": late},
        "stored": lambda n: {"scope": f"x{n}", "session": f"x{n}", "until": late},
        "mail_heads": lambda n: {"id": f"m{n}", "session": f"x{n}"},
        "claims": lambda n: {"key" if sqlite else "_id": f"mail.{n}", "at": late},
        "notes": lambda n: {"name" if sqlite else "_id": f"z{n}"},
        "runs": lambda n: {"id": f"r{n}", "session": f"x{n}"},
        "ticks": lambda n: {"session": f"x{n}", "event": "e", **({} if sqlite else {"failing": "e"})},
        "ledger": lambda n: {"schedule": "daily of o", "period": f"p{n}"},
    }
    return theirs.get(table)


def asked(store: Store) -> dict[str, tuple[Any, Reads]]:
    found = {}
    for name, question in QUESTIONS.items():
        with counted(store) as reads:
            answer = question(store)
        found[name] = answer, reads
    return found


@contextmanager
def a_store(store_uri: str, *, many: int) -> Iterator[tuple[Store, str]]:
    uri = store_uri.replace(".sqlite", f"{many}.sqlite") if is_sqlite(store_uri) else f"{store_uri}_{many}"
    store = open_store(uri)
    one_of_each(store, "o", "demos:other.yml", LATER)
    one_of_each(store, "s", "demos:welcome.yml", 0)
    for table in tables(store, uri) if many else ():
        change = others(table, uri)
        if change is not None:
            copy(store, uri, table, many, change)
    yield store, uri
    store.close()
    if not is_sqlite(uri):
        drop(uri)


@pytest.mark.timeout(300)
def test_what_is_read_does_not_grow_with_what_others_keep(store_uri: str) -> None:
    with a_store(store_uri, many=0) as (store, _):
        few = asked(store)
    with a_store(store_uri, many=MANY[is_sqlite(store_uri)]) as (store, uri):
        full = asked(store)
        unindexed = {name: found for name, (_, reads) in full.items() if (found := without_index(reads, uri))}
    grown = {}
    for name, (answer, one) in few.items():
        again, more = full[name]
        assert again == answer, name
        if (more.rows, more.commands) != (one.rows, one.commands) or more.steps > one.steps + 200:
            grown[name] = (one.rows, one.commands, one.steps), (more.rows, more.commands, more.steps)
    assert (grown, unindexed) == ({}, {})


def without_index(reads: Reads, uri: str) -> list[tuple[str, tuple[str, ...]]]:
    """What MongoDB was asked for by fields with which none of its indexes begins: it would look at every document."""
    return [
        (collection, fields)
        for collection, fields in reads.finds
        if "_id" not in fields and not any(one[0] in fields for one in indexes(uri, collection))
    ]
