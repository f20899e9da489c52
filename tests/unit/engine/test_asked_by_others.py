"""Steps that another session's step asked for: variables set, actions run, how that is saved; never because a browser says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.contract import others
from shared.engine.outcome import Outcome
from shared.engine.request import Action
from tests.unit.engine.play import Play

Open = Callable[..., Play]

INTERVIEW = """
    objects:
      - client: Individual
    ---
    id: greeting
    mandatory: True
    question: Hello
    buttons:
      - Go on: continue
    ---
    mandatory: True
    code: |
      total
      client.name.first
    ---
    depends on: count
    code: |
      total = count * 2
    ---
    question: How many?
    fields:
      - Count: count
        datatype: integer
    ---
    question: Who?
    fields:
      - First: client.name.first
    ---
    event: greet
    code: |
      log('greeted ' + action_argument('whom'))
      greeted = action_argument('whom')
    ---
    event: ask
    question: More?
    fields:
      - More: more
    """


@pytest.fixture
def session(play: Open) -> Play:
    return play(INTERVIEW)


def asked(session: Play, name: str, save: str = "new", **arguments: Any) -> Outcome:
    return session.run(mode=others.MODE, action=Action(name=name, arguments=arguments, save=save))


def test_variables_are_set_and_deleted_and_questions_answered(session: Play) -> None:
    session.variables["left"] = 1
    done = asked(
        session, others.SET, variables={"client.name.last": "Miller", "count": 2}, delete=["left"], question="greeting"
    )
    assert (done.failure, done.save) == (None, "new")
    assert session.variables["client"].name.last == "Miller"
    assert "left" not in session.variables
    assert (session.show().question, session.variables["total"]) == ("Who?", 4), "its logic runs when somebody looks"
    asked(session, others.SET, variables={"count": 5})
    session.show()
    assert session.variables["total"] == 10


def test_one_that_cannot_be_set_sets_none(session: Play) -> None:
    for wrong in ({"nobody.name": 1}, {"__import__('os')": 1}):
        done = asked(session, others.SET, variables=wrong)
        assert done.failure is not None
        assert done.save == "ignore"
    unknown = asked(session, others.SET, variables={"count": 2}, question="none of these")
    assert unknown.failure is not None


@pytest.mark.parametrize("save", ["new", "overwrite", "ignore"])
def test_an_action_is_saved_as_it_was_asked_to_be(session: Play, save: str) -> None:
    done = asked(session, "greet", save, whom="you")
    assert (done.failure, done.save) == (None, save)
    assert any(getattr(effect, "message", "") == "greeted you" for effect in done.effects)
    assert session.variables["greeted"] == "you"


def test_an_action_that_asks_leaves_nothing_to_answer(session: Play) -> None:
    asked(session, "ask")
    assert session.show().question == "Hello"


def test_there_is_no_such_action(session: Play) -> None:
    done = asked(session, "gret")
    assert done.failure is not None
    assert done.failure.type == "NoSuchAction"


def test_a_browser_cannot_ask_for_it(session: Play) -> None:
    for name in (others.SET, others.BACK):
        done = session.run(action=Action(name=name, arguments={"variables": {"count": 2}}))
        assert done.refused is not None
    assert "count" not in session.variables
