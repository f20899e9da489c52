"""What users wrote into subjects, names and names of files stays there, whichever Python writes the mail."""

from __future__ import annotations

import email
import email.policy
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.worker.headers import WIRE, BadHeader, addresses, filename, words

SMUGGLED = [
    "=?utf-8?q?hello=0d=0aBcc:_victim@example.org?=",
    "=?utf-8?b?aGVsbG8NCkJjYzogdmljdGltQGV4YW1wbGUub3Jn?=",
    "=?utf-8?q?=0d=0a=0d=0aA_body_of_my_own?=",
    "a =?utf-8?q?x?=\t=?utf-8?q?=0aX-Own:_1?= b".replace("\t", " "),
]


def raw(subject: str, to: list[str], name: str = "a.txt") -> bytes:
    message = EmailMessage(policy=WIRE)
    message["From"] = addresses(["Office <office@example.org>"])
    message["To"] = addresses(to)
    message["Subject"] = words(subject)
    message.set_content("text")
    message.add_attachment(b"x", maintype="text", subtype="plain", filename=filename(name))
    return message.as_bytes(policy=WIRE.clone(linesep="\r\n"))


def heads(message: bytes) -> list[str]:
    return [
        line.split(b":")[0].decode() for line in message.split(b"\r\n\r\n")[0].split(b"\r\n") if line[:1] not in b" \t"
    ]


@pytest.mark.parametrize("text", SMUGGLED)
def test_no_word_becomes_a_header(text: str) -> None:
    made = raw(text, [f'"{text}" <a@example.org>'], name=text + ".txt")
    assert sorted(heads(made)) == ["Content-Type", "From", "MIME-Version", "Subject", "To"]
    assert b"victim" not in made.split(b"\r\n\r\n")[0]
    read = email.message_from_bytes(made)
    assert str(make_header(decode_header(read["Subject"]))) == text
    part = read.get_payload()[1]
    assert email.utils.collapse_rfc2231_value(part.get_param("filename", header="Content-Disposition")) == text + ".txt"
    assert sorted(name for name, _ in part.items()) == [
        "Content-Disposition",
        "Content-Transfer-Encoding",
        "Content-Type",
        "MIME-Version",
    ]


@given(st.text(max_size=300), st.text(max_size=40))
def test_any_subject_and_name_come_out_as_they_went_in(subject: str, name: str) -> None:
    try:
        made = raw(subject, ["a@example.org"], name=name or "x")
    except BadHeader:
        assert any(ord(one) < 32 or 127 <= ord(one) < 160 or one in "\u2028\u2029" for one in subject)
        return
    assert sorted(heads(made)) == ["Content-Type", "From", "MIME-Version", "Subject", "To"]
    assert all(len(line) <= 998 for line in made.split(b"\r\n"))
    read = email.message_from_bytes(made)
    told = str(make_header(decode_header(read["Subject"].replace("\r\n", ""))))
    assert told.replace(" ", "") == subject.encode("utf-8", "replace").decode().replace(" ", "")


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (["a@example.org"], "a@example.org"),
        (["Ann B <a@example.org>", "b@example.org"], "Ann B <a@example.org>,\r\n b@example.org"),
        (['"B, Ann" <a@example.org>'], "=?utf-8?b?QiwgQW5u?=\r\n <a@example.org>"),
        (["Änn <a@example.org>"], "=?utf-8?b?w4Rubg==?=\r\n <a@example.org>"),
    ],
)
def test_addresses(given: list[str], written: str) -> None:
    assert addresses(given) == written


@pytest.mark.parametrize(
    "bad", ["", "nobody", "a@b@c", "a@example.org\r\nBcc: b@example.org", "a b@example.org", "é@example.org", "<>"]
)
def test_what_is_no_address(bad: str) -> None:
    with pytest.raises(BadHeader):
        addresses([bad])


@pytest.mark.parametrize("bad", ["a\nb", "a\rb", "a\x00b", "a\u2028b", "a\x85b"])
def test_control_characters_are_refused(bad: str) -> None:
    with pytest.raises(BadHeader):
        words(bad)
