"""Sessions: create, load, compare-and-set, outbox, seen, applied, queries, deletion."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest

from shared.store import checks
from shared.store.ports import UNCHANGED, BadRecord, DuplicateId, Store, TooLarge
from shared.store.records import Session
from tests.contract.store.make import a_commit, a_mail, a_session, a_step, a_task, an_address, an_entry, at


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
        seen={"r1": {"version": 1}, "r2": None},
        applied={"t1": b"value"},
        extra={"clients": {"a.b": 1}, "$x": []},
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
        request_id="r",
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


def test_seen_keeps_the_newest_64_requests(store: Store) -> None:
    store.sessions.create(a_session())
    for number in range(70):
        commit = a_commit(request_id=f"r{number}", result={"n": number})
        assert store.sessions.commit("s", version=number, commit=commit)
    seen = store.sessions.load("s").seen  # type: ignore[union-attr]
    assert list(seen) == [f"r{number}" for number in range(6, 70)]
    assert seen["r69"] == {"n": 69}


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


def test_offering_pages_through_the_sessions_of_an_event(store: Store) -> None:
    for number in range(5):
        store.sessions.create(a_session(f"s{number}", multi_user=True, allow_cron=True, events=("cron_daily", "x")))
    store.sessions.create(a_session("no cron", multi_user=True, events=("cron_daily",)))
    store.sessions.create(a_session("one user", allow_cron=True, events=("cron_daily",)))
    store.sessions.create(a_session("other", multi_user=True, allow_cron=True, events=("cron_weekly",)))
    assert store.sessions.offering("cron_daily", limit=3) == ["s0", "s1", "s2"]
    assert store.sessions.offering("cron_daily", after="s2", limit=3) == ["s3", "s4"]
    assert store.sessions.offering("cron_daily", after="s4") == []
    assert store.sessions.commit("s1", version=0, commit=a_commit(fields={"events": ("x", "x")}))
    assert store.sessions.commit("s2", version=0, commit=a_commit(fields={"allow_cron": False}))
    assert store.sessions.offering("cron_daily") == ["s0", "s3", "s4"]
    assert store.sessions.offering("x") == ["s0", "s1", "s3", "s4"]
    assert store.sessions.offering("never") == []


def test_idle_pages_through_sessions_by_their_last_change(store: Store) -> None:
    for number in range(4):
        store.sessions.create(a_session(f"s{number}", modified=at(number)))
    assert store.sessions.idle(before=at(3)) == ["s0", "s1", "s2"]
    assert store.sessions.idle(before=at(3), after="s0", limit=1) == ["s1"]
    assert store.sessions.commit("s1", version=0, commit=a_commit(now=at(50)))
    assert store.sessions.idle(before=at(3)) == ["s0", "s2"]


def test_owned_lists_the_sessions_of_one_owner_newest_first(store: Store) -> None:
    for number in range(3):
        store.sessions.create(a_session(f"s{number}", owner="me", title=f"T{number}", modified=at(number)))
    store.sessions.create(a_session("other", owner="you"))
    store.sessions.create(a_session("nobody"))
    assert [(one.id, one.title) for one in store.sessions.owned("me")] == [("s2", "T2"), ("s1", "T1"), ("s0", "T0")]
    assert [one.id for one in store.sessions.owned("me", limit=1)] == ["s2"]
    assert store.sessions.owned("nobody known") == []


def test_delete_removes_everything_of_the_session_and_nothing_else(store: Store) -> None:
    for name in ("s", "kept"):
        store.sessions.create(a_session(name, state=b"x" * 5_000_000, multi_user=True, allow_cron=True, events=("e",)))
        push = a_step(1, None, delta=b"y" * 1_000_000)
        assert store.sessions.commit(
            name, version=0, commit=a_commit(push=push, outbox=(an_entry("o", big=b"z" * 9999),))
        )
        store.tasks.add(a_task(f"task of {name}", session=name, arguments=b"a" * 1_000_000))
        store.mails.open(an_address(f"address-{name}", session=name))
        store.mails.keep(a_mail(f"mail of {name}", session=name, raw=b"m" * 2_000_000))
    put = {
        name: store.files.put(session=name, filename="f", mimetype="m", content=[b"f"], now=at(0))
        for name in ("s", "kept")
    }

    assert store.sessions.delete("s") is True
    assert store.sessions.delete("s") is False
    assert store.sessions.load("s") is None
    assert store.sessions.step("s", 1) is None
    assert store.sessions.offering("e") == ["kept"]
    assert store.sessions.unpublished(older_than=at(99), limit=9) == ["kept"]
    assert store.sessions.idle(before=at(99)) == ["kept"]
    assert (store.tasks.get("task of s"), store.tasks.of_session("s")) == (None, [])
    assert (store.mails.find("address-s"), store.mails.get("mail of s"), store.mails.addresses("s")) == (None, None, [])
    assert store.files.info(put["s"].number) is None
    assert list(store.files.read(put["s"].number)) == []

    kept = store.sessions.load("kept")
    assert kept is not None
    assert (len(kept.state), kept.top, len(kept.outbox)) == (5_000_000, push, 1)
    assert len(store.tasks.get("task of kept").arguments) == 1_000_000  # type: ignore[union-attr]
    assert len(store.mails.get("mail of kept").raw) == 2_000_000  # type: ignore[union-attr]
    assert b"".join(store.files.read(put["kept"].number)) == b"f"


def test_delete_clears_up_after_one_that_a_crash_cut_short(store: Store) -> None:
    store.tasks.add(a_task("t", session="half gone"))
    assert store.sessions.delete("half gone") is True
    assert store.tasks.get("t") is None


def test_a_deleted_id_can_be_used_again(store: Store) -> None:
    store.sessions.create(a_session(state=b"old" * 1_000_000))
    store.sessions.delete("s")
    store.sessions.create(a_session())
    assert store.sessions.load("s") == a_session()


@pytest.mark.parametrize("size", [2 * checks.MIB, 2 * checks.MIB + 1, 17 * checks.MIB])
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
