"""What a step does to other sessions, sealed, over both stores: who may, in one commit with the step, once, also after a crash."""

from __future__ import annotations

import json
import os
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from services.gateway.client.secret import BrowserSecret
from shared.contract.effects import BeginSession, ChangeSession, Effect, StartTask
from shared.contract.errors import KeysWanted, NoSession
from shared.contract.others import MODE
from shared.contract.screen import Screen
from shared.contract.tasks import TaskStatus
from shared.engine.outcome import Failure, Flags, Outcome, TaskResult
from shared.engine.request import Request
from shared.state.codec import decode_value, encode_value
from shared.store.open import open_store
from shared.store.ports import StoreUnavailable
from shared.store.records import Session
from tests.contract.services import office as parts
from tests.contract.services.office import ME, OTHER, Office, caller, plain_entry

HERE = "a:b.yml"
Plan = Callable[[Any], tuple[Effect, ...]]


class Two(Office):
    """Author code is `plan` (asked of the host, it gives effects); what other sessions ask for is put down in the state."""

    def __init__(self, folder: Path) -> None:
        self.plan: Plan = lambda host: ()
        self.answer: Plan = lambda host: ()
        self.shared: set[str] = set()  #: sessions with multi_user
        self.on_task: Plan = lambda host: ()
        self.fails: dict[str, Outcome] = {}
        super().__init__(folder)

    def start(self) -> None:
        super().start()
        self.hosts: dict[str, Any] = {}
        step = self.runner.step

        def noting(*args: Any, host: Any, **named: Any) -> Any:
            self.hosts[named["session"] or "a task"] = host
            return step(*args, host=host, **named)

        self.runner.step = noting  # type: ignore[method-assign]

    def _script(self, state: dict[str, Any], request: Request) -> Outcome:
        session = str(request.browser.get("session"))
        screen = Screen(kind="fields", question="?", block="b")
        flags = Flags(multi_user=session in self.shared)
        if request.mode == "background":
            effects = self.on_task(self.hosts["a task"])
            return Outcome(save="ignore", task=TaskResult(ok=True, value=encode_value(None)), effects=effects)
        if request.mode == MODE:
            assert request.action is not None
            if session in self.fails:
                return self.fails[session]
            state.setdefault("asked", []).append([request.action.name, decode_value(request.action.encoded or b"")])
            state["by"] = request.browser["client"]
            return Outcome(save=request.action.save, flags=flags, effects=self.answer(self.hosts[session]))
        if request.action is not None and request.action.name == "_da_variables":
            told = {"all_variables": {name: value for name, value in state.items() if name != "by"}}
            return Outcome(save="ignore", screen=Screen(kind="response", response=told), flags=flags)
        if request.action is not None:
            try:
                effects = self.plan(self.hosts[session])
            except LookupError as error:  # what a child makes a failure of
                return Outcome(save="ignore", failure=Failure(type="LookupError", message=str(error)))
            return Outcome(save="new", screen=screen, flags=flags, effects=effects)
        state.setdefault("url_args", dict(request.browser.get("url_args") or {}))
        return Outcome(save="overwrite", screen=screen, flags=flags)

    def go(self, session: str, plan: Plan, who: BrowserSecret = ME, request: str | None = None) -> None:
        """Run `plan` in a step of `session`, asked again with the keys it wants, as a gateway does."""
        self.plan, request, others = plan, request or uuid.uuid4().hex, dict[str, Any]()
        for _ in range(5):
            entry = {**plain_entry(who, session), "others": list(others.items())}
            asked: dict[str, Any] = {"session": session, "request_id": request, "entry": entry}
            try:
                self.call("action", name="go", arguments={}, caller=caller(who), **asked)
                return
            except KeysWanted as wanted:
                others |= {one: [who.key(one)] for one in wanted.sessions}
        raise AssertionError("it always wants more")

    def record(self, session: str) -> Session:
        found = self.inner.sessions.load(session)
        assert found is not None
        return found

    def asked(self, session: str, who: BrowserSecret = ME) -> list[Any]:
        found: list[Any] = self.state(session, who).get("asked", [])
        return found


@pytest.fixture(params=["sqlite", pytest.param("mongodb", marks=pytest.mark.mongodb)])
def two(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Two]:
    if request.param == "mongodb":
        address = f"{os.environ['MONGO_URI'].rstrip('/')}/test_{secrets.token_hex(6)}"
        monkeypatch.setattr(parts, "open_store", lambda uri: open_store(address))
    made = Two(tmp_path)
    yield made
    made.stop()
    if request.param == "mongodb":
        with MongoClient[Mapping[str, object]](address) as client:
            client.drop_database(client.get_default_database())


