"""Crashes, races and repeats at the places between two writes: nothing is lost, nothing happens twice or for somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from services.clock.idle import Idle, Retention
from services.clock.sweeps import Sweeper
from services.interview.incoming_mail import IncomingMail
from shared.bus.messages import CallFailed, Job
from shared.contract.effects import DeleteSession, OpenAddress, StartTask
from shared.engine.outcome import Outcome, TaskResult
from shared.engine.request import Request
from shared.state.codec import encode_value
from shared.store import checks
from shared.store.ports import StoreUnavailable
from shared.store.records import Address, Mail
from tests.unit.interview.house import MAIL, WHO, House, log_screen, mail_parts, wait_until

# ------------------------------------------------------------------ the end of a session


def exits(state: dict[str, Any], request: Request, host: Any) -> Outcome:
    return Outcome(save="new", screen=log_screen(state), effects=(MAIL, DeleteSession()))


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
    def crash(session_id: str, **given: object) -> bool:
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
    house.on_answer = lambda state, request, host: Outcome(save="new", screen=log_screen(state), effects=(MAIL,))
    house.bus.close()
    house.answer("one")
    for _ in range(2):
        house.desks[0].delete(session=house.session, caller=WHO)
    assert [entry.kind for entry in house.stored().outbox][:2] == ["SendMail", "DeleteSession"]
    house.open_bus()
    house.desks[0].publish(session=house.session)
    wait_until(lambda: [job.id for job in house.jobs["send"]] == ["m1"])
    assert house.store.sessions.load(house.session) is None
    house.desks[0].delete(session=house.session, caller=WHO)  # what a crash cut short is done again


def test_a_session_that_ends_in_order_is_gone_at_once(house: House) -> None:
    house.on_answer = exits
    house.answer("bye")
    assert house.store.sessions.load(house.session) is None
    wait_until(lambda: len(house.jobs["send"]) == 1)


def test_nothing_comes_of_tasks_of_a_session_that_ends_and_its_mails_leave(house: House) -> None:
    """Neither of one that runs when it ends, nor of one that waits, nor of one that the run starts which says exit."""
    start = StartTask(task_id="t9", action="work", arguments=encode_value({}))
    house.on_answer = lambda state, request, host: Outcome(
        save="new", screen=log_screen(state), effects=(start, MAIL, DeleteSession())
    )
    ran: list[Request] = []

    def ends_meanwhile(request: Request) -> Outcome:
        ran.append(request)
        house.answer("bye")
        assert house.store.sessions.load(house.session) is None
        answers = TaskResult(ok=True, next_action="keep", next_arguments=encode_value({}))
        return Outcome(save="ignore", task=answers, effects=(structs.replace(MAIL, mail_id="m2"),))

    house.on_task = ends_meanwhile
    runs = house.task()
    house.store.tasks.add(replace(house.row("t1"), id="t2"))
    house.worker().handle(runs)
    for name in ("t1", "t2", "t9"):
        house.worker().handle(Job(queue="task", id=name, body={"task": name}))
    assert len(ran) == 1
    assert house.store.tasks.of_session(house.session) == []
    wait_until(lambda: [job.id for job in house.jobs["send"]] == ["m1"])
    kept = house.store.outgoing.get("m1")
    assert kept is not None
    assert (kept.status, kept.body["body"]) == ("queued", MAIL.body)
    assert house.store.outgoing.get("m2") is None


# ------------------------------------------------------------------ what a process remembers may be old


def test_back_undoes_an_answer_that_another_process_took(house: House) -> None:
    house.answer("one", api=1)
    reply = house.desks[0].back(session=house.session, request_id="b1", caller=WHO)
    assert (reply["step"], house.log()) == (0, [])


def test_a_refused_answer_is_about_the_newest_state(house: House) -> None:
    house.answer("one", api=0)
    house.answer("two", api=1)
    refused = house.answer("bad", api=0)
    assert refused["rejected"]
    assert (refused["version"], refused["screen"]["question"]) == (house.stored().version, "one two")


def test_a_refused_answer_to_a_deleted_session_shows_nothing_of_it(house: House) -> None:
    house.answer("one", api=0)
    house.desks[1].delete(session=house.session)
    with pytest.raises(CallFailed) as caught:
        house.answer("bad", api=0)
    assert caught.value.kind == "NoSession"


def test_what_is_remembered_here_is_what_is_stored(house: House) -> None:
    for number in range(5):
        house.answer(str(number))
    kept = house.steps[0].load(house.session)
    assert kept.seen == house.stored().seen
    assert len(kept.seen) == 6, "the opening and five answers"


def test_turns_are_forgotten_and_hold_up_nobody_else(house: House) -> None:
    steps = house.steps[0]
    with steps.lock("a"), steps.lock("b"):
        assert len(steps._locks) == 2
    assert len(steps._locks) == 0


# ------------------------------------------------------------------ on whose behalf


def test_what_the_sweep_publishes_runs_as_whoever_it_was_for(house: House) -> None:
    house.bus.close()
    house.tick("cron_hourly", "2026-01-15T10:00:00Z")
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
    IncomingMail(house.steps[0], mail_parts(house)).handle(Job(queue="mail", id="mail1", body={"mail": "mail1"}))
    house.on_answer = lambda state, request, host: Outcome(
        save="new",
        screen=log_screen(state),
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


# ------------------------------------------------------------------ requests and sweeps


def test_a_request_repeated_within_an_hour_takes_effect_once(house: House) -> None:
    house.answer("first", request_id="r1")
    for number in range(70):
        house.answer(str(number), api=1)
    house.now += timedelta(minutes=59)
    house.answer("first", request_id="r1")
    house.answer("first", request_id="r1", api=1)
    assert house.log().count("first") == 1


def test_the_same_request_id_of_another_browser_is_another_request(house: House) -> None:
    house.answer("first", request_id="r1")
    other = {**WHO, "client": "d" * 20}
    house.desks[1].answer(
        session=house.session, request_id="r1", token=house._token, values={"word": "second"}, caller=other
    )
    assert house.log() == ["first", "second"]


def test_the_longest_request_id_still_makes_ids_of_effects(house: House) -> None:
    house.on_answer = lambda state, request, host: Outcome(save="new", screen=log_screen(state), effects=(MAIL,))
    house.answer("one", request_id="r" * 150)
    with pytest.raises(CallFailed) as caught:
        house.answer("two", request_id="r" * 151)
    assert caught.value.kind == "BadValue"
    assert house.log() == ["one"]


def test_a_sweep_goes_on_however_much_waits(house: House) -> None:
    kept = Retention(days=0, by_interview={}, people=False)
    idle = Idle(house.store.sessions, house.bus, kept, clock=house.clock, offers=lambda interview: False)
    sweeper = Sweeper(store=house.store, bus=house.bus, clock=house.clock, interval=timedelta(seconds=5), idle=idle)
    for patience in (sweeper._outboxes, sweeper._tasks, sweeper._mails):
        patience.due((str(number) for number in range(checks.LIMIT_ENTRIES)), house.now)
    house.task()
    house.now += timedelta(minutes=1)
    sweeper.run()
    wait_until(lambda: [job.id for job in house.jobs["task"]] == ["t1"])
