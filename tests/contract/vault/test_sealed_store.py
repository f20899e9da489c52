"""Planted answers are found nowhere in the database, and nothing opens elsewhere than where it was sealed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import bson
import pytest
from pymongo import MongoClient

from services.erasing import erase
from shared.contract.tasks import TaskStatus
from shared.store.open import open_store
from shared.store.ports import Store
from shared.store.readers import for_everybody
from shared.store.records import OutgoingMail, RunRecord, StoredItem, Task
from shared.vault.keys import InstallationKeys, MemoryKeys
from shared.vault.plain import PlainVault
from shared.vault.ports import CannotUnseal, KeyAway, Kind, Place, Vault
from shared.vault.sealed import SealedVault
from shared.vault.sealing import Key
from shared.vault.store import VaultedStore
from tests.contract.store.make import a_commit, a_mail, a_session, a_step, a_task, an_address, an_entry, at

#: Where an answer may get to: one mark for each.
MARKS = frozenset(
    """
    state0 state1 delta tokens title tag extra0 extra1 applied0 applied1 outbox0 outbox1 arguments user
    browser response result trace filename filetype content piece addresskey addressuser mail sender
    parts outgoing refused runline runmessage stored storedkey storedname
    """.split()  # noqa: SIM905 (thirty words read better than thirty strings)
)

INSTALLATION = tuple(SealedVault(InstallationKeys(Key(bytes([number]) * 32))) for number in (1, 2))


def mark(name: str) -> str:
    assert name in MARKS
    return f"PLANTED-{name}-ANSWER"


def walk(store: Store) -> int:
    """Everything that is kept, with its mark in it; the number of the file."""
    store.sessions.create(
        a_session(
            state=mark("state0").encode(),
            secret=mark("tokens").encode(),
            title=mark("title"),
            tags=("a", mark("tag")),
            extra={"deep": [mark("extra0")]},
            applied={"t0": mark("applied0").encode()},
            outbox=(an_entry("o0", text=mark("outbox0")),),
        )
    )
    commit = a_commit(
        state=mark("state1").encode(),
        push=a_step(1, None, delta=mark("delta").encode()),
        outbox=(an_entry("o1", text=mark("outbox1")),),
        applied={"t1": mark("applied1").encode()},
        fields={"extra": {"x": mark("extra1")}},
    )
    assert store.sessions.commit("s", version=0, commit=commit)
    store.tasks.add(
        a_task(
            ui="null", arguments=mark("arguments").encode(), user={"n": mark("user")}, browser={"ip": mark("browser")}
        )
    )
    assert store.tasks.claim("t", lease="l", now=at(1), length=at(60) - at(0))
    assert store.tasks.responding("t", lease="l", response={"arguments": mark("response").encode()})
    result = {"ok": False, "error_type": "ValueError", "value": mark("result").encode(), "error_trace": mark("trace")}
    assert store.tasks.finish("t", lease="l", status="failed", result=result, now=at(2))
    out: dict[str, Any] = {"id": "o", "session": "s", "created": at(0), "due": at(0)}
    store.outgoing.add(OutgoingMail(**out, body={"to": [mark("outgoing")], "subject": mark("outgoing")}))
    assert store.outgoing.claim("o", lease="l", now=at(1), length=at(60) - at(0))
    store.outgoing.later("o", lease="l", due=at(9), last={"code": 450, "refused": [mark("refused")]})
    info = store.files.put(
        session="s",
        filename=mark("filename"),
        mimetype=mark("filetype"),
        content=[mark("content").encode() * 9000],
        now=at(0),
    )
    store.uploads.append("s", "u", offset=0, piece=mark("piece").encode(), now=at(0))
    store.mails.open(an_address(key=mark("addresskey"), user={"id": mark("addressuser")}))
    store.mails.keep(a_mail(raw=mark("mail").encode(), sender=mark("sender")))
    store.mails.dissected("m", session="s", parts=mark("parts").encode())
    failure = {"type": "ValueError", "line": 3, "message": mark("runmessage")}
    store.runs.append(
        RunRecord(
            id="r", kind="worker", at=at(0), session="s", interview="a:b.yml", what="task", ok=False,
            lines=(mark("runline"),), failure=failure,
        )
    )  # fmt: skip
    mine = StoredItem(scope="session/s", key=mark("storedkey"), body={"value": mark("stored").encode()}, session="s")
    assert store.storage.put(mine)
    assert store.storage.put(replace(mine, scope=f"named/{mark('storedname')}", session=None))
    return info.number


@pytest.fixture
def inner(store_uri: str) -> Iterator[Store]:
    opened = open_store(store_uri)
    yield opened
    opened.close()


def shielded(inner: Store, vault: Vault) -> Store:
    """As services have it: what is no session's is sealed by the installation."""
    return VaultedStore(inner, vault, shared=() if isinstance(vault, PlainVault) else INSTALLATION)


