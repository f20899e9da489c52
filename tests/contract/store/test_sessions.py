"""Sessions: create, load, compare-and-set, outbox, seen, applied, queries, deletion."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest

from shared.store import checks
from shared.store.ports import UNCHANGED, BadRecord, DuplicateId, Store, TooLarge
from shared.store.records import Session, SessionName, Visit
from tests.contract.store.make import a_commit, a_session, a_step, an_entry, at


def full_session(name: str = "s") -> Session:
    return a_session(
        name,
        step=1,
        top=a_step(0, None),
        secret=b"\x00\xff",
        sealed=True,
        owner="user 1",
        multi_user=True,
        allow_cron=True,
        events=("cron_daily", "étape"),
        title="A title ☃",
        tags=("a", "b"),
        progress=0,
        outbox=(
            an_entry(
                "o1", text="x", data=b"\x00", when=at(5), list=[1, 2.5, None, True], deep={"a.b": {"$c": 1, "": 0}}
            ),
        ),
        seen={"r1": 1768473000, "r2": 1768473001},
        applied={"t1": b"value"},
        extra={"clients": {"a.b": 1}, "$x": []},
        browsers=("b1", "b2"),
        slots={"b:hash": b"", "s:1": b"\x00"},
    )


def test_what_is_created_is_loaded(store: Store) -> None:
    store.sessions.create(full_session())
    assert store.sessions.load("s") == full_session()


def test_a_session_of_defaults_is_loaded_as_it_was(store: Store) -> None:
    store.sessions.create(a_session())
    assert store.sessions.load("s") == a_session()


def test_an_id_is_used_once(store: Store) -> None:
    store.sessions.create(a_session())
    with pytest.raises(DuplicateId, match="session s exists"):
        store.sessions.create(a_session(state=b"other"))
    assert store.sessions.load("s") == a_session()


@pytest.mark.parametrize("name", ["gone", "", "a\x00b", "x" * 300, "\ud800", "line\nbreak"])
def test_an_unknown_session_is_none_everywhere(store: Store, name: str) -> None:
    assert store.sessions.load(name) is None
    assert store.sessions.load_newer(name, version=0) is None
    assert store.sessions.step(name, 1) is None
    assert store.sessions.delete(name) is False


def test_a_commit_to_an_unknown_session_is_a_lost_race(store: Store) -> None:
    assert store.sessions.commit("gone", version=0, commit=a_commit(state=b"x")) is False
    assert store.sessions.load("gone") is None


def test_commit_changes_what_it_names_and_nothing_else(store: Store) -> None:
    store.sessions.create(full_session())
    fields = {
        "multi_user": False,
        "allow_cron": False,
        "events": ("cron_weekly",),
        "title": None,
        "tags": (),
        "progress": None,
        "owner": None,
        "sealed": False,
        "interview": "demos:other.yml",
        "extra": {"k": "v"},
        "accessed": at(7),
    }
    assert store.sessions.commit("s", version=0, commit=a_commit(now=at(9)))
    before = store.sessions.load("s")
    assert before is not None
    assert (before.version, before.modified, before.accessed, before.state) == (1, at(9), at(0), b"state 0")
    assert (before.title, before.events, before.outbox) == ("A title ☃", ("cron_daily", "étape"), full_session().outbox)

    assert store.sessions.commit("s", version=1, commit=a_commit(now=at(10), state=b"", fields=fields))
    after = store.sessions.load("s")
    assert after is not None
    assert {name: getattr(after, name) for name in fields} == fields
    assert (after.state, after.step, after.top, after.secret) == (b"", 1, a_step(0, None), b"\x00\xff")


def test_a_commit_on_an_old_version_changes_nothing(store: Store) -> None:
    store.sessions.create(a_session())
    assert store.sessions.commit("s", version=0, commit=a_commit(state=b"first"))
    before = store.sessions.load("s")
    stale = a_commit(
        now=at(5),
        state=b"second",
        push=a_step(1, None),
        outbox=(an_entry("o"),),
        seen={"r": 1768473000},
        applied={"t": b""},
        fields={"title": "no"},
    )
    assert store.sessions.commit("s", version=0, commit=stale) is False
    assert store.sessions.commit("s", version=2, commit=a_commit(state=b"from the future")) is False
    assert store.sessions.load("s") == before


def test_load_newer_transfers_only_what_is_new(store: Store) -> None:
    store.sessions.create(a_session())
    assert store.sessions.load_newer("s", version=0) is UNCHANGED
    assert store.sessions.commit("s", version=0, commit=a_commit(state=b"new"))
    newer = store.sessions.load_newer("s", version=0)
    assert isinstance(newer, Session)
    assert newer.state == b"new"
    assert store.sessions.load_newer("s", version=1) is UNCHANGED


def test_times_come_back_in_utc_to_the_millisecond(store: Store) -> None:
    zone = timezone(timedelta(hours=-5))
    store.sessions.create(a_session(modified=at(0).replace(microsecond=123999).astimezone(zone)))
    loaded = store.sessions.load("s")
    assert loaded is not None
    assert loaded.modified == at(0).replace(microsecond=123000)
    assert loaded.modified.utcoffset() == timedelta(0)


def test_the_outbox_keeps_order_and_loses_only_what_was_published(store: Store) -> None:
    store.sessions.create(a_session())
    assert store.sessions.commit("s", version=0, commit=a_commit(outbox=(an_entry("b", n=1), an_entry("a", n=2))))
    assert store.sessions.commit("s", version=1, commit=a_commit(outbox=(an_entry("c", big=b"x" * 1_000_000),)))
    store.sessions.publish_done("s", ["a", "unknown"])
    loaded = store.sessions.load("s")
    assert loaded is not None
    assert loaded.outbox == (an_entry("b", n=1), an_entry("c", big=b"x" * 1_000_000))
    assert loaded.version == 2
    store.sessions.publish_done("s", (one for one in ("b", "c")))
    store.sessions.publish_done("s", ["b", "c"])
    store.sessions.publish_done("gone", ["b"])
    store.sessions.publish_done("s", [])
    assert store.sessions.load("s").outbox == ()  # type: ignore[union-attr]


def test_publishing_does_not_disturb_a_commit_under_way(store: Store) -> None:
    store.sessions.create(a_session(outbox=(an_entry("a"),)))
    read = store.sessions.load("s")
    assert read is not None
    store.sessions.publish_done("s", ["a"])
    assert store.sessions.commit("s", version=read.version, commit=a_commit(outbox=(an_entry("b"),)))
    assert store.sessions.load("s").outbox == (an_entry("b"),)  # type: ignore[union-attr]


def test_unpublished_finds_what_a_crash_left(store: Store) -> None:
    for number, name in enumerate(["late", "early", "clean"]):
        store.sessions.create(a_session(name))
        assert store.sessions.commit(name, version=0, commit=a_commit(now=at(10 - number), outbox=(an_entry("o"),)))
    store.sessions.publish_done("clean", ["o"])
    assert store.sessions.unpublished(older_than=at(8.999), limit=10) == []
    assert store.sessions.unpublished(older_than=at(9), limit=10) == ["early"]
    assert store.sessions.unpublished(older_than=at(99), limit=10) == ["early", "late"]
    assert store.sessions.unpublished(older_than=at(99), limit=1) == ["early"]


def test_a_second_outbox_entry_of_the_same_id_is_refused(store: Store) -> None:
    store.sessions.create(a_session(outbox=(an_entry("o"),)))
    with pytest.raises(BadRecord, match="same id"):
        store.sessions.commit("s", version=0, commit=a_commit(state=b"no", outbox=(an_entry("o"),)))
    assert store.sessions.load("s") == a_session(outbox=(an_entry("o"),))


def test_a_full_outbox_refuses_more(store: Store) -> None:
    many = tuple(an_entry(f"o{number}") for number in range(checks.OUTBOX_ENTRIES - 1))
    store.sessions.create(a_session(outbox=many))
    assert store.sessions.commit("s", version=0, commit=a_commit(outbox=(an_entry("last"),)))
    with pytest.raises(TooLarge, match="full"):
        store.sessions.commit("s", version=1, commit=a_commit(outbox=(an_entry("too many"),)))
    assert store.sessions.commit("s", version=1, commit=a_commit(state=b"other things go on"))


def test_what_is_remembered_of_requests_is_what_the_last_commit_said(store: Store) -> None:
    store.sessions.create(a_session(seen={"r0": 7}))
    assert store.sessions.commit("s", version=0, commit=a_commit(state=b"1"))
    assert store.sessions.load("s").seen == {"r0": 7}  # type: ignore[union-attr]
    many = {f"r{number:016}": 1768473000 + number for number in range(checks.SEEN_ENTRIES)}
    assert store.sessions.commit("s", version=1, commit=a_commit(seen=many))
    held = store.sessions.load("s").seen  # type: ignore[union-attr]
    assert (held, list(held)) == (many, list(many))
    with pytest.raises(TooLarge):
        store.sessions.commit("s", version=2, commit=a_commit(seen={**many, "one": 1}))
    with pytest.raises(BadRecord):
        store.sessions.commit("s", version=2, commit=a_commit(seen={"r": -1}))


def test_a_lost_race_is_lost_whatever_the_request_of_the_winner(store: Store) -> None:
    """Two processes save the same request: it took effect once, by one of them, and only that one may publish."""
    store.sessions.create(a_session())
    assert store.sessions.commit("s", version=0, commit=a_commit(state=b"1", seen={"r": 1}, outbox=(an_entry("a"),)))
    assert not store.sessions.commit(
        "s", version=0, commit=a_commit(state=b"2", seen={"r": 1}, outbox=(an_entry("b"),))
    )
    found = store.sessions.load("s")
    assert found is not None
    assert (found.state, [entry.id for entry in found.outbox]) == (b"1", ["a"])


def test_applied_is_kept_until_forgotten(store: Store) -> None:
    store.sessions.create(a_session())
    assert store.sessions.commit("s", version=0, commit=a_commit(applied={"t1": b"one", "t.2": None}))
    assert store.sessions.commit("s", version=1, commit=a_commit(applied={"t3": b"3" * 500_000}))
    store.sessions.forget_applied("s", "t1")
    store.sessions.forget_applied("s", "t1")
    store.sessions.forget_applied("gone", "t1")
    loaded = store.sessions.load("s")
    assert loaded is not None
    assert (loaded.applied, loaded.version) == ({"t.2": None, "t3": b"3" * 500_000}, 2)


def test_scheduled_pages_through_the_sessions_of_an_interview(store: Store) -> None:
    for number in range(5):
        store.sessions.create(a_session(f"s{number}", interview="a:one.yml", scheduled=True))
    store.sessions.create(a_session("no cron", interview="a:one.yml"))
    store.sessions.create(a_session("other", interview="b:two.yml", scheduled=True))
    assert store.sessions.interviews(scheduled=True) == ["a:one.yml", "b:two.yml"]
    assert store.sessions.interviews(scheduled=True, limit=1) == ["a:one.yml"]
    assert store.sessions.interviews(scheduled=True, after="a:one.yml") == ["b:two.yml"]
    assert store.sessions.scheduled("a:one.yml", limit=3) == ["s0", "s1", "s2"]
    assert store.sessions.scheduled("a:one.yml", after="s2", limit=3) == ["s3", "s4"]
    assert store.sessions.scheduled("a:one.yml", after="s4") == []
    assert store.sessions.commit("s2", version=0, commit=a_commit(fields={"scheduled": False}))
    assert store.sessions.scheduled("a:one.yml") == ["s0", "s1", "s3", "s4"]
    assert store.sessions.scheduled("never") == []


def test_a_session_that_takes_part_in_scheduled_tasks_is_not_idle_with_the_others(store: Store) -> None:
    store.sessions.create(a_session("alone", interview="a:one.yml", scheduled=True))
    store.sessions.create(a_session("idle", interview="a:one.yml"))
    assert store.sessions.idle("a:one.yml", scheduled=False, before=at(9)).lines == ("idle",)
    assert store.sessions.idle("a:one.yml", scheduled=True, before=at(9)).lines == ("alone",)
    assert store.sessions.idle("b:two.yml", scheduled=True, before=at(9)).lines == ()


def test_a_visit_is_noted_without_a_change_of_the_session(store: Store) -> None:
    store.sessions.create(a_session())
    store.sessions.visit("s", Visit(who="-1", at=at(5), privileges=("user",)))
    store.sessions.visit("s", Visit(who="a.b@c", at=at(3), privileges=("developer", "user")))
    store.sessions.visit("s", Visit(who="-1", at=at(4)))
    store.sessions.visit("gone", Visit(who="-1", at=at(4)))
    assert store.sessions.visits("s") == (
        Visit(who="-1", at=at(5), privileges=("user",)),
        Visit(who="a.b@c", at=at(3), privileges=("developer", "user")),
    )
    found = store.sessions.load("s")
    assert found is not None
    assert (found.version, found.modified, found.accessed) == (0, at(0), at(5))
    assert store.sessions.visits("gone") == ()
    assert store.sessions.commit("s", version=0, commit=a_commit(visit=Visit(who="-1", at=at(9))))
    assert store.sessions.visits("s")[0].at == at(9)
    assert store.sessions.unvisited("demos:welcome.yml", before=at(9)).lines == ()
    assert store.sessions.unvisited("demos:welcome.yml", before=at(10)).lines == ("s",)
    store.sessions.delete("s")
    assert store.sessions.visits("s") == ()


def test_idle_pages_through_sessions_by_their_last_change(store: Store) -> None:
    for number in range(4):
        store.sessions.create(a_session(f"s{number}", modified=at(number)))
    assert store.sessions.idle("demos:welcome.yml", scheduled=False, before=at(3)).lines == ("s0", "s1", "s2")
    first = store.sessions.idle("demos:welcome.yml", scheduled=False, before=at(3), limit=1)
    assert first.lines == ("s0",)
    assert store.sessions.idle(
        "demos:welcome.yml", scheduled=False, before=at(3), after=first.after or "", limit=1
    ).lines == ("s1",)
    assert store.sessions.commit("s1", version=0, commit=a_commit(now=at(50)))
    assert store.sessions.idle("demos:welcome.yml", scheduled=False, before=at(3)).lines == ("s0", "s2")


def test_idle_looks_exactly_within_a_quarter_of_an_hour_whose_order_it_does_not_tell(store: Store) -> None:
    # `at(1)` lies in the first second of one.
    for name, seconds in (("a", 30), ("b", 20), ("c", 10), ("d", -900), ("e", 910)):
        store.sessions.create(a_session(name, modified=at(seconds), accessed=at(seconds)))
    for ask in (
        lambda before: store.sessions.idle("demos:welcome.yml", scheduled=False, before=at(before)).lines,
        lambda before: store.sessions.unvisited("demos:welcome.yml", before=at(before)).lines,
        lambda before: store.sessions.every(before=at(before)).lines,
    ):
        assert ask(-900) == ()
        assert ask(11) == ("d", "c")
        assert ask(30) == ("d", "b", "c")
        assert ask(31) == ("d", "a", "b", "c")
        assert ask(911) == ("d", "a", "b", "c", "e")
    assert store.sessions.commit("d", version=0, commit=a_commit(now=at(5), visit=Visit(who="-1", at=at(6))))
    assert store.sessions.every(before=at(6)).lines == ("d",)
    assert store.sessions.unvisited("demos:welcome.yml", before=at(7)).lines == ("d",)
    store.sessions.visit("d", Visit(who="-1", at=at(950)))
    assert store.sessions.unvisited("demos:welcome.yml", before=at(911)).lines == ("a", "b", "c", "e")
    assert store.sessions.unvisited("demos:welcome.yml", before=at(951)).lines == ("a", "b", "c", "d", "e")


def test_idle_pages_through_sessions_changed_in_the_same_moment(store: Store) -> None:
    for number in range(5):
        store.sessions.create(a_session(f"s{number}", modified=at(number // 3)))
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        page = store.sessions.idle("demos:welcome.yml", scheduled=False, before=at(9), after=after, limit=2)
        found += page.lines
        after = page.after
        store.sessions.delete(page.lines[-1])  # what is done with one may take it out of the list
    assert found == ["s0", "s1", "s2", "s3", "s4"]


def test_whether_a_session_exists(store: Store) -> None:
    store.sessions.create(a_session())
    assert store.sessions.exists("s")
    assert store.sessions.used("s") == (a_session().modified, a_session().accessed)
    assert store.sessions.used("other") is None
    assert not store.sessions.exists("other")
    assert not store.sessions.exists("")
    store.sessions.delete("s")
    assert not store.sessions.exists("s")


def test_when_a_session_was_used(store: Store) -> None:
    store.sessions.create(a_session(modified=at(1), accessed=at(2)))
    assert store.sessions.used("s") == (at(1), at(2))
    store.sessions.visit("s", Visit(who="me", at=at(7)))
    assert store.sessions.used("s") == (at(1), at(7))
    assert store.sessions.used("other") is None
    store.sessions.delete("s")
    assert store.sessions.used("s") is None


def test_owned_lists_the_sessions_of_one_owner_newest_first(store: Store) -> None:
    for number in range(3):
        store.sessions.create(a_session(f"s{number}", owner="me", title=f"T{number}", modified=at(number)))
    store.sessions.create(a_session("other", owner="you"))
    store.sessions.create(a_session("nobody"))
    assert [(one.id, one.title) for one in store.sessions.owned("me")] == [("s2", "T2"), ("s1", "T1"), ("s0", "T0")]
    assert [one.id for one in store.sessions.owned("me", limit=1)] == ["s2"]
    assert store.sessions.owned("nobody known") == []


def test_sessions_of_a_browser_are_found_the_one_changed_last_first(store: Store) -> None:
    for number, browsers in enumerate([("b1",), ("b1", "b2"), ("b2",), ()]):
        made = a_session(f"s{number}", modified=at(number), browsers=browsers, interview=f"a:{number % 2}.yml")
        store.sessions.create(made)
    assert [one.id for one in store.sessions.of_browsers(["b1"])] == ["s1", "s0"]
    assert [one.id for one in store.sessions.of_browsers(["b1", "b2"])] == ["s2", "s1", "s0"]
    assert [one.id for one in store.sessions.of_browsers(["b1", "b2"], limit=1)] == ["s2"]
    assert store.sessions.of_browsers(["b2"], interview="a:1.yml") == [SessionName(id="s1", interview="a:1.yml")]
    assert store.sessions.of_browsers(["b3", "", "x" * 300]) == store.sessions.of_browsers([]) == []
    assert store.sessions.commit("s0", version=0, commit=a_commit(now=at(9), fields={"browsers": ("b1", "b3")}))
    assert [one.id for one in store.sessions.of_browsers(["b1"])] == ["s0", "s1"]
    assert [one.id for one in store.sessions.of_browsers(["b3"])] == ["s0"]
    assert store.sessions.delete("s0")
    assert store.sessions.of_browsers(["b3"]) == []


def test_slots_come_back_and_are_replaced_whole(store: Store) -> None:
    store.sessions.create(a_session("s1", slots={"b:one": b""}))
    assert store.sessions.commit("s1", version=0, commit=a_commit(fields={"slots": {"b:two": b"\x00key"}}))
    found = store.sessions.load("s1")
    assert found is not None
    assert found.slots == {"b:two": b"\x00key"}


@pytest.mark.parametrize("size", [2 * checks.MIB, 2 * checks.MIB + 1, 49 * checks.MIB])
def test_a_large_state_comes_back_whole_and_is_replaced(store: Store, size: int) -> None:
    state = bytes(range(256)) * (size // 256) + b"end"
    store.sessions.create(a_session(state=state))
    assert store.sessions.load("s").state == state  # type: ignore[union-attr]
    larger = state[::-1]
    assert store.sessions.commit("s", version=0, commit=a_commit(state=larger))
    assert store.sessions.load("s").state == larger  # type: ignore[union-attr]
    assert store.sessions.commit("s", version=1, commit=a_commit(fields={"title": "state untouched"}))
    assert store.sessions.load("s").state == larger  # type: ignore[union-attr]
    assert store.sessions.commit("s", version=2, commit=a_commit(state=b"small again"))
    assert store.sessions.load("s").state == b"small again"  # type: ignore[union-attr]
