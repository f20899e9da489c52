"""Mail out and in: what is sent, what is refused, and how a raw message becomes a `DAEmail`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.message import EmailMessage
from types import SimpleNamespace

import pytest

from shared.authoring.functions.mail import OUTGOING, mail_status, send_email
from shared.authoring.functions.postbox import LETTERS, get_emails, interview_email
from shared.authoring.functions.tracking import task_performed
from shared.authoring.memory import ADDRESSES, MAIL_FILES
from shared.authoring.objects import DAFile, DAFileCollection, DAFileList, Individual
from shared.contract.effects import LogMessage, OpenAddress, SendMail


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
    assert mail.body == "This is mail.\n"


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
    first, second = sent(step).attachments
    assert first == number
    assert step.files.read(second) == b"static"
    with pytest.raises(TypeError, match="can attach files"):
        send_email(to="a@b.c", attachments=[3.5])
    with pytest.raises(TypeError, match="not the text 'see the contract'"):
        send_email(to="a@b.c", attachments="see the contract")


def test_a_document_goes_out_once_in_its_first_format(step):
    files = {
        extension: DAFile(
            f"d.{extension}", number=step.files.write(filename=f"d.{extension}", mimetype="x/y", content=b"x")
        )
        for extension in ("pdf", "docx", "rtf", "md")
    }
    document = DAFileCollection("d", info={"formats": ["docx", "pdf"]}, **files)
    send_email(to="a@b.c", attachments=[document, [document], files["docx"]])
    assert sent(step).attachments == (files["docx"].number,)
    step.effects.clear()
    send_email(to="a@b.c", attachments=DAFileCollection("e", **files))
    assert sent(step).attachments == (files["pdf"].number,)


def test_more_than_the_server_takes_is_said_in_the_step(step):
    step.config = {OUTGOING: {"servers": {"default": 10_000}, "default": "default"}}
    number = step.files.write(filename="a.pdf", mimetype="application/pdf", content=b"x" * 9000)
    file = DAFile("a", number=number, filename="a.pdf", mimetype="application/pdf")
    with pytest.raises(ValueError, match="the mail server takes"):
        send_email(to="a@b.c", attachments=file)
    assert step.effects == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@x.org, b@y.org", ("a@x.org", "b@y.org")),
        ('"Smith, Ann" <a@x.org>, b@y.org', ('"Smith, Ann" <a@x.org>', "b@y.org")),
        ("a@x.org,\n b@y.org", ("a@x.org", "b@y.org")),
        ("a@x.org, a@x.org", ("a@x.org",)),
    ],
)
def test_a_text_with_several_addresses_is_all_of_them(step, text, found):
    send_email(to=text, subject="x")
    assert sent(step).to == found


@pytest.mark.parametrize(
    "text",
    ["a@x.org b@y.org", "a@x.org; b@y.org", "a@x.org, nobody", "a@", "@x.org", "a@b@c.org", "a b@x.org"],
)
def test_a_text_that_is_not_all_addresses_is_named(step, text):
    with pytest.raises(ValueError, match="cannot write to"):
        send_email(to=["ok@x.org", text], subject="x")
    assert step.effects == []


def test_a_template_needs_a_subject_and_its_markup_is_not_sent(step):
    send_email(to="a@b.c", template=SimpleNamespace(subject="*Very* **important**", content="x"))
    assert sent(step).subject == "Very important"
    with pytest.raises(ValueError, match="has no subject"):
        send_email(to="a@b.c", template=SimpleNamespace(subject="", content="x"))


def test_the_text_is_made_from_the_html(step):
    send_email(to="a@b.c", html="<p>Dear <b>Ann</b></p><ul><li>one</li></ul>")
    assert sent(step).body == "Dear Ann\n\n* one\n"


def test_the_server_is_chosen_by_name(step):
    servers = {"abc": 1_000_000, "def": 1_000_000}
    step.config = {OUTGOING: {"servers": servers, "default": "abc"}}
    send_email(to="a@b.c")
    send_email(to="a@b.c", config="def")
    step.interview = SimpleNamespace(metadata={"email config": "def"})
    send_email(to="a@b.c")
    send_email(to="a@b.c", config="abc")
    assert [effect.server for effect in step.effects] == ["abc", "def", "def", "abc"]
    with pytest.raises(ValueError, match="config= names the mail configuration 'ghi', and there are abc, def"):
        send_email(to="a@b.c", config="ghi")
    step.interview = SimpleNamespace(metadata={"email config": "ghi"})
    with pytest.raises(ValueError, match="`email config` in the metadata names"):
        send_email(to="a@b.c")


def test_without_a_server_nothing_is_sent_or_marked(step):
    step.config = {OUTGOING: {"servers": {}, "default": ""}}
    assert send_email(to="a@b.c", task="reminder") is False
    assert not task_performed("reminder")
    (said,) = step.effects
    assert isinstance(said, LogMessage)
    assert "no server" in said.message


def test_answers_to_an_address_of_the_session_make_a_thread(step):
    step.config = {"incoming mail domain": "help.example.com"}
    address = interview_email()
    send_email(to="a@b.c", reply_to=address)
    send_email(to="a@b.c", reply_to="else@help.example.com")
    first, second = [effect for effect in step.effects if isinstance(effect, SendMail)]
    local = address.partition("@")[0]
    assert (first.headers, second.headers) == ((("References", f"<{local}.thread@help.example.com>"),), ())


def test_what_no_click_caused_says_so(step):
    send_email(to="a@b.c")
    step.mode = "cron"
    send_email(to="a@b.c")
    assert [effect.automatic for effect in step.effects] == [False, True]


def test_what_became_of_a_mail(step):
    assert mail_status("reminder") is None
    send_email(to="a@b.c", task="reminder")
    assert str(mail_status("reminder")) == "queued"
    step.effects.clear()
    assert str(mail_status("reminder")) == "queued"
    step.sent["reminder"] = {"status": "failed", "code": 550, "text": "no such user", "refused": ["a@b.c"]}
    status = mail_status("reminder")
    assert (str(status), status.code, status.text, status.refused) == ("failed", 550, "no such user", ["a@b.c"])


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
            "head": raw.partition(b"\n\n")[0] + b"\n\n",
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


@pytest.mark.parametrize(
    ("written", "front", "found"),
    [
        (
            "mx.example.org; spf=pass smtp.mailfrom=example.com; dkim=fail",
            True,
            "spf=pass smtp.mailfrom=example.com; dkim=fail",
        ),
        ("MX.example.org 1; dmarc=pass", True, "dmarc=pass"),
        ("mx.example.org; spf=pass", False, None),  # anybody may have written it
        ("evil.example; spf=pass", True, None),
        ("mx.example.org.evil.example; spf=pass", True, None),
    ],
)
def test_what_the_operators_server_found_out(step, written, front, found):
    step.config = {"authentication server": "mx.example.org"}
    raw = f"Authentication-Results: {written}\n".encode() + raw_mail()
    assert receive(step, raw, front=front).authentication == found


def test_no_word_counts_without_a_server_of_that_name(step):
    raw = b"Authentication-Results: mx.example.org; spf=pass\n" + raw_mail()
    assert receive(step, raw, front=True).authentication is None


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
    assert mail.raw.slurp(auto_decode=False) == raw


def test_addresses_without_mail_are_listed(step):
    interview_email()
    assert [box.emails for box in get_emails()] == [[]]
    assert get_emails(key="other") == []
