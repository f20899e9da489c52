"""Steps that nobody watches: check-ins, background tasks, response actions, scheduled events (docs background.md)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.cli.replay import PendingTasks
from shared.authoring.effects import StartTask
from shared.engine.outcome import Outcome
from shared.engine.request import Action
from shared.state.codec import decode_value
from tests.unit.engine.play import Play

Open = Callable[..., Play]

CHECK_IN = """
    mandatory: True
    question: Add
    fields:
      - Number: number
        datatype: integer
    check in: sums
    ---
    event: sums
    code: |
      base
      count = count + 1
      background_response({'target': 'sum', 'content': str(int(action_argument('number')) + base)})
    ---
    mandatory: True
    code: |
      pass
    ---
    code: |
      base = 100
    ---
    code: |
      count = 0
    ---
    event: nothing
    code: |
      count = count + 1
    ---
    event: flash
    code: |
      background_response('Hello', 'flash')
    ---
    event: needs
    code: |
      background_response(missing)
    ---
    question: Missing?
    fields:
      - Missing: missing
    ---
    template: note
    content: |
      *Number* ${ action_argument('number') }
    target: place
    """


def test_a_check_in_answers_with_commands_and_stores_nothing_sent(play: Open) -> None:
    session = play(CHECK_IN)
    outcome = session.check_in("sums", number="5")
    assert outcome.commands == ({"value": {"target": "sum", "content": "105"}, "extra": "backgroundresponse"},)
    assert outcome.save == "overwrite"
    assert outcome.screen is None
    assert "number" not in session.variables
    assert session.variables["count"] == 1
    assert session.state.internal["stack"] == {}


def test_a_check_in_tells_what_changed(play: Open) -> None:
    session = play(
        CHECK_IN.replace(
            "str(int(action_argument('number')) + base)",
            "repr((action_argument('_changed'), action_argument('_initial')))",
        )
    )
    outcome = session.check_in("sums", number="5", changed="number")
    assert outcome.commands[0]["value"]["content"] == "('number', False)"


def test_an_event_that_says_nothing_is_saved(play: Open) -> None:
    session = play(CHECK_IN)
    outcome = session.check_in("nothing")
    assert outcome.commands == ()
    assert session.variables["count"] == 1


def test_flash_is_named(play: Open) -> None:
    assert play(CHECK_IN).check_in("flash").commands == ({"value": "Hello", "extra": "flash"},)


def test_a_check_in_asks_no_question(play: Open) -> None:
    outcome = play(CHECK_IN).check_in("needs")
    assert outcome.commands == ()


def test_a_template_with_a_target_fills_it_with_html(play: Open) -> None:
    outcome = play(CHECK_IN).check_in("note", number="5")
    value = outcome.commands[0]["value"]
    assert value["target"] == "place"
    assert "<em>Number</em> 5" in value["content"]


def test_a_check_in_without_action_only_looks(play: Open) -> None:
    outcome = play(CHECK_IN).check_in()
    assert outcome.commands == ()


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
