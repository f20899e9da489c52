"""Messages as programs make them, taken apart: whatever is in one, an author can reach it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.mail.automatic import reason
from shared.mail.dissect import LEVELS, MESSAGES, PARTS, Dissected, Part, dissect
from shared.mail.headers import split
from tests.unit.mail.messages import CASES, PDF, Case, mail, multi, part


def every(found: Dissected) -> Iterator[bytes]:
    """The contents that somebody who looks at everything sees. Of an attached message that was taken apart: those of its parts."""
    for body in (found.body_text, found.body_html):
        if body:
            yield body.encode()
    for one in found.attachments:
        if one.email is None:
            yield one.content
        else:
            yield from every(one.email)


def messages(found: Dissected) -> Iterator[tuple[Part, Dissected]]:
    for one in found.attachments:
        if one.email is not None:
            yield one, one.email
            yield from messages(one.email)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_an_author_sees(case: Case) -> None:
    found = dissect(case.raw)
    assert (found.body_text, found.body_html) == (case.text, case.html)
    assert [one.filename for one in found.attachments] == list(case.names)
    if case.types:
        assert [one.mimetype for one in found.attachments] == list(case.types)
    said = "; ".join(found.problems)
    assert (case.problem in said) if case.problem else not said
    header, _ = split(case.raw)
    assert reason(header, sender="ann@example.org") == case.automatic
    if case.subject:
        assert header.text("Subject") == case.subject
    assert [dict(inner.headers)["Subject"] for _, inner in messages(found)] == list(case.inner)


def test_nothing_of_any_leaf_is_lost() -> None:
    """The sum over all messages: bytes that are in a leaf are in a body, an attachment or an attached message."""
    expected = sum(len(leaf) for case in CASES for leaf in case.leaves)
    shown = 0
    for case in CASES:
        here = Counter(every(dissect(case.raw)))
        missing = Counter(case.leaves) - here
        assert not missing, (case.name, [leaf[:40] for leaf in missing])
        shown += sum(len(leaf) * count for leaf, count in (here & Counter(case.leaves)).items())
    assert shown == expected > 50_000
    assert len(CASES) >= 60


def test_an_attached_message_keeps_its_bytes() -> None:
    inner = mail(
        multi("mixed", part("text/plain", b"x "), part("", b"\r\nodd  \r\n\r\n"), boundary="q"),
        "X-Odd:   two",
        subject="In",
    )
    found = dissect(mail(multi("mixed", part("message/rfc822", inner))))
    ((attached, email),) = messages(found)
    assert attached.content == inner
    assert email.body_text == "x "


@pytest.mark.parametrize("count", [PARTS - 2, PARTS + 5])
def test_many_parts(count: int) -> None:
    found = dissect(mail(multi("mixed", *[part("application/x", b"%d" % number) for number in range(count)])))
    if count < PARTS:
        assert len(found.attachments) == count
    else:
        assert (found.attachments, found.problems) == ([], [f"too complex: more than {PARTS:,} parts"])
        assert ("Subject", "Evidence") in found.headers


def test_many_levels() -> None:
    inner = part("text/plain", b"deep")
    for level in range(LEVELS + 3):
        inner = multi("mixed", inner, boundary=f"b{level}")
    found = dissect(mail(inner))
    assert found.problems == [f"too complex: more than {LEVELS} levels"]


def test_messages_in_messages_are_opened_so_far() -> None:
    inner = mail(part("text/plain", b"deep"))
    for _ in range(MESSAGES + 3):
        inner = mail(part("message/rfc822", inner))
    found = dissect(inner)
    assert sum(1 for _ in messages(found)) == MESSAGES
    deepest = list(messages(found))[-1][1]
    assert "not taken apart" in deepest.problems[0]
    assert b"deep" in deepest.attachments[0].content


def test_a_header_of_a_megabyte() -> None:
    found = dissect((b"X: " + b"y" * 9_000 + b"\r\n") * 120 + b"\r\nbody")
    assert found.problems == ["too complex: more than 1 MB of header"]


def test_what_is_around_a_message_that_is_too_much_is_there() -> None:
    inner = mail(multi("mixed", *[part("application/x", b"x")] * (PARTS + 5), boundary="in"))
    found = dissect(mail(multi("mixed", part("text/plain", b"look"), part("message/rfc822", inner))))
    assert found.body_text == "look"
    ((attached, email),) = messages(found)
    assert attached.content == inner
    assert email.problems == [f"too complex: more than {PARTS:,} parts"]


_PIECES = st.sampled_from(
    [
        *(
            b"\r\n",
            b"\n",
            b"\r\n\r\n",
            b"--",
            b"--b\r\n",
            b"--b--\r\n",
            b"Content-Type: ",
            b"multipart/mixed; boundary=b",
        ),
        *(b"multipart/related", b"message/rfc822", b"text/plain", b"text/html; charset=", b"utf-7", b"idna"),
        *(b"application/ms-tnef", b"\x78\x9f\x3e\x22", b"=?utf-8?B?", b"?=", b"Content-Transfer-Encoding: base64\r\n"),
        *(b"Content-Disposition: attachment; filename*0*=", b"filename=", b'"', b"\0", b"\xff", b";", b"%", b"''"),
        *(b"Subject: x\r\n", b"====", b"QUJD", b"begin 644 x\n", b"<meta charset="),
    ]
)


@given(st.lists(st.one_of(_PIECES, st.binary(max_size=12)), max_size=60).map(b"".join))
def test_any_bytes_can_be_taken_apart(raw: bytes) -> None:
    found = dissect(raw)
    for text in (found.body_text or "", found.body_html or "", *(one.filename for one in found.attachments)):
        text.encode()
    assert all(one.filename and "/" not in one.filename for one in found.attachments)
    names = [one.filename.casefold() for one in found.attachments]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("inside", [b"\x0c", PDF])
def test_an_attachment_is_what_was_attached(inside: bytes) -> None:
    found = dissect(mail(part("application/x; name=a.x", inside, "Content-Transfer-Encoding: binary")))
    assert found.attachments[0].content == inside


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (b"This is a multi-part message in MIME format.\r\n", b"\r\n", []),
        (b"", b"\r\n_______\r\nUnsubscribe at the desk\r\n", [b"\r\n_______\r\nUnsubscribe at the desk\r\n"]),
        (b"Ann writes above all parts\r\n", b"", [b"Ann writes above all parts\r\n"]),
        (
            b"--=_damaged\r\nContent-Type: text/plain\r\n\r\nMIME\r\n",
            b"",
            [b"--=_damaged\r\nContent-Type: text/plain\r\n\r\nMIME\r\n"],
        ),
    ],
)
def test_what_stands_outside_of_the_parts(before: bytes, after: bytes, shown: list[bytes]) -> None:
    head, _, rest = multi("mixed", part("text/plain", b"Good day")).partition(b"\r\n\r\n")
    found = dissect(mail(head + b"\r\n\r\n" + before + rest + after))
    assert found.body_text == "Good day"
    assert [one.content for one in found.attachments] == shown
    assert bool(found.problems) == bool(shown)


@pytest.mark.parametrize("name", ["filename*=u\0tf-8''a.pdf", "filename*=utf-8''a; filename*1=b.pdf"])
def test_a_name_that_cannot_be_read_is_none(name: str) -> None:
    found = dissect(mail(part("application/pdf", PDF, f"Content-Disposition: attachment; {name}")))
    assert [one.content for one in found.attachments] == [PDF]
