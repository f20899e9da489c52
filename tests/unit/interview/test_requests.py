"""What a request makes of a session: decided without a process, a store or a bus."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.interview import callbacks, commits, history, incoming_mail, requests, ticks, tokens
from services.interview.change import Change, Saving
from shared.contract.effects import Remember, SendMail, StartTask
from shared.contract.errors import BadToken
from shared.contract.outcome import Failure, Flags, Rejection, StepResult, TaskResult
from shared.contract.tasks import TaskStatus
from shared.state.codec import encode_value
from shared.state.delta import apply_delta, reverse_delta
from shared.store.records import Commit, Mail, OutboxEntry, Session, Step, Task

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
OLD, MIDDLE, NEW = (encode_value({"answers": ["x" * 50] * n}) for n in (1, 2, 3))
SHOWN = b'{"block":"Question_0","kind":"fields"}'


def a_session(**about: Any) -> Session:
    given: dict[str, Any] = {
        "id": "s",
        "version": 7,
        "interview": "demos:a.yml",
        "state": MIDDLE,
        "step": 1,
        "top": Step(
            uid=5,
            number=1,
            delta=history.pack(reverse_delta(OLD, MIDDLE), history.Answered(at=3, values={"word": "one"})),
            previous=None,
        ),
        "secret": b"s" * 32,
        "created": NOW,
        "modified": NOW,
        "accessed": NOW,
    }
    return Session(**{**given, **about})


def planned(session: Session, change: Change, done: StepResult | None, **more: Any) -> Commit | None:
    return commits.plan(session, change, done, now=NOW, request_id=more.pop("request_id", "r"), client="c", **more)


def saved(session: Session, change: Change, done: StepResult | None, **more: Any) -> Commit:
    commit = planned(session, change, done, **more)
    assert commit is not None
    return commit


def an_answer(session: Session) -> Change:
    token = tokens.sign(session.secret, SHOWN, version=7)
    return requests.answer(session, token=token, values={"word": "two"}, button=None, raw=False)


# ------------------------------------------------------------------ answers


def test_an_answer_is_run_on_the_state_and_becomes_a_step() -> None:
    session = a_session()
    change = an_answer(session)
    assert change.run is not None
    assert (change.run.state, change.run.steps) == (MIDDLE, 1)
    assert change.run.answer is not None
    assert (change.run.answer.shown.block, change.run.answer.values) == ("Question_0", {"word": "two"})
    commit = saved(session, change, StepResult(save="new", state=NEW))
    assert commit.push is not None
    assert (commit.push.uid, commit.push.number, commit.push.previous, commit.pop) == (8, 2, 5, 0)
    assert history.undo(NEW, commit.push) == history.Undone(state=MIDDLE, answered={"word": "two"})
    assert commit.fields["accessed"] == NOW


@pytest.mark.parametrize("token", ["", "x", tokens.sign(b"o" * 32, SHOWN, version=7)])
def test_an_answer_to_a_screen_that_this_session_did_not_show_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        requests.answer(a_session(), token=token, values={}, button=None, raw=False)
    with pytest.raises(BadToken):
        requests.check_in(a_session(), action="a", values={}, initial=False, changed=None, token=token or "y")


@pytest.mark.parametrize(
    "done",
    [
        StepResult(save="new", state=NEW, failure=Failure(type="KeyError", message="'a'")),
        StepResult(save="ignore", rejection=Rejection(message="no")),
        StepResult(save="ignore"),
    ],
)
def test_what_failed_was_refused_or_says_so_is_not_saved(done: StepResult) -> None:
    session = a_session()
    assert planned(session, an_answer(session), done) is None


def test_a_step_that_is_written_over_still_leads_back_to_the_one_below() -> None:
    session = a_session()
    commit = saved(session, requests.show(session), StepResult(save="overwrite", state=NEW), request_id=None)
    assert (commit.pop, commit.state) == (1, NEW)
    assert commit.push is not None
    assert history.undo(NEW, commit.push) == history.Undone(state=OLD, answered={"word": "one"})
    assert "accessed" not in commit.fields, "looking is not being there"


def test_looking_at_a_screen_that_changes_nothing_writes_nothing() -> None:
    session = a_session()
    assert planned(session, requests.show(session), StepResult(save="overwrite", state=MIDDLE), request_id=None) is None


def test_only_flags_that_changed_are_written() -> None:
    session = a_session(title="T")
    commit = saved(session, an_answer(session), StepResult(save="new", state=NEW, flags=Flags(title="T", progress=5)))
    assert commit.fields == {"progress": 5, "accessed": NOW}


def test_effects_leave_with_the_state_and_what_is_to_be_remembered_stays() -> None:
    session = a_session(extra={"client": "c", "lasting": {"a": 1}})
    mail = SendMail(mail_id="m", to=("a@example.com",), subject="s", body="b")
    done = StepResult(save="new", state=NEW, effects=(mail, Remember(key="b", value=2), Remember(key="b", value=3)))
    commit = saved(session, an_answer(session), done)
    assert [(entry.id, entry.kind) for entry in commit.outbox] == [(f"v{session.version + 1}.0", "SendMail")]
    assert commit.fields["extra"] == {"client": "c", "lasting": {"a": 1, "b": 3}}


# ------------------------------------------------------------------ Back, restart, delete


def test_back_shows_the_state_below_with_what_was_answered() -> None:
    session = a_session()
    change = requests.back(session)
    assert change is not None
    assert change.run is not None
    assert (change.run.state, change.run.steps, change.run.prior) == (OLD, 0, {"word": "one"})
    commit = saved(session, change, StepResult(save="overwrite", state=OLD))
    assert (commit.state, commit.push, commit.pop) == (OLD, None, 1)


def test_back_goes_back_even_if_the_screen_below_cannot_be_shown() -> None:
    session = a_session(multi_user=True)
    change = requests.back(session)
    assert change is not None
    commit = saved(session, change, StepResult(save="ignore", failure=Failure(type="KeyError", message="'a'")))
    assert (commit.state, commit.pop) == (OLD, 1)
    assert commit.fields == {"accessed": NOW}, "what failed says nothing about the session"


def test_back_to_a_step_that_changes_by_being_shown_keeps_the_way_to_those_below() -> None:
    below = Step(
        uid=3,
        number=1,
        delta=history.pack(reverse_delta(OLD, MIDDLE), history.Answered(at=3, values={"word": "one"})),
        previous=None,
    )
    top = Step(
        uid=5,
        number=2,
        delta=history.pack(reverse_delta(MIDDLE, NEW), history.Answered(at=5, values={"word": "two"})),
        previous=3,
    )
    session = a_session(state=NEW, step=2, top=top)
    change = requests.back(session)
    assert change is not None
    shown = encode_value({"answers": ["x" * 50] * 2, "offered": True})
    commit = saved(session, change, StepResult(save="overwrite", state=shown), below=below)
    assert (commit.state, commit.pop) == (shown, 2)
    assert commit.push is not None
    assert history.undo(shown, commit.push).state == OLD
    assert apply_delta(NEW, reverse_delta(MIDDLE, NEW)) == MIDDLE


def test_there_is_no_back_from_the_first_step() -> None:
    assert requests.back(a_session(step=0, top=None)) is None


def test_a_restart_forgets_every_step() -> None:
    session = a_session(step=4)
    change = requests.restart(session)
    assert change.run is not None
    assert (change.run.state, change.saving) == (None, Saving.RESTART)
    commit = saved(session, change, StepResult(save="new", state=NEW))
    assert (commit.state, commit.push, commit.pop) == (NEW, None, 4)


def test_a_deletion_is_the_last_effect_and_there_once() -> None:
    session = a_session()
    change = requests.delete(session)
    assert change is not None
    assert [entry.kind for entry in change.outbox] == ["DeleteSession"]
    assert requests.delete(replace(session, outbox=change.outbox)) is None


# ------------------------------------------------------------------ ticks and mail

OFFERING = {"multi_user": True, "allow_cron": True, "events": ("cron_daily", "cron_daily_background", "incoming_email")}
DAYS = [f"2026-01-{day}T06:00:00Z" for day in (14, 15, 16)]


def test_a_tick_runs_once_a_period() -> None:
    session = a_session(**OFFERING, scheduled=True)
    change = ticks.tick(session, event="cron_daily", period=DAYS[1])
    assert change is not None
    assert change.run is not None
    assert (change.run.mode, change.accessed) == ("cron", False)
    commit = saved(session, change, StepResult(save="overwrite", state=NEW, flags=Flags(**OFFERING)))
    session = replace(session, extra=commit.fields["extra"])
    assert ticks.tick(session, event="cron_daily", period=DAYS[1]) is None
    assert ticks.tick(session, event="cron_daily", period=DAYS[0]) is None, "it came late"
    assert ticks.tick(session, event="cron_daily", period=DAYS[2]) is not None


def test_marks_of_weeks_that_earlier_versions_left_hold_nothing_up() -> None:
    session = a_session(**OFFERING, scheduled=True, extra={"marks": {"cron_weekly": "2026-W03"}})
    assert ticks.tick(session, event="cron_weekly", period=DAYS[1]) is not None


def test_a_background_tick_starts_a_task_that_is_named_after_it() -> None:
    change = ticks.background_tick(a_session(**OFFERING, scheduled=True), event="cron_daily", period=DAYS[1])
    assert change is not None
    assert change.outbox[0].body["task_id"] == f"s.tick.cron_daily.{DAYS[1]}_background"
    assert change.marks == {"cron_daily_background": DAYS[1]}


def test_a_session_that_takes_no_part_has_no_ticks() -> None:
    assert ticks.tick(a_session(**OFFERING), event="cron_daily", period=DAYS[1]) is None
    assert ticks.background_tick(a_session(**OFFERING), event="cron_daily", period=DAYS[1]) is None


@pytest.mark.parametrize(("multi_user", "allow_cron"), [(True, True), (True, False), (False, True)])
def test_who_takes_part_in_scheduled_tasks(multi_user: bool, allow_cron: bool) -> None:
    flags = Flags(multi_user=multi_user, allow_cron=allow_cron)
    assert commits.flag_fields(flags)["scheduled"] == (multi_user and allow_cron)


def a_mail(name: str = "m1", raw: bytes = b"Subject: x\r\n\r\n", sender: str = "x@example.com") -> Mail:
    return Mail(id=name, address="a", session="s", sender=sender, received=NOW, raw=raw)


def arrival(session: Session, mail: Mail) -> Change | None:
    return incoming_mail.arrival(session, mail, now=NOW, domains=("mail.example.com",))


def test_a_mail_starts_its_action_in_sessions_that_others_may_use() -> None:
    change = arrival(a_session(**OFFERING), a_mail())
    assert change is not None
    assert change.outbox[0].body["task_id"] == "mail.m1"
    assert arrival(a_session(**{**OFFERING, "multi_user": False}), a_mail()) is None
    assert arrival(a_session(**{**OFFERING, "events": ()}), a_mail()) is None


@pytest.mark.parametrize(
    "automatic",
    [
        a_mail(sender=""),
        a_mail(raw=b"Auto-Submitted: auto-replied\r\n\r\n"),
        a_mail(raw=b"Message-ID: <x@Mail.Example.com>\r\n\r\n"),
        a_mail(raw=b"Received: x\r\n" * 31 + b"\r\n"),
    ],
)
def test_what_nobody_wrote_is_acted_on_only_if_the_interview_says_so(automatic: Mail) -> None:
    assert arrival(a_session(**OFFERING), automatic) is None
    events = (*OFFERING["events"], incoming_mail.ALL)
    assert arrival(a_session(**{**OFFERING, "events": events}), automatic) is not None


def test_a_session_acts_on_so_many_mails_in_an_hour() -> None:
    session = a_session(**OFFERING)
    for number in range(incoming_mail.PER_HOUR):
        change = arrival(session, a_mail(f"m{number}"))
        assert change is not None
        session = replace(session, extra=change.fields["extra"])
    assert arrival(session, a_mail("one more")) is None
    later = NOW + timedelta(hours=1, seconds=1)
    assert incoming_mail.arrival(session, a_mail("one more"), now=later) is not None


# ------------------------------------------------------------------ responses of tasks


def a_task(**response: Any) -> Task:
    given = {"action": "keep", "arguments": encode_value({"n": 1}), "error": None, "effects": [], **response}
    return Task(
        id="t",
        session="s",
        interview="demos:a.yml",
        action="work",
        arguments=b"",
        status=TaskStatus.RESPONDING,
        response=given,
        created=NOW,
        browser={"client": "c" * 20, "ip": "192.0.2.1", "session": "s"},
        user={"email": "user@example.com"},
    )


def test_a_response_is_saved_with_what_the_task_wanted_done() -> None:
    entry = {"id": "task.t.0", "kind": "SendMail", "body": {}}
    session, task = a_session(), a_task(effects=[entry], kept={"a": 1})
    change = callbacks.response(session, task)
    assert change.run is not None
    assert (change.run.mode, change.run.task_id) == ("callback", "t")
    told = TaskResult(ok=True, value=encode_value("told"))
    commit = saved(session, change, StepResult(save="overwrite", state=NEW, task=told), request_id=None)
    assert commit.outbox == (OutboxEntry(**entry),)
    assert commit.applied["t"]["plain"] == "told"
    assert commit.fields["extra"]["lasting"] == {"a": 1}


def test_a_response_that_changes_nothing_is_still_marked() -> None:
    session = a_session()
    change = callbacks.response(session, a_task())
    commit = saved(session, change, StepResult(save="ignore"), request_id=None)
    assert (commit.state, commit.applied["t"]["ok"]) == (None, True)


def test_an_error_stays_an_error_whatever_its_action_answers() -> None:
    task = a_task(is_error=True, error={"error_type": "KeyError", "error_message": "'a'"})
    change = callbacks.response(a_session(), task)
    assert change.run is not None
    assert change.run.mode == "error_callback"
    result = callbacks.result_of(task, StepResult(save="overwrite", task=TaskResult(ok=True, value=encode_value(1))))
    assert (result["ok"], result["error_type"], result["plain"]) == (False, "KeyError", 1)


def test_a_response_acts_for_whom_the_task_was_started() -> None:
    caller = callbacks.caller_of(a_task())
    assert (caller.client, caller.user.email, caller.browser.ip) == ("c" * 20, "user@example.com", "192.0.2.1")


def test_starting_a_task_in_a_step_that_is_thrown_away_still_starts_it() -> None:
    session = a_session()
    start = StartTask(task_id="t1", action="a", arguments=b"")
    commit = saved(session, an_answer(session), StepResult(save="ignore", effects=(start,)))
    assert (commit.state, [entry.kind for entry in commit.outbox]) == (None, ["StartTask"])
