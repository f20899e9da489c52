"""What goes on with a sealed session while nobody is there: tasks, what a crash left, mails to send, deletion, and what an operator allows of it."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

from shared.bus.messages import Job
from shared.contract.tasks import TaskStatus
from shared.vault.slots import TICKET_AGE
from tests.contract.services.office import ME, Office, allowing, caller, plain_entry, shown_keys


def test_a_task_runs_and_its_response_is_saved_without_a_browser(office: Office) -> None:
    session = office.open()
    office.act(session)
    office.stop()
    office.start()  # nothing is known here but what the database holds
    office.bus.send(Job(queue="task", id="task1", body={"task": "task1"}))
    office.do("task")
    assert office.tasks_run == [{"given": "PLANTED-argument"}]
    assert office.state(session)["told"] == "PLANTED-told"
    kept = office.inner.tasks.get("task1")
    assert kept is not None
    assert kept.status is TaskStatus.DONE
    assert "ticket" not in kept.result  # it ended with the task


def test_what_a_crash_left_in_the_outbox_leaves_without_a_browser(office: Office) -> None:
    session = office.open()
    with office.cut_off():
        office.act(session)
    office.stop()
    office.start()
    assert office.call("publish", session=session) == {"left": 0}
    office.do("task")
    assert office.state(session)["told"] == "PLANTED-told"
    kept = office.inner.sessions.load(session)
    assert kept is not None
    assert kept.outbox == ()


def test_what_waited_for_more_than_two_days_leaves_when_the_browser_is_back(office: Office) -> None:
    session = office.open()
    with office.cut_off():
        office.act(session)
    office.now += TICKET_AGE + timedelta(minutes=1)
    office.stop()
    office.start()
    assert office.call("publish", session=session) == {"left": 0}
    assert office.jobs["send"] == []
    office.call("screen", session=session, caller=caller(ME), entry=plain_entry(ME, session))
    office.do("send")
    assert b"PLANTED-subject" in office.stolen()
    kept = office.inner.sessions.load(session)
    assert kept is not None
    assert kept.outbox == ()


def test_a_task_that_waited_for_more_than_two_days_has_failed(office: Office) -> None:
    session = office.open()
    office.act(session)
    office.now += TICKET_AGE + timedelta(minutes=1)
    office.do("task")
    assert office.tasks_run == []
    kept = office.inner.tasks.get("task1")
    assert kept is not None
    assert (kept.status, dict(kept.result)) == (TaskStatus.FAILED, {"ok": False, "error_type": "KeyAway"})
    keys = office.store.vault
    with keys.work():
        keys.offer(session, shown_keys(ME, session))
        (task,) = office.store.tasks.of_session(session)
    assert task.result["error_type"] == "KeyAway"


def test_a_session_is_deleted_without_its_key_and_what_it_had_to_send_is_sent(office: Office) -> None:
    session = office.open()
    keys = office.store.vault
    with keys.work():
        keys.offer(session, shown_keys(ME, session))
        about = {"session": session, "mimetype": "text/plain", "now": office.now}
        mine, _ = (office.store.files.put(filename="f.txt", content=[b"PLANTED-file"], **about) for _ in range(2))  # type: ignore[arg-type]
    office.enclosed = (mine.number,)
    office.act(session)
    assert office.call("delete", session=session) == {}
    assert office.inner.sessions.load(session) is None
    assert [one.number for one in office.inner.files.of_session(session)] == [mine.number], "the mail encloses it"
    office.do("task")  # which is gone
    assert office.tasks_run == []
    kept = office.inner.outgoing.get("mail1")
    assert kept is not None
    assert b"PLANTED" not in repr(kept.body).encode()
    office.do("send")
    (sent,) = office.folder.glob("mail/*.eml")
    assert b"PLANTED-body" in sent.read_bytes()
    [enclosed] = message_from_bytes(sent.read_bytes(), policy=default).iter_attachments()
    assert enclosed.get_content() == "PLANTED-file"
    assert office.inner.files.of_session(session) == []


def test_a_session_that_nobody_uses_is_deleted_without_its_key(office: Office) -> None:
    session = office.open()
    begun = office.now
    office.now += timedelta(days=90)
    for before, gone in ((begun, False), (begun + timedelta(seconds=1), True)):
        assert office.call("expire", session=session, before=before.isoformat()) == {"deleted": gone}
    assert office.inner.sessions.load(session) is None


def test_a_mail_that_waited_for_more_than_two_days_has_failed(office: Office) -> None:
    office.act(office.open())
    office.now += TICKET_AGE + timedelta(minutes=1)
    office.do("send")
    kept = office.inner.outgoing.get("mail1")
    assert kept is not None
    assert (kept.status, kept.last["text"]) == ("failed", "it waited for too long")
    assert list(office.folder.glob("mail/*.eml")) == []


def test_scheduled_events_reach_sealed_sessions_where_the_operator_allows_it(office: Office) -> None:
    for words, reached in (("background", 0), ("background, cron", 1)):
        allowing(office, words)
        session = office.open()
        steps = office.runner.steps
        office.runner.events = ("cron_daily",)
        office.interview.ticks["tick"](session=session, event="cron_daily", period="2026-01-15T06:00:00Z")
        assert office.runner.steps - steps == reached


def test_background_actions_have_failed_where_the_operator_does_not_allow_them(office: Office) -> None:
    allowing(office, "none")
    session = office.open()
    office.act(session)
    office.do("task")
    assert office.tasks_run == []
    kept = office.inner.tasks.get("task1")
    assert kept is not None
    assert kept.status is TaskStatus.FAILED
    office.do("send")  # a mail is what its user wanted done, whoever is there
    assert b"PLANTED-subject" in office.stolen()
