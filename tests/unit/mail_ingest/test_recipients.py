"""Which arguments of RCPT are addresses of ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mail_ingest.recipients import local_part


@pytest.mark.parametrize(
    ("recipient", "expected"),
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
def test_local_part(recipient: str, expected: str | None) -> None:
    assert local_part(recipient, domain="mail.example.com") == expected


@given(st.text())
def test_any_text_is_taken_or_refused(recipient: str) -> None:
    found = local_part(recipient, domain="example.com")
    assert found is None or recipient.lower().startswith(found + "@")
