"""Background tasks: how they leave, what they result in, their response and error actions, and what ends a session from behind the screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.cli.replay import PendingTasks
from shared.contract.effects import DeleteSession, StartTask
from shared.engine.outcome import Outcome
from shared.engine.request import Action
from shared.state.codec import decode_value
from tests.unit.engine.play import Play

Open = Callable[..., Play]


TASK = """
    mandatory: True
    code: |
      task
      waiting
    ---
    question: Number?
    fields:
      - Number: number
        datatype: integer
    ---
    code: |
      task = background_action('work', additional=number)
    ---
    event: waiting
    question: Waiting ${ globals().get('result') }
    ---
    event: work
    code: |
      background_response(553 + action_argument('additional'))
    ---
    event: work_more
    code: |
      background_response_action('done', value=7)
    ---
    event: done
    code: |
      result = action_argument('value')
      background_response(result * 2)
    ---
    event: broken
    code: |
      background_error_action('trouble', near='far')
      1 / 0
    ---
    event: asks
    code: |
      background_response(other)
    ---
    question: Other?
    fields:
      - Other: other
    """


@pytest.fixture
def session(play: Open) -> Play:
    return play(TASK)


def _work(session: Play, action: str, **arguments: object) -> Outcome:
    return session.run(mode="background", action=Action(name=action, arguments=arguments))


def test_the_task_leaves_with_the_state_that_started_it(session: Play) -> None:
    session.fill(3)
    assert session.outcome is not None
    (effect,) = session.outcome.effects
    assert isinstance(effect, StartTask)
    assert effect.action == "work"
    assert decode_value(effect.arguments) == {"additional": 3}


def test_a_background_step_gives_a_result_and_saves_nothing(session: Play) -> None:
    outcome = _work(session, "work", additional=4)
    assert outcome.save == "ignore"
    assert outcome.task is not None
    assert outcome.task.ok
    assert outcome.task.value is not None
    assert decode_value(outcome.task.value) == 557


def test_a_response_action_is_named_and_then_saved(session: Play) -> None:
    outcome = _work(session, "work_more")
    assert outcome.task is not None
    assert outcome.task.next_action == "done"
    answered = session.run(mode="callback", action=Action(name="done", arguments={"value": 7}))
    assert answered.save == "overwrite"
    assert answered.task is not None
    assert answered.task.value is not None
    assert decode_value(answered.task.value) == 14
    assert session.variables["result"] == 7


def test_an_error_action_is_told_what_happened(session: Play) -> None:
    outcome = _work(session, "broken")
    assert outcome.task is not None
    assert not outcome.task.ok
    assert outcome.task.error_action == "trouble"
    assert outcome.task.error_arguments is not None
    told = decode_value(outcome.task.error_arguments)
    assert (told["near"], told["error_type"]) == ("far", "ZeroDivisionError")


def test_ending_at_a_question_is_a_failure(session: Play) -> None:
    outcome = _work(session, "asks")
    assert outcome.task is not None
    assert not outcome.task.ok
    assert outcome.task.failure is not None
    assert "Other?" in outcome.task.failure.message


def test_a_task_whose_handle_is_kept_does_start(play: Open) -> None:
    session = play(
        """
        mandatory: True
        question: ${ task.ready() }
        ---
        code: |
          task = background_action('work')
          later
        ---
        question: Later?
        fields:
          - Later: later
        ---
        event: work
        code: |
          background_response(1)
        """,
        tasks=PendingTasks(),
    )
    assert session.question == "Later?"
    assert session.outcome is not None
    assert len(session.outcome.effects) == 1
    session.fill("x")
    assert session.question == "False"
    assert session.outcome.effects == ()


@pytest.mark.parametrize("name", ["exit", "exit_logout"])
@pytest.mark.parametrize("mode", ["foreground", "cron", "callback"])
def test_an_exit_ends_the_session_after_everything_else(play: Open, name: str, mode: str) -> None:
    session = play(
        f"""
        mandatory: True
        question: Here
        ---
        event: bye
        code: |
          background_action('late')
          command('{name}')
        ---
        event: late
        code: |
          background_response()
        """
    )
    outcome = session.run(mode=mode, action=Action(name="bye"))
    assert [type(effect) for effect in outcome.effects] == [StartTask, DeleteSession]


@pytest.mark.parametrize("name", ["leave", "logout", "restart", "new_session", "refresh"])
def test_no_other_command_ends_the_session(play: Open, name: str) -> None:
    session = play(f"mandatory: True\nquestion: Here\n---\nevent: bye\ncode: |\n  command('{name}')\n")
    assert session.run(action=Action(name="bye")).effects == ()