def begin_one(found: list[str], *more: Callable[[str], Effect]) -> Plan:
    def plan(host: Any) -> tuple[Effect, ...]:
        new = host.session_begin(HERE)
        found.append(new)
        begin = BeginSession(session=new, interview=HERE, url_args={"told": "PLANTED"})
        return (begin, *(one(new) for one in more))

    return plan


def asking(session: str, action: str = "greet", interview: str = HERE) -> ChangeSession:
    arguments = encode_value({"told": "PLANTED-argument"})
    return ChangeSession(session=session, interview=interview, action=action, arguments=arguments)


def change(session: str, secret: str | None = None, interview: str = HERE) -> Plan:
    def plan(host: Any) -> tuple[Effect, ...]:
        host.session_check(interview, session, secret)
        return (asking(session, interview=interview),)

    return plan


def refused(session: str, plan: Plan, told: list[str]) -> Plan:
    def tried(host: Any) -> tuple[Effect, ...]:
        try:
            return plan(host)
        except LookupError as error:
            told.append(str(error))
            return ()

    return tried


def test_a_session_is_begun_by_the_step_for_the_browser_alone(two: Two) -> None:
    new: list[str] = []
    two.go(two.open(), begin_one(new, asking))
    assert len(set(new)) == 1, "asked again with its key, it is the same one"
    record = two.record(new[0])
    assert [name[:2] for name in record.slots] == ["b:"], "nobody else has a key, not even for a moment"
    assert two.state(new[0]) == {
        "url_args": {"told": "PLANTED"},
        "asked": [["greet", {"told": "PLANTED-argument"}]],
        "by": ME.browser,
    }
    assert two.call("enter", session=new[0], entry=plain_entry(ME, new[0]))["interview"] == HERE
    with pytest.raises(NoSession):
        two.call("enter", session=new[0], entry=plain_entry(OTHER, new[0]))
    assert b"PLANTED" not in two.stolen()


def test_the_same_request_begins_one_however_often_it_comes(two: Two) -> None:
    session, new = two.open(), list[str]()
    for _ in range(3):
        two.go(session, begin_one(new), request="the-same")
    before = two.record(new[0]).version
    two.go(session, begin_one(new), request="another")
    assert len(set(new)) == 2
    assert two.record(new[0]).version == before


def test_what_a_crash_left_is_done_once_without_a_browser_and_for_it_alone(two: Two) -> None:
    session, new = two.open(), list[str]()
    with unpublished(two):
        two.go(session, begin_one(new, asking, asking))
    assert two.inner.sessions.load(new[0]) is None
    two.stop()
    two.start()
    with not_taken_out(two):
        two.call("publish", session=session)
    assert two.record(session).outbox, "it died again, before it could say that they have left"
    assert two.call("publish", session=session) == {"left": 0}
    assert two.record(session).outbox == ()
    assert [name[:2] for name in two.record(new[0]).slots] == ["b:"]
    assert len(two.asked(new[0])) == 2, "a change that was made is not made again"


@pytest.mark.parametrize("way", ["check", "variables", "state", "question", "a forged effect"])
def test_of_somebody_elses_session_nothing_is_seen_or_changed(two: Two, way: str) -> None:
    mine, theirs, told = two.open(), two.open(OTHER), list[str]()
    before = two.record(theirs).version
    ways: dict[str, Plan] = {
        "check": change(theirs),
        "variables": lambda host: host.session_variables(HERE, theirs, None),
        "state": lambda host: host.session_state(HERE, theirs, None),
        "question": lambda host: host.session_question(HERE, theirs, None),
        "a forged effect": lambda host: (asking(theirs), asking("n" * 32)),
    }
    two.go(mine, refused(theirs, ways[way], told))
    assert two.record(theirs).version == before
    assert two.record(mine).outbox == (), "nothing waits for ever"
    never: list[str] = []
    two.go(mine, refused("n" * 32, change("n" * 32), never))
    assert not told or told[-1] == never[-1], "which sessions there are is not told"


def test_one_that_is_open_to_all_is_open_by_its_id(two: Two) -> None:
    mine, theirs = two.open(), two.open(OTHER)
    two.shared.add(theirs)
    two.act(theirs, OTHER)
    read: list[Any] = []
    two.go(mine, lambda host: read.append(host.session_variables(HERE, theirs, None)) or ())
    two.go(mine, change(theirs))
    two.go(mine, lambda host: read.append(json.loads(host.session_question(HERE, theirs, None))) or ())
    assert (read[0], read[1]["question"], read[1]["block"]) == (b'{"url_args":{}}', "?", "b")
    assert two.asked(theirs, OTHER) == [["greet", {"told": "PLANTED-argument"}]]
    two.shared.discard(theirs)
    two.act(theirs, OTHER)
    told: list[str] = []
    two.go(mine, refused(theirs, change(theirs), told))
    assert told, "and not any more, once it is not"


