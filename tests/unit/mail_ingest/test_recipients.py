"""Which arguments of RCPT are addresses of ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mail_ingest.recipients import recipient


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("abcdef@mail.example.com", "abcdef"),
        ("AbCdEf@MAIL.example.COM", "abcdef"),
        ("abc@mail.example.com.", "abc"),
        ("a-b.c_1@mail.example.com", "a-b.c_1"),
        ("abc@example.com", None),
        ("abc@other.mail.example.com", None),
        ("abc@mail.example.com.evil.org", None),
        ("abc", None),
        ("@mail.example.com", None),
        ("", None),
        ("abc@", None),
        ("abc@[127.0.0.1]", None),
        ("victim%elsewhere.org@mail.example.com", None),
        ("victim@elsewhere.org@mail.example.com", None),
        ("@mail.example.com:victim@elsewhere.org", None),
        ("elsewhere.org!victim@mail.example.com", None),
        ('"abc"@mail.example.com', None),
        ('"a b"@mail.example.com', None),
        ("../../etc/passwd@mail.example.com", None),
        ("a\x00b@mail.example.com", None),
        ("a\nb@mail.example.com", None),
        ("abc\n@mail.example.com", None),
        ("\N{CYRILLIC SMALL LETTER A}bc@mail.example.com", None),
        ("\udcff@mail.example.com", None),
        ("x" * 65 + "@mail.example.com", None),
        ("-abc@mail.example.com", None),
    ],
)
def test_names(written: str, expected: str | None) -> None:
    found = recipient(written, domains=["mail.example.com"])
    assert (None if found is None else found.name) == expected


@pytest.mark.parametrize(
    ("written", "name", "tag"),
    [
        ("abc+Evidence@mail.example.com", "abc", "Evidence"),
        ("ABC+b=c.org@mail.example.com", "abc", "b=c.org"),
        ("abc@second.example.org", "abc", ""),
    ],
)
def test_tags_and_further_domains(written: str, name: str, tag: str) -> None:
    found = recipient(written, domains=["mail.example.com", "second.example.org"])
    assert found is not None
    assert (found.name, found.tag, found.operator) == (name, tag, False)


@pytest.mark.parametrize(
    "written", ["abc+@mail.example.com", "abc+a+b@mail.example.com", "+a@mail.example.com", "abc+a b@mail.example.com"]
)
def test_tags_that_are_none(written: str) -> None:
    assert recipient(written, domains=["mail.example.com"]) is None


@pytest.mark.parametrize(
    "written", ["postmaster", "PostMaster", "Postmaster@mail.example.com", "abuse@mail.example.com"]
)
def test_the_operators(written: str) -> None:
    found = recipient(written, domains=["mail.example.com"])
    assert found is not None
    assert found.operator


@given(st.text())
def test_any_text_is_taken_or_refused(written: str) -> None:
    found = recipient(written, domains=["example.com"])
    assert found is None or written.lower().startswith(found.name)
