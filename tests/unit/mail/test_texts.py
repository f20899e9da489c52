"""Headers, names, answers and HTML: what a person reads of a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.mail.automatic import references
from shared.mail.headers import split, words
from shared.mail.names import Names, safe
from shared.mail.plaintext import text_of_html
from shared.mail.replies import without_quotation


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?q?Gr=C3=B6=C3=9Fe?=", "Größe"),
        (b"=?utf-8?b?R3LD?= =?utf-8?b?tsOfZQ==?=", "Größe"),  # a letter in two words, as some programs cut it
        ("Größe".encode(), "Größe"),
        ("Größe".encode("latin-1"), "Größe"),
        (b"=?martian?q?x?= y", "x y"),
        (b"=?utf-8?b?A?= x", "=?utf-8?b?A?= x"),
        (b"a\xf0\x81 b", "að\x81 b"),
    ],
)
def test_words_of_a_header(raw: bytes, text: str) -> None:
    assert words(raw) == text


def test_addresses_of_a_header() -> None:
    header, _ = split(b"To: =?utf-8?q?J=C3=B6rg?= <j@x.org>,\r\n two@x.org\r\nTO: a, <b@x>, \r\nX: 1\r\n\r\n")
    assert header.addresses("to")[:2] == [("Jörg", "j@x.org"), ("", "two@x.org")]
    assert ("", "b@x") in header.addresses("to")
    assert header.addresses("cc") == []


def test_references_nearest_last() -> None:
    header, _ = split(b"References: <a@x>\r\n <b@y>\r\nIn-Reply-To: <c@z>\r\n\r\n")
    assert references(header) == ["a@x", "b@y", "c@z"]


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("☃.png", "☃.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a b.pdf", "a_b.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\r\nb\0.pdf", "ab.pdf"),
        (".htaccess", "htaccess"),
        ("...", ""),
        (None, ""),
        ("日本語.docx", "日本語.docx"),
        ("x" * 500 + ".pdf", "x" * 200 + ".pdf"),
        ("é".encode().decode() * 300 + ".pdf", "é" * 100 + ".pdf"),
    ],
)
def test_safe_names(name: str | None, made: str) -> None:
    assert safe(name) == made


def test_each_name_once() -> None:
    names = Names()
    given_names = [
        names.give(name, "application/pdf", otherwise="attachment1")
        for name in ("a.pdf", "A.pdf", "a.pdf", None, "a-2.pdf")
    ]
    assert given_names == ["a.pdf", "A-2.pdf", "a-3.pdf", "attachment1.pdf", "a-2-2.pdf"]


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("Yes.\n\nOn Mon, 5 Jan 2026, Ann <a@x.org> wrote:\n> Do you?\n> Ann\n", "Yes."),
        ("Yes.\r\n\r\nAm 05.01.26 um 10:00 schrieb Ann:\r\n> Do you?\r\n", "Yes."),
        ("Yes.\n\nOn Mon, 5 Jan 2026 at 10:00, a very long name\n<a@x.org> wrote:\n> Do you?\n", "Yes."),
        ("Yes.\n\n-----Original Message-----\nFrom: Ann\nDo you?\n", "Yes."),
        ("Yes.\n-- \nAnn\n+49 1234", "Yes."),
        ("Yes.\n\nSent from my phone", "Yes."),
        ("On Mon, Ann wrote:\n> Do you?\nYes.\n> And?\nNo.", "On Mon, Ann wrote:\n> Do you?\nYes.\n> And?\nNo."),
        ("> only quoted", "> only quoted"),
        ("On the other hand: nothing is quoted here.", "On the other hand: nothing is quoted here."),
        ("", ""),
    ],
)
def test_what_was_written_in_an_answer(text: str, reply: str) -> None:
    assert without_quotation(text) == reply


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Dear <b>Ann</b>,</p><p>5 &lt; 6</p>", "Dear Ann,\n\n5 < 6\n"),
        ("one<br>two<br/>three", "one\ntwo\nthree\n"),
        (
            '<a href="https://x.org/a">here</a> <a href="https://x.org">https://x.org</a>',
            "here (https://x.org/a) https://x.org\n",
        ),
        ("<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>", "* a\n* b\n\n  1. c\n"),
        ("<script>x</script><style>y</style><title>z</title>t", "t\n"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a  b\nc\n"),
        ("<blockquote><p>said</p></blockquote>", "> said\n"),
        ("<pre>a\n  b</pre>", "a\n  b\n"),
        ('<img alt="a cat" src="x.png">', "a cat\n"),
        ("a\n   b", "a b\n"),
        ("", "\n"),
    ],
)
def test_html_as_text(html: str, text: str) -> None:
    assert text_of_html(html) == text


@given(st.text(st.sampled_from("<>/ab =\"'&;!-\n") | st.characters(exclude_categories=["Cs"]), max_size=80))
def test_any_html_has_a_text(html: str) -> None:
    assert text_of_html(html).endswith("\n")
