"""The page /mail: mails that are files in a folder, listed, read, and their parts."""

from __future__ import annotations

import base64
import os
from email.message import EmailMessage
from pathlib import Path

import pytest

from services.embedded.mailbox import LISTED, Mailbox
from shared.contract.errors import NoFile
from shared.mail.dissect import dissect


def write(folder: Path, name: str, subject: str, *, html: bool = False, age: int = 0) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "a@example.com", "Größe <b@example.com>"
    message.set_content("Hello\n")
    if html:
        message.add_alternative("<p>Hello</p>\n", subtype="html")
    message.add_attachment(b"PDF", maintype="application", subtype="pdf", filename="letter.pdf")
    path = folder / f"{name}.eml"
    path.write_bytes(message.as_bytes())
    os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path, lambda raw: dissect(raw).plain())


def test_the_newest_mails_come_first_and_not_all_of_them(mailbox: Mailbox, tmp_path: Path) -> None:
    for number in range(LISTED + 2):
        write(tmp_path, f"m{number}", f"Letter {number}", age=number)
    (tmp_path / ".draft.eml").write_bytes(b"Subject: not yet\r\n\r\n")
    listed = mailbox.listing()
    assert len(listed) == LISTED
    assert listed[0] == {"id": "m0", "subject": "Letter 0", "to": "Größe <b@example.com>", "date": ""}


def test_a_mail_with_what_it_is_made_of(mailbox: Mailbox, tmp_path: Path) -> None:
    write(tmp_path, "m1", "A letter", html=True)
    letter = mailbox.letter(mail="m1")
    assert (letter["subject"], letter["text"], letter["html"]) == ("A letter", "Hello\n", True)
    assert dict(letter["about"]) == {"From": "a@example.com", "To": "Größe <b@example.com>"}
    assert letter["attachments"] == [{"filename": "letter.pdf", "size": 3}]


def test_its_parts(mailbox: Mailbox, tmp_path: Path) -> None:
    write(tmp_path, "m1", "A letter", html=True)
    html, file = (mailbox.part(mail="m1", number=number) for number in (0, 1))
    assert (html["mimetype"], base64.b64decode(html["content"])) == ("text/html", b"<p>Hello</p>\n")
    assert (file["filename"], base64.b64decode(file["content"])) == ("letter.pdf", b"PDF")


@pytest.mark.parametrize("number", [-1, 0, 2])
def test_a_part_that_is_none(mailbox: Mailbox, tmp_path: Path, number: int) -> None:
    write(tmp_path, "m1", "A letter")
    with pytest.raises(NoFile, match="no such part"):
        mailbox.part(mail="m1", number=number)


@pytest.mark.parametrize("name", ["nosuch", "../secret", "", ".m1", "a/b", "m" * 200])
def test_what_is_no_mail_reads_no_file(mailbox: Mailbox, tmp_path: Path, name: str) -> None:
    (tmp_path.parent / "secret.eml").write_bytes(b"Subject: not for you\r\n\r\n")
    with pytest.raises(NoFile, match="no such mail"):
        mailbox.letter(mail=name)


def test_the_methods_are_those_of_the_page(mailbox: Mailbox) -> None:
    assert set(mailbox.methods) == {"listing", "letter", "part"}
