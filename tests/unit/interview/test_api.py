"""The interview service's calls over a store and a bus in memory: races, repeats, Back, effects that leave once."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from services.interview.api import InterviewApi
from services.interview.unit_of_work import UnitOfWork
from shared.bus.inprocess import InProcessBus
from shared.bus.messages import CallFailed, Job
from shared.contract.effects import StartTask
from shared.contract.screen import Screen
from shared.engine.outcome import Failure, Flags, Outcome, Rejection
from shared.engine.request import Request
from shared.runner.ports import Limits
from shared.state.codec import decode_value, encode_value
from shared.store.ports import Store
from tests.helpers.memory import memory_store
from tests.helpers.overjson import OverJson
from tests.helpers.plainrunner import PlainRunner

WHO = {"client": "c" * 20, "user": {}, "browser": {}}
INTERVIEW = "demos:counter.yml"


def counter(state: dict[str, Any], request: Request) -> Outcome:
    """Each answer appends its word and starts a task; the word "bad" is refused, "broken" fails, "quiet" changes nothing."""
    state.setdefault("words", [])
    flags = Flags(title=f"{len(state['words'])} words")
    effects: tuple[StartTask, ...] = ()
    save = "overwrite"
    if request.answer is not None:
        word = request.answer.values["word"]
        if word == "bad":
            return Outcome(save="ignore", rejection=Rejection(fields={"word": "no"}), screen=_screen(state))
        if word == "broken":
            return Outcome(save="ignore", failure=Failure(type="ZeroDivisionError", message="division by zero"))
        state["words"] = [*state["words"], word]
        effects = (StartTask(task_id=f"t{request.seed}", action="a", arguments=encode_value({})),)
        save = "new"
        flags = Flags(title=f"{len(state['words'])} words")
    if request.prior:
        state["offered"] = dict(request.prior)
    return Outcome(save=save, screen=_screen(state), effects=effects, flags=flags)


def _screen(state: dict[str, Any]) -> Screen:
    return Screen(kind="fields", question=" ".join(state["words"]), shown={"block": "Question_0", "kind": "fields"})


class Office:
    def __init__(self) -> None:
        self.store: Store = memory_store()
        self.bus = InProcessBus()
        self.jobs: list[Job] = []
        self.bus.consume("task", self.jobs.append, workers=1)
        self.runner = PlainRunner(counter)
        self.desks = [self.api() for _ in range(2)]

    def api(self) -> Any:
        """One process of the service: a cache and locks of its own."""
        steps = UnitOfWork(
            store=self.store,
            bus=self.bus,
            runner=self.runner,
            clock=lambda: datetime(2026, 1, 15, 10, 30, tzinfo=UTC),
            limits=Limits(),
            config={},
        )
        return OverJson(InterviewApi(steps, secret=b"k" * 32))

    def open(self) -> dict[str, Any]:
        return self.desks[0].open(interview=INTERVIEW, request_id=uuid.uuid4().hex, caller=WHO)

    def answer(
        self, reply: dict[str, Any], word: str, *, api: int = 0, request_id: str | None = None
    ) -> dict[str, Any]:
        return self.desks[api].answer(
            session=reply["session"],
            request_id=request_id or uuid.uuid4().hex,
            token=reply["screen"]["token"],
            values={"word": word},
            caller=WHO,
        )

    def words(self, reply: dict[str, Any]) -> list[str]:
        session = self.store.sessions.load(reply["session"])
        assert session is not None
        return decode_value(session.state)["words"]


@pytest.fixture
def office() -> Iterator[Office]:
    made = Office()
    yield made
    made.bus.close()
    made.store.close()


def test_answers_follow_each_other_and_back_undoes_them(office: Office) -> None:
    reply = office.open()
    assert (reply["step"], reply["screen"]["back"]) == (0, False)
    for word in ("one", "two", "three"):
        reply = office.answer(reply, word)
    assert (reply["screen"]["question"], reply["step"]) == ("one two three", 3)
    reply = office.desks[0].back(session=reply["session"], request_id="b1", caller=WHO)
    assert (reply["screen"]["question"], reply["step"]) == ("one two", 2)
    session = office.store.sessions.load(reply["session"])
    assert session is not None
    assert decode_value(session.state)["offered"] == {"word": "three"}
    reply = office.desks[1].back(session=reply["session"], request_id="b2", caller=WHO)
    assert (reply["screen"]["question"], reply["step"]) == ("one", 1)
    reply = office.desks[1].back(session=reply["session"], request_id="b2", caller=WHO)
    assert reply["step"] == 1, "the same Back twice is one"
    reply = office.answer(reply, "zwei")
    reply = office.desks[0].back(session=reply["session"], request_id="b3", caller=WHO)
    reply = office.desks[0].back(session=reply["session"], request_id="b4", caller=WHO)
    assert (reply["screen"]["question"], reply["step"]) == ("", 0)
    assert office.desks[0].back(session=reply["session"], request_id="b5", caller=WHO)["step"] == 0


def test_eight_clients_at_once_lose_nothing(office: Office) -> None:
    reply = office.open()
    acknowledged: list[str] = []
    problems: list[BaseException] = []

    def client(number: int) -> None:
        try:
            for turn in range(10):
                word = f"{number}-{turn}"
                assert "rejected" not in office.answer(reply, word, api=number % 2)
                acknowledged.append(word)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert sorted(office.words(reply)) == sorted(acknowledged)
    assert len(acknowledged) == 80
    session = office.store.sessions.load(reply["session"])
    assert session is not None
    assert (session.step, session.version, session.title) == (80, 81, "80 words")
    assert len(office.store.tasks.of_session(reply["session"])) == 80
    assert session.outbox == ()


def test_the_same_request_twice_takes_effect_once(office: Office) -> None:
    reply = office.open()
    first = office.answer(reply, "one", request_id="r1")
    second = office.answer(reply, "one", request_id="r1", api=1)
    assert first["screen"]["question"] == second["screen"]["question"] == "one"
    assert len(office.store.tasks.of_session(reply["session"])) == 1


def test_opening_twice_with_one_request_is_one_session(office: Office) -> None:
    first = office.desks[0].open(interview=INTERVIEW, request_id="r1", caller=WHO)
    second = office.desks[1].open(interview=INTERVIEW, request_id="r1", caller=WHO)
    other = office.desks[0].open(interview=INTERVIEW, request_id="r1", caller={**WHO, "client": "d" * 20})
    assert first["session"] == second["session"] != other["session"]


@pytest.mark.parametrize(("word", "key"), [("bad", "rejected"), ("broken", "failure")])
def test_what_is_refused_or_fails_changes_nothing(office: Office, word: str, key: str) -> None:
    reply = office.answer(office.open(), "one")
    refused = office.answer(reply, word)
    assert refused[key]
    assert (refused["version"], office.words(reply)) == (reply["version"], ["one"])
    assert len(office.store.tasks.of_session(reply["session"])) == 1


def test_looking_writes_nothing(office: Office) -> None:
    reply = office.answer(office.open(), "one")
    again = office.desks[1].screen(session=reply["session"], caller=WHO)
    assert again["version"] == reply["version"]


def test_a_token_of_another_session_is_refused(office: Office) -> None:
    mine, other = office.open(), office.open()
    with pytest.raises(CallFailed) as caught:
        office.answer({**mine, "screen": other["screen"]}, "one")
    assert caught.value.kind == "BadToken"
    assert office.words(mine) == []


def test_a_session_that_is_gone_says_so(office: Office) -> None:
    reply = office.open()
    office.desks[1].delete(session=reply["session"])
    with pytest.raises(CallFailed) as caught:
        office.answer(reply, "one")
    assert caught.value.kind == "NoSession"


def test_restart_forgets_answers_and_history(office: Office) -> None:
    reply = office.answer(office.answer(office.open(), "one"), "two")
    reply = office.desks[0].restart(session=reply["session"], request_id="r9", caller=WHO)
    assert (reply["screen"]["question"], reply["step"]) == ("", 0)
    reply = office.answer(reply, "three")
    assert office.desks[0].restart(session=reply["session"], request_id="r9", caller=WHO)["step"] == 1


def test_what_could_not_be_published_waits_for_the_sweep(office: Office) -> None:
    reply = office.open()
    office.bus.close()  # the broker is away
    reply = office.answer(reply, "one")
    session = office.store.sessions.load(reply["session"])
    assert session is not None
    assert [entry.kind for entry in session.outbox] == ["StartTask"]
    office.bus = InProcessBus()
    office.bus.consume("task", office.jobs.append, workers=1)
    assert office.api().publish(session=reply["session"]) == {"left": 0}
    session = office.store.sessions.load(reply["session"])
    assert session is not None
    assert session.outbox == ()
    assert len(office.store.tasks.of_session(reply["session"])) == 1