def in_the_clear(folder: Path) -> set[str]:
    content = b"".join(path.read_bytes() for path in folder.iterdir())
    return {name for name in MARKS if mark(name).encode() in content}


@pytest.mark.parametrize(("vault", "seen"), [(PlainVault(), MARKS), (SealedVault(MemoryKeys()), set())])
def test_what_stands_in_the_file_of_the_database(tmp_path: Path, vault: Vault, seen: set[str]) -> None:
    inner = open_store(f"sqlite:///{tmp_path}/parley.sqlite")
    store = shielded(inner, vault)
    number = walk(store)
    assert in_the_clear(tmp_path) == seen  # with its log, in which the first state still stands
    # And all of it is there for who has the key.
    found, task = store.sessions.load("s"), store.tasks.get("t")
    assert found is not None
    assert task is not None
    assert (found.state, found.title, found.extra) == (mark("state1").encode(), mark("title"), {"x": mark("extra1")})
    assert task.result["error_trace"] == mark("trace")
    [run] = store.runs.page("worker").lines
    assert (run.lines, run.failure["message"], run.failure["line"]) == ((mark("runline"),), mark("runmessage"), 3)
    sent = store.outgoing.get("o")
    assert sent is not None
    assert (sent.body["to"], sent.last["refused"]) == ([mark("outgoing")], [mark("refused")])
    assert b"".join(store.files.read(number)) == mark("content").encode() * 9000
    store.close()


@pytest.mark.mongodb
def test_what_stands_in_mongodb() -> None:
    address = urlsplit(os.environ["MONGO_URI"])
    store_uri = address._replace(path=f"/test_{secrets.token_hex(6)}").geturl()
    for vault, seen in ((SealedVault(MemoryKeys()), set()), (PlainVault(), MARKS - {"state0", "extra0"})):
        inner = open_store(store_uri)
        walk(shielded(inner, vault))
        inner.close()
        with MongoClient(store_uri) as client:
            database = client.get_default_database()
            names = database.list_collection_names()
            content = b"".join(bson.encode(one) for name in names for one in database[name].find())
            assert {name for name in MARKS if mark(name).encode() in content} == seen
            client.drop_database(database.name)


def test_what_everybody_may_read_needs_no_sessions_key_and_is_not_kept_in_the_clear(inner: Store) -> None:
    keys = MemoryKeys()
    given = {"filename": "PLANTED.txt", "mimetype": "text/planted", "content": [b"PLANTED" * 30_000], "now": at(0)}
    number = shielded(inner, SealedVault(keys)).files.put(session=for_everybody("s"), **given).number
    kept = inner.files.info(number)
    assert kept is not None
    assert "PLANTED" not in kept.filename
    assert b"PLANTED" not in b"".join(inner.files.read(number))
    for shared in (INSTALLATION, INSTALLATION[::-1]):  # and its keys may be changed
        store = VaultedStore(inner, SealedVault(MemoryKeys()), shared=shared)
        found = store.files.info(number)
        assert found is not None
        assert (found.filename, found.mimetype, found.size) == ("PLANTED.txt", "text/planted", 210_000)
        assert b"".join(store.files.read(number, offset=200_000)) == (b"PLANTED" * 30_000)[200_000:]
        assert [one.number for one in store.files.of_session(for_everybody("s"))] == [number]


