"""Background tasks: who holds one, for how long, and how it ends exactly once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.contract.tasks import TaskStatus
from shared.store.ports import BadRecord, Store
from shared.store.records import Ended
from tests.contract.store.make import a_task, at

MINUTE = timedelta(minutes=1)


def test_a_task_is_added_once(store: Store) -> None:
    task = a_task(ui="flash", origin="cron", user={"id": 1}, browser={"a.b": "c"}, arguments=b"\x00")
    assert store.tasks.add(task) is True
    assert store.tasks.add(replace(task, action="other")) is False
    assert store.tasks.get("t") == task


def test_unknown_tasks(store: Store) -> None:
    assert store.tasks.get("gone") is None
    assert store.tasks.get("") is None
    assert store.tasks.claim("gone", lease="a", now=at(0), length=MINUTE) is None
    assert store.tasks.heartbeat("gone", lease="a", now=at(0), length=MINUTE) is False
    assert store.tasks.responding("gone", lease="a", response={}) is False
    assert store.tasks.finish("gone", lease=None, status="done", result={}, now=at(0)) is False
    assert store.tasks.release("gone", lease="a") is False
    assert store.tasks.revoke("gone", now=at(0), terminate=True) is None
    assert store.tasks.mark_delivered("gone") is False


def test_the_way_of_a_task(store: Store) -> None:
    store.tasks.add(a_task())
    claimed = store.tasks.claim("t", lease="a", now=at(5), length=MINUTE)
    assert claimed == a_task(status="running", started=at(5), attempts=1, lease="a", lease_until=at(65))
    assert store.tasks.claim("t", lease="b", now=at(6), length=MINUTE) is None
    assert store.tasks.claim("t", lease="a", now=at(6), length=MINUTE) == claimed
    assert store.tasks.heartbeat("t", lease="a", now=at(30), length=MINUTE) is True
    response = {"action": "answer", "arguments": b"\x01", "is_error": False}
    assert store.tasks.responding("t", lease="b", response=response) is False
    assert store.tasks.responding("t", lease="a", response=response) is True
    held = store.tasks.get("t")
    assert held is not None
    assert (held.status, held.response, held.lease_until) == ("responding", response, at(90))
    assert store.tasks.finish("t", lease="b", status="done", result={"ok": False}, now=at(40)) is False
    assert store.tasks.finish("t", lease="a", status="done", result={"ok": True, "value": b"v"}, now=at(40)) is True
    assert store.tasks.finish("t", lease="a", status="failed", result={"ok": False}, now=at(41)) is False
    assert store.tasks.finish("t", lease=None, status="failed", result={"ok": False}, now=at(41)) is False
    ended = store.tasks.get("t")
    assert ended is not None
    assert (ended.status, ended.result, ended.finished) == ("done", {"ok": True, "value": b"v"}, at(40))
    assert (ended.lease, ended.lease_until) == (None, None)
    assert store.tasks.claim("t", lease="c", now=at(9999), length=MINUTE) is None


def test_a_lease_that_ran_out_is_anyones_but_a_heartbeat_in_time_keeps_it(store: Store) -> None:
    store.tasks.add(a_task())
    store.tasks.claim("t", lease="a", now=at(0), length=MINUTE)
    assert store.tasks.claim("t", lease="b", now=at(59.999), length=MINUTE) is None
    assert store.tasks.heartbeat("t", lease="a", now=at(59), length=MINUTE) is True
    assert store.tasks.claim("t", lease="b", now=at(60), length=MINUTE) is None
    taken = store.tasks.claim("t", lease="b", now=at(119), length=MINUTE)
    assert taken is not None
    assert (taken.lease, taken.attempts, taken.status, taken.started) == ("b", 2, "running", at(119))
    assert store.tasks.heartbeat("t", lease="a", now=at(119), length=MINUTE) is False
    assert store.tasks.responding("t", lease="a", response={}) is False
    assert store.tasks.release("t", lease="a") is False
    assert store.tasks.finish("t", lease="a", status="done", result={}, now=at(120)) is False
    assert store.tasks.finish("t", lease="b", status="done", result={}, now=at(120)) is True


def test_a_responding_task_is_taken_over_with_its_response(store: Store) -> None:
    store.tasks.add(a_task())
    store.tasks.claim("t", lease="a", now=at(0), length=MINUTE)
    store.tasks.responding("t", lease="a", response={"action": "answer"})
    assert store.tasks.claim("t", lease="b", now=at(59), length=MINUTE) is None
    taken = store.tasks.claim("t", lease="b", now=at(60), length=MINUTE)
    assert taken is not None
    assert (taken.status, taken.response, taken.attempts) == ("responding", {"action": "answer"}, 2)


def test_a_claim_that_began_nothing_is_no_attempt(store: Store) -> None:
    store.tasks.add(a_task())
    for lease, ended, attempts, deaths in (
        ("a", Ended.DIED, 1, 1),
        ("b", Ended.UNBEGUN, 1, 1),
        ("c", Ended.UNBEGUN, 1, 1),
        ("d", Ended.INTERRUPTED, 2, 1),
        ("e", Ended.DIED, 3, 2),
    ):
        assert store.tasks.claim("t", lease=lease, now=at(0), length=MINUTE) is not None
        assert store.tasks.release("t", lease=lease, ended=ended)
        released = store.tasks.get("t")
        assert released is not None
        assert (released.status, released.attempts, released.deaths) == ("queued", attempts, deaths)


def test_a_released_task_may_be_claimed_at_once(store: Store) -> None:
    store.tasks.add(a_task())
    store.tasks.claim("t", lease="a", now=at(0), length=MINUTE)
    assert store.tasks.release("t", lease="a") is True
    assert store.tasks.release("t", lease="a") is False
    released = store.tasks.get("t")
    assert released is not None
    assert (released.status, released.lease, released.lease_until) == ("queued", None, None)
    store.tasks.claim("t", lease="b", now=at(1), length=MINUTE)
    store.tasks.responding("t", lease="b", response={"action": "answer"})
    assert store.tasks.release("t", lease="b") is True
    held = store.tasks.get("t")
    assert held is not None
    assert (held.status, held.lease, held.lease_until) == ("responding", None, None)
    assert [one.id for one in store.tasks.due(now=at(1), queued_before=at(-99), limit=5)] == ["t"]
    assert store.tasks.claim("t", lease="c", now=at(1), length=MINUTE).status == "responding"  # type: ignore[union-attr]


def test_finish_without_a_lease_ends_whatever_is_not_ended(store: Store) -> None:
    store.tasks.add(a_task())
    assert store.tasks.finish("t", lease=None, status="failed", result={"kind": "NoSession"}, now=at(3)) is True
    assert store.tasks.finish("t", lease=None, status="failed", result={}, now=at(4)) is False
    assert store.tasks.claim("t", lease="a", now=at(5), length=MINUTE) is None


def test_revoking(store: Store) -> None:
    for name in ("queued", "running", "responding", "ended"):
        store.tasks.add(a_task(name))
        if name != "queued":
            store.tasks.claim(name, lease="a", now=at(0), length=MINUTE)
    store.tasks.responding("responding", lease="a", response={})
    store.tasks.finish("ended", lease="a", status="done", result={}, now=at(1))

    revoked = store.tasks.revoke("queued", now=at(2), terminate=False)
    assert revoked is not None
    assert (revoked.status, revoked.finished) == ("revoked", at(2))
    assert store.tasks.revoke("queued", now=at(2), terminate=False) is None
    assert store.tasks.claim("queued", lease="b", now=at(3), length=MINUTE) is None
    assert store.tasks.revoke("running", now=at(2), terminate=False) is None
    assert store.tasks.heartbeat("running", lease="a", now=at(3), length=MINUTE) is True
    assert store.tasks.revoke("running", now=at(4), terminate=True).status == "revoked"  # type: ignore[union-attr]
    assert store.tasks.heartbeat("running", lease="a", now=at(5), length=MINUTE) is False
    assert store.tasks.finish("running", lease="a", status="done", result={}, now=at(5)) is False
    assert store.tasks.revoke("responding", now=at(4), terminate=True) is None
    assert store.tasks.revoke("ended", now=at(4), terminate=True) is None


def test_all_of_a_session_end_with_it(store: Store) -> None:
    for name in ("queued", "running", "responding", "ended"):
        store.tasks.add(a_task(name))
        if name != "queued":
            store.tasks.claim(name, lease="a", now=at(0), length=MINUTE)
    store.tasks.add(a_task("another's", session="other"))
    store.tasks.responding("responding", lease="a", response={})
    store.tasks.finish("ended", lease="a", status="done", result={}, now=at(1))
    session = a_task().session
    assert store.tasks.revoke_all(session, now=at(2)) == ["queued", "responding", "running"]
    assert store.tasks.revoke_all(session, now=at(3)) == []
    assert {one.id: one.status for one in store.tasks.of_session(session)} == {
        "queued": "revoked", "running": "revoked", "responding": "revoked", "ended": "done",
    }  # fmt: skip
    assert store.tasks.heartbeat("running", lease="a", now=at(3), length=MINUTE) is False
    assert store.tasks.claim("another's", lease="b", now=at(3), length=MINUTE) is not None


def test_a_result_is_delivered_once(store: Store) -> None:
    store.tasks.add(a_task())
    assert [store.tasks.mark_delivered("t") for _ in range(3)] == [True, False, False]
    assert store.tasks.get("t").delivered is True  # type: ignore[union-attr]


def test_due_are_those_that_nobody_works_on(store: Store) -> None:
    for number, name in enumerate(["old", "new", "running", "stuck", "done"]):
        store.tasks.add(a_task(name, created=at(number)))
    store.tasks.claim("running", lease="a", now=at(10), length=timedelta(seconds=100))
    store.tasks.claim("stuck", lease="b", now=at(10), length=timedelta(seconds=20))
    store.tasks.finish("done", lease=None, status="done", result={}, now=at(10))
    assert [one.id for one in store.tasks.due(now=at(29), queued_before=at(1), limit=9)] == ["old"]
    assert [one.id for one in store.tasks.due(now=at(30), queued_before=at(2), limit=9)] == ["old", "new", "stuck"]
    assert [one.id for one in store.tasks.due(now=at(30), queued_before=at(2), limit=2)] == ["old", "new"]
    assert [one.id for one in store.tasks.due(now=at(999), queued_before=at(-1), limit=9)] == ["running", "stuck"]


@pytest.mark.parametrize("status", ["running", "responding"])
def test_a_lease_that_a_wrong_clock_gave_holds_nobody_up(store: Store, status: str) -> None:
    hour = timedelta(hours=1).total_seconds()
    store.tasks.add(a_task())
    store.tasks.claim("t", lease="a", now=at(hour), length=MINUTE)
    if status == "responding":
        store.tasks.responding("t", lease="a", response={})
    assert [one.id for one in store.tasks.due(now=at(0), queued_before=at(0), limit=9)] == ["t"]
    taken = store.tasks.claim("t", lease="b", now=at(0), length=MINUTE)
    assert taken is not None
    assert (taken.lease, taken.lease_until, taken.status) == ("b", at(60), status)
    assert store.tasks.heartbeat("t", lease="a", now=at(hour), length=MINUTE) is False
    assert store.tasks.due(now=at(1), queued_before=at(0), limit=9) == []


def test_the_tasks_of_a_session(store: Store) -> None:
    for number in (2, 1, 3):
        store.tasks.add(a_task(f"t{number}", created=at(number)))
    store.tasks.add(a_task("other", session="other"))
    store.tasks.claim("t1", lease="a", now=at(5), length=MINUTE)
    assert [one.id for one in store.tasks.of_session("s")] == ["t1", "t2", "t3"]


def test_large_arguments_responses_and_results(store: Store) -> None:
    huge = bytes(range(256)) * 66_000  # 17 MB: more than a document of MongoDB holds
    large = bytes(range(256)) * 4_000
    store.tasks.add(a_task(arguments=huge))
    store.tasks.claim("t", lease="a", now=at(0), length=MINUTE)
    assert store.tasks.responding("t", lease="a", response={"arguments": large}) is True
    assert store.tasks.finish("t", lease="a", status="done", result={"value": large[::-1]}, now=at(1)) is True
    task = store.tasks.get("t")
    assert task is not None
    assert task.arguments == huge
    assert task.response == {"arguments": large}
    assert task.result == {"value": large[::-1]}


@pytest.mark.parametrize("status", ["queued", "running", "", None])
def test_a_task_ends_as_something(store: Store, status: str) -> None:
    store.tasks.add(a_task())
    with pytest.raises(BadRecord, match="ends done, failed or revoked"):
        store.tasks.finish("t", lease=None, status=status, result={}, now=at(0))


def test_undelivered_are_those_that_ended_with_something_to_tell(store: Store) -> None:
    for number, (name, ui) in enumerate([("b", "flash"), ("a", "null"), ("quiet", None), ("running", "flash")]):
        store.tasks.add(a_task(name, ui=ui, created=at(number)))
    store.tasks.add(a_task("other", session="another", ui="flash"))
    for name in ("b", "quiet", "other"):
        store.tasks.finish(name, lease=None, status="done", result={"ok": True}, now=at(9))
    store.tasks.finish("a", lease=None, status="failed", result={"ok": False}, now=at(9))
    assert [one.id for one in store.tasks.undelivered("s")] == ["b", "a"]
    assert len(store.tasks.undelivered("s", limit=1)) == 1
    assert store.tasks.mark_delivered("b")
    assert [one.id for one in store.tasks.undelivered("s")] == ["a"]


def test_a_session_tells_once_it_has_a_task_with_something_to_tell(store: Store) -> None:
    store.tasks.add(a_task("quiet"))
    store.tasks.add(a_task("other", session="another", ui="flash"))
    assert not store.tasks.tells("s")
    assert store.tasks.tells("another")
    store.tasks.add(a_task("loud", ui="null"))
    assert store.tasks.tells("s")
    store.tasks.finish("loud", lease=None, status="done", result={"ok": True}, now=at(9))
    store.tasks.mark_delivered("loud")
    assert store.tasks.tells("s"), "it may be run again, and told again"


def test_the_status_of_a_task_of_a_session(store: Store) -> None:
    store.tasks.add(a_task())
    assert store.tasks.status("t", session="s") == "queued"
    store.tasks.revoke("t", now=at(1), terminate=False)
    assert store.tasks.status("t", session="s") == "revoked"
    assert store.tasks.status("t", session="other") is None
    assert store.tasks.status("u", session="s") is None


def test_of_a_task_that_ended_long_ago_the_result_stays(store: Store) -> None:
    for number, name in enumerate(["b", "a", "running"]):
        store.tasks.add(a_task(name, arguments=b"x" * 300_000, user={"id": 1}, created=at(number)))
        store.tasks.claim(name, lease="l", now=at(number), length=MINUTE)
        store.tasks.responding(name, lease="l", response={"arguments": b"y" * 300_000})
    result = {"ok": False, "error_type": "E", "error_trace": "z" * 300_000}
    assert not store.tasks.trim("a", result={}), "it has not ended"
    for number, name in enumerate(["b", "a"]):
        assert store.tasks.finish(name, lease="l", status="failed", result=result, now=at(10 + number))
    assert store.tasks.untrimmed(before=at(11)).lines == ("b",)
    first = store.tasks.untrimmed(before=at(99), limit=1)
    assert first.lines == ("b",)
    assert store.tasks.trim("b", result={"ok": False, "error_type": "E"})
    assert store.tasks.untrimmed(before=at(99), after=first.after or "").lines == ("a",)
    assert store.tasks.untrimmed(before=at(99)).lines == ("a",)
    trimmed = store.tasks.get("b")
    assert trimmed is not None
    assert (trimmed.status, trimmed.arguments, trimmed.response, trimmed.user, trimmed.finished, trimmed.result) == (
        "failed", b"", {}, {"id": 1}, at(10), {"ok": False, "error_type": "E"},
    )  # fmt: skip
    assert store.tasks.of_session("s")[0] == trimmed
    assert not store.tasks.trim("unknown", result={})


def test_how_far_a_task_is_is_kept_under_its_lease(store: Store) -> None:
    store.tasks.add(a_task(options={"times": 2}))
    assert store.tasks.progress("t", lease="a", progress={"fraction": 0.5}) is False
    store.tasks.claim("t", lease="a", now=at(0), length=MINUTE)
    assert store.tasks.progress("t", lease="a", progress={"fraction": 0.5, "text": "page 3"}) is True
    assert store.tasks.progress("t", lease="b", progress={}) is False
    found = store.tasks.get("t")
    assert found is not None
    assert (dict(found.progress), dict(found.options)) == ({"fraction": 0.5, "text": "page 3"}, {"times": 2})


def test_a_running_task_is_queued_again_for_later(store: Store) -> None:
    store.tasks.add(a_task())
    assert store.tasks.requeue("t", lease="a", at=at(60)) is None
    store.tasks.claim("t", lease="a", now=at(0), length=MINUTE)
    store.tasks.progress("t", lease="a", progress={"fraction": 0.5})
    again = store.tasks.requeue("t", lease="a", at=at(60))
    assert again is not None
    assert (again.status, again.created, again.attempts, again.lease, dict(again.progress)) == (
        "queued",
        at(60),
        1,
        None,
        {},
    )
    assert store.tasks.due(now=at(59), queued_before=at(59), limit=5) == []
    assert [one.id for one in store.tasks.due(now=at(61), queued_before=at(61), limit=5)] == ["t"]


def test_a_failed_task_is_queued_again_with_all_its_attempts(store: Store) -> None:
    store.tasks.add(a_task(ui="flash"))
    assert store.tasks.requeue("t", lease=None, at=at(5)) is None, "it has not failed"
    store.tasks.claim("t", lease="a", now=at(0), length=MINUTE)
    store.tasks.finish("t", lease="a", status=TaskStatus.FAILED, result={"ok": False}, now=at(1))
    store.tasks.mark_delivered("t")
    again = store.tasks.requeue("t", lease=None, at=at(5))
    assert again is not None
    assert (again.status, again.attempts, again.finished, dict(again.result), again.delivered) == (
        "queued",
        0,
        None,
        {},
        False,
    )
    assert store.tasks.requeue("t", lease=None, at=at(6)) is None
    assert store.tasks.claim("t", lease="b", now=at(6), length=MINUTE) is not None


def test_a_task_that_let_go_what_it_was_given_stays_failed(store: Store) -> None:
    store.tasks.add(a_task())
    store.tasks.finish("t", lease=None, status=TaskStatus.FAILED, result={}, now=at(1))
    store.tasks.trim("t", result={})
    assert store.tasks.requeue("t", lease=None, at=at(5)) is None


def test_a_revoked_task_is_told_to_its_page(store: Store) -> None:
    store.tasks.add(a_task(ui="refresh"))
    store.tasks.revoke("t", now=at(1), terminate=True)
    assert [one.id for one in store.tasks.undelivered("s")] == ["t"]


def test_the_most_urgent_of_a_queue_is_the_oldest_of_the_highest_priority_whose_time_has_come(store: Store) -> None:
    for name, priority, created in (("n1", 0, 0), ("n2", 0, 1), ("h2", 1, 3), ("h1", 1, 2), ("l", -1, 0), ("h0", 1, 9)):
        store.tasks.add(a_task(name, priority=priority, created=at(created)))
    store.tasks.add(a_task("other", queue="task.slow", priority=1))

    def urgent(**given: int) -> str | None:
        return store.tasks.urgent("task", now=at(5), **given)

    assert (urgent(), urgent(above=0), urgent(above=1), urgent(below=1), urgent(below=0)) == (
        *("h1", "h1", None, "n1", "l"),
    )
    store.tasks.claim("h1", lease="a", now=at(5), length=MINUTE)
    assert urgent() == "h2"
    assert store.tasks.urgent("task.slow", now=at(5)) == "other"
    assert store.tasks.urgent("task.none", now=at(5)) is None
    due = {task.id: (task.queue, task.priority) for task in store.tasks.due(now=at(5), queued_before=at(4), limit=9)}
    assert (due["other"], due["l"]) == (("task.slow", 1), ("task", -1))
