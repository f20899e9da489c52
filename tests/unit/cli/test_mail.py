"""``parley mail``: what it lists, shows, retries and says of servers that are there."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.cli.mail import check, hours, mail
from services.cli.main import parser
from services.mail_desk import MailDesk
from services.mail_ingest.refusals import Refusals
from services.settings import Settings
from shared.store.open import open_store
from shared.store.ports import Store
from shared.store.records import Mail, OutgoingMail, Task, TaskStatus

NOW = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/parley.sqlite")
    for name in ("waits", "broken"):
        body = {"to": ["user@example.com"], "subject": "Hello", "body": "secret"}
        opened.outgoing.add(OutgoingMail(id=name, session="s", body=body, created=NOW, due=NOW))
    raw = b"From: ann@example.org\r\nSubject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=\r\n\r\nsecret"
    opened.mails.keep(Mail(id="came", address="abc", session="s", sender="ann@example.org", received=NOW, raw=raw))
    yield opened
    opened.close()


def run(tmp_path: Path, *arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    status = mail(parser().parse_args(["mail", *arguments, "--var", str(tmp_path)]), out=out)
    return status, out.getvalue()


def fail(store: Store, name: str = "broken") -> None:
    store.outgoing.claim(name, lease="w", now=NOW, length=timedelta(seconds=9))
    store.outgoing.finish(name, lease="w", status="failed", last={"code": 550, "text": "no <…@example.com>"}, now=NOW)


def test_counts_and_lists_say_nothing_of_a_mail(store: Store, tmp_path: Path) -> None:
    status, said = run(tmp_path)
    assert status == 0
    assert ["in", "waiting", "1"] in [line.split() for line in said.splitlines()]
    assert ["out", "queued", "2"] in [line.split() for line in said.splitlines()]
    fail(store)
    assert run(tmp_path)[0] == 1
    for listed, wanted in (("queued", "waits"), ("failed", "broken"), ("received", "came")):
        status, said = run(tmp_path, "--status", listed)
        assert status == 0
        assert said.startswith(wanted)
        assert "user@" not in said
        assert "Hello" not in said
    assert "550 no <…@example.com>" in run(tmp_path, "--status", "failed")[1]
    assert "More: parley mail --status queued --after" not in run(tmp_path, "--status", "queued")[1]


def test_one_is_shown_without_its_text(store: Store, tmp_path: Path) -> None:
    status, said = run(tmp_path, "--show", "waits")
    assert (status, "to: user@example.com" in said, "subject: Hello" in said) == (0, True, True)
    assert "secret" not in said
    status, said = run(tmp_path, "--show", "came")
    assert (status, "Subject: Größe" in said, "secret" in said) == (0, True, False)
    assert run(tmp_path, "--show", "nothing")[0] == 1


def test_one_is_tried_again_or_forgotten(store: Store, tmp_path: Path) -> None:
    fail(store)
    assert run(tmp_path, "--retry", "broken")[0] == 0
    found = store.outgoing.get("broken")
    assert found is not None
    assert (found.status, found.attempts) == ("queued", 0)
    assert run(tmp_path, "--retry", "came")[0] == 0
    assert run(tmp_path, "--retry", "nothing")[0] == 1
    assert run(tmp_path, "--delete", "broken")[0] == 0
    assert store.outgoing.get("broken") is None
    assert run(tmp_path, "--delete", "came")[0] == 0
    assert store.mails.get("came") is None
    assert run(tmp_path, "--delete", "came")[0] == 1


def test_a_folder_without_a_system_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "nowhere")[0] == 2
    assert "there is no database" in capsys.readouterr().err


def test_a_mail_whose_action_failed_is_not_tried_again_but_the_action_is_named(store: Store, tmp_path: Path) -> None:
    store.tasks.add(
        Task(id="mail.came", session="s", interview="i", action="incoming_email", arguments=b"", created=NOW)
    )
    store.tasks.finish(
        "mail.came", lease=None, status="failed", result={"ok": False, "error_type": "KeyError"}, now=NOW
    )
    store.mails.done("came")
    assert "action: failed (KeyError), task mail.came" in run(tmp_path, "--show", "came")[1]
    status, said = run(tmp_path, "--retry", "came")
    assert (status, "parley tasks retry mail.came" in said) == (1, True)


def test_a_server_that_there_is_not(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(tmp_path, "--test", "a@example.com")[0] == 2
    assert capsys.readouterr().err.startswith("parley: no server for mail is configured")
    monkeypatch.setenv("PARLEY_OUTGOING_SMTP", "smtp://127.0.0.1:1")
    assert run(tmp_path, "--test", "a@example.com", "--server", "x")[0] == 2
    assert "there is no server for mail called x; there are: default" in capsys.readouterr().err


def test_what_is_missing_for_mail_to_come_in() -> None:
    out = io.StringIO()
    settings = Settings(smtp_domain=("mail.example.org",), smtp_port=1)
    assert check(settings, out, look_up=lambda domain: ["10 mx.example.org."]) == 1
    assert "MX of mail.example.org: 10 mx.example.org." in out.getvalue()
    assert "mail_ingest on port 1:" in out.getvalue()


def test_what_came_is_counted_by_the_hour_and_failures_by_their_kind(tmp_path: Path, store: Store) -> None:
    def keep(name: str, minutes: int, *, done: bool = False) -> None:
        at = NOW + timedelta(minutes=minutes)
        store.mails.keep(Mail(id=name, address="abc", session="s", sender="", received=at, raw=b"x"))
        if done:
            store.mails.done(name)

    def act(name: str, origin: str, error: str) -> None:
        at = NOW + timedelta(minutes=61)
        store.tasks.add(
            Task(id=name, session="s", interview="a:b.yml", action="x", arguments=b"", created=at, origin=origin)
        )
        store.tasks.claim(name, lease="w", now=at, length=timedelta(seconds=9))
        store.tasks.finish(name, lease="w", status=TaskStatus.FAILED, result={"error_type": error}, now=at)

    keep("one", 1, done=True)
    keep("two", 60, done=True)
    keep("three", 119)
    keep("old", -61)
    act("t1", "email", "KeyError")
    act("t2", "email", "KeyError")
    act("t3", "cron", "ValueError")
    refusals = Refusals(store.schedule, clock=lambda: NOW + timedelta(minutes=62))
    for reason in ("rate", "unknown", "rate"):
        refusals.count(reason)
    refusals.save()
    desk = MailDesk(store, clock=lambda: NOW + timedelta(minutes=130))
    third, second, *others = [(one.begin.hour, one.waiting, one.acted, one.failed) for one in desk.hours(3)]
    assert (third, second) == ((1, 1, 1, {"KeyError": 2}), (0, 1, 1, {}))
    assert others == []
    assert [one.begin.hour for one in desk.hours(5)] == [1, 0, 22]
    out = io.StringIO()
    assert hours(desk, 3, out) == 1
    first, second_line, *_ = out.getvalue().splitlines()
    assert first == "2026-01-15 01:00  accepted 2  acted on 1  waiting 1  failed KeyError 2  refused rate 2, unknown 1"
    assert second_line.endswith("failed 0  refused 0")
    assert run(tmp_path, "--hours", "1")[1] == "No mail came in the last 1 hours.\n"
