"""The interview service and a worker over one sealed database file, for browsers whose keys open their sessions; jobs are done when a test says."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from services.gateway.client.secret import BrowserSecret
from services.interview.access import keys_of
from services.interview.build import build as build_interview
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
from shared.contract.screen import Screen
from shared.engine.outcome import Flags, Outcome, TaskResult
from shared.engine.request import Request
from shared.mail.dissect import dissect
from shared.state.codec import decode_value, encode_value
from shared.store.open import open_store
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

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """Nothing that is sent meanwhile reaches the bus."""

        def away(job: Job) -> None:
            raise BusUnavailable("away")

        self.bus.send = away  # type: ignore[method-assign]
        yield
        del self.bus.send

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


def kept_mail(office: Office) -> str:
    (one,) = office.reception.keep(
        recipients=[office.reception.find("abc@example.com")],
        sender="PLANTED@example.org",
        raw=b"Subject: PLANTED\r\n\r\nx",
    )
    assert one is not None
    office.bus.send(Job(queue="mail", id=one, body={"mail": one}))
    return one


def allowing(office: Office, words: str) -> None:
    office.stop()
    office.settings = replace(office.settings, sealed_sessions=words)
    office.start()
