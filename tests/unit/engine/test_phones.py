"""Text messages and faxes where no provider is set up (functions.md, "send_sms()", "send_fax()")."""

from __future__ import annotations

from collections.abc import Callable

from shared.contract.effects import LogMessage
from tests.unit.engine.play import Play
from tests.unit.engine.saved import Open


def test_a_text_message_is_not_sent_and_the_interview_goes_on(play: Callable[..., Play]) -> None:
    played = play(
        """
        objects:
          client: Individual
        ---
        code: |
          sent = send_sms(to=client, body='Hello', task='told')
        ---
        mandatory: True
        question: ${ sent } ${ task_performed('told') }
        """
    )
    assert played.question == "False False"
    assert played.outcome is not None
    said = [one.message for one in played.outcome.effects if isinstance(one, LogMessage)]
    assert said == [
        "send_sms() sent nothing: it needs an SMS provider, which this server does not have. Use send_email()."
    ]


def test_a_fax_is_not_configured(open_session: Open) -> None:
    session = open_session(
        """
code: |
  fax = send_fax('2155551212', None)
---
mandatory: True
question: ${ fax.status() } ${ fax.received() } ${ fax.pages() }
"""
    )
    for _ in range(2):  # the second time from what was stored
        session.show()
        assert session.question == "not-configured None 0"
