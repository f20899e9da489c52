"""How often a request asks the database: each time costs what the way there costs, and 0.2 s of that are felt ten times.

Counted with two processes of the interview service and a worker over MongoDB, without what the broker costs (tests/contract/bus).
"""

from __future__ import annotations

import os
import secrets
import smtplib
import uuid
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from services import mail_turns
from services.interview.incoming_mail import IncomingMail
from services.mail_ingest.connection import Limits
from services.mail_ingest.reception import Reception
from services.mail_ingest.refusals import Refusals
from services.mail_ingest.server import Listener, MailServer
from services.notices import Notices
from services.outgoing import OutgoingServer
from services.session_host import SessionHost
from services.worker.handing_over import Answer, Taken
from services.worker.mailer import Mailer
from shared.bus.messages import Job
from shared.engine.outcome import Outcome, TaskResult
from shared.state.codec import encode_value
from shared.store.open import open_store
from shared.store.records import Mail, OutgoingMail
from shared.vault.keys import MemoryKeys
from shared.vault.ports import KeyAway
from shared.vault.sealed import SealedVault
from shared.vault.store import VaultedStore
from tests.contract.store.make import an_address
from tests.contract.store.reads import counted
from tests.unit.interview import house as parts
from tests.unit.interview.house import WHO, House, mail_parts

RAW = b"Message-ID: <1@example.com>\r\nSubject: s\r\n\r\nGood day\r\n"

pytestmark = pytest.mark.mongodb


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    address = f"{os.environ['MONGO_URI'].rstrip('/')}/test_{secrets.token_hex(6)}"
    monkeypatch.setattr(parts, "memory_store", lambda: open_store(address))
    made = House()
    yield made
    made.bus.close()
    made.store.close()
    with MongoClient[dict[str, object]](address) as client:
        client.drop_database(client.get_default_database())


def trips(house: House, do: Callable[[], object]) -> int:
    with counted(house.store) as reads:
        do()
    return reads.commands


def test_a_screen_an_answer_and_a_look_of_a_page(house: House) -> None:
    desk = house.desks[0]
    shown = desk.screen(session=house.session, caller=WHO)

    def answer() -> None:
        desk.answer(
            session=house.session,
            request_id=uuid.uuid4().hex,
            token=shown["screen"]["token"],
            values={"word": "one"},
            caller=WHO,
        )

    assert trips(house, lambda: desk.screen(session=house.session, caller=WHO)) == 1
    assert trips(house, answer) == 1, "the write; the session is known here"
    look = lambda: desk.check_in(session=house.session, caller=WHO)  # noqa: E731
    assert trips(house, look) == 2, "is it newer?, and does it have tasks?"
    assert [trips(house, look) for _ in range(3)] == [1, 1, 1], "a task begins with a new version"
    answer()
    assert trips(house, look) == 2
    elsewhere = house.desks[1]
    elsewhere.screen(session=house.session, caller=WHO)
    answer()
    assert trips(house, lambda: elsewhere.screen(session=house.session, caller=WHO)) == 2, (
        "is it newer?, and the newer one"
    )


@pytest.mark.parametrize("counts", [False, True], ids=["as it was", "changed by being shown"])
def test_back(house: House, counts: bool) -> None:
    house.on_show = lambda state: state.update(shown=state.get("shown", 0) + counts)
    desk, other = house.desks

    def answer(word: str) -> None:
        shown = desk.screen(session=house.session, caller=WHO)["screen"]
        asked = {"token": shown["token"], "values": {"word": word}}
        desk.answer(session=house.session, request_id=uuid.uuid4().hex, caller=WHO, **asked)

    def back(at: Any) -> Callable[[], object]:
        return lambda: at.back(session=house.session, request_id=uuid.uuid4().hex, caller=WHO)

    for word in ("one", "two", "three", "four"):
        answer(word)
    assert trips(house, back(desk)) == 2, "is it the newest?, and the write"
    assert trips(house, back(desk)) == 2, "also the second time"
    answer("five")
    other.screen(session=house.session, caller=WHO)
    answer("six")
    assert trips(house, back(other)) == 3, "it was not the newest"


def test_an_answer_to_a_screen_that_another_process_showed_is_run_once(house: House) -> None:
    desk, other = house.desks
    other.screen(session=house.session, caller=WHO)
    for word in ("one", "two"):
        shown = desk.screen(session=house.session, caller=WHO)["screen"]
        asked = {"token": shown["token"], "values": {"word": word}}
        steps = house.runner.steps
        at = desk if word == "one" else other
        made = trips(house, lambda: at.answer(session=house.session, request_id=uuid.uuid4().hex, caller=WHO, **asked))
        assert made == (1 if at is desk else 2), "the newest, where it is known to be newer, and the write"
        assert house.runner.steps - steps == 1


def test_a_new_session_and_the_screen_of_a_browser(house: House) -> None:
    def begin() -> None:
        house.desks[0].open(interview="demos:house.yml", request_id=uuid.uuid4().hex, caller=WHO)

    assert trips(house, begin) == 2, "is it there?, and the write"


def test_a_task_from_its_job_to_its_result(house: House) -> None:
    job: Job = house.task()
    assert trips(house, lambda: house.worker().handle(job)) == 4, "which is first, claimed, the session read, ended"
    assert house.row().status == "done"


def test_a_page_that_shows_what_a_task_gave(house: House) -> None:
    house.worker().handle(house.task())
    host = SessionHost(house.store, house.session, clock=house.clock)
    views: list[object] = []
    look = lambda: views.append(host.task("t1", None))  # noqa: E731
    assert trips(house, look) == 2, "has it ended?, and how?"
    assert trips(house, look) == 0, "the same step asks whether it has ended, and then for what it gave"
    assert views[0] == views[1]
    assert house.row().status == "done"


