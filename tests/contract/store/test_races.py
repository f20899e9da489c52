"""Eight processes at once: what is acknowledged happened exactly once."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest

from shared.store.open import open_store
from shared.store.ports import Store
from tests.contract.store.make import a_commit, a_session, a_task, an_entry, at
from tests.contract.store.processes import ROOT, run_together


def test_effects_equal_acknowledged_commits(store: Store, store_uri: str) -> None:
    wins = 12
    store.sessions.create(a_session(state=b"0"))
    reports = run_together("race", store_uri, wins)
    acknowledged = list(chain.from_iterable(reports))
    assert sorted(acknowledged) == list(range(1, 8 * wins + 1))
    session = store.sessions.load("s")
    assert session is not None
    assert (session.version, int(session.state), session.step) == (8 * wins, 8 * wins, 8 * wins)
    unpublished = {f"{process}-{win}" for process in range(8) for win in range(wins) if win % 3}
    assert {entry.id for entry in session.outbox} == unpublished
    assert len(session.outbox) == len(unpublished)
    assert len(session.seen) == 8 * wins
    depth, uid = 0, session.top.uid if session.top else None
    while uid is not None:
        step = store.sessions.step("s", uid)
        assert step is not None
        depth, uid = depth + 1, step.previous
    assert depth == 8 * wins


def test_large_states_never_mix(store: Store, store_uri: str) -> None:
    store.sessions.create(a_session(state=b"A"))
    run_together("large_states", store_uri, 2, processes=4)
    session = store.sessions.load("s")
    assert session is not None
    assert (session.version, len(session.state)) == (8, 2_300_007)


def test_no_task_is_claimed_twice(store: Store, store_uri: str) -> None:
    for number in range(60):
        store.tasks.add(a_task(f"t{number}"))
    claimed = list(chain.from_iterable(run_together("claim_all", store_uri, 60)))
    assert sorted(claimed) == list(range(60))


def test_no_period_is_claimed_twice(store: Store, store_uri: str) -> None:
    claimed = list(chain.from_iterable(run_together("claim_periods", store_uri, 40)))
    assert sorted(claimed) == sorted(set(claimed))
    assert store.schedule.last("cron_hourly") == "0039"


def test_no_file_number_is_given_twice(store: Store, store_uri: str) -> None:
    numbers = list(chain.from_iterable(run_together("put_files", store_uri, 5, processes=4)))
    assert len(set(numbers)) == 20
    for info in store.files.of_session("s"):
        assert b"".join(store.files.read(info.number)) == info.filename.encode()


def test_services_may_prepare_at_once(store_uri: str) -> None:
    assert run_together("prepare", store_uri, processes=4) == [[True]] * 4
    opened = open_store(store_uri)
    opened.sessions.create(a_session())
    assert opened.sessions.load("s") == a_session()
    opened.close()


def test_threads_share_one_store(store: Store) -> None:
    store.sessions.create(a_session(state=b"0"))

    def add(number: int) -> None:
        while True:
            session = store.sessions.load("s")
            assert session is not None
            commit = a_commit(state=b"%d" % (int(session.state) + 1), outbox=(an_entry(f"o{number}"),))
            if store.sessions.commit("s", version=session.version, commit=commit):
                return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(80)))
    session = store.sessions.load("s")
    assert session is not None
    assert (session.state, session.version, len(session.outbox)) == (b"80", 80, 80)


def test_a_commit_that_meets_a_deletion_is_lost(store: Store) -> None:
    store.sessions.create(a_session())
    store.sessions.delete("s")
    assert store.sessions.commit("s", version=0, commit=a_commit(state=b"x" * 5_000_000)) is False
    assert store.sessions.delete("s") is False


@pytest.mark.parametrize("patched", ["eventlet", "gevent"])
def test_a_process_patched_for_greenlets_uses_the_store(store_uri: str, patched: str) -> None:
    """In a process of its own, for a patch cannot be taken back."""
    patch = {
        "eventlet": "import eventlet; eventlet.monkey_patch(); spawn = eventlet.spawn; wait = lambda g: g.wait()",
        "gevent": "from gevent import monkey, spawn; monkey.patch_all(); wait = lambda g: g.get()",
    }[patched]
    program = f"""
{patch}
import sys
from shared.store.open import open_store
from tests.contract.store.make import a_commit, a_session, an_entry
store = open_store(sys.argv[1])
store.sessions.create(a_session(state=b"0"))
def add(number):
    while True:
        session = store.sessions.load("s")
        commit = a_commit(state=b"%d" % (int(session.state) + 1), outbox=(an_entry(f"o{{number}}"),))
        if store.sessions.commit("s", version=session.version, commit=commit):
            return
for greenlet in [spawn(add, number) for number in range(30)]:
    wait(greenlet)
print(store.sessions.load("s").state.decode(), len(store.sessions.load("s").outbox))
store.close()
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, store_uri], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.returncode) == ("30 30\n", 0), done.stderr


def test_a_forked_child_begins_its_own_connections(tmp_path: object) -> None:
    """SQLite only: a MongoDB store is opened after a fork."""
    opened = open_store(f"sqlite:///{tmp_path}/fork.sqlite")
    opened.sessions.create(a_session())
    child = os.fork()
    if child == 0:
        done = opened.sessions.commit("s", version=0, commit=a_commit(state=b"from the child"))
        os._exit(0 if done else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert opened.sessions.load("s").state == b"from the child"  # type: ignore[union-attr]
    assert opened.sessions.commit("s", version=1, commit=a_commit(now=at(3), state=b"from the parent"))
    opened.close()
