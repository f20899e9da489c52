"""Who gets a copy of a mail (functions.md, send_email(): "cc", "bcc")."""

from __future__ import annotations

from collections.abc import Callable

from shared.contract.effects import LogMessage, SendMail
from tests.unit.engine.play import Play

Open = Callable[..., Play]

SENDS = """
    objects:
      - kim: DAObject.using(name="Kim", email="kim@example.com")
      - lee: DAObject
    ---
    mandatory: True
    code: |
      send_email(to="a@example.com", cc=[kim, lee], subject="x", body="y")
    ---
    mandatory: True
    question: Sent
    """
ASKS = """
    ---
    question: Address?
    fields:
      - Address: lee.email
        datatype: email
    """
CONFIG = {"outgoing mail": {"servers": {"": 0}, "default": ""}}


def mails(session: Play) -> list[SendMail]:
    assert session.outcome is not None
    return [effect for effect in session.outcome.effects if isinstance(effect, SendMail)]


def test_a_person_whose_address_no_block_asks_for_gets_no_copy_and_the_author_is_told(play: Open) -> None:
    session = play(SENDS, config=CONFIG)
    assert session.question == "Sent"
    assert [mail.cc for mail in mails(session)] == [("Kim <kim@example.com>",)]
    assert session.outcome is not None
    said = [effect.message for effect in session.outcome.effects if isinstance(effect, LogMessage)]
    assert said == ["send_email(): lee has no email, and gets no copy"]


def test_an_address_that_a_block_asks_for_is_asked_for(play: Open) -> None:
    session = play(SENDS + ASKS, config=CONFIG)
    assert session.question == "Address?"
    session.fill("lee@example.com")
    assert [mail.cc for mail in mails(session)] == [("Kim <kim@example.com>", "lee <lee@example.com>")]
