"""An action that the interview does not have: whoever asks for it, what is said names it, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.contract.effects import LogMessage
from shared.engine.outcome import Outcome
from shared.engine.request import Action
from tests.unit.engine.play import Play

Open = Callable[..., Play]

INTERVIEW = """
    mandatory: True
    code: |
      if defined('broken'):
        nothing_defines_it
    ---
    mandatory: True
    question: First
    fields:
      - Name: name
    ---
    mandatory: True
    question: Last
    ---
    event: bg_task
    code: |
      background_response(1)
    ---
    event: other
    code: |
      force_ask('nothing_defines_it')
    """
SAID = "There is no action 'bg_taks': no block of the interview has that name as its `event`. Is 'bg_task' meant?"


def said(outcome: Outcome) -> list[str]:
    return [effect.message for effect in outcome.effects if isinstance(effect, LogMessage)]


@pytest.fixture
def session(play: Open) -> Play:
    return play(INTERVIEW)


def test_a_task_fails_and_says_which(session: Play) -> None:
    result = session.run(mode="background", action=Action(name="bg_taks")).task
    assert result is not None
    assert result.failure is not None
    assert (result.ok, result.failure.type, result.failure.message) == (False, "NoSuchAction", SAID)
    assert result.failure.trail == ("bg_taks",)


def test_also_where_the_logic_misses_something_else(session: Play) -> None:
    session.variables["broken"] = True
    result = session.run(mode="background", action=Action(name="not a name")).task
    assert result is not None
    assert result.failure is not None
    assert "There is no action 'not a name'" in result.failure.message


@pytest.mark.parametrize("mode", ["callback", "error_callback"])
def test_a_response_action_that_is_none_has_failed(session: Play, mode: str) -> None:
    outcome = session.run(mode=mode, task_id="t", action=Action(name="bg_taks"))
    assert outcome.failure is not None
    assert (outcome.save, outcome.failure.message) == ("ignore", SAID)


def test_a_check_in_tells_the_author(session: Play) -> None:
    outcome = session.check_in("bg_taks")
    assert (outcome.commands, said(outcome)) == ((), [SAID])


def test_a_link_changes_nothing_and_the_author_hears_of_it(session: Play) -> None:
    session.act("bg_taks")
    assert session.question == "First"
    assert session.outcome is not None
    assert said(session.outcome) == [SAID]


def test_what_an_action_asks_for_beside_itself_is_forgiven(session: Play) -> None:
    session.act("other")
    assert session.outcome is not None
    assert said(session.outcome) == []
