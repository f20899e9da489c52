"""The address in MAIL and RCPT: taken as it stands where that is what Python's parser makes of it."""

from __future__ import annotations

import pytest
from aiosmtpd.smtp import SMTP
from hypothesis import given
from hypothesis import strategies as st

from services.mail_ingest import connection
from services.mail_ingest.connection import Connection
from tests.helpers.examples import examples

piece = st.text('ab1.-_+@<> \t()"[]=\\:é', max_size=6)
argument = st.builds(lambda one, two, rest: f"<{one}@{two}>{rest}", piece, piece, piece) | piece


def parsed(limit: int, argument: str) -> tuple[str | None, str | None]:
    """By aiosmtpd, and so by Python."""
    there = SMTP.__new__(SMTP)
    there.local_part_limit = limit
    return there._getaddr(argument)


def ours(limit: int, argument: str) -> tuple[str | None, str | None]:
    there = Connection.__new__(Connection)
    there.local_part_limit = limit
    return there._getaddr(argument)


@given(argument)
@examples(2000)
def test_what_is_taken_as_it_stands_is_what_the_parser_finds(argument: str) -> None:
    if connection._SIMPLE.fullmatch(argument):
        assert ours(0, argument) == parsed(0, argument)


@pytest.mark.parametrize(
    "argument", ["<a@b.example>", "<a.b+c@d-e.example> SIZE=100 BODY=8BITMIME", "<a_1@xn--4-0ga.example> SIZE=1"]
)
def test_nearly_all_addresses_need_no_parser(argument: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = parsed(0, argument)
    monkeypatch.setattr(SMTP, "_getaddr", lambda *_: pytest.fail("the parser was asked"))
    assert ours(0, argument) == expected


def test_a_local_part_beyond_the_limit_is_refused_as_before() -> None:
    assert ours(4, "<abcd@e>") == ("abcd@e", "")
    assert ours(4, "<abcde@e>") == parsed(4, "<abcde@e>") == (None, None)
