"""What a console lists: by status and time, page by page, without anything that somebody answered."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.store.open import open_store
from shared.store.overview import Counts, MailLine, OutboxLine, Page, TaskLine, TickLine
from shared.store.ports import BadRecord, Store
from shared.store.sqlite import SqliteStore
from tests.contract.store.make import a_commit, a_mail, a_session, a_task, an_entry, at

MINUTE = timedelta(minutes=1)


def all_pages(read: Callable[[str], Page[Any]]) -> list[Any]:
    """The lines of all pages; no page but the last is short, and none begins at its own beginning."""
    found, after = [], ""
    for _ in range(100):
        page = read(after)
        found += page.lines
        if page.after is None:
            return found
        assert page.lines
        assert page.after != after
        after = page.after
    raise AssertionError("pages without end")


def fill_tasks(store: Store) -> None:
    # Three were created at one moment: their ids decide.
    for name, second in (("c", 1), ("a", 1), ("b", 1), ("old", 0), ("young", 9)):
        store.tasks.add(a_task(name, created=at(second), user={"email": "SECRET"}))
    for name in ("run", "lost", "lost2", "bad", "good"):
        store.tasks.add(a_task(name, created=at(2)))
        seconds = 60 if name in ("run", "bad", "good") else 3
        assert store.tasks.claim(name, lease=name, now=at(2), length=timedelta(seconds=seconds))
    assert store.tasks.responding("lost2", lease="lost2", response={})
    result = {"ok": False, "error_type": "ValueError", "error_message": "SECRET"}
    store.tasks.finish("bad", lease="bad", status="failed", result=result, now=at(3))
    store.tasks.finish("good", lease="good", status="done", result={"ok": True, "value": b"SECRET"}, now=at(3))


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_tasks_of_a_status_by_time_then_id(store: Store, limit: int) -> None:
    fill_tasks(store)
    queued = all_pages(lambda after: store.overview.tasks("queued", after=after, limit=limit))
    assert [line.id for line in queued] == ["old", "a", "b", "c", "young"]
    newest = all_pages(lambda after: store.overview.tasks("queued", newest_first=True, after=after, limit=limit))
    assert newest == queued[::-1]
    late = all_pages(lambda after: store.overview.tasks("queued", before=at(9), after=after, limit=limit))
    assert [line.id for line in late] == ["old", "a", "b", "c"]


def test_a_tasks_line(store: Store) -> None:
    fill_tasks(store)
    (failed,) = store.overview.tasks("failed").lines
    assert failed == TaskLine(
        id="bad", session="s", interview="demos:welcome.yml", action="work", origin="action", status="failed",
        created=at(2), started=at(2), finished=at(3), lease_until=None, attempts=1, error_type="ValueError",
    )  # fmt: skip
    (done,) = store.overview.tasks("done").lines
    assert (done.id, done.error_type) == ("good", None)
    assert "SECRET" not in repr(store.overview.tasks("queued")) + repr(failed) + repr(done)


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_tasks_whose_worker_is_silent(store: Store, limit: int) -> None:
    fill_tasks(store)
    lapsed = all_pages(lambda after: store.overview.lapsed(now=at(5), after=after, limit=limit))
    assert [(line.id, line.status, line.lease_until) for line in lapsed] == [
        ("lost", "running", at(5)),
        ("lost2", "responding", at(5)),
    ]
    assert store.overview.lapsed(now=at(4)).lines == ()
    running = store.overview.tasks("running").lines
    assert [line.id for line in running] == ["lost", "run"]


def test_a_response_that_was_given_back_is_lapsed_at_once(store: Store) -> None:
    fill_tasks(store)
    assert store.tasks.release("lost2", lease="lost2")
    assert [line.id for line in store.overview.lapsed(now=at(4)).lines] == ["lost2"]
    (responding,) = store.overview.tasks("responding").lines
    assert responding.lease_until is None


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_mails(store: Store, limit: int) -> None:
    for name, second in (("b", 1), ("a", 1), ("c", 0), ("d", 2)):
        store.mails.keep(a_mail(name, received=at(second), sender="SECRET@example.com", raw=b"SECRET"))
    store.mails.done("d")
    waiting = all_pages(lambda after: store.overview.mails("received", after=after, limit=limit))
    assert [line.id for line in waiting] == ["c", "a", "b"]
    assert waiting[0] == MailLine(id="c", session="s", status="received", received=at(0))
    assert [line.id for line in store.overview.mails("done", newest_first=True).lines] == ["d"]
    assert "SECRET" not in repr(waiting)


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_outboxes_the_longest_waiting_first(store: Store, limit: int) -> None:
    for name in ("s3", "s1", "s2", "empty"):
        store.sessions.create(a_session(name, modified=at(0)))
    for name, seconds in (("s3", (1, 9)), ("s1", (2, 3)), ("s2", (2,))):
        for version, second in enumerate(seconds):
            entry = dataclasses.replace(an_entry(f"e{version}", text="SECRET"), kind=f"kind{version}")
            assert store.sessions.commit(name, version=version, commit=a_commit(now=at(second), outbox=(entry,)))
    found = all_pages(lambda after: store.overview.outboxes(before=at(10), after=after, limit=limit))
    assert found == [
        OutboxLine(session="s3", oldest=at(1), entries=2, kinds=("kind0", "kind1")),
        OutboxLine(session="s1", oldest=at(2), entries=2, kinds=("kind0", "kind1")),
        OutboxLine(session="s2", oldest=at(2), entries=1, kinds=("kind0",)),
    ]
    assert [line.session for line in store.overview.outboxes(before=at(1)).lines] == ["s3"]
    store.sessions.publish_done("s3", ["e0"])
    store.sessions.publish_done("s2", ["e0"])
    assert [line.session for line in store.overview.outboxes(before=at(10)).lines] == ["s1", "s3"]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_ticks(store: Store, limit: int) -> None:
    for key, period, second in (("cron_daily", "1", 0), ("cron_daily", "2", 5), ("a", "x", 1), ("z", "y", 2)):
        store.schedule.claim(key, period=period, now=at(second))
    assert all_pages(lambda after: store.overview.ticks(after=after, limit=limit)) == [
        TickLine(key="a", period="x", at=at(1)),
        TickLine(key="cron_daily", period="2", at=at(5)),
        TickLine(key="z", period="y", at=at(2)),
    ]


def test_counts(store: Store) -> None:
    fill_tasks(store)
    store.mails.keep(a_mail("m"))
    store.mails.keep(a_mail("n"))
    store.mails.done("n")
    store.sessions.create(a_session("s", outbox=(an_entry("o"), an_entry("p"))))
    store.sessions.create(a_session("t"))
    assert store.overview.counts(now=at(5), queued_before=at(1)) == Counts(
        tasks={"queued": 5, "running": 2, "responding": 1, "done": 1, "failed": 1, "revoked": 0},
        late=1,
        lapsed=2,
        mails=1,
        outboxes=1,
    )


def test_counting_ends_where_it_is_told_to(store: Store) -> None:
    fill_tasks(store)
    counts = store.overview.counts(now=at(5), queued_before=at(9), most=2)
    assert (counts.tasks["queued"], counts.late, counts.lapsed) == (2, 2, 2)


def test_an_empty_store(store: Store) -> None:
    empty = Page((), None)
    assert store.overview.tasks("failed") == empty
    assert store.overview.lapsed(now=at(0)) == empty
    assert store.overview.mails("received") == empty
    assert store.overview.outboxes(before=at(0)) == empty
    assert store.overview.ticks() == empty
    assert set(store.overview.counts(now=at(0), queued_before=at(0)).tasks.values()) == {0}


@pytest.mark.parametrize(
    "after", ["x", "5", "/a", "-1/a", "1/", "1/a\nb", "99999999999999999/a", "²/a", None, 5, {"$gt": ""}]
)
def test_a_page_begins_where_another_ended(store: Store, after: Any) -> None:
    for attempt in (
        lambda: store.overview.tasks("queued", after=after),
        lambda: store.overview.lapsed(now=at(0), after=after),
        lambda: store.overview.mails("done", after=after),
        lambda: store.overview.outboxes(before=at(0), after=after),
    ):
        with pytest.raises(BadRecord):
            attempt()


@pytest.mark.parametrize("wrong", [0, -1, 10_001, None, "5"])
def test_limits_and_statuses_that_are_none(store: Store, wrong: Any) -> None:
    for attempt in (
        lambda: store.overview.tasks("queued", limit=wrong),
        lambda: store.overview.tasks(wrong),
        lambda: store.overview.lapsed(now=at(0), limit=wrong),
        lambda: store.overview.mails("done", limit=wrong),
        lambda: store.overview.mails(wrong),
        lambda: store.overview.outboxes(before=at(0), limit=wrong),
        lambda: store.overview.ticks(limit=wrong),
        lambda: store.overview.counts(now=at(0), queued_before=at(0), most=wrong),
        lambda: store.overview.outboxes(before=wrong),
        lambda: store.overview.counts(now=wrong, queued_before=at(0)),
    ):
        with pytest.raises(BadRecord):
            attempt()


def test_a_page_is_found_by_an_index(tmp_path: Any) -> None:
    """No list reads rows that it does not show: SQLite says how it would go about it."""
    store = open_store(f"sqlite:///{tmp_path}/x.sqlite")
    assert isinstance(store, SqliteStore)
    plans: list[str] = []
    with store._database.read() as connection:
        connection.set_trace_callback(
            lambda statement: plans.append(statement) if statement.startswith("SELECT") else None
        )
    for read in (
        lambda: store.overview.tasks("queued", after="5/a", before=at(0)),
        lambda: store.overview.tasks("failed", newest_first=True),
        lambda: store.overview.lapsed(now=at(0), after="5/a"),
        lambda: store.overview.mails("received", after="5/a"),
        lambda: store.overview.ticks(after="a"),
    ):
        read()
    with store._database.read() as connection:
        connection.set_trace_callback(None)
        for statement in list(plans):
            steps = [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
            assert steps[0].startswith("SEARCH"), (statement, steps)
    assert len(plans) == 5
    store.close()
