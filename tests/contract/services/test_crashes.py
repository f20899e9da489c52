"""Crashes, races and repeats at the places between two writes: nothing is lost, nothing happens twice or for somebody else."""

from __future__ import annotations

import base64
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.clock.sweeps import Sweeper
from services.interview.callbacks import Callbacks
from services.interview.desk import Desk
from services.interview.post import Post
from services.interview.steps import Steps
from services.interview.ticks import Ticks, tick_body
from services.interview.uploads import Uploads
from services.outside import SessionOutside
from services.worker.tasks import MAX_ATTEMPTS, TaskRunner
from shared.authoring.effects import DeleteSession, OpenAddress, SendMail, StartTask
from shared.bus.inprocess import InProcessBus
from shared.bus.messages import CallFailed, Job, Retry
from shared.engine.outcome import Failure, Flags, Outcome, Rejection, TaskResult
from shared.engine.request import Request
from shared.engine.screen import Screen
from shared.language.errors import NoSource
from shared.runner.ports import Busy, Done, Limits
from shared.state.codec import decode_value, encode_value
from shared.store import checks
from shared.store.checks import SEEN_ENTRIES
from shared.store.open import open_store
from shared.store.ports import StoreUnavailable
from shared.store.records import Address, Mail, OutboxEntry, Session, Task
from tests.helpers.plainrunner import PlainRunner

WHO = {"client": "c" * 20, "user": {"email": "user@example.com"}, "browser": {"ip": "192.0.2.1"}}
LEASE = timedelta(seconds=15)
EVENTS = ("cron_daily", "cron_hourly_background", "incoming_email")

Script = Callable[[dict[str, Any], Request, Any], Outcome]


class Runner(PlainRunner):
    """The script may also ask the service, as author code does."""

    def __init__(self, script: Script) -> None:
        self._asking: Any = None
        super().__init__(lambda state, request: script(state, request, self._asking))

    def step(self, *args: Any, outside: Any, **named: Any) -> Done:
        self._asking = outside
        return super().step(*args, outside=outside, **named)


