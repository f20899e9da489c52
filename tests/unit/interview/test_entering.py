"""Entering sessions over a store in memory: two processes of the service, one of which knows less than the other."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from services.gateway.client.secret import BrowserSecret
from services.interview.access import Access
from services.interview.api import InterviewApi
from services.interview.resuming import Resuming
from services.interview.unit_of_work import UnitOfWork
from shared.bus.inprocess import InProcessBus
from shared.bus.wire import misfit
from shared.contract.entry import Entry
from shared.contract.errors import BadValue, NoFile, NoSession
from shared.contract.screen import Screen
from shared.engine.outcome import Outcome
from shared.runner.ports import Limits
from shared.state.codec import encode_value
from shared.store.ports import Store
from shared.store.records import Commit, Session
from tests.helpers.memory import memory_store
from tests.helpers.plainrunner import PlainRunner

NOW = datetime(2026, 1, 15, tzinfo=UTC)
MINE, SECOND, THEIRS = (BrowserSecret(bytes([number]) * 32) for number in (1, 2, 3))


def nothing_runs(state: dict[str, Any], request: Any) -> Any:
    raise AssertionError("entering runs no step")


@pytest.fixture
def store() -> Iterator[Store]:
    opened = memory_store()
    yield opened
    opened.close()


@pytest.fixture
def processes(store: Store) -> Iterator[list[Access]]:
    bus = InProcessBus()
    given: dict[str, Any] = {"store": store, "bus": bus, "runner": PlainRunner(nothing_runs), "clock": lambda: NOW}
    yield [Access(UnitOfWork(**given, limits=Limits(), config={})) for _ in range(2)]
    bus.close()


def entry(session: str, *secrets: BrowserSecret, **more: Any) -> dict[str, Any]:
    made = Entry(
        browsers=tuple(one.browser for one in secrets), keys=tuple(one.key(session) for one in secrets), **more
    )
    plain: dict[str, Any] = msgspec.to_builtins(made)
    return plain


def begin(store: Store, access: Access, name: str, *secrets: BrowserSecret, **more: Any) -> None:
    """A session as one of before, adopted by the browsers of `secrets`."""
    times = {"created": NOW, "modified": NOW, "accessed": NOW}
    store.sessions.create(
        Session(id=name, version=0, interview="a:b.yml", state=encode_value({}), step=0, **times, **more)
    )
    for secret in secrets:
        access.enter(session=name, entry=entry(name, secret, vouched=True), use=True)


def test_a_key_that_another_process_wrote_opens_here_at_once(store: Store, processes: list[Access]) -> None:
    here, there = processes
    begin(store, here, "s1", MINE)
    with pytest.raises(NoSession):
        here.enter(session="s1", entry=entry("s1", SECOND))
    there.enter(session="s1", entry=entry("s1", SECOND, MINE))
    assert here.enter(session="s1", entry=entry("s1", SECOND)).interview == "a:b.yml"


def test_multi_user_that_another_process_ended_is_over_here(store: Store, processes: list[Access]) -> None:
    here, _ = processes
    begin(store, here, "s1", MINE, multi_user=True)
    assert here.enter(session="s1", entry=entry("s1", THEIRS)).stranger
    found = store.sessions.load("s1")
    assert found is not None
    assert store.sessions.commit("s1", version=found.version, commit=Commit(now=NOW, fields={"multi_user": False}))
    with pytest.raises(NoSession):
        here.enter(session="s1", entry=entry("s1", THEIRS))


def test_the_session_used_last_is_found_first_until_it_is_left(store: Store, processes: list[Access]) -> None:
    here, there = processes
    moments = iter(range(1, 100))
    here._work.clock = there._work.clock = lambda: NOW.replace(second=next(moments) % 60)
    for name in ("s1", "s2"):
        begin(store, here, name, MINE)
    mine = [MINE.browser]

    def found() -> list[str]:
        return [one.id for one in there.named(mine, "a:b.yml")]

    assert found() == ["s2", "s1"]
    there.enter(session="s1", entry=entry("s1", MINE), use=True)
    assert found() == ["s1", "s2"]
    version = store.sessions.load("s1")
    there.enter(session="s1", entry=entry("s1", MINE), use=True)
    assert store.sessions.load("s1") == version  # the one used last already: nothing is written
    there.leave(session="s1", entry=entry("s1", MINE))
    assert found() == ["s2"]
    assert here.enter(session="s1", entry=entry("s1", MINE)).session == "s1"
    assert there.named(mine, "a:other.yml") == []


def test_a_file_belongs_to_those_who_were_in_its_session(store: Store, processes: list[Access]) -> None:
    here, _ = processes
    begin(store, here, "s1", MINE)
    number = store.files.put(session="s1", filename="a", mimetype="b", content=[b"x"], now=NOW).number
    assert here.whose(number=number, browsers=[THEIRS.browser, MINE.browser]).session == "s1"
    for wrong, browsers in ((number, [THEIRS.browser]), (number, []), (number + 1, [MINE.browser])):
        with pytest.raises(NoFile):
            here.whose(number=wrong, browsers=browsers)


@pytest.mark.parametrize("number", [-1, True, "1", 2**70, None])
def test_bad_numbers_and_browsers(processes: list[Access], number: Any) -> None:
    with pytest.raises(BadValue):
        processes[0].whose(number=number, browsers=[MINE.browser])
    for browsers in ("x", [1], [MINE.browser] * 9, None):
        with pytest.raises(BadValue):
            processes[0].named(browsers, None)


def test_a_guarded_call_is_refused_before_it_begins(store: Store, processes: list[Access]) -> None:
    here, _ = processes
    begin(store, here, "s1", MINE)
    begin(store, here, "before")
    calls: list[str] = []

    def call(*, session: str, more: int = 0) -> int:
        calls.append(session)
        return more

    guarded, system = here.guarded(call), here.guarded(call, system=True)
    assert guarded(session="s1", entry=entry("s1", MINE), more=3) == 3
    assert guarded(session="before") == 0  # a program on the bus, in a session that no browser has a key to
    assert system(session="s1") == 0
    calls.clear()
    for one, given in ((guarded, None), (guarded, entry("s1", THEIRS)), (system, entry("s1", THEIRS))):
        for session in ("s1", "never-was"):
            with pytest.raises(NoSession) as refused:
                one(session=session, entry=given) if given or one is guarded else one(session=session)
            assert str(refused.value) == "this session does not exist (any more)"
    with pytest.raises(BadValue):
        guarded(session="s1", entry={"keys": 5})
    assert calls == []
    takes = inspect.signature(guarded)
    assert misfit(takes, {"session": "s1", "entry": {}, "more": 1}) is None
    assert misfit(takes, {"session": "s1", "unheard": 1}) is not None


def test_finding_brings_the_screen_of_the_first_session_if_that_is_the_one_expected(store: Store) -> None:
    bus = InProcessBus()
    given: dict[str, Any] = {"store": store, "bus": bus, "runner": PlainRunner(shows), "clock": lambda: NOW}
    work = UnitOfWork(**given, limits=Limits(), config={})
    access = Access(work)
    resuming = Resuming(access, access.guarded(InterviewApi(work, secret=b"k" * 32).screen_at))
    for name in ("s1", "s2"):
        begin(store, access, name, MINE)
    access.enter(session="s1", entry=entry("s1", MINE), use=True)
    first = access.named([MINE.browser], "a:b.yml")[0].id
    second = {"s1": "s2", "s2": "s1"}[first]
    caller = {"client": MINE.browser, "user": {}, "browser": {}}

    def shown(session: str, secret: BrowserSecret) -> Any:
        show = {"session": session, "entry": entry(session, secret)}
        return resuming.find(browsers=[MINE.browser], interview="a:b.yml", show=show, caller=caller).shown

    assert shown(first, MINE).session == first
    assert shown(second, MINE) is None, "another one was used since"
    assert shown(first, THEIRS) is None, "who may not enter is told so by the call that says why"
    assert resuming.find(browsers=[MINE.browser], interview="a:b.yml").shown is None
    with pytest.raises(BadValue):
        resuming.find(browsers=[MINE.browser], show={"session": first})
    bus.close()


def test_resuming_makes_a_session_the_first_and_shows_it(store: Store) -> None:
    bus = InProcessBus()
    moments = iter(range(1, 59))
    given: dict[str, Any] = {"store": store, "bus": bus, "runner": PlainRunner(shows)}
    work = UnitOfWork(**given, clock=lambda: NOW.replace(second=next(moments)), limits=Limits(), config={})
    access = Access(work)
    resuming = Resuming(access, access.guarded(InterviewApi(work, secret=b"k" * 32).screen_at))
    for name in ("s1", "s2"):
        begin(store, access, name, MINE)
    caller = {"client": MINE.browser, "user": {}, "browser": {}}
    for name in ("s1", "s1", "s2"):
        assert resuming.resume(session=name, entry=entry(name, MINE), caller=caller).session == name
        assert access.named([MINE.browser], "a:b.yml")[0].id == name
    with pytest.raises(NoSession):
        resuming.resume(session="s1", entry=entry("s1", THEIRS), caller=caller)
    bus.close()


def shows(state: dict[str, Any], request: Any) -> Outcome:
    return Outcome(save="overwrite", screen=Screen(kind="fields", question="Name?", shown={"block": "Question_0"}))