def test_whose_a_claimed_task_is_is_not_asked_again(inner: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store = VaultedStore(inner, SealedVault(MemoryKeys()))
    store.sessions.create(a_session())
    store.tasks.add(a_task(status=TaskStatus.QUEUED))
    assert store.tasks.claim("t", lease="l", now=at(1), length=timedelta(seconds=10)) is not None
    asked: list[str] = []
    get = inner.tasks.get

    def counted(task_id: str) -> Task | None:
        asked.append(task_id)
        return get(task_id)

    monkeypatch.setattr(inner.tasks, "get", counted)
    assert store.tasks.progress("t", lease="l", progress={"text": "half"})
    assert store.tasks.finish("t", lease="l", status=TaskStatus.DONE, result={"ok": True}, now=at(2))
    assert not asked
    ended = store.tasks.get("t")
    assert ended is not None
    assert (ended.status, dict(ended.progress), dict(ended.result)) == (TaskStatus.DONE, {"text": "half"}, {"ok": True})


def test_what_becomes_of_a_task_whose_session_was_deleted_meanwhile_is_kept_nowhere(inner: Store) -> None:
    store = VaultedStore(inner, SealedVault(MemoryKeys()))
    store.sessions.create(a_session())
    store.tasks.add(a_task(status=TaskStatus.QUEUED))
    assert store.tasks.claim("t", lease="l", now=at(1), length=timedelta(seconds=10)) is not None
    erase(store, "s")
    assert not store.tasks.progress("t", lease="l", progress={"text": "half"})
    assert not store.tasks.responding("t", lease="l", response={"action": None})
    assert not store.tasks.finish("t", lease="l", status=TaskStatus.DONE, result={"ok": True}, now=at(2))
    assert store.tasks.get("t") is None


def test_a_failed_tasks_kind_is_clear_for_operators(inner: Store) -> None:
    walk(VaultedStore(inner, SealedVault(MemoryKeys())))
    kept = inner.tasks.get("t")
    assert kept is not None
    assert {name: value for name, value in kept.result.items() if name != "sealed"} == {
        "ok": False,
        "error_type": "ValueError",
    }


def test_that_a_run_failed_and_where_is_told_without_the_key(inner: Store) -> None:
    keys = MemoryKeys()
    store = VaultedStore(inner, SealedVault(keys))
    walk(store)
    keys.forget("s")
    [run] = store.runs.page("worker").lines
    assert (run.ok, run.lines, dict(run.failure)) == (False, (), {"type": "ValueError", "line": 3})


READS: dict[str, Callable[[Store, int], Any]] = {
    "session": lambda store, number: store.sessions.load("s"),
    "newer": lambda store, number: store.sessions.load_newer("s", version=0),
    "step": lambda store, number: store.sessions.step("s", 1),
    "task": lambda store, number: store.tasks.get("t"),
    "tasks": lambda store, number: store.tasks.of_session("s"),
    "undelivered": lambda store, number: store.tasks.undelivered("s"),
    "file": lambda store, number: store.files.info(number),
    "files": lambda store, number: store.files.of_session("s"),
    "content": lambda store, number: list(store.files.read(number)),
    "pieces": lambda store, number: list(store.uploads.pieces("s", "u")),
    "address": lambda store, number: store.mails.find("abc"),
    "addresses": lambda store, number: store.mails.addresses("s"),
    "mail": lambda store, number: store.mails.get("m"),
    "heads": lambda store, number: store.mails.heads("s"),
    "mails": lambda store, number: store.mails.of_session("s"),
    "parts": lambda store, number: store.mails.parts("m", session="s"),
    "outgoing": lambda store, number: store.outgoing.get("o"),
}


CONTENTS = "arguments user browser response result filename mimetype key raw sender body".split()  # noqa: SIM905
#: Of these it is told without the key whose they are, and nothing else: whoever asks must know before there can be a key.
TOLD = ("task", "file", "address", "mail", "outgoing")


@pytest.mark.parametrize("name", READS)
def test_without_the_key_or_with_another_nothing_opens(inner: Store, name: str) -> None:
    read = READS[name]
    number = walk(VaultedStore(inner, SealedVault(MemoryKeys())))
    keyless = VaultedStore(inner, SealedVault(MemoryKeys()))
    if name in TOLD:
        told = read(keyless, number)
        assert told.session == "s"
        assert not any(getattr(told, field, None) for field in CONTENTS)
    else:
        with pytest.raises(KeyAway):
            read(keyless, number)
    others = MemoryKeys()
    others.to_write("s")
    with pytest.raises(CannotUnseal):
        read(VaultedStore(inner, SealedVault(others)), number)


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_what_was_never_sealed_is_refused(inner: Store, read: Callable[[Store, int], Any]) -> None:
    number = walk(inner)
    keys = MemoryKeys()
    keys.to_write("s")
    with pytest.raises(CannotUnseal) as caught:
        read(VaultedStore(inner, SealedVault(keys)), number)
    assert "PLANTED" not in str(caught.value)


def test_a_sweep_needs_no_key(inner: Store) -> None:
    VaultedStore(inner, SealedVault(MemoryKeys())).tasks.add(a_task(arguments=b"secret"))
    (task,) = VaultedStore(inner, SealedVault(MemoryKeys())).tasks.due(now=at(9), queued_before=at(9), limit=9)
    assert task.id == "t"


def test_a_deleted_sessions_key_is_destroyed(inner: Store) -> None:
    keys = MemoryKeys()
    store = VaultedStore(inner, SealedVault(keys))
    walk(store)
    assert store.sessions.delete("s")
    with pytest.raises(KeyAway):
        keys.to_read("s")


def test_a_lost_race_and_a_second_creation_leave_the_key_as_it_is(inner: Store) -> None:
    store = VaultedStore(inner, SealedVault(MemoryKeys()))
    walk(store)
    assert store.sessions.commit("s", version=0, commit=a_commit(state=b"late")) is False
    with pytest.raises(Exception, match="exists"):
        store.sessions.create(a_session())
    found = store.sessions.load("s")
    assert found is not None
    assert found.state == mark("state1").encode()


def test_each_part_of_the_place_counts() -> None:
    vault = SealedVault(MemoryKeys())
    place = Place("s", Kind.STATE, "1")
    sealed = vault.seal(b"x", place)
    assert vault.open(sealed, place) == b"x"
    for other in (replace(place, kind=Kind.DELTA), replace(place, record="2")):
        with pytest.raises(CannotUnseal):
            vault.open(sealed, other)
    with pytest.raises(KeyAway):
        vault.open(sealed, replace(place, session="t"))
    for wrong in ("", "!", "abc", "ÿ", vault.seal_text("x", place)[:-4]):
        with pytest.raises(CannotUnseal):
            vault.open_text(wrong, place)
    for value in (None, {}, {"sealed": "x"}, {"sealed": b""}, b"x"):
        with pytest.raises(CannotUnseal):
            vault.open_value(value, place)


# -- what is no session's, while keys of the installation change


def kept_by(inner: Store, *keys: int) -> Store:
    shared = [SealedVault(InstallationKeys(Key(bytes([number]) * 32))) for number in keys]
    return VaultedStore(inner, SealedVault(MemoryKeys()), shared=shared)


def resealed(store: Store) -> list[bool]:
    return [store.storage.reseal(*one) for one in store.storage.every().lines]


def test_what_sessions_share_is_found_while_keys_change_and_after(inner: Store) -> None:
    item = StoredItem(scope="user/1", key="k", body={"value": b"x"})
    assert kept_by(inner, 1).storage.put(item)
    both = kept_by(inner, 2, 1)
    assert both.storage.get("user/1", "k") == replace(item, version=1)
    assert kept_by(inner, 1, 2).storage.put(replace(item, version=1, applied=("a",))), "one that was not restarted yet"
    assert resealed(kept_by(inner, 1)) == [False, False]
    assert resealed(both) == [True, True]  # it, and the key of names
    assert resealed(both) == [False, False]
    new = kept_by(inner, 2)
    found = new.storage.get("user/1", "k")
    assert found is not None
    assert (found.body, found.applied) == ({"value": b"x"}, ("a",))
    assert new.storage.keys("user/1") == ["k"]
    with pytest.raises(CannotUnseal):
        kept_by(inner, 1).storage.get("user/1", "k")


def test_who_keeps_the_first_thing_at_once_finds_what_the_other_kept(inner: Store) -> None:
    slow, fast = kept_by(inner, 1), kept_by(inner, 1)
    real, asked = inner.storage.get, []

    def get(scope: str, key: str, **more: Any) -> Any:
        found = real(scope, key, **more)
        if not asked:
            asked.append(key)
            fast.storage.put(StoredItem(scope="global", key="a", body={"value": b"fast"}))
        return found

    inner.storage.get = get  # type: ignore[method-assign]
    assert slow.storage.put(StoredItem(scope="global", key="b", body={"value": b"slow"}))
    for store in (slow, fast):
        assert sorted(store.storage.keys("global")) == ["a", "b"]


def test_a_name_opens_where_it_was_sealed_and_nowhere_else() -> None:
    vault = SealedVault(MemoryKeys())
    place = Place("s", Kind.STORED_NAME, "user/1")
    for name in ("", "k", "ä" * 300):
        assert vault.seal_name(name, place) == vault.seal_name(name, place)
        assert vault.open_name(vault.seal_name(name, place), place) == name
    with pytest.raises(CannotUnseal):
        vault.open_name(vault.seal_name("k", place), replace(place, record="user/2"))
    for wrong in ("", "!", "ÿ", "abc", vault.seal_name("k", place)[:-2]):
        with pytest.raises(CannotUnseal):
            vault.open_name(wrong, place)