class House:
    """Two processes of the interview service, and workers, over one store. `on_answer` and `on_task` are the author's code."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
        self.store = open_store(f"sqlite:///{folder / 'test.sqlite'}")
        self.runner = Runner(self._script)
        self.on_answer: Script = lambda state, request, outside: Outcome(save="new", screen=_screen(state))
        self.on_task: Callable[[Request], Outcome] = lambda request: _told(7)
        self.on_response: Callable[[Request], Outcome] = lambda request: _told("kept")
        self.open_bus()
        self.session = self.desks[0].open(interview="demos:house.yml", request_id="o", who=WHO)["session"]

    def open_bus(self) -> None:
        self.bus = InProcessBus()
        self.jobs: dict[str, list[Job]] = {"task": [], "send": []}
        for queue, jobs in self.jobs.items():
            self.bus.consume(queue, jobs.append, workers=1)
        self.steps = [self._steps() for _ in range(2)]
        self.desks = [Desk(steps, secret=b"k" * 32) for steps in self.steps]
        self.bus.serve("interview", {"respond": Callbacks(self.steps[0]).respond}, workers=2)

    def _steps(self) -> Steps:
        return Steps(store=self.store, bus=self.bus, runner=self.runner, clock=self.clock, limits=Limits(), config={})

    def clock(self) -> datetime:
        return self.now

    def _script(self, state: dict[str, Any], request: Request, outside: Any) -> Outcome:
        state.setdefault("log", [])
        flags = Flags(multi_user=True, allow_cron=True, events=EVENTS)
        if request.mode == "background":
            return self.on_task(request)
        if request.mode in ("callback", "error_callback"):
            state["log"] = [*state["log"], "response"]
            return replace(self.on_response(request), flags=flags)
        if request.mode == "cron":
            state["log"] = [*state["log"], "cron"]
            return Outcome(save="overwrite", screen=_screen(state), flags=flags)
        if request.check_in is not None:
            state["log"] = [*state["log"], "check-in"]
            start = StartTask(task_id=f"t{request.seed}", action="a", arguments=encode_value({}))
            return Outcome(save="overwrite", commands=({"value": 1, "extra": "fields"},), effects=(start,), flags=flags)
        if request.answer is not None:
            word = request.answer.values["word"]
            if word == "bad":
                refused = Rejection(fields={"word": "no"})
                return Outcome(save="ignore", rejection=refused, screen=_screen(state), flags=flags)
            state["log"] = [*state["log"], word]
            return replace(self.on_answer(state, request, outside), flags=flags)
        return Outcome(save="overwrite", screen=_screen(state), flags=flags)

    def answer(self, word: str, *, desk: int = 0, request_id: str | None = None) -> dict[str, Any]:
        token = self.desks[desk].screen(session=self.session, who=WHO)["screen"]["token"] if not self._token else ""
        self._token = self._token or token
        return self.desks[desk].answer(
            session=self.session,
            request_id=request_id or uuid.uuid4().hex,
            token=self._token,
            values={"word": word},
            who=WHO,
        )

    _token = ""

    def stored(self) -> Session:
        found = self.store.sessions.load(self.session)
        assert found is not None
        return found

    def log(self) -> list[str]:
        found: list[str] = decode_value(self.stored().state)["log"]
        return found

    def worker(self) -> TaskRunner:
        return TaskRunner(
            store=self.store,
            bus=self.bus,
            runner=self.runner,
            outside=lambda session: SessionOutside(self.store, session, clock=self.clock),
            clock=self.clock,
            lease=LEASE,
        )

    def task(self, **about: Any) -> Job:
        """A queued task, as publishing leaves it."""
        row = Task(
            id="t1",
            session=self.session,
            interview="demos:house.yml",
            action="work",
            arguments=encode_value({}),
            created=self.now,
            **about,
        )
        assert self.store.tasks.add(row)
        return Job(queue="task", id="t1", body={"task": "t1"})

    def row(self, task_id: str = "t1") -> Task:
        found = self.store.tasks.get(task_id)
        assert found is not None
        return found


def _screen(state: dict[str, Any]) -> Screen:
    return Screen(kind="fields", question=" ".join(state["log"]), shown={"block": "Question_0", "kind": "fields"})


def _told(value: Any) -> Outcome:
    return Outcome(save="overwrite", task=TaskResult(ok=True, value=encode_value(value)))


MAIL = SendMail(mail_id="m1", to=("other@example.com",), subject="s", body="b")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.bus.close()
    made.store.close()


def wait_until(condition: Callable[[], bool]) -> None:
    done = threading.Event()
    for _ in range(500):
        if condition():
            return
        done.wait(0.01)
    raise AssertionError("it never came")


# ------------------------------------------------------------------ the end of a session


def exits(state: dict[str, Any], request: Request, outside: Any) -> Outcome:
    return Outcome(save="new", screen=_screen(state), effects=(MAIL, DeleteSession()))


def test_a_session_ends_only_after_its_mail_has_left(house: House) -> None:
    house.on_answer = exits
    house.bus.close()  # the broker is away
    house.answer("bye")
    assert [entry.kind for entry in house.stored().outbox] == ["SendMail", "DeleteSession"]
    house.open_bus()
    assert house.desks[1].publish(session=house.session) == {"left": 0}
    wait_until(lambda: [job.id for job in house.jobs["send"]] == ["m1"])
    assert house.store.sessions.load(house.session) is None


def test_a_crash_before_the_deletion_leaves_it_to_the_sweep(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(session_id: str) -> bool:
        raise StoreUnavailable("no answer")

    house.on_answer = exits
    monkeypatch.setattr(house.store.sessions, "delete", crash)
    house.answer("bye")
    assert [entry.kind for entry in house.stored().outbox] == ["DeleteSession"]
    monkeypatch.undo()
    house.now += timedelta(minutes=1)
    assert house.store.sessions.unpublished(older_than=house.now, limit=9) == [house.session]
    house.desks[1].publish(session=house.session)
    assert house.store.sessions.load(house.session) is None


def test_a_session_is_not_deleted_before_its_mail_has_left(house: House) -> None:
    house.on_answer = lambda state, request, outside: Outcome(save="new", screen=_screen(state), effects=(MAIL,))
    house.bus.close()
    house.answer("one")
    for _ in range(2):
        house.desks[0].delete(session=house.session, who=WHO)
    assert [entry.kind for entry in house.stored().outbox][:2] == ["SendMail", "DeleteSession"]
    house.open_bus()
    house.desks[0].publish(session=house.session)
    wait_until(lambda: [job.id for job in house.jobs["send"]] == ["m1"])
    assert house.store.sessions.load(house.session) is None
    house.desks[0].delete(session=house.session, who=WHO)  # what a crash cut short is done again


def test_a_session_that_ends_in_order_is_gone_at_once(house: House) -> None:
    house.on_answer = exits
    house.answer("bye")
    assert house.store.sessions.load(house.session) is None
    wait_until(lambda: len(house.jobs["send"]) == 1)


# ------------------------------------------------------------------ what a process remembers may be old


def test_back_undoes_an_answer_that_another_process_took(house: House) -> None:
    house.answer("one", desk=1)
    reply = house.desks[0].back(session=house.session, request_id="b1", who=WHO)
    assert (reply["step"], house.log()) == (0, [])


def test_a_refused_answer_is_about_the_newest_state(house: House) -> None:
    house.answer("one", desk=0)
    house.answer("two", desk=1)
    refused = house.answer("bad", desk=0)
    assert refused["rejected"]
    assert (refused["version"], refused["screen"]["question"]) == (house.stored().version, "one two")


def test_a_refused_answer_to_a_deleted_session_shows_nothing_of_it(house: House) -> None:
    house.answer("one", desk=0)
    house.desks[1].delete(session=house.session)
    with pytest.raises(CallFailed) as caught:
        house.answer("bad", desk=0)
    assert caught.value.kind == "NoSession"


def test_a_long_session_does_not_grow_in_memory(house: House) -> None:
    for number in range(SEEN_ENTRIES + 10):
        house.answer(str(number))
    kept = house.steps[0].load(house.session)
    assert len(kept.seen) == SEEN_ENTRIES
    assert set(kept.seen) == set(house.stored().seen)


def test_turns_are_forgotten_and_hold_up_nobody_else(house: House) -> None:
    steps = house.steps[0]
    with steps.turn("a"), steps.turn("b"):
        assert len(steps._turns) == 2
    assert len(steps._turns) == 0


# ------------------------------------------------------------------ on whose behalf


def test_what_the_sweep_publishes_runs_as_whoever_it_was_for(house: House) -> None:
    house.bus.close()
    Ticks(house.steps[0]).handle(
        Job(queue="tick", id="x", body=tick_body(house.session, "cron_hourly", "2026-01-15T10Z"))
    )
    address = Address(
        address="abc",
        session=house.session,
        key=None,
        index=None,
        user={"email": "owner@example.com"},
        created=house.now,
    )
    house.store.mails.open(address)
    mail = Mail(id="mail1", address="abc", session=house.session, sender="s@example.com", received=house.now, raw=b"x")
    house.store.mails.keep(mail)
    Post(house.steps[0]).handle(Job(queue="mail", id="mail1", body={"mail": "mail1"}))
    house.on_answer = lambda state, request, outside: Outcome(
        save="new",
        screen=_screen(state),
        effects=(StartTask(task_id="t9", action="a", arguments=encode_value({})), OpenAddress(address="new")),
    )
    house.answer("one")
    house.open_bus()
    house.desks[0].publish(session=house.session)
    by_origin = {task.origin: task.user for task in house.store.tasks.of_session(house.session)}
    assert by_origin["cron"]["privileges"] == ["cron"]
    assert by_origin["email"]["email"] == "owner@example.com"
    assert by_origin["action"]["email"] == "user@example.com"
    opened = house.store.mails.find("new")
    assert opened is not None
    assert opened.user["email"] == "user@example.com"


# ------------------------------------------------------------------ ticks


def test_a_tick_that_comes_again_long_after_is_still_one(house: House) -> None:
    job = Job(queue="tick", id="x", body=tick_body(house.session, "cron_daily", "2026-01-15"))
    Ticks(house.steps[0]).handle(job)
    for number in range(SEEN_ENTRIES + 1):  # more requests than a session remembers
        house.answer(str(number))
    Ticks(house.steps[1]).handle(job)
    assert house.log().count("cron") == 1
    Ticks(house.steps[1]).handle(replace(job, body=tick_body(house.session, "cron_daily", "2026-01-16")))
    assert house.log().count("cron") == 2


# ------------------------------------------------------------------ tasks


def entry(kind: str, **body: Any) -> OutboxEntry:
    return OutboxEntry(id=f"{kind}.{len(body)}", kind=kind, body=body)


def test_a_task_that_was_revoked_before_its_start_was_published_never_starts(house: House) -> None:
    outbox, session = house.steps[0].outbox, house.stored()
    start = entry("StartTask", task_id="t5", action="work", arguments=encode_value({}))
    assert outbox.publish(session, (entry("RevokeTask", task_id="t5", terminate=True),))
    assert outbox.publish(session, (start,))
    house.worker().handle(Job(queue="task", id="t5", body={"task": "t5"}))
    assert (house.row("t5").status, house.row("t5").attempts) == ("revoked", 0)


def test_a_session_cannot_revoke_the_task_of_another(house: House) -> None:
    house.task()
    other = replace(house.stored(), id="other")
    assert house.steps[0].outbox.publish(other, (entry("RevokeTask", task_id="t1", terminate=True),))
    assert house.row().status == "queued"


def test_a_result_for_the_page_is_told_once_when_two_pages_ask(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.worker().handle(house.task(ui="flash"))
    as_seen_by_both = house.store.tasks.of_session(house.session)
    assert len(house.desks[0].check_in(session=house.session, who=WHO)["commands"]) == 1
    monkeypatch.setattr(house.store.tasks, "of_session", lambda session_id: as_seen_by_both)
    assert house.desks[1].check_in(session=house.session, who=WHO)["commands"] == []


def test_a_check_in_that_the_bus_delivers_twice_starts_its_task_once(house: House) -> None:
    for desk in house.desks:
        desk.check_in(session=house.session, who=WHO, action="look", values={}, request_id="c1")
    assert house.log() == ["check-in"]
    assert len(house.store.tasks.of_session(house.session)) == 1


@pytest.mark.parametrize("value", [float("nan"), [1, float("inf")], 2**70])
def test_a_result_that_is_no_json_does_not_silence_the_page(house: House, value: Any) -> None:
    house.on_task = lambda request: _told(value)
    house.worker().handle(house.task(ui="flash"))
    house.bus.serve("pages", {"check_in": house.desks[0].check_in}, workers=1)
    told = house.bus.call("pages", "check_in", session=house.session, who=WHO)
    assert [command["extra"] for command in told["commands"]] == ["flash"]


def test_mail_of_an_action_leaves_though_its_response_action_fails(house: House) -> None:
    answers = TaskResult(ok=True, next_action="keep", next_arguments=encode_value({}))
    house.on_task = lambda request: Outcome(save="ignore", task=answers, effects=(MAIL,))
    broken = Failure(type="ZeroDivisionError", message="division by zero")
    house.on_response = lambda request: Outcome(save="ignore", failure=broken)
    house.worker().handle(house.task())
    assert (house.row().status, house.row().result["error_type"]) == ("failed", "ZeroDivisionError")
    wait_until(lambda: [job.id for job in house.jobs["send"]] == ["m1"])
    assert (house.log(), house.stored().applied) == ([], {})


def test_a_response_action_of_an_interview_that_is_gone_ends_the_task(house: House) -> None:
    def gone(request: Request) -> Outcome:
        raise NoSource("demos:house.yml")

    answers = TaskResult(ok=True, next_action="keep", next_arguments=encode_value({}))
    house.on_task = lambda request: Outcome(save="ignore", task=answers)
    house.on_response = gone
    house.worker().handle(house.task())
    assert (house.row().status, house.row().result["error_type"]) == ("failed", "NoInterview")


def test_a_result_that_is_too_large_is_an_error_and_not_five_runs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = house.task()
    monkeypatch.setattr(checks, "BODY_BYTES", 10_000)
    house.on_task = lambda request: _told("x" * 20_000)
    house.worker().handle(job)
    assert (house.row().status, house.row().attempts) == ("failed", 1)
    assert house.row().result["error_type"] == "TooLarge"


def test_a_task_for_which_no_process_is_free_waits(house: House) -> None:
    job = house.task()

    def busy(request: Request) -> Outcome:
        raise Busy("all processes are busy")

    house.on_task = busy
    for _ in range(MAX_ATTEMPTS + 2):
        with pytest.raises(Retry):
            house.worker().handle(job)
    assert house.row().status == "queued"
    house.on_task = lambda request: _told(7)
    house.worker().handle(job)
    assert (house.row().status, house.row().attempts) == ("done", 1)


def test_a_claimed_task_may_be_acknowledged_before_it_ends(house: House) -> None:
    claimed: list[str] = []
    house.on_task = lambda request: _told(claimed[:])
    house.worker().handle(replace(house.task(), claimed=lambda: claimed.append("yes")))
    assert house.row().result["plain"] == ["yes"]


# ------------------------------------------------------------------ mails and files of what is gone


def test_a_mail_that_came_while_its_session_was_deleted_does_not_stay(house: House) -> None:
    house.desks[0].delete(session=house.session)
    mail = Mail(id="m", address="abc", session=house.session, sender="s@example.com", received=house.now, raw=b"x")
    house.store.mails.keep(mail)
    Post(house.steps[0]).handle(Job(queue="mail", id="m", body={"mail": "m"}))
    assert house.store.mails.get("m") is None


def writes(state: dict[str, Any], request: Request, outside: Any) -> Outcome:
    outside.file_write("a.txt", "text/plain", b"answers")
    return Outcome(save="ignore", failure=Failure(type="ZeroDivisionError", message="division by zero"))


def test_a_step_that_failed_leaves_no_file(house: House) -> None:
    house.on_answer = writes
    assert house.answer("one")["failure"]
    assert house.store.files.of_session(house.session) == []


def test_files_of_a_step_that_lost_its_race_go(house: House) -> None:
    def racing(state: dict[str, Any], request: Request, outside: Any) -> Outcome:
        outside.file_write("a.txt", "text/plain", b"answers")
        if len(state["log"]) == 1:  # somebody else is faster, once
            house.on_answer = lambda state, request, outside: Outcome(save="new", screen=_screen(state))
            house.answer("other", desk=1)
            house.on_answer = racing
        return Outcome(save="new", screen=_screen(state))

    house.on_answer = racing
    house.answer("mine")
    assert sorted(house.log()) == ["mine", "other"]
    assert len(house.store.files.of_session(house.session)) == 1


def test_a_step_cannot_write_files_into_a_session_that_is_gone(house: House) -> None:
    def slow(state: dict[str, Any], request: Request, outside: Any) -> Outcome:
        house.store.sessions.delete(house.session)
        with pytest.raises(LookupError):
            outside.file_write("a.txt", "text/plain", b"answers")
        return Outcome(save="new", screen=_screen(state))

    house.on_answer = slow
    with pytest.raises(CallFailed):
        house.answer("one")
    assert house.store.files.of_session(house.session) == []


def upload(house: House, **changed: Any) -> dict[str, Any]:
    about: dict[str, Any] = {
        "session": house.session,
        "upload": "u1",
        "filename": "a.txt",
        "mimetype": "text/plain",
        "offset": 0,
        "chunk": base64.b64encode(b"text").decode(),
        "last": True,
    }
    return Uploads(house.store, clock=house.clock).upload(**(about | changed))


def test_names_of_files_as_computers_make_them(house: House) -> None:
    number = upload(house, filename="Screenshot 2026-01-15 at 10.30.00\u202fAM.png\n")["file"]
    info = house.store.files.info(number)
    assert info is not None
    assert info.filename == "Screenshot 2026-01-15 at 10.30.00 AM.png"


def test_an_upload_into_a_session_that_is_being_deleted_does_not_stay(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = house.store.files.put

    def deleted_meanwhile(**file: Any) -> Any:
        house.store.sessions.delete(house.session)
        return put(**file)

    monkeypatch.setattr(house.store.files, "put", deleted_meanwhile)
    with pytest.raises(CallFailed) as caught:
        upload(house)
    assert caught.value.kind == "NoSession"
    assert house.store.files.of_session(house.session) == []


def test_a_file_comes_down_in_any_pieces(house: House) -> None:
    whole = bytes(range(250)) * 6_000
    info = house.store.files.put(
        session=house.session, filename="a", mimetype="text/plain", content=[whole], now=house.now
    )
    files, got = Uploads(house.store, clock=house.clock), b""
    while len(got) < len(whole):
        piece = files.download(session=house.session, number=info.number, offset=len(got), length=400_000)
        got += base64.b64decode(piece["chunk"])
    assert got == whole
    for offset, length in ((len(whole), 10), (len(whole) + 5, 10), (0, 0)):
        piece = files.download(session=house.session, number=info.number, offset=offset, length=length)
        assert (piece["chunk"], piece["size"]) == ("", len(whole))


def test_a_file_number_that_cannot_be_is_refused(house: House) -> None:
    with pytest.raises(CallFailed) as caught:
        Uploads(house.store, clock=house.clock).download(session=house.session, number=2**70)
    assert caught.value.kind == "BadValue"


# ------------------------------------------------------------------ requests and sweeps


def test_the_longest_request_id_still_makes_ids_of_effects(house: House) -> None:
    house.on_answer = lambda state, request, outside: Outcome(save="new", screen=_screen(state), effects=(MAIL,))
    house.answer("one", request_id="r" * 150)
    with pytest.raises(CallFailed) as caught:
        house.answer("two", request_id="r" * 151)
    assert caught.value.kind == "BadValue"
    assert house.log() == ["one"]


def test_a_sweep_goes_on_however_much_waits(house: House) -> None:
    sweeper = Sweeper(
        store=house.store, bus=house.bus, clock=house.clock, interval=timedelta(seconds=5), delete_after=None
    )
    for patience in (sweeper._outboxes, sweeper._tasks, sweeper._mails):
        patience.due((str(number) for number in range(checks.LIMIT_ENTRIES)), house.now)
    house.task()
    house.now += timedelta(minutes=1)
    sweeper.run()
    wait_until(lambda: [job.id for job in house.jobs["task"]] == ["t1"])
