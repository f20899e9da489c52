"""Mail out and in: what is sent, what is refused, and how a raw message becomes a `DAEmail`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.message import EmailMessage
from types import SimpleNamespace

import pytest

from shared.authoring.effects import OpenAddress, SendMail
from shared.authoring.functions.mail import as_plain_text, send_email
from shared.authoring.functions.postbox import LETTERS, get_emails, interview_email
from shared.authoring.functions.tracking import task_performed
from shared.authoring.memory import ADDRESSES, MAIL_FILES
from shared.authoring.objects import DAFile, DAFileList, Individual


@pytest.fixture
def fred(step):
    person = Individual("recipient")
    person.name.first = "Fred"
    person.name.last = "Jones"
    person.email = "fred@example.com"
    return person


def sent(step):
    (mail,) = [effect for effect in step.effects if isinstance(effect, SendMail)]
    return mail


def test_a_mail_leaves_with_the_state(step, fred):
    assert (
        send_email(
            to=[fred, "ann@example.com"],
            cc=fred,
            sender="Desk <desk@example.com>",
            subject="Hi",
            body="Text",
            html="<p>Text</p>",
        )
        is True
    )
    mail = sent(step)
    assert mail.to == ("Fred Jones <fred@example.com>", "ann@example.com")
    assert (mail.cc, mail.sender, mail.subject, mail.body, mail.html) == (
        ("Fred Jones <fred@example.com>",), "Desk <desk@example.com>", "Hi", "Text", "<p>Text</p>",
    )  # fmt: skip


def test_a_template_gives_subject_text_and_html(step, fred):
    template = SimpleNamespace(subject="Greetings,\nFred", content="This is **mail**.")
    send_email(to=fred, template=template)
    mail = sent(step)
    assert mail.subject == "Greetings, Fred"
    assert mail.html is not None
    assert "<strong>mail</strong>" in mail.html
    assert mail.body == "This is **mail**.\n"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Dear *Ann*,\n\n\n\nBye", "Dear *Ann*,\n\nBye\n"),
        ('<span class="x">5 &lt; 6</span>[BR]next <br/>line', "5 < 6\nnext\nline\n"),
        ("[FILE a.png] [CENTER] Title", "Title\n"),
        ("[a link](http://x)", "[a link](http://x)\n"),
    ],
)
def test_the_text_part(content, text):
    assert as_plain_text(content) == text


def test_arguments_override_the_template(step, fred):
    send_email(to=fred, template=SimpleNamespace(subject="S", content="C"), subject="Mine", body="Own text")
    assert (sent(step).subject, sent(step).body) == ("Mine", "Own text")


def test_headers_cannot_be_smuggled_in(step):
    send_email(to="a@example.com", subject="Hi\r\nBcc: victim@example.com")
    assert sent(step).subject == "Hi Bcc: victim@example.com"
    with pytest.raises(ValueError, match="not an e-mail address"):
        send_email(to="no address here")


def test_nobody_to_write_to_is_false(step):
    assert send_email(to=None, subject="x") is False
    assert send_email(to=[], subject="x") is False
    assert step.effects == []


def test_a_dry_run_looks_everything_up_and_sends_nothing(step):
    person = Individual("recipient")
    step.answers.update({"recipient.email": "a@b.c", "recipient.name.first": "A", "recipient.name.last": "B"})
    step.namespace["recipient"] = person
    assert step.run(lambda: send_email(to=person, dry_run=True)) is True
    assert "recipient.email" in step.asked
    assert step.effects == []


def test_the_task_is_marked(step):
    send_email(to="a@b.c", task="reminder")
    assert task_performed("reminder")


def test_attachments_are_numbers_of_files(step):
    number = step.files.write(filename="a.pdf", mimetype="application/pdf", content=b"x")
    one = DAFile("one", number=number, filename="a.pdf", mimetype="application/pdf")
    many = DAFileList("many", elements=[one])
    step.files.package["demos:data/static/b.pdf"] = b"static"
    send_email(to="a@b.c", attachments=[one, many, "b.pdf"])
    first, second, third = sent(step).attachments
    assert (first, second) == (number, number)
    assert step.files.read(third) == b"static"
    with pytest.raises(TypeError, match="can attach files"):
        send_email(to="a@b.c", attachments=[3.5])


def test_addresses_are_stable_by_user_key_and_index(step):
    step.config = {"incoming mail domain": "help.example.com"}
    address = interview_email()
    local, _, domain = address.partition("@")
    assert (len(local), domain) == (LETTERS, "help.example.com")
    assert local.isalpha()
    assert local.islower()
    assert interview_email() == address
    others = {
        interview_email(key="evidence"),
        interview_email(key="counsel", index=1),
        interview_email(key="counsel", index=2),
        address,
    }
    assert len(others) == 4
    step.user = {"email": "someone@else.org"}
    assert interview_email() not in others
    opened = [effect for effect in step.effects if isinstance(effect, OpenAddress)]
    assert [(effect.key, effect.index) for effect in opened] == [
        (None, None),
        ("evidence", None),
        ("counsel", 1),
        ("counsel", 2),
        (None, None),
    ]
    assert [held["address"] for held in step.internal[ADDRESSES]] == [effect.address for effect in opened]
    with pytest.raises(ValueError, match="only together with a key"):
        interview_email(index=3)


def raw_mail():
    message = EmailMessage()
    message["Subject"] = "Evidence \u00fc"
    message["From"] = "Ann Lee <ann@example.com>"
    message["To"] = "One <one@example.com>, two@example.com"
    message["Cc"] = "cc@example.com"
    message["Date"] = "Thu, 15 Jan 2026 09:00:00 +0100"
    message.set_content("plain body")
    message.add_alternative("<p>html body</p>", subtype="html")
    message.add_attachment(b"\x00\x01", maintype="application", subtype="pdf", filename="../../evil name.pdf")
    return message.as_bytes()


def receive(step, raw, **more):
    address = interview_email(key="evidence").partition("@")[0]
    step.mails = [
        {
            "id": "m1",
            "address": address,
            "key": "evidence",
            "index": None,
            "raw": raw,
            "received": datetime(2026, 1, 15, 9, tzinfo=UTC),
            **more,
        }
    ]
    (box,) = get_emails(key="evidence")
    assert (box.address, box.key, box.index) == (address, "evidence", None)
    (mail,) = box.emails
    return mail


def test_a_received_mail(step):
    mail = receive(step, raw_mail(), sender="bounce@example.com")
    assert mail.subject == "Evidence ü"
    assert (mail.from_address.name, mail.from_address.address) == ("Ann Lee", "ann@example.com")
    assert [one.address for one in mail.to_address] == ["one@example.com", "two@example.com"]
    assert [one.address for one in mail.cc_address] == ["cc@example.com"]
    assert mail.reply_to is None
    assert mail.return_path.address == "bounce@example.com"
    assert mail.datetime_message.astimezone(UTC).hour == 8
    assert mail.datetime_received.astimezone(UTC).hour == 9
    assert step.files.contents == {}, "listing mails makes no files"


def test_its_files_are_made_once(step):
    mail = receive(step, raw_mail())
    assert mail.body_text.slurp().strip() == "plain body"
    assert mail.body_html.slurp().strip() == "<p>html body</p>"
    assert ["Cc", "cc@example.com"] in json.loads(mail.headers.slurp())
    assert [one.filename for one in mail.attachment] == ["evil_name.pdf"]
    made = len(step.files.contents)
    again = get_emails()[0].emails[0]
    assert again.body_text.number == mail.body_text.number
    assert len(step.files.contents) == made
    assert set(step.internal[MAIL_FILES]) == {"m1"}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00garbage",
        b"Subject: x\nDate: yesterday\nFrom: <>\n\nbody",
        b"Content-Type: multipart/mixed\n\nno boundary",
        b"Content-Type: text/plain; charset=martian\n\n\xe4",
        b"Subject: =?utf-8?q?broken\nTo: a@b, , <c\n\n",
    ],
)
def test_broken_mails_do_not_break_the_interview(step, raw):
    mail = receive(step, raw)
    assert isinstance(mail.subject, str)
    assert mail.body_html is None
    assert list(mail.attachment) == []


def test_addresses_without_mail_are_listed(step):
    interview_email()
    assert [box.emails for box in get_emails()] == [[]]
    assert get_emails(key="other") == []
