"""Mail that leaves: once, to whom it is for, tried as a mail server would, with nothing smuggled in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from services.erasing import erase
from services.outgoing import OutgoingServer
from services.worker.handing_over import Answer, Taken
from services.worker.lanes import AT_ONCE
from services.worker.mailer import GIVE_UP, LEASE, PLAN
from shared.bus.messages import Job
from tests.contract.services.outgoing import BODY, House, house, job
from tests.helpers.smtp_script import HANG, Server, scripted
from tests.helpers.waiting import eventually


@pytest.fixture
def post(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as made:
        yield made


class Kept:
    """A transport that keeps messages in memory: for what is in them. What servers do is tested with servers."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.meanwhile: Any = lambda: None

    def send(self, message: EmailMessage, *, sender: str, recipients: Any, variables: Any) -> Taken:
        self.meanwhile()
        self.sent.append(message)
        self.recipients.append(list(recipients))
        return Taken(answer=Answer(250, "kept"))

    def close(self) -> None: ...


def server_of(scripted_server: Server, **values: Any) -> OutgoingServer:
    return OutgoingServer(host="127.0.0.1", port=scripted_server.port, **values)


def test_a_mail_is_handed_over_once_with_all_its_recipients(post: House) -> None:
    with scripted() as server:
        mailer = post.mailer(server_of(server))
        post.add(cc=["c@example.com"], bcc=["Blind <b@example.com>"], to=["Ann <user@example.com>", "user@example.com"])
        for _ in range(3):
            mailer.handle(job())
    ((recipients, content),) = server.kept
    assert recipients == ["user@example.com", "c@example.com", "b@example.com"]
    message = message_from_bytes(content, policy=policy.default)
    assert (message["Message-ID"], message["Bcc"], message["Auto-Submitted"]) == ("<m1@x.example>", None, None)
    assert (post.row().status, post.row().body) == ("sent", {})


def test_connections_are_used_again(post: House) -> None:
    with scripted() as server:
        mailer = post.mailer(server_of(server))
        for number in range(5):
            mailer.handle(job(post.add(f"m{number}")))
        assert (len(server.kept), server.connections) == (5, 1)


def test_the_plan_of_tries(post: House) -> None:
    """After 1, 5, 15, 30, 60 minutes, then hourly, for two days; then the author is told."""
    with scripted(RCPT="450 4.2.1 later <user@example.com>") as server:
        mailer = post.mailer(server_of(server))
        post.add(task="reminder")
        waits = []
        while post.row().status == "queued":
            mailer.handle(job())
            waits.append(round((post.row().due - post.now).total_seconds() / 60))
            post.now = post.row().due
    assert waits[:7] == [*PLAN, 60, 60]
    row = post.row()
    assert row.status == "failed"
    assert row.attempts == len(waits)
    assert row.due - row.created <= GIVE_UP
    assert (row.last["code"], "given up after" in row.last["text"]) == (450, True)
    assert "user@" not in row.last["text"], "no address in what is logged and shown"
    assert post.told == [{"mail": "m1", "code": 450, "text": row.last["text"]}]


def test_not_before_it_is_due(post: House) -> None:
    with scripted(RCPT="450 later") as server:
        mailer = post.mailer(server_of(server))
        post.add()
        mailer.handle(job())
        before = server.connections
        for _ in range(3):
            mailer.handle(job())
        post.later(seconds=59)
        mailer.handle(job())
        assert (server.connections, post.row().attempts) == (before, 1)
        post.later(seconds=1)
        mailer.handle(job())
        assert post.row().attempts == 2


def test_some_recipients_refused(post: House) -> None:
    """For good: only those have failed. For now: only those are tried again."""
    refused = {"gone@example.com": "550 5.1.1 no such user", "full@example.com": "452 4.2.2 full"}

    def answer(line: str) -> str:
        return next((said for who, said in refused.items() if who in line), "250 ok")

    with scripted(RCPT=answer) as server:
        mailer = post.mailer(server_of(server))
        post.add(to=["user@example.com", "gone@example.com", "full@example.com"], task="t")
        mailer.handle(job())
        assert post.row().status == "queued"
        refused.pop("full@example.com")
        post.later(minutes=1)
        mailer.handle(job())
    assert [recipients for recipients, _ in server.kept] == [["user@example.com"], ["full@example.com"]]
    assert (post.row().status, post.row().last["refused"]) == ("sent", ["gone@example.com"])
    assert post.told == [], "somebody has it"


