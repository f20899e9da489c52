"""Steps that nobody watches: check-ins, background tasks, response actions, scheduled events (docs background.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import dedent

import pytest

from services.cli.replay import PendingTasks
from shared.contract.effects import DeleteSession, LogMessage, StartTask
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


@pytest.mark.parametrize("name", ["allow_cron", "use_cron"])
def test_scheduled_events_are_allowed_under_either_name(play: Open, name: str) -> None:
    session = play(f"initial: True\ncode: |\n  {name} = True\n---\nmandatory: True\nquestion: Here\n")
    assert session.outcome is not None
    assert session.outcome.flags.allow_cron


SUSPENDS = """
    mandatory: True
    question: |
      ${ task.get() } for ${ name }
    ---
    question: Name?
    fields:
      - Name: name
    validation code: |
      checked = other.get()
    ---
    code: |
      name
      task = background_action('work')
    ---
    code: |
      other = background_action('work')
    ---
    event: work
    code: |
      background_response(1)
    ---
    event: cron_daily
    code: |
      seen = task.get()
    """


class SomeTasks(PendingTasks):
    """Tasks of which some have ended."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}
        self.waited: list[str] = []

    def view(self, task_id: str) -> Mapping[str, object]:
        if task_id not in self.values:
            return {"status": "running"}
        return {"status": "done", "ok": True, "value": self.values[task_id]}

    def wait(self, task_id: str, timeout: float | None) -> Mapping[str, object]:
        self.waited.append(task_id)
        self.values[task_id] = "waited"
        return self.view(task_id)


def suspended(play: Open) -> tuple[Play, SomeTasks]:
    tasks = SomeTasks()
    session = play(SUSPENDS.replace("validation code: |\n      checked = other.get()", ""), tasks=tasks)
    session.fill("Kim")
    return session, tasks


@pytest.mark.parametrize("own", [True, False], ids=["its own task", "another task"])
@pytest.mark.parametrize("mode", ["callback", "error_callback"])
def test_a_response_action_need_not_end_with_background_response(play: Open, mode: str, own: bool) -> None:
    session, _ = suspended(play)
    session.interview = play(
        dedent(SUSPENDS) + "---\nevent: bg_resp\ncode: |\n  answer = action_argument('ans')\n"
    ).interview
    task = session.variables["task"].id if own else "another"
    outcome = session.run(mode=mode, task_id=task, action=Action(name="bg_resp", arguments={"ans": 555}))
    assert (outcome.failure, outcome.waits, outcome.save) == (None, None, "overwrite")
    assert session.variables["answer"] == 555


def test_a_screen_whose_text_needs_a_tasks_value_waits_for_it(play: Open) -> None:
    session, tasks = suspended(play)
    assert (session.screen.kind, session.screen.reload) == ("wait", 4)
    assert session.outcome is not None
    assert session.outcome.save == "new"
    (start,) = session.outcome.effects
    assert isinstance(start, StartTask)
    assert session.screen.waits == (start.task_id,)
    session.show()
    assert (session.screen.kind, session.outcome.effects) == ("wait", ())
    tasks.values[start.task_id] = 42
    session.show()
    assert (session.screen.kind, session.question) == ("end", "42 for Kim")


def test_a_step_that_nobody_looks_at_is_to_be_run_again(play: Open) -> None:
    session, _ = suspended(play)
    outcome = session.run(mode="cron", action=Action(name="cron_daily"))
    assert (outcome.save, outcome.waits) == ("ignore", session.variables["task"].id)


def test_checking_an_answer_waits_and_does_not_lose_it(play: Open) -> None:
    tasks = SomeTasks()
    session = play(
        "code: |\n  other = background_action('work')\nmandatory: True\n---\n" + dedent(SUSPENDS), tasks=tasks
    )
    session.fill("Kim")
    assert tasks.waited == [session.variables["other"].id]
    assert session.variables["name"] == "Kim"
    assert session.screen.kind == "wait"


SENT = """
    mandatory: True
    question: ${ pick } ${ other }
    ---
    question: Which?
    fields:
      - Pick: pick
        choices: [old, keep]
      - Other: other
        datatype: multiselect
        choices: [old, keep]
        required: False
    check in: more
    ---
    event: more
    code: |
      background_response({'pick': {'choices': sent}, 'other': {'choices': sent}, 'nonsense': 3}, 'fields')
    ---
    code: |
      sent = FORM
    """


@pytest.mark.parametrize(
    "form",
    [
        "['a', 'b']",
        "{'a': 'Apple', 'b': 'Banana'}",
        "[{'a': 'Apple'}, {'b': 'Banana'}]",
        "[['a', 'Apple'], ['b', 'B']]",
    ],
)
def test_choices_that_a_check_in_gave_are_offered_and_taken(play: Open, form: str) -> None:
    session = play(SENT.replace("FORM", form))
    session.check_in("more")
    session.show()
    assert [choice.value for choice in session.screen.fields[0].choices or ()] == ["a", "b"]
    assert session.send({"pick": "c"}).rejection is not None
    session.answer({"pick": "b", "other": {"a": True, "b": False}})
    assert session.question.startswith("b ")
    assert "sent" not in session.state.internal


def test_choices_of_the_beginning_are_taken_still(play: Open) -> None:
    session = play(SENT.replace("FORM", "['a']"))
    session.check_in("more")
    session.answer({"pick": "old"})
    assert session.question.startswith("old")


def test_another_screen_has_its_own_choices(play: Open) -> None:
    session = play(SENT.replace("FORM", "['a']").replace("keep]\n        required", "keep]\n        required", 1))
    session.check_in("more")
    browser = {"client": "another"}
    outcome = session.run(browser=browser)
    assert outcome.screen is not None
    assert [choice.value for choice in outcome.screen.fields[0].choices or ()] == ["old", "keep"]


TARGETED = """
    mandatory: True
    question: Food?
    fields:
      - Food: food
    under: |
      [TARGET place] ${ note }
    check in: look
    ---
    event: look
    code: |
      word = action_argument('food').upper()
      note
    ---
    template: note
    content: |
      You like ${ showifdef('word', 'nothing') }
    target: place
    """


def test_a_template_with_a_target_that_code_comes_to_is_sent(play: Open) -> None:
    session = play(TARGETED)
    for food in ("plums", "figs"):
        (command,) = session.check_in("look", food=food).commands
        assert command["value"]["target"] == "place"  # type: ignore[index]
        assert food.upper() in command["value"]["content"]  # type: ignore[index]
    session.show()
    assert "FIGS" in session.screen.parts["under"]


def test_a_check_in_that_needs_a_question_tells_the_author(play: Open) -> None:
    outcome = play(CHECK_IN).check_in("needs")
    (said,) = outcome.effects
    assert isinstance(said, LogMessage)
    assert "'needs'" in said.message
