"""What is deleted with a session, and what stays."""

from __future__ import annotations

from shared.store.ports import Store
from tests.contract.store.make import a_commit, a_mail, a_session, a_step, a_task, an_address, an_entry, at


def test_delete_removes_everything_of_the_session_and_nothing_else(store: Store) -> None:
    for name in ("s", "kept"):
        store.sessions.create(a_session(name, state=b"x" * 5_000_000, scheduled=True))
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
    assert store.sessions.scheduled("demos:welcome.yml") == ["kept"]
    assert store.sessions.unpublished(older_than=at(99), limit=9) == ["kept"]
    assert store.sessions.idle("demos:welcome.yml", scheduled=True, before=at(99)).lines == ("kept",)
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


def test_delete_leaves_the_files_that_are_to_stay_until_it_is_called_without(store: Store) -> None:
    store.sessions.create(a_session())
    put = [store.files.put(session="s", filename="f", mimetype="m", content=[b"f"], now=at(0)).number for _ in range(3)]
    assert store.sessions.delete("s", keep=put[1:]) is True
    assert not store.sessions.exists("s")
    assert [store.files.info(number) is not None for number in put] == [False, True, True]
    assert store.sessions.delete("s", keep=put[2:]) is True
    assert store.sessions.delete("s") is True
    assert [store.files.info(number) for number in put] == [None] * 3
    assert store.sessions.delete("s") is False


def test_delete_clears_up_after_one_that_a_crash_cut_short(store: Store) -> None:
    store.tasks.add(a_task("t", session="half gone"))
    assert store.sessions.delete("half gone") is True
    assert store.tasks.get("t") is None


def test_a_deleted_id_can_be_used_again(store: Store) -> None:
    store.sessions.create(a_session(state=b"old" * 1_000_000))
    store.sessions.delete("s")
    store.sessions.create(a_session())
    assert store.sessions.load("s") == a_session()
