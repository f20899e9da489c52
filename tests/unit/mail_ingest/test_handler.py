"""What a sender is told at each SMTP command: accepted means kept, refused means told why, anything else means "later".

Over a store in memory, without a socket. What a real connection makes of it: tests/e2e/test_mail_reception.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.smtp import Envelope, Session

from services.mail_ingest.connection import Limits, LocalDelivery
from services.mail_ingest.handler import LATER, MAX_HOPS, MAX_RECIPIENTS, MAX_UNKNOWN, Handler, Rated
from services.mail_ingest.rates import Rates
from services.mail_ingest.reception import Reception
from services.mail_ingest.refusals import Refusals
from shared.bus.messages import BusUnavailable, Job
from shared.store.ports import Mails, StoreUnavailable, TooLarge
from shared.store.records import Address, Mail
from shared.store.sqlite import SqliteStore
from tests.helpers.memory import memory_store

NO_RATE = Rates(per_minute=0, clock=lambda: 0.0)
NOW = datetime(2026, 1, 15, tzinfo=UTC)
RAW = b"From: a@example.com\r\nSubject: x\r\n\r\nGood day\r\n"


class Bus:
    def __init__(self) -> None:
        self.sent: list[Job] = []
        self.cut = False

    def send(self, job: Job) -> None:
        if self.cut:
            raise BusUnavailable("cut by the test")
        self.sent.append(job)


class Failing:
    """The store's mails, one method of which raises."""

    def __init__(self, mails: Mails, method: str, error: Exception) -> None:
        self._mails = mails
        self._method = method
        self._error = error

    def __getattr__(self, name: str) -> Any:
        if name != self._method:
            return getattr(self._mails, name)

        def fail(*given: object, **named: object) -> None:
            raise self._error

        return fail


class Server:
    """What the hooks see of aiosmtpd's: a loop and a transport."""

    def __init__(self) -> None:
        self.closed = 0
        self.unknown = 0
        self.peer: str | None = "192.0.2.1"
        self.transport = SimpleNamespace(close=self._close)

    def _close(self) -> None:
        self.closed += 1

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()


class Handed(LocalDelivery):
    """The same of LMTP's."""

    def __init__(self) -> None:
        self.peer = "192.0.2.1"


class Post:
    """One connection to the reception of mail for sessions ``s1`` (two@) and ``s2``."""

    def __init__(self, *, per_minute: int = 1000) -> None:
        self.store: SqliteStore = memory_store()
        for name, session in (("one", "s1"), ("two", "s1"), ("three", "s2")):
            self.store.mails.open(Address(address=name, session=session, key=name, index=None, created=NOW))
        self.bus = Bus()
        self.mails: Any = self.store.mails
        self.rates = Rates(per_minute=per_minute, clock=lambda: 0.0)
        self.server = Server()
        self.session = Session(None)  # type: ignore[no-untyped-call]
        self.session.peer = ("192.0.2.1", 4000)
        self.envelope = Envelope()  # type: ignore[no-untyped-call]

    def __call__(self, hook: str, *given: object) -> str:
        async def in_thread(function: Callable[..., object], /, *arguments: object) -> object:
            return function(*arguments)

        async def run() -> str:
            waiting: list[Awaitable[object]] = []
            reception = Reception(
                mails=self.mails, bus=self.bus, clock=lambda: NOW, domains=["x.example"], keys=[b"a key"]
            )  # type: ignore[arg-type]
            self.handler = Handler(
                reception,
                Rated(peers=self.rates, senders=NO_RATE, sessions=NO_RATE),
                Limits(),
                refusals=Refusals(clock=lambda: NOW),
                in_thread=in_thread,
                in_background=waiting.append,
            )
            told = await getattr(self.handler, f"handle_{hook}")(self.server, self.session, self.envelope, *given)
            for work in waiting:
                await work
            return str(told)

        return asyncio.run(run())

    def to(self, *recipients: str) -> list[str]:
        return [self("RCPT", recipient, []) for recipient in recipients]

    def data(self, raw: bytes = RAW) -> str:
        self.envelope.original_content = raw
        return self("DATA")

    def kept(self, session: str) -> list[Mail]:
        found = [self.store.mails.get(job.id) for job in self.bus.sent]
        return [mail for mail in found if mail is not None and mail.session == session]


@pytest.fixture
def post() -> Iterator[Post]:
    made = Post()
    yield made
    made.store.close()


def test_a_mail_is_kept_for_each_address_and_announced(post: Post) -> None:
    assert post("MAIL", "a@example.com", ["SMTPUTF8"]).startswith("250 ")
    assert [told[:3] for told in post.to("one@x.example", "ONE@X.example", "three@x.example")] == ["250"] * 3
    assert post.data() == "250 2.0.0 Kept"
    assert post.handler.busy == 0
    assert sorted(
        (mail.session, mail.address, mail.sender, mail.raw) for mail in post.kept("s1") + post.kept("s2")
    ) == [
        ("s1", "one", "a@example.com", RAW),
        ("s2", "three", "a@example.com", RAW),
    ]
    assert {job.queue for job in post.bus.sent} == {"mail"}
    whose = {mail.id: mail.session for mail in post.kept("s1") + post.kept("s2")}
    assert [job.body for job in post.bus.sent] == [{"mail": job.id, "session": whose[job.id]} for job in post.bus.sent]


