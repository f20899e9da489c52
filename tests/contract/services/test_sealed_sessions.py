"""Sealed sessions, from the calls down to the bytes of the database: who gets in, what goes on without a browser, and what a thief reads."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.gateway.client.secret import BrowserSecret
from services.interview.access import keys_of
from services.interview.build import build as build_interview
from services.mail_desk import MailDesk
from services.mail_ingest.reception import Reception
from services.session_host import SessionHost
from services.settings import Settings
from services.vaults import sealed
from services.worker.build import build as build_worker
from shared.bus import wire
from shared.bus.inprocess import InProcessBus
from shared.bus.messages import BusUnavailable, Job
from shared.contract.effects import OpenAddress, SendMail, StartTask
from shared.contract.entry import Entry
from shared.contract.errors import NoFile, NoSession
from shared.contract.screen import Screen
from shared.contract.tasks import TaskStatus
from shared.engine.outcome import Flags, Outcome, TaskResult
from shared.engine.request import Request
from shared.mail.dissect import dissect
from shared.state.codec import decode_value, encode_value
from shared.store.open import open_store
from shared.vault.slots import TICKET_AGE
from tests.helpers.plainrunner import PlainRunner

ME, OTHER = (BrowserSecret(bytes([number]) * 32) for number in (1, 2))
EVENTS = ("incoming_email", "cron_daily")


class Waiting(InProcessBus):
    """Jobs wait until somebody does them."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[str, list[Job]] = {"task": [], "send": [], "mail": []}

    def send(self, job: Job) -> None:
        body = wire.decode(wire.encode(dict(job.body), "a body"), "a body")
        self.jobs[job.queue].append(replace(job, body=body))


