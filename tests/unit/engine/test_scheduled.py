"""Scheduled events: what they save, and under which names an interview allows them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.engine.request import Action
from tests.unit.engine.play import Play

Open = Callable[..., Play]


CRON = """
    initial: True
    code: |
      multi_user = True
      allow_cron = True
    ---
    mandatory: True
    question: Days ${ days }
    ---
    code: |
      days = 0
    ---
    event: cron_daily
    code: |
      days = days + 1
      response(null=True) if days > 1 else None
    """


def test_a_scheduled_event_is_saved_over_the_present_step(play: Open) -> None:
    session = play(CRON)
    assert session.outcome is not None
    assert session.outcome.flags.multi_user
    assert session.outcome.flags.allow_cron
    assert session.outcome.flags.events == ("cron_daily",)
    outcome = session.run(mode="cron", action=Action(name="cron_daily"))
    assert outcome.save == "overwrite"
    assert session.variables["days"] == 1


def test_a_null_response_of_a_scheduled_event_saves_nothing(play: Open) -> None:
    session = play(CRON)
    session.run(mode="cron", action=Action(name="cron_daily"))
    assert session.run(mode="cron", action=Action(name="cron_daily")).save == "ignore"


@pytest.mark.parametrize("name", ["allow_cron", "use_cron"])
def test_scheduled_events_are_allowed_under_either_name(play: Open, name: str) -> None:
    session = play(f"initial: True\ncode: |\n  {name} = True\n---\nmandatory: True\nquestion: Here\n")
    assert session.outcome is not None
    assert session.outcome.flags.allow_cron
