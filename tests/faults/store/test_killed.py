"""Writers and servers are killed with SIGKILL in the middle of their work; what they acknowledged is there."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.store.open import open_store
from shared.store.ports import Store, StoreUnavailable
from tests.contract.store.make import a_commit, a_session, a_step, a_task, an_entry, at
from tests.contract.store.processes import ROOT, Worker

#: A command that takes PORT and FILE and serves MongoDB's protocol from that file until killed.
SERVER = Path(os.environ.get("MONGO_SERVER") or ROOT.parent / "shared/mongodb/start")


def check_whole(store: Store, acknowledged: int) -> None:
    """The session has everything up to the last acknowledged version, and at most the one write that was under way."""
    session = store.sessions.load("s")
    assert session is not None
    assert acknowledged <= session.version <= acknowledged + 1
    assert int(session.state) == session.version == session.step
    uid = session.top.uid if session.top else None
    for expected in range(session.version, 0, -1):
        assert uid == expected
        step = store.sessions.step("s", expected)
        assert step is not None
        assert step.delta == b"%d" % (expected - 1) * 500
        uid = step.previous
    assert uid is None
    newest = [f"o{number}" for number in range(max(0, session.version - 400), session.version)]
    assert set(newest) <= {entry.id for entry in session.outbox}


def test_sigkill_of_a_writer_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    for round_number in range(3):
        uri = f"sqlite:///{tmp_path}/{round_number}.sqlite"
        store = open_store(uri)
        store.sessions.create(a_session(state=b"0"))
        writer = Worker("write_on", uri)
        writer.begin()
        acknowledged = 0
        while acknowledged < 60 + 35 * round_number:
            acknowledged = writer.report()
        os.kill(writer.process.pid or 0, signal.SIGKILL)
        acknowledged = max([acknowledged, *writer.rest()])  # reported before the signal took effect
        assert writer.process.exitcode == -signal.SIGKILL
        writer.end()
        check_whole(store, acknowledged)
        assert store.sessions.commit("s", version=store.sessions.load("s").version, commit=a_commit())  # type: ignore[union-attr]
        store.close()


class Server:
    """A server of MongoDB's protocol, on a port and a file of its own."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [str(SERVER), str(self.port), str(self._file)], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert "listening" in line, line

    def kill(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    if not SERVER.exists():
        pytest.skip(
            "left out: needs a MongoDB server of its own: set MONGO_SERVER to a command that takes PORT and FILE"
        )
    one = Server(tmp_path / "data.mv")
    one.start()
    yield one
    one.kill()


@pytest.mark.mongodb
def test_sigkill_of_the_server_loses_nothing_that_was_acknowledged(server: Server) -> None:
    """The writer goes on through two kills and restarts: retried by the adapter, or told that nothing is known."""
    store = open_store(f"mongodb://127.0.0.1:{server.port}/faults")
    store.sessions.create(a_session(state=b"0"))
    reached = {30: threading.Event(), 60: threading.Event()}
    done = 0
    failed: list[BaseException] = []

    def write() -> None:
        nonlocal done
        try:
            while done < 90:
                if done in reached:
                    reached[done].set()
                push = a_step(done + 1, done or None, number=done + 1, delta=b"%d" % done * 500)
                commit = a_commit(
                    state=b"%d" % (done + 1), push=push, outbox=(an_entry(f"o{done}"),), seen={f"r{done}": done}
                )
                try:
                    won = store.sessions.commit("s", version=done, commit=commit)
                except StoreUnavailable:
                    session = when_back(lambda: store.sessions.load("s"))
                    won = f"r{done}" in session.seen
                    if not won:
                        continue
                assert won, "nobody else writes, so a lost race would be a commit that was made and not recognised"
                done += 1
        except BaseException as error:
            failed.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    for event in reached.values():
        assert event.wait(30)
        server.kill()
        server.start()
    writer.join(60)
    assert not failed
    assert not writer.is_alive()
    check_whole(store, 90)
    store.close()


def when_back(look: Callable[[], Any]) -> Any:
    for _ in range(20):
        try:
            return look()
        except StoreUnavailable:
            continue
    raise AssertionError("the server did not come back")


@pytest.mark.mongodb
def test_everything_else_that_was_acknowledged_is_there_after_a_kill(server: Server) -> None:
    uri = f"mongodb://127.0.0.1:{server.port}/faults"
    store = open_store(uri)
    store.tasks.add(a_task(arguments=b"a" * 1_000_000))
    info = store.files.put(session="s", filename="f", mimetype="m", content=[b"x" * 3_000_000], now=at(0))
    assert store.schedule.claim("cron_daily", period="2026-01-01", now=at(0))
    store.sessions.create(a_session(state=b"y" * 5_000_000))
    server.kill()
    server.start()
    assert len(store.tasks.get("t").arguments) == 1_000_000  # type: ignore[union-attr]
    assert sum(map(len, store.files.read(info.number))) == 3_000_000
    assert not store.schedule.claim("cron_daily", period="2026-01-01", now=at(0))
    assert store.sessions.load("s").state == b"y" * 5_000_000  # type: ignore[union-attr]
    store.close()


def test_no_server_is_said_and_not_waited_for_long() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        uri = f"mongodb://127.0.0.1:{taken.getsockname()[1]}/x?serverSelectionTimeoutMS=300"
        with pytest.raises(StoreUnavailable, match="MongoDB did not confirm"):
            open_store(uri)
        store = open_store(uri, prepare=False)
        with pytest.raises(StoreUnavailable):
            store.ping()
        with pytest.raises(StoreUnavailable):
            store.sessions.load(secrets.token_hex(4))
        store.close()