class Office:
    """The interview service and a worker over one database file, and jobs that are done when a test says so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
        self.multi_user = False
        self.enclosed: tuple[int, ...] = ()  #: by the mail
        self.tasks_run: list[object] = []
        questions = folder / "packages" / "a" / "data" / "questions"
        questions.mkdir(parents=True, exist_ok=True)
        (questions / "b.yml").write_text("mandatory: True\nquestion: The runner of these tests answers for it\n")
        self.settings = Settings(secret="k" * 40, var=folder, packages=(folder / "packages",))
        self.start()

    def start(self) -> None:
        """Two processes that know nothing of before."""
        self.inner = open_store(f"sqlite:///{self.folder / 'parley.sqlite'}")
        self.bus = Waiting()
        self.jobs = self.bus.jobs
        self.runner = runner = PlainRunner(self._script)
        store, there = (sealed(self.settings, self.inner, clock=self.clock) for _ in range(2))
        self.store = store
        given: dict[str, Any] = {"bus": self.bus, "runner": runner, "clock": self.clock}
        self.interview = build_interview(
            self.settings, store=store, vault=store.vault, dissect=lambda raw: dissect(raw).plain(), **given
        )
        self.bus.serve("interview", self.interview.methods)
        host: Any = lambda session, *more: SessionHost(there, session, clock=self.clock)  # noqa: E731
        self.worker = build_worker(self.settings, store=there, vault=there.vault, host=host, config={}, **given)
        mails = sealed(self.settings, self.inner, clock=self.clock).mails
        self.reception = Reception(
            mails=mails, bus=self.bus, clock=self.clock, domains=["example.com"], keys=[b"a key"]
        )

    def stop(self) -> None:
        self.bus.close()
        self.inner.close()

    def clock(self) -> datetime:
        return self.now

    def _script(self, state: dict[str, Any], request: Request) -> Outcome:
        flags = Flags(multi_user=self.multi_user, allow_cron=True, events=EVENTS, title="PLANTED-title")
        screen = Screen(kind="fields", question="?", block="b")
        if request.mode == "background":
            self.tasks_run.append(decode_value(request.action.encoded or b"") if request.action else None)
            told = TaskResult(
                ok=True, value=encode_value("x"), next_action="told", next_arguments=encode_value({"n": "PLANTED"})
            )
            return Outcome(save="ignore", task=told)
        if request.mode == "callback":
            state["told"] = "PLANTED-told"
            return Outcome(
                save="overwrite", screen=screen, flags=flags, task=TaskResult(ok=True, value=encode_value("PLANTED"))
            )
        if request.action is not None and request.mode != "cron":
            state["answer"] = request.action.arguments["answer"]
            effects = (
                StartTask(task_id="task1", action="work", arguments=encode_value({"given": "PLANTED-argument"})),
                SendMail(
                    mail_id="mail1",
                    to=("PLANTED@example.com",),
                    subject="PLANTED-subject",
                    body="PLANTED-body",
                    attachments=self.enclosed,
                ),
                OpenAddress(address="abc", key="PLANTED-key", index=None),
            )
            return Outcome(save="new", screen=screen, flags=flags, effects=effects)
        return Outcome(save="overwrite", screen=screen, flags=flags)

    def call(self, method: str, **arguments: Any) -> Any:
        return wire.result(wire.answer(self.interview.methods[method](**arguments), method), Any, method)

    def open(self, who: BrowserSecret | None = ME) -> str:
        request = uuid.uuid4().hex
        entry = None if who is None else plain_entry(who, who.new_session("a:b.yml", request), begin=True)
        opened = self.call("open", interview="a:b.yml", request_id=request, caller=caller(who), entry=entry)
        name: str = opened["session"]
        return name

    def act(self, session: str, who: BrowserSecret | None = ME, answer: str = "PLANTED-answer") -> Any:
        return self.call(
            "action",
            session=session,
            request_id=uuid.uuid4().hex,
            name="go",
            arguments={"answer": answer},
            caller=caller(who),
            entry=None if who is None else plain_entry(who, session),
        )

    def state(self, session: str, who: BrowserSecret = ME) -> Any:
        keys = self.store.vault
        with keys.work():
            keys.offer(session, shown_keys(who, session))
            found = self.store.sessions.load(session)
            assert found is not None
            return decode_value(found.state)

    def do(self, queue: str) -> None:
        jobs, self.jobs[queue][:] = list(self.jobs[queue]), []
        handlers = {**self.interview.jobs, **self.worker.jobs}
        for job in jobs:
            handlers[queue](job)

    def stolen(self) -> bytes:
        """Every byte that is on the disk."""
        return b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())


def shown_keys(who: BrowserSecret, session: str) -> Any:
    return keys_of(Entry(browsers=(who.browser,), keys=(who.key(session),)))


def plain_entry(who: BrowserSecret, session: str, *, begin: bool = False, vouched: bool = False) -> dict[str, Any]:
    made = Entry(browsers=(who.browser,), keys=(who.key(session),), session=session if begin else None, vouched=vouched)
    plain: dict[str, Any] = msgspec.to_builtins(made)
    return plain


def caller(who: BrowserSecret | None) -> Mapping[str, Any]:
    return {"client": "nobody-special" if who is None else who.browser, "browser": {"ip": "192.0.2.1"}}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.stop()


def test_a_thief_of_the_disk_reads_no_answer(office: Office) -> None:
    session = office.open()
    office.act(session)
    office.call(
        "upload",
        session=session,
        upload="u1",
        filename="PLANTED-name.txt",
        mimetype="text/planted",
        offset=0,
        chunk=base64.b64encode(b"PLANTED-content").decode(),
        last=True,
        entry=plain_entry(ME, session),
    )
    office.reception.keep(
        recipients=["abc@example.com"], sender="PLANTED@example.org", raw=b"Subject: PLANTED\r\n\r\nx"
    )
    office.do("task")
    office.do("mail")
    assert office.state(session) == {"answer": "PLANTED-answer", "told": "PLANTED-told"}
    assert b"PLANTED" not in office.stolen()
    assert b"planted" not in office.stolen()
    assert b"PLANTED" not in repr(office.jobs["send"]).encode()
    office.do("send")  # which leaves, here into a folder
    assert b"PLANTED-subject" in office.stolen()


def test_the_id_opens_nothing_and_a_wrong_key_nothing_either(office: Office) -> None:
    session = office.open()
    for entry in (None, plain_entry(OTHER, session)):
        with pytest.raises(NoSession) as caught:
            office.call("screen", session=session, caller=caller(OTHER), entry=entry)
        with pytest.raises(NoSession) as missing:
            office.call("screen", session="a" * 32, caller=caller(OTHER), entry=plain_entry(OTHER, "a" * 32))
        assert str(caught.value) == str(missing.value)
    assert (
        office.call("screen", session=session, caller=caller(ME), entry=plain_entry(ME, session))["session"] == session
    )


def test_processes_that_were_started_anew_open_with_the_browsers_key(office: Office) -> None:
    session = office.open()
    office.act(session)
    office.stop()
    office.start()
    office.act(session, answer="second")
    assert office.state(session)["answer"] == "second"


def test_the_installations_secret_alone_opens_no_session(office: Office) -> None:
    session = office.open()
    kept = office.inner.sessions.load(session)
    assert kept is not None
    assert not [name for name in kept.slots if name.startswith("s:")]


# -- while nobody is there


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


def test_what_a_crash_left_in_the_outbox_leaves_without_a_browser(office: Office, monkeypatch: Any) -> None:
    session = office.open()

    def away(job: Job) -> None:
        raise BusUnavailable("away")

    monkeypatch.setattr(office.bus, "send", away)
    office.act(session)
    monkeypatch.undo()
    office.stop()
    office.start()
    assert office.call("publish", session=session) == {"left": 0}
    office.do("task")
    assert office.state(session)["told"] == "PLANTED-told"
    kept = office.inner.sessions.load(session)
    assert kept is not None
    assert kept.outbox == ()


def test_what_waited_for_more_than_two_days_leaves_when_the_browser_is_back(office: Office, monkeypatch: Any) -> None:
    session = office.open()

    def away(job: Job) -> None:
        raise BusUnavailable("away")

    monkeypatch.setattr(office.bus, "send", away)
    office.act(session)
    monkeypatch.undo()
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


# -- mail


def kept_mail(office: Office) -> str:
    (one,) = office.reception.keep(
        recipients=["abc@example.com"], sender="PLANTED@example.org", raw=b"Subject: PLANTED\r\n\r\nx"
    )
    assert one is not None
    office.bus.send(Job(queue="mail", id=one, body={"mail": one}))
    return one


def test_a_mail_to_a_sealed_session_is_kept_and_waits_to_be_read(office: Office) -> None:
    session = office.open()
    office.act(session)
    one = kept_mail(office)
    office.do("mail")
    assert b"PLANTED" not in office.stolen()
    assert office.inner.tasks.get(f"mail.{one}") is None
    keys = office.store.vault
    with keys.work():
        keys.offer(session, shown_keys(ME, session))
        mail = office.store.mails.get(one)
        (head,) = office.store.mails.heads(session).lines
    assert mail is not None
    assert (mail.raw, mail.sender, mail.status) == (b"Subject: PLANTED\r\n\r\nx", "PLANTED@example.org", "done")
    assert (head.head, head.sender) == (b"Subject: PLANTED\r\n\r\n", "PLANTED@example.org")


def test_operators_see_that_there_is_a_mail_and_not_what_it_says(office: Office) -> None:
    office.act(office.open())
    shown = MailDesk(office.inner, clock=office.clock).show(kept_mail(office))
    assert shown is not None
    assert dict(shown.about)["contents"].startswith("sealed")
    assert "PLANTED" not in str(shown)


def test_a_mail_to_a_session_for_everybody_runs_its_action_at_once(office: Office) -> None:
    office.multi_user = True
    session = office.open()
    office.act(session)
    one = kept_mail(office)
    office.do("mail")
    assert office.inner.tasks.get(f"mail.{one}") is not None
    assert b"PLANTED" not in office.stolen()


# -- what an operator allows


def allowing(office: Office, words: str) -> None:
    office.stop()
    office.settings = replace(office.settings, sealed_sessions=words)
    office.start()


def test_mail_reaches_sealed_sessions_where_the_operator_allows_it(office: Office) -> None:
    allowing(office, "background, mail")
    session = office.open()
    office.act(session)
    one = kept_mail(office)
    office.do("mail")
    assert office.inner.tasks.get(f"mail.{one}") is not None
    with pytest.raises(NoSession):
        office.act(session, OTHER)  # the installation may open it; nobody who only knows its id


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


# -- multi_user on the way


def test_multi_user_may_change_on_the_way(office: Office) -> None:
    session = office.open()
    office.multi_user = True
    office.act(session, answer="open")
    assert office.act(session, OTHER, answer="theirs")["session"] == session
    assert office.state(session)["answer"] == "theirs"
    office.multi_user = False
    office.act(session, answer="closed")
    with pytest.raises(NoSession):
        office.act(session, OTHER)
    assert office.state(session)["answer"] == "closed"


def test_a_session_without_a_browser_is_opened_by_the_installation(office: Office) -> None:
    session = office.open(None)
    office.act(session, None, answer="PLANTED")
    kept = office.inner.sessions.load(session)
    assert kept is not None
    assert [name[:2] for name in kept.slots] == ["s:"]
    assert b"PLANTED" not in office.stolen()


# -- of before


def test_a_session_of_before_goes_on_and_is_sealed_by_its_next_answer(office: Office) -> None:
    session = office.open()
    office.act(session)
    with office.store.vault.work():
        office.store.vault.offer(session, shown_keys(ME, session))
        clear = office.store.sessions.load(session)
    assert clear is not None
    assert office.inner.sessions.delete(session)
    number = office.inner.files.put(
        session=session, filename="old.txt", mimetype="text/plain", content=[b"old"], now=office.now
    ).number
    slots = dict.fromkeys(clear.slots, b"")
    office.inner.sessions.create(replace(clear, sealed=False, slots=slots, outbox=(), top=None, step=0))
    office.stop()
    office.start()
    office.act(session, answer="PLANTED-new")
    kept = office.inner.sessions.load(session)
    assert kept is not None
    assert kept.sealed
    assert b"PLANTED" not in kept.state
    assert office.state(session)["answer"] == "PLANTED-new"
    piece = office.call("download", session=session, number=number, entry=plain_entry(ME, session))
    assert (piece["filename"], base64.b64decode(piece["chunk"])) == ("old.txt", b"old")
    with pytest.raises(NoSession):
        office.act(session, OTHER)


def test_a_file_of_another_session_is_no_file(office: Office) -> None:
    session, other = office.open(), office.open(OTHER)
    number = office.call(
        "upload", session=session, upload="u", filename="a", mimetype="b/c", offset=0,
        chunk=base64.b64encode(b"x").decode(), last=True, entry=plain_entry(ME, session),
    )["file"]  # fmt: skip
    assert office.call("whose", number=number, browsers=[ME.browser])["session"] == session
    with pytest.raises(NoFile):
        office.call("download", session=other, number=number, entry=plain_entry(OTHER, other))
    with pytest.raises(NoFile):
        office.call("whose", number=number, browsers=[OTHER.browser])