def test_a_mail_from_its_job_to_its_task(house: House) -> None:
    def receive(name: str) -> Job:
        mail = Mail(id=name, address="abc", session=house.session, sender="a@example.com", received=house.now, raw=RAW)
        assert house.store.mails.keep(mail)
        return mail_turns.job(name, house.session)

    incoming = IncomingMail(house.steps[0], mail_parts(house))
    first = receive("m1")
    parts_of_it = 1 + 2 * 4 + 1  # is it taken apart?, a file of its body and one of its headers, the list of them
    around = 8  # the mail, the session, which wait, whose address, the write, the task, out of the outbox, done
    assert trips(house, lambda: incoming.handle(first)) == parts_of_it + around


def test_a_mail_whose_session_its_job_names_and_nobody_can_open_here(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(session: str) -> None:
        raise KeyAway

    def receive(name: str, **known: str) -> Job:
        mail = Mail(id=name, address="abc", session=house.session, sender="a@example.com", received=house.now, raw=RAW)
        assert house.store.mails.keep(mail)
        return Job(queue="mail", id=name, body={"mail": name, **known})

    incoming = IncomingMail(house.steps[0], mail_parts(house))
    monkeypatch.setattr(house.steps[0], "load", away)
    known, looked_up = receive("m1", session=house.session), receive("m2")
    assert trips(house, lambda: incoming.handle(known)) == 1, "done; the session was not loaded here"
    assert trips(house, lambda: incoming.handle(looked_up)) == 2, "whose it is"
    assert [mail.status for mail in house.store.mails.of_session(house.session)] == ["done", "done"]


class Post:
    """A mail server before a store that has the keys of no session, as in `mail_ingest`, and a session's two addresses."""

    def __init__(self, house: House) -> None:
        keys = MemoryKeys()
        VaultedStore(house.store, SealedVault(keys)).mails.open(an_address("abc", session=house.session))
        VaultedStore(house.store, SealedVault(keys)).mails.open(an_address("bcd", session=house.session))
        reception = Reception(
            mails=VaultedStore(house.store, SealedVault(MemoryKeys())).mails,
            bus=house.bus,
            clock=house.clock,
            domains=["x.example"],
            keys=[b"a key"],
        )
        self.server = MailServer(
            reception,
            listeners=[Listener(host="127.0.0.1", port=0)],
            domain="x.example",
            limits=Limits(),
            refusals=Refusals(clock=house.clock),
        )
        self.port = self.server.start()

    def send(self, raw: bytes, *to: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as client:
            assert client.sendmail("ann@example.org", to, raw) == {}


@pytest.fixture
def post(house: House) -> Iterator[Post]:
    house.bus.consume("mail", lambda job: None, workers=1)
    made = Post(house)
    yield made
    made.server.stop()


def test_a_mail_from_its_sender_to_its_250(house: House, post: Post) -> None:
    assert trips(house, lambda: post.send(RAW, "abc@x.example")) == 1 + 2, (
        "whose address, and how much mail there is; the mail, and how much there is now, which tells whether the session is still there"
    )
    assert trips(house, lambda: post.send(RAW, "abc@x.example")) == 1 + 2, "is it there?, and whose write that was"
    unnamed = RAW.replace(b"Message-ID", b"Subject")
    assert trips(house, lambda: post.send(unnamed, "abc@x.example")) == 1 + 1 + 2, "one more for the hour before"
    assert trips(house, lambda: post.send(RAW + b"2", "abc@x.example", "BCD@x.example", "abc+t@x.example")) == 3 + 2 * 2
    assert len(house.store.mails.of_session(house.session)) == 4


class Taking:
    """A server that takes all."""

    def send(self, message: EmailMessage, **given: Any) -> Taken:
        return Taken(answer=Answer(250, "kept"))

    def close(self) -> None: ...


def test_a_mail_that_leaves(house: House, tmp_path: Path) -> None:
    store = VaultedStore(house.store, SealedVault(MemoryKeys()))
    mailer = Mailer(
        store=store,
        bus=house.bus,
        servers=[OutgoingServer(host="h")],
        clock=house.clock,
        sender="parley@x.example",
        domain="x.example",
        folder=tmp_path,
        notices=Notices(store=store, bus=house.bus, clock=house.clock, addresses=()),
        transport=lambda server: Taking(),
    )
    body = {"to": ["ann@example.org"], "subject": "Hello", "body": "Good day"}
    for name in ("m1", "m2"):
        store.outgoing.add(OutgoingMail(id=name, session=house.session, body=body, created=house.now, due=house.now))
    first, second = (Job(queue="send", id=name, body={"mail": name}) for name in ("m1", "m2"))
    assert trips(house, lambda: mailer.handle(first)) == 2, "claimed, sent"
    (lane,) = mailer._lanes.values()
    while lane.enter():
        pass
    assert trips(house, lambda: mailer.handle(second)) == 0, (
        "the server is busy: it waits, and is looked at when it is called"
    )
    sent, waits = store.outgoing.get("m1"), store.outgoing.get("m2")
    assert sent is not None
    assert waits is not None
    assert (sent.status, sent.last["text"], waits.status, waits.attempts) == ("sent", "kept", "queued", 0)


def test_the_response_of_a_task(house: House) -> None:
    job = house.task()
    house.on_task = lambda request: Outcome(
        save="overwrite", task=TaskResult(ok=True, next_action="keep", next_arguments=encode_value({}))
    )
    assert trips(house, lambda: house.worker().handle(job)) == 10, (
        "which is first, claimed, the session read, responding; task, session and task again, the write, ended, forgotten"
    )
    assert house.row().status == "done"
