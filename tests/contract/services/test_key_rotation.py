"""The installation's key is changed while answers come in: no session is lost, and in the end the old key opens nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.cli.keys import keys as keys_command
from services.clock.idle import Idle, Retention
from services.clock.sweeps import REWRAPPING, Sweeper
from services.installation import Secrets, new_root
from shared.bus.messages import QueueState
from shared.contract.errors import Busy
from shared.store.records import StoredItem
from shared.vault.ports import KeyAway
from tests.contract.services.office import OTHER, Office

ROOT = new_root()
OLD, NEW = "0", ROOT.partition(":")[0]


def sweeper(office: Office, *ids: str) -> Sweeper:
    bus: Any = office.bus
    bus.queues = lambda: dict.fromkeys(("task", "send", "mail", "tick"), QueueState(ready=0, delayed=0, dead=0))
    kept = Retention(days=0, by_interview={}, people=False)
    idle = Idle(office.inner.sessions, bus, kept, clock=office.clock, offers=lambda interview: False)
    return Sweeper(store=office.inner, bus=bus, clock=office.clock, interval=timedelta(seconds=5), idle=idle, keys=ids)


def swept(office: Office, *ids: str) -> int:
    """Sweeps until nothing is left; how many that took."""
    sweep = sweeper(office, *ids)
    for count in range(1, 20):
        office.now += timedelta(seconds=5)
        sweep.keys()
        if office.inner.schedule.notes(REWRAPPING)[REWRAPPING]["done"] is not None:
            return count
    raise AssertionError("it never ends")


def names(office: Office, session: str) -> set[str]:
    found = office.inner.sessions.load(session)
    assert found is not None
    return {name[:2] if name.startswith("b:") else name for name in found.slots}


@contextmanager
def answering(office: Office, sessions: Sequence[str]) -> Iterator[None]:
    """Somebody answers in each of the sessions for as long as this lasts, at least once, and nothing goes wrong with it."""
    stop = threading.Event()
    wrong: list[BaseException] = []
    counts = dict.fromkeys(sessions, 0)

    def answer(session: str) -> None:
        try:
            while not stop.is_set():
                counts[session] += 1
                office.act(session, OTHER, answer=str(counts[session]))
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=answer, args=(session,)) for session in sessions]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert all(counts.values())


def test_a_key_is_changed_under_load(office: Office) -> None:
    mine = [office.open() for _ in range(3)]
    office.multi_user = True
    everybodys = [office.open() for _ in range(3)]
    programs = office.open(None)
    shared = StoredItem(scope="records/guests", key="00001", body={"value": b"shared"})
    assert office.store.storage.put(shared)
    assert names(office, everybodys[0]) == {"b:", f"s:{OLD}"}
    before = {name: office.inner.sessions.load(name) for name in (*mine, programs)}

    office.stop()
    office.settings = replace(office.settings, keys=ROOT)
    office.start()
    with answering(office, everybodys):
        assert swept(office, NEW, OLD) >= 2  # one that finds some, one that finds none
    for session in everybodys:
        assert names(office, session) == {"b:", f"s:{NEW}"}
    assert names(office, programs) == {f"s:{NEW}"}
    after = {name: office.inner.sessions.load(name) for name in (*mine, programs)}
    for name, was in before.items():
        now = after[name]
        assert was is not None
        assert now is not None
        assert now.modified == was.modified  # nobody used it
        assert now == was or name == programs  # and of those that only their browsers open nothing changed

    # The old key goes.
    office.stop()
    office.settings = replace(office.settings, secret="", keys=ROOT)
    office.start()
    for session in everybodys:
        assert office.act(session, OTHER, answer="last")["session"] == session
        assert office.state(session)["answer"] == "last"
    for session in mine:
        office.act(session, answer="mine")
        assert office.state(session)["answer"] == "mine"
    office.act(programs, None, answer="theirs")
    kept = office.store.storage.get("records/guests", "00001")
    assert kept is not None
    assert kept.body == shared.body


def test_the_old_key_opens_nothing_any_more(office: Office) -> None:
    office.multi_user = True
    session = office.open()
    old = office.settings
    office.stop()
    office.settings = replace(old, keys=ROOT)
    office.start()
    swept(office, NEW, OLD)
    office.stop()
    office.settings = old
    office.start()
    with office.store.vault.work(), pytest.raises(KeyAway):
        office.store.sessions.load(session)


def test_with_one_key_there_is_nothing_to_do(office: Office) -> None:
    office.open()
    sweeper(office, OLD).keys()
    assert office.inner.schedule.notes(REWRAPPING) == {}


def test_a_session_whose_call_fails_is_looked_at_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.multi_user = True
    office.open()
    office.stop()
    office.settings = replace(office.settings, keys=ROOT)
    office.start()
    sweep = sweeper(office, NEW, OLD)
    calls: list[str] = []
    real = office.bus.call

    def fails_once(service: str, method: str, /, **arguments: Any) -> Any:
        calls.append(method)
        if len(calls) == 1:
            raise Busy("not now")
        return real(service, method, **arguments)

    monkeypatch.setattr(office.bus, "call", fails_once)
    for _ in range(3):
        office.now += timedelta(seconds=5)
        sweep.keys()
    assert office.inner.schedule.notes(REWRAPPING)[REWRAPPING]["done"] is not None
    assert calls.count("rewrap") == 3


def test_the_command_says_which_keys_can_go(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AMQP_URI", "MONGO_URI", "PARLEY_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PARLEY_VAR", str(office.folder))
    monkeypatch.setenv("PARLEY_SECRET", office.settings.secret.replace("k", "kx7a3b9d"))
    assert keys_command("list", None) == 0
    assert capsys.readouterr().out.splitlines() == ["0  wraps and opens"]
    monkeypatch.setenv("PARLEY_KEYS", ROOT)
    assert keys_command("list", None) == 0
    assert "an older key still" in capsys.readouterr().out
    swept(office, NEW, OLD)
    assert keys_command("list", None) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[:2] == [f"{NEW}  wraps and opens", "0  opens"]
    assert "Nothing that is kept needs an older key since 2026-01-15 10:30" in said
    assert ROOT.partition(":")[2] not in said


def test_the_command_makes_and_derives_keys(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PARLEY_SECRET", "0123456789abcdefghijklmnopqrstuvwxyz")
    monkeypatch.setenv("PARLEY_VAR", str(tmp_path))
    assert keys_command("new", None) == 0
    assert Secrets("", capsys.readouterr().out.strip()).has("slots")
    assert keys_command("derive", "worker") == 0
    Secrets(capsys.readouterr().out.strip()).check(["worker"])
    for what, service in (("derive", None), ("new", "worker"), ("list", "clock")):
        assert keys_command(what, service) == 2
        assert "derive takes the name" in capsys.readouterr().err