def test_a_second_delivery_does_nothing_while_the_first_is_under_way(post: House) -> None:
    kept = Kept()
    mailer = post.mailer(transport=lambda server: kept)
    post.add()

    def second() -> None:
        kept.meanwhile = lambda: None
        mailer.handle(job())

    kept.meanwhile = second
    mailer.handle(job())
    mailer.handle(job())
    assert len(kept.sent) == 1


def test_a_mail_of_a_worker_that_died_is_sent_by_another_when_its_lease_ran_out(post: House) -> None:
    kept = Kept()
    mailer = post.mailer(transport=lambda server: kept, lease=timedelta(minutes=2))
    post.add()
    claimed = post.store.outgoing.claim("m1", lease="of a dead worker", now=post.now, length=LEASE)
    assert claimed is not None
    mailer.handle(job())
    assert kept.sent == []
    assert post.store.outgoing.due(now=post.now + LEASE, limit=9) == ["m1"], "the sweep finds it"
    post.now += LEASE
    mailer.handle(job())
    assert [message["Message-ID"] for message in kept.sent] == ["<m1@x.example>"]


def test_a_server_that_hangs_holds_no_others(post: House) -> None:
    """Two hanging servers beside a good one: the good one's mails leave."""
    with scripted(connect=HANG) as one, scripted(MAIL=HANG) as two, scripted() as good:
        servers = [server_of(one, name="one"), server_of(two, name="two"), server_of(good, name="good")]
        mailer = post.mailer(*servers, seconds=30)
        post.bus.consume("send", mailer.handle, workers=8)
        for number in range(10):
            for name in ("one", "two", "good"):
                post.bus.send(job(post.add(f"{name}{number}", server=name)))
        eventually(
            lambda: len(good.kept) == 10, seconds=15
        )  # half of the time that the other two hang; no clock runs here
        assert one.connections <= 2
        assert two.connections <= 2


def test_mails_that_found_the_server_busy_follow_at_once(post: House) -> None:
    """No clock runs here: nobody but those that leave calls those that wait."""
    with scripted() as server:
        mailer = post.mailer(server_of(server, name="one"))
        post.bus.consume("send", mailer.handle, workers=8)
        for number in range(100):
            post.bus.send(job(post.add(f"m{number}", server="one")))
        eventually(lambda: len(server.kept) == 100, seconds=30)
        assert server.connections <= AT_ONCE
    assert all(post.row(f"m{number}").attempts == 1 for number in range(100)), "waiting for a turn is no attempt"


def test_a_server_with_a_rate(post: House) -> None:
    kept = Kept()
    mailer = post.mailer(OutgoingServer(per_minute=6), transport=lambda server: kept)
    for number in range(3):
        mailer.handle(job(post.add(f"m{number}")))
    assert len(kept.sent) == 1
    assert [(post.row(f"m{number}").due - post.now).total_seconds() for number in (1, 2)] == [10, 20], (
        "each its own moment"
    )
    assert post.row("m1").attempts == 0, "waiting for its turn is no attempt"
    for expected in (2, 3):
        post.later(seconds=10)
        for name in post.store.outgoing.due(now=post.now, limit=9):
            mailer.handle(job(name))
        assert len(kept.sent) == expected


def test_the_author_is_told_later_if_the_interview_service_is_away(post: House) -> None:
    with scripted(MAIL="550 no") as server:
        mailer = post.mailer(server_of(server))
        post.add(task="t")
        post.away = True
        mailer.handle(job())
        assert post.row().status == "queued"
        post.away = False
        post.later(minutes=1)
        before = server.connections
        mailer.handle(job())
        assert server.connections == before, "it is not sent again, only told"
    assert (post.row().status, [one["code"] for one in post.told]) == ("failed", [550])


def test_operators_hear_of_what_failed_for_good_once_an_hour(post: House) -> None:
    with scripted(MAIL="550 no") as server:
        mailer = post.mailer(server_of(server), operators=("ops@example.org",))
        for number in range(3):
            mailer.handle(job(post.add(f"m{number}")))
        notices = [one for one in post.store.outgoing.page("queued").lines if one.id.startswith("notice.")]
        assert len(notices) == 1
        body = post.row(notices[0].id).body
        assert body["to"] == ["ops@example.org"]
        assert "user@example.com" not in body["body"]
        post.later(hours=1)
        mailer.handle(job(post.add("m9")))
        assert len([one for one in post.store.outgoing.page("queued").lines if one.id.startswith("notice.")]) == 2