def test_a_key_opens_one_and_another_key_or_interview_none(two: Two) -> None:
    mine, theirs, told = two.open(), two.open(OTHER), list[str]()
    two.go(mine, change(theirs, secret=OTHER.key(theirs)))
    assert two.asked(theirs, OTHER) == [], "the effect brings the key, or it is none"
    keyed = ChangeSession(
        session=theirs, interview=HERE, action="greet", arguments=encode_value({}), secret=OTHER.key(theirs)
    )
    two.go(mine, lambda host: (keyed,))
    assert two.asked(theirs, OTHER) == [["greet", {}]]
    for secret in (OTHER.key(mine), "x" * 43, "x", ""):
        two.go(mine, refused(theirs, change(theirs, secret=secret), told))
    second = two.open()
    two.go(mine, change(second))
    assert two.asked(second) == [["greet", {"told": "PLANTED-argument"}]]
    two.go(mine, refused(second, change(second, interview="a:other.yml"), told))
    assert len(told) >= 5
    assert OTHER.key(theirs).encode() not in two.stolen()


def test_what_a_task_begins_is_for_whose_browser_started_it(two: Two) -> None:
    mine, new, told = two.open(), list[str](), list[str]()
    sealed, shared = two.open(), two.open(OTHER)
    shown: list[Any] = []
    two.shared.add(shared)
    two.act(shared, OTHER)

    def work(host: Any) -> tuple[Effect, ...]:
        refused(sealed, change(sealed), told)(host)
        shown.append(json.loads(host.session_question(HERE, shared, None))["question"])
        shown.append(json.loads(host.session_variables(HERE, shared, None)))
        return (*begin_one(new)(host), *change(shared)(host))

    two.on_task = work
    two.go(mine, lambda host: (StartTask(task_id="task1", action="work", arguments=encode_value({})),))
    two.do("task")
    kept = two.inner.tasks.get("task1")
    assert kept is not None
    assert kept.status is TaskStatus.DONE
    assert told, "no browser is there that could open a sealed one"
    assert shown == ["?", {"url_args": {}}]
    assert two.asked(shared, OTHER) == [["greet", {"told": "PLANTED-argument"}]]
    assert [name[:2] for name in two.record(new[-1]).slots] == ["s:"]
    with pytest.raises(NoSession):
        two.call("enter", session=new[-1], entry=plain_entry(OTHER, new[-1]))
    two.call("enter", session=new[-1], entry=plain_entry(ME, new[-1]))
    assert [name[:2] for name in two.record(new[-1]).slots] == ["b:"], "from now on it is that browser's alone"


def test_sessions_that_change_each_other_do_not_go_round_and_round(two: Two) -> None:
    one, other = two.open(), two.open(OTHER)
    two.shared |= {one, other}
    two.act(one)
    two.act(other, OTHER)
    two.answer = lambda host: (asking(one if host is two.hosts.get(other) else other),)
    two.go(one, lambda host: (asking(other),))
    done = len(two.asked(one)) + len(two.asked(other, OTHER))
    assert done == 3
    waiting = [session for session in (one, other) if two.record(session).outbox]
    assert len(waiting) == 1
    two.call("publish", session=waiting[0])
    assert len(two.asked(one)) + len(two.asked(other, OTHER)) == 6, "the sweep goes on with it, as far again"


def test_what_fails_in_the_other_session_is_said_in_the_log_and_not_tried_for_ever(
    two: Two, caplog: pytest.LogCaptureFixture
) -> None:
    mine, second, broken = two.open(), two.open(), two.open()
    failed = Failure(type="ValueError", message="the other interview is at fault")
    two.fails = {broken: Outcome(save="ignore", failure=failed)}
    two.go(mine, lambda host: (asking("gone" * 8), asking(second, interview="a:other.yml"), asking(broken)))
    assert two.record(mine).outbox == ()
    assert [record.msg for record in caplog.records if record.levelname == "ERROR"] == ["session_not_changed"] * 3


# ------------------------------------------------------------------ inside


def work_of(two: Two) -> Any:
    method: Any = two.interview.methods["publish"]
    return method.__wrapped__.__self__._work


@contextmanager
def unpublished(two: Two) -> Iterator[None]:
    """What commits leave stays in the outbox, as if the process had died before it looked at that."""
    outbox = work_of(two).outbox
    outbox.publish = lambda session, entries: set()
    yield
    del outbox.publish


@contextmanager
def not_taken_out(two: Two) -> Iterator[None]:
    """What leaves the outbox stays in it, too."""

    def away(session: str, entries: object) -> None:
        raise StoreUnavailable("away")

    two.store.sessions.publish_done = away  # type: ignore[method-assign]
    yield
    del two.store.sessions.publish_done
