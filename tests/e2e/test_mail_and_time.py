"""A mail sent by a mail program arrives in the interview as documented, and time passing does what an interview scheduled."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from services.embedded.system import System
from services.interview import commits
from services.settings import load
from tests.helpers.embedded import Visit, until
from tests.helpers.hands import Hands
from tests.helpers.packs import write_pack

ROOT = Path(__file__).parents[2]

POSTBOX = """
mandatory: True
code: |
  multi_user = True
---
mandatory: True
question: |
  ${ interview_email(key='evidence') }
subquestion: |
  % for box in get_emails(key='evidence'):
  % for mail in box.emails:
  subject ${ mail.subject };
  from ${ mail.from_address.email_address() };
  to ${ mail.to_address[0].address };
  cc ${ len(mail.cc_address) };
  key ${ mail.key };
  text ${ mail.body_text.slurp().strip() };
  html ${ mail.body_html.slurp().strip() };
  files ${ ', '.join(one.filename for one in mail.attachment) };
  size ${ mail.attachment[0].size_in_bytes() };
  headers ${ mail.headers.filename }.
  % endfor
  % endfor
buttons:
  - Look again: refresh
"""


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., System]]:
    """Starts an embedded system in a folder of its own, which is also a root of packages."""
    started: list[System] = []

    def begin(folder: Path, **arguments: Callable[[], datetime]) -> System:
        settings = load(
            {}, var=str(folder / "var"), packages=f"{ROOT}:{folder}", smtp_port=0, port=0, log_level="WARNING"
        )
        system = System(settings, **arguments)
        system.start()
        started.append(system)
        return system

    yield begin
    for system in started:
        system.stop()


def test_a_mail_with_an_attachment_arrives_as_documented(start: Callable[..., System], tmp_path: Path) -> None:
    write_pack(tmp_path, "postoffice", {"postbox": POSTBOX})
    system = start(tmp_path)
    visit = Visit(system, "postoffice:postbox.yml")
    address = visit.screen["question"].strip()

    message = EmailMessage()
    message["From"], message["To"], message["Cc"] = (
        "Ann Arbor <ann@example.org>",
        address,
        "b@example.org, c@example.org",
    )
    message["Subject"] = "Beweise für Sie"
    message.set_content("Good day.")
    message.add_alternative("<p>Good day.</p>", subtype="html")
    message.add_attachment(b"\x00" * 123_456, maintype="image", subtype="png", filename="photo of it.png")
    with smtplib.SMTP("127.0.0.1", system.smtp_port) as client:
        client.send_message(message)

    read = " ".join(visit.show()["subquestion"].split())
    expected = (
        "subject Beweise für Sie; from Ann Arbor <ann@example.org>; "
        f"to {address}; cc 2; key evidence; text Good day.; html <p>Good day.</p>; "
        "files photo_of_it.png; size 123456; headers headers"
    )
    assert read.startswith(expected), read


def test_a_reminder_is_sent_when_its_day_has_come_and_only_once(start: Callable[..., System], tmp_path: Path) -> None:
    hands = Hands()
    system = start(tmp_path, clock=hands)
    visit = Visit(system, "demos:scheduled.yml")
    visit.answer({"filing_date": {"date": "2026-01-15"}, "mail_address": "user@example.com"})
    sent = tmp_path / "var" / "mail"

    def ran(day: str) -> bool:
        with system.store.vault.work():
            session = system.store.sessions.load(visit.session)
        return session is not None and commits.marks(session).get("cron_daily", "") >= day

    for day, mails in (("2026-01-16", 0), ("2026-02-03", 0), ("2026-02-10", 1), ("2026-02-11", 1), ("2026-04-01", 1)):
        hands.now = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        for _ in range(2):
            system._clock.round()
        until(lambda day=day: ran(day), f"nothing ran on {day}")
        until(lambda mails=mails: len(list(sent.glob("*.eml"))) == mails, f"on {day} there are not {mails} mails")
    assert "Twenty days have passed" in next(sent.glob("*.eml")).read_text("utf-8")
