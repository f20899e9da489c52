"""What becomes of a mail by what its server says, tried as often as is due. Servers themselves: tests/contract/services."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from services.notices import Notices
from services.outgoing import Kind as ServerKind
from services.outgoing import OutgoingServer
from services.worker.handing_over import Answer, Deferred, Rejected, Taken
from services.worker.mailer import BUSY, GIVE_UP, PLAN, Mailer
from shared.bus.inprocess import InProcessBus
from shared.bus.messages import Job
from shared.contract.errors import NoSession
from shared.store.records import OutgoingMail
from shared.store.sqlite import SqliteStore
from shared.vault.plain import PLAIN
from shared.vault.ports import KeyAway
from tests.helpers.memory import memory_store
from tests.helpers.waiting import eventually

START = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
BODY = {"to": ["Ada <ada@example.com>", "bob@example.com"], "subject": "Hello", "body": "Good day\n"}
Says = Callable[[Sequence[str]], Taken]


class House:
    """`says` is what the server says to a try; `tried` are the recipients of each try."""

    def __init__(self, folder: Path) -> None:
        self.store: SqliteStore = memory_store()
        self.bus = InProcessBus()
        self.now = START
        self.says: Says = lambda recipients: Taken(answer=Answer(250, "ok"))
        self.tried: list[list[str]] = []
        self.sent: list[EmailMessage] = []
        self.told: list[Mapping[str, Any]] = []
        self.author: Exception | None = None
        self.bus.serve("interview", {"mail_failed": self._mail_failed})
        self.mailer = self.make(folder, OutgoingServer(name="one", kind=ServerKind.SMTP, host="h"))

    def make(self, folder: Path, *servers: OutgoingServer, **more: Any) -> Mailer:
        return Mailer(
            store=self.store, bus=self.bus, servers=servers, clock=lambda: self.now, sender="parley@x.example", domain="x.example",
            folder=folder, transport=lambda server: self, lease=timedelta(minutes=5),
            notices=Notices(store=self.store, bus=self.bus, clock=lambda: self.now, addresses=("op@x.example",)), **more,
        )  # fmt: skip

    def _mail_failed(self, **given: Any) -> dict[str, Any]:
        if self.author is not None:
            raise self.author
        self.told.append(given)
        return {"done": True}

    def send(
        self, message: EmailMessage, *, sender: str, recipients: Sequence[str], variables: Mapping[str, object]
    ) -> Taken:
        self.tried.append(list(recipients))
        self.sent.append(message)
        return self.says(recipients)

    def close(self) -> None: ...

    def write(self, **body: Any) -> None:
        self.store.outgoing.add(OutgoingMail(id="m", session="s", body={**BODY, **body}, created=START, due=START))

    def handle(self, after: timedelta = timedelta(0)) -> OutgoingMail:
        self.now += after
        self.mailer.handle(Job(queue="send", id="m", body={"mail": "m"}))
        found = self.store.outgoing.get("m")
        assert found is not None
        return found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    made.write()
    yield made
    made.bus.close()
    made.store.close()


def raising(error: Exception) -> Says:
    def says(recipients: Sequence[str]) -> Taken:
        raise error

    return says


def test_a_mail_that_was_taken_is_sent_once(house: House) -> None:
    found = house.handle()
    assert (found.status, found.last["code"], found.body) == ("sent", 250, {})
    assert house.tried == [["ada@example.com", "bob@example.com"]]
    assert (house.sent[0]["From"], house.sent[0]["Subject"]) == ("parley@x.example", "Hello")
    house.handle()
    assert len(house.tried) == 1


def test_it_is_tried_again_as_planned_and_given_up_after_two_days(house: House) -> None:
    house.says = raising(Deferred(Answer(451, "try later")))
    for minutes in PLAN:
        found = house.handle()
        assert (found.status, found.due - house.now) == ("queued", timedelta(minutes=minutes))
        assert house.handle() == found, "not before it is due"
        house.now = found.due
    assert house.handle().due - house.now == timedelta(hours=1)
    found = house.handle(GIVE_UP)
    assert found.status == "failed"
    assert found.last["text"].startswith("given up after 7 tries: try later")
    assert house.told[0]["code"] == 451


def test_what_is_refused_for_good_is_told_to_the_author_and_the_operator(house: House) -> None:
    house.says = raising(Rejected(Answer(550, "no such user")))
    found = house.handle()
    assert (found.status, found.last["text"]) == ("failed", "no such user")
    assert house.told == [{"mail": "m", "code": 550, "text": "no such user"}]
    [notice] = [one for one in house.store.outgoing.page("queued").lines if one.id != "m"]
    assert notice.session != "s"


def test_those_who_were_not_taken_now_are_tried_alone(house: House) -> None:
    house.says = lambda recipients: Taken(
        answer=Answer(250, "ok"), refused={"bob@example.com": Answer(450, "mailbox busy")}
    )
    found = house.handle()
    assert (found.status, found.body["left"]) == ("queued", ["bob@example.com"])
    house.says = raising(Rejected(Answer(550, "no"), {"bob@example.com": Answer(550, "no")}))
    found = house.handle(timedelta(minutes=1))
    assert house.tried[-1] == ["bob@example.com"]
    assert (found.status, found.last["refused"]) == ("failed", ["bob@example.com"])


def test_those_who_are_refused_while_others_are_not_fail_alone(house: House) -> None:
    house.says = lambda recipients: Taken(answer=Answer(250, "ok"), refused={"bob@example.com": Answer(550, "no")})
    found = house.handle()
    assert (found.status, found.last["refused"]) == ("sent", ["bob@example.com"])
    assert house.told == []


def test_an_author_who_is_away_is_told_later_and_the_mail_is_not_sent_again(house: House) -> None:
    house.says = raising(Rejected(Answer(550, "no such user")))
    house.author = RuntimeError("away")
    assert house.handle().status == "queued"
    house.author = None
    found = house.handle(timedelta(minutes=1))
    assert (found.status, len(house.tried), len(house.told)) == ("failed", 1, 1)
    assert "final" not in found.last


def test_a_session_that_is_gone_needs_not_be_told(house: House) -> None:
    house.says = raising(Rejected(Answer(550, "no such user")))
    house.author = NoSession("gone")
    assert house.handle().status == "failed"


def test_what_cannot_be_made_into_a_message_fails_with_what_it_is(house: House) -> None:
    house.store.outgoing.renew("m", body={**BODY, "attachments": [{"number": 9}]})
    found = house.handle()
    assert found.status == "failed"
    assert found.last["text"].startswith("it cannot be made into a message (")
    assert house.tried == []


def test_a_server_with_a_rate_takes_the_next_when_it_may(house: House, tmp_path: Path) -> None:
    house.mailer = house.make(tmp_path, OutgoingServer(name="one", kind=ServerKind.SMTP, host="h", per_minute=2))
    assert house.handle().status == "sent"
    house.store.outgoing.remove("m")
    house.write()
    found = house.handle()
    assert (found.status, found.due - house.now, found.attempts) == ("queued", timedelta(seconds=30), 0)
    assert house.handle(timedelta(seconds=30)).status == "sent"


def test_a_server_that_is_busy_is_asked_a_little_later(house: House) -> None:
    lane = house.mailer._lanes["one"]
    while lane.enter():
        pass
    found = house.handle()
    assert (found.due, found.attempts, house.tried) == (START, 0, []), "it was not even looked at"
    assert lane.leave() == "m", "it is called as soon as the server is free"
    house.mailer.handle(Job(queue="send", id="m", body={"mail": "m", "called": "one"}))
    assert len(house.tried) == 1


def test_which_of_two_servers_is_busy_is_known_once_a_mail_was_looked_at(house: House, tmp_path: Path) -> None:
    one, two = (OutgoingServer(name=name, kind=ServerKind.SMTP, host="h") for name in ("one", "two"))
    house.mailer = house.make(tmp_path, one, two)
    lane = house.mailer._lanes["one"]
    while lane.enter():
        pass
    found = house.handle()
    assert (found.due - house.now, found.attempts, house.tried) == (BUSY, 0, [])
    assert lane.leave() == "m", "it is called as soon as the server is free"
    assert house.handle().status == "queued", "a job that nobody called comes too early"
    house.mailer.handle(Job(queue="send", id="m", body={"mail": "m", "called": "one"}))
    assert len(house.tried) == 1


def test_who_is_called_and_is_away_lets_the_next_one_in(house: House) -> None:
    """Another job had it already: the place must not stay empty while others wait."""
    lane = house.mailer._lanes["one"]
    while lane.enter():
        pass
    house.handle()
    lane.wait("elsewhere")
    called = lane.leave()
    assert called == "m"
    house.store.outgoing.remove("m")
    heard: list[str] = []
    house.bus.consume("send", lambda job: heard.append(job.id))
    house.mailer.handle(Job(queue="send", id="m", body={"mail": "m", "called": "one"}))
    eventually(lambda: heard == ["elsewhere"], seconds=10)


def test_a_mail_that_nobody_may_read_any_more_ends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = house.store.outgoing.claim

    def away(mail_id: str, **given: Any) -> OutgoingMail | None:
        claim(mail_id, **given)
        raise KeyAway("s")

    monkeypatch.setattr(house.store.outgoing, "claim", away)
    found = house.handle()
    assert (found.status, found.last["text"]) == ("failed", "it waited for too long")


def test_a_job_of_before_there_were_rows_becomes_one(house: House) -> None:
    body = {"mail_id": "old", "session": "s", "task": "t", **BODY}
    house.mailer.handle(Job(queue="send", id="old", body=body))
    found = house.store.outgoing.get("old")
    assert found is not None
    assert (found.status, found.task is not None) == ("sent", True)


def test_an_old_job_that_nobody_may_read_makes_no_row(house: House, tmp_path: Path) -> None:
    def away(body: object, place: object) -> object:
        raise KeyAway("s")

    vault = SimpleNamespace(carried=away, work=PLAIN.work)
    mailer = house.make(tmp_path, vault=vault)
    mailer.handle(Job(queue="send", id="old", body={"mail_id": "old", **BODY}))
    assert house.store.outgoing.get("old") is None