@pytest.mark.parametrize(("peer", "front"), [("192.0.2.1", False), (None, True)])
def test_that_a_server_of_ours_handed_it_over_is_kept(post: Post, peer: str | None, front: bool) -> None:
    post.server.peer = peer
    post("MAIL", "a@example.com", [])
    post.to("one@x.example")
    post.data()
    assert [mail.front for mail in post.kept("s1")] == [front]


def test_the_same_recipient_is_written_down_once(post: Post) -> None:
    post.to("one@x.example", "one@x.example")
    assert post.envelope.rcpt_tos == ["one@x.example"]


@pytest.mark.parametrize("recipient", ["nobody@x.example", "one@elsewhere.example", "one", ""])
def test_who_is_not_known_is_refused_at_once(post: Post, recipient: str) -> None:
    assert post.to(recipient) == ["550 5.1.1 No such address"]
    assert post.envelope.rcpt_tos == []


def test_who_tries_names_is_shown_the_door(post: Post) -> None:
    told = post.to(*[f"name{n}@x.example" for n in range(MAX_UNKNOWN)])
    assert {one[:3] for one in told[:-1]} == {"550"}
    assert told[-1].startswith("421 4.7.0")
    assert post.server.closed == 1


def test_recipients_over_the_limit_go_into_another_mail(post: Post) -> None:
    post.envelope.rcpt_tos = [f"{n}@x.example" for n in range(MAX_RECIPIENTS)]
    assert post.to("one@x.example")[0].startswith("452 4.5.3")


def test_who_sends_too_much_waits() -> None:
    post = Post(per_minute=2)
    told = [post("MAIL", "a@example.com", [])[:3] for _ in range(3)]
    assert told == ["250", "250", "450"]
    post.server.peer = "192.0.2.2"
    assert post("MAIL", "a@example.com", [])[:3] == "250", "others do not wait for them"
    post.store.close()


@pytest.mark.parametrize(
    ("method", "error", "told"),
    [
        ("deliver", StoreUnavailable("away"), LATER),
        ("deliver", TooLarge("25 MB"), "552 5.3.4 This mail is too large"),
        ("known", StoreUnavailable("away"), LATER),
    ],
)
def test_what_is_not_kept_is_not_accepted(post: Post, method: str, error: Exception, told: str) -> None:
    post.to("one@x.example")
    post.mails = Failing(post.mails, method, error)
    assert post.data() == told
    assert post.bus.sent == []
    assert post.handler.busy == 0


def test_an_address_is_not_refused_because_the_store_is_away(post: Post) -> None:
    post.mails = Failing(post.mails, "destination", StoreUnavailable("away"))
    assert post.to("one@x.example") == [LATER]


def test_a_session_that_was_deleted_after_its_address_was_accepted(post: Post) -> None:
    post.to("one@x.example")
    post.store.sessions.delete("s1")
    assert post.data() == "550 5.1.6 What this address belonged to has ended"
    assert post.bus.sent == []


@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
def test_one_of_two_sessions_is_deleted_after_its_address_was_accepted(post: Post, lmtp: bool) -> None:
    if lmtp:
        post.server = Handed()  # type: ignore[assignment]
    post.to("one@x.example", "three@x.example", "two@x.example")
    post.store.sessions.delete("s1")
    gone, kept = "550 5.1.6 What this address belonged to has ended", "250 2.0.0 Kept"
    assert post.data() == ("\r\n".join([gone, kept, gone]) if lmtp else kept)
    assert [mail.session for mail in post.kept("s1") + post.kept("s2")] == ["s2"]
    assert post.store.mails.of_session("s1") == []


def test_a_mail_that_cannot_be_announced_is_kept_all_the_same(post: Post) -> None:
    post.to("one@x.example")
    post.bus.cut = True
    assert post.data() == "250 2.0.0 Kept"
    assert len(post.store.mails.waiting(older_than=datetime(2027, 1, 1, tzinfo=UTC), limit=9)) == 1


def test_a_mail_that_comes_again_is_kept_once(post: Post) -> None:
    raw = b"Message-ID: <1@example.com>\r\n" + RAW
    for _ in range(2):
        post.to("one@x.example")
        assert post.data(raw) == "250 2.0.0 Kept"
    assert len({job.id for job in post.bus.sent}) == 1


@pytest.mark.parametrize(("hops", "told"), [(MAX_HOPS, "250"), (MAX_HOPS + 1, "554")])
def test_a_mail_that_goes_in_circles_is_stopped(post: Post, hops: int, told: str) -> None:
    post.to("one@x.example")
    assert post.data(b"Received: by x\r\n" * hops + RAW)[:3] == told


@pytest.mark.parametrize(
    ("sender", "kept"), [("<>", ""), ("\udcff@example.com", "\ufffd@example.com"), ("ä@example.com", "ä@example.com")]
)
def test_senders_that_no_database_would_take_are_made_readable(post: Post, sender: str, kept: str) -> None:
    post("MAIL", sender, [])
    post.to("one@x.example")
    post.data()
    assert [mail.sender for mail in post.kept("s1")] == [kept]


def test_a_mistake_of_ours_is_no_refusal() -> None:
    async def unforeseen() -> str:
        reception: Any = None
        handler = Handler(
            reception,
            Rated(peers=NO_RATE, senders=NO_RATE, sessions=NO_RATE),
            Limits(),
            refusals=Refusals(clock=lambda: NOW),
            in_thread=None,
            in_background=print,
        )  # type: ignore[arg-type]
        return await handler.handle_exception(ZeroDivisionError())

    assert asyncio.run(unforeseen()) == LATER