@pytest.mark.parametrize(
    "smuggled",
    [
        {"to": ["a@example.com\r\nBcc: b@example.com"]},
        {"sender": "a@example.com\nBcc: b@example.com"},
        {"reply_to": "a@example.com\r\n\r\nbody"},
        {"headers": [["X-A", "1\r\nBcc: b@example.com"]]},
        {"headers": [["X-A: 1\r\nBcc", "b@example.com"]]},
        {"headers": [["", "x"]]},
    ],
)
def test_nothing_can_be_smuggled_into_the_headers(post: House, smuggled: dict[str, Any]) -> None:
    kept = Kept()
    post.add(**smuggled)
    post.mailer(transport=lambda server: kept).handle(job())
    assert kept.sent == []
    assert (post.row().status, len(post.told)) == ("failed", 1)


def test_a_subject_of_several_lines_is_one(post: House) -> None:
    kept = Kept()
    post.add(subject="Hello\r\nBcc: b@example.com")
    post.mailer(transport=lambda server: kept).handle(job())
    assert kept.sent[0]["Subject"] == "Hello Bcc: b@example.com"
    assert kept.sent[0]["Bcc"] is None


def test_only_files_of_the_session_are_attached(post: House) -> None:
    kept = Kept()
    keep = {"mimetype": "text/plain", "now": post.now}
    own = post.store.files.put(session="s1", filename="own.txt", content=[b"own"], **keep)  # type: ignore[arg-type]
    other = post.store.files.put(session="s2", filename="other.txt", content=[b"other"], **keep)  # type: ignore[arg-type]
    post.add(attachments=[own.number, other.number, 999])
    post.mailer(transport=lambda server: kept).handle(job())
    assert [part.get_filename() for part in kept.sent[0].iter_attachments()] == ["own.txt"]


def test_a_mail_outlives_its_session_with_what_it_encloses(post: House) -> None:
    about = {"session": "s1", "mimetype": "text/plain", "now": post.now}
    mine, second, other = (
        post.store.files.put(filename=f"{name}.txt", content=[name.encode()], **about)  # type: ignore[arg-type]
        for name in ("mine", "second", "other")
    )
    with scripted(RCPT="450 later") as server:
        mailer = post.mailer(server_of(server))
        mailer.handle(job(post.add(attachments=[mine.number])))  # it was tried once, and waits
    post.add("m2", attachments=[mine.number, second.number])
    erase(post.store, "s1")
    assert [one.number for one in post.store.files.of_session("s1")] == [mine.number, second.number]
    assert list(post.store.files.read(other.number)) == []
    post.later(minutes=1)
    kept = Kept()
    mailer = post.mailer(transport=lambda server: kept)
    mailer.handle(job("m2"))
    assert [one.number for one in post.store.files.of_session("s1")] == [mine.number], (
        "the other mail encloses it still"
    )
    mailer.handle(job())
    assert [part.get_content() for mail in kept.sent for part in mail.iter_attachments()] == ["mine", "second", "mine"]
    assert post.store.files.of_session("s1") == []
    assert list(post.store.files.read(mine.number)) == []


def test_what_a_mail_of_a_deleted_session_enclosed_goes_when_it_has_failed(post: House) -> None:
    kept = post.store.files.put(session="s1", filename="f", mimetype="text/plain", content=[b"x"], now=post.now)
    post.add(attachments=[kept.number])
    erase(post.store, "s1")
    with scripted(RCPT="550 no such user") as server:
        post.mailer(server_of(server)).handle(job())
    assert (post.row().status, post.store.files.info(kept.number)) == ("failed", None)


def test_without_a_server_mails_land_in_a_folder_with_whom_nobody_sees(post: House) -> None:
    post.add(bcc=["blind@example.com"], automatic=True)
    post.mailer().handle(job())
    (file,) = (post.folder / "mail").glob("*.eml")
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (message["Bcc"], message["Auto-Submitted"]) == ("blind@example.com", "auto-generated")


def test_a_job_of_an_earlier_version_carries_the_mail_itself(post: House) -> None:
    kept = Kept()
    mailer = post.mailer(transport=lambda server: kept)
    body = {"mail_id": "old", "session": "s1", **BODY}
    for _ in range(2):
        mailer.handle(Job(queue="send", id="old", body=body))
    assert len(kept.sent) == 1


def test_a_lease_is_renewed_while_a_server_is_slow(post: House) -> None:
    kept = Kept()
    go_on = threading.Event()
    kept.meanwhile = lambda: go_on.wait(10)
    mailer = post.mailer(transport=lambda server: kept, lease=timedelta(milliseconds=500))
    post.add()
    sending = threading.Thread(target=mailer.handle, args=(job(),))
    sending.start()
    eventually(lambda: post.row().status == "sending")
    first = post.row().lease_until
    post.later(seconds=1)
    eventually(lambda: post.row().lease_until != first)
    assert post.store.outgoing.due(now=post.now, limit=9) == []
    go_on.set()
    sending.join(10)
    assert post.row().status == "sent"
