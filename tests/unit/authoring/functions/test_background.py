"""Background work: what is started, what a handle says, how results are packed; and tasks that are counted."""

from __future__ import annotations

import pytest

from shared.authoring.errors import BackgroundResponse, BackgroundResponseAction, Suspended
from shared.authoring.functions.background import (
    BackgroundTask,
    WaitsForItself,
    background_action,
    background_error_action,
    background_progress,
    background_response,
    background_response_action,
)
from shared.authoring.functions.taskoptions import background_options
from shared.authoring.functions.tracking import (
    mark_task_as_performed,
    set_task_counter,
    task_not_yet_performed,
    task_performed,
    times_task_performed,
)
from shared.authoring.memory import CHECKING, ERROR_ACTION, TASKS
from shared.contract.effects import Remember, RevokeTask, StartTask
from shared.contract.tasks import TaskOptions


@pytest.mark.parametrize(
    ("args", "ui"),
    [
        ((), None),
        ((None,), None),
        (("flash",), "flash"),
        (("refresh",), "refresh"),
        (("javascript",), "javascript"),
        (("fields",), "fields"),
    ],
)
def test_a_task_leaves_with_the_state(step, args, ui):
    task = background_action("bg_task", *args, additional=3, action="an argument of that name")
    (effect,) = step.effects
    assert isinstance(effect, StartTask)
    assert (effect.task_id, effect.action, effect.ui) == (task.id, "bg_task", ui)
    assert effect.arguments == step.encode({"additional": 3, "action": "an argument of that name"})
    assert vars(task) == {"id": task.id}


def test_what_is_no_action_is_refused_at_once(step):
    with pytest.raises(TypeError, match="name of an action"):
        background_action(None)
    with pytest.raises(ValueError, match="flash, refresh, javascript, fields or None, not 'popup'"):
        background_action("bg_task", "popup")
    assert step.effects == []


@pytest.mark.parametrize("mode", ["foreground", "checkin"])
def test_waiting_for_a_new_task_suspends_the_step(step, mode):
    step.mode = mode
    task = background_action("bg_task")
    assert task.ready() is False
    for wait in (task.wait, task.get, task.result, task.failed):
        with pytest.raises(Suspended) as told:
            wait()
        assert told.value.task_id == task.id


@pytest.mark.parametrize("mode", ["foreground", "checkin", "callback", "error_callback", "cron", "email"])
def test_waiting_for_a_task_that_runs_suspends_the_step(step, mode):
    step.mode = mode
    with pytest.raises(Suspended):
        BackgroundTask("running").get()


@pytest.mark.parametrize("mode", ["background", "callback", "error_callback"])
def test_waiting_for_oneself_is_said_at_once(step, mode):
    step.mode, step.task = mode, "mine"
    for wait in (BackgroundTask("mine").wait, BackgroundTask("mine").get):
        with pytest.raises(WaitsForItself, match="action_argument"):
            wait()
    assert BackgroundTask("mine").ready() is False


def test_a_task_that_waits_for_another_keeps_its_process(step):
    step.mode = "background"
    step.tasks.wait = lambda task_id, timeout: {"status": "done", "ok": True, "value": task_id}
    assert BackgroundTask("other").get() == "other"


def test_while_an_answer_is_being_checked_waiting_does_not_lose_it(step):
    step.step[CHECKING] = True
    step.tasks.wait = lambda task_id, timeout: {"status": "done", "ok": True, "value": 5}
    assert BackgroundTask("other").get() == 5


def test_where_no_browser_is_a_new_task_cannot_be_waited_for(step):
    step.mode = "cron"
    task = background_action("bg_task")
    for wait in (task.wait, task.get, task.result, task.failed):
        with pytest.raises(WaitsForItself, match="would never end"):
            wait()


def test_revoking_is_said_once_and_only_of_a_task_that_has_not_ended(step):
    step.tasks.views["ended"] = {"status": "done"}
    BackgroundTask("ended").revoke()
    for terminate in (False, False, True, False):
        BackgroundTask("running").revoke(terminate=terminate)
    assert step.effects == [RevokeTask(task_id="running", terminate=True)]


def test_a_task_that_ended_well(step):
    step.tasks.views["t1"] = {"status": "done", "ok": True, "value": 556}
    task = BackgroundTask("t1")
    assert (task.ready(), task.wait(), task.get(), task.failed()) == (True, True, 556, False)
    result = task.result()
    assert (result.ok, result.value, result.error_type, result.variables) == (True, 556, None, [])
    assert str(result) == "556"


def test_a_task_that_failed(step):
    step.tasks.views["t1"] = {
        "status": "failed", "ok": False, "value": None, "error_type": "ZeroDivisionError",
        "error_message": "division by zero", "error_trace": "Traceback …", "variables": ["b", "a"],
    }  # fmt: skip
    task = BackgroundTask("t1")
    assert (task.ready(), task.get(), task.failed()) == (True, None, True)
    result = task.result()
    assert (result.error_type, result.error_message, result.variables) == (
        "ZeroDivisionError",
        "division by zero",
        ["b", "a"],
    )
    assert str(result) == "division by zero"


def test_a_handled_failure_is_still_a_failure(step):
    step.tasks.views["t1"] = {
        "status": "done",
        "ok": False,
        "value": "handled_error",
        "error_type": "ZeroDivisionError",
    }
    task = BackgroundTask("t1")
    assert (task.failed(), task.get()) == (True, "handled_error")


def test_revoking(step):
    BackgroundTask("t1").revoke()
    BackgroundTask("t2").revoke(terminate=False)
    assert step.effects == [RevokeTask(task_id="t1", terminate=True), RevokeTask(task_id="t2", terminate=False)]


def test_handles_of_one_task_are_equal():
    assert BackgroundTask("t") == BackgroundTask("t")
    assert BackgroundTask("t") != BackgroundTask("u")
    assert len({BackgroundTask("t"), BackgroundTask("t")}) == 1


def ended(*args, **kwargs):
    with pytest.raises(BackgroundResponse) as caught:
        background_response(*args, **kwargs)
    return caught.value.value, caught.value.kind


def test_packing(step):
    step.mode = "background"
    assert ended() == ({}, None)
    assert ended(5) == (5, None)
    assert ended(5, 6) == ([5, 6], None)
    assert ended(a=1) == ({"a": 1}, None)
    assert ended(5, a=1) == ({"pargs": [5], "kwargs": {"a": 1}}, None)
    assert ended("done", "flash") == (["done", "flash"], None)


def test_a_check_in_says_what_the_page_does(step):
    step.mode = "checkin"
    assert ended("Hello", "flash") == ("Hello", "flash")
    assert ended("refresh") == ({}, "refresh")
    assert ended({"a": 1}, "fields") == ({"a": 1}, "fields")
    assert ended("alert(1)", "javascript") == ("alert(1)", "javascript")
    assert ended(target="t", content="x") == ({"target": "t", "content": "x"}, None)
    assert ended([{"target": "t", "content": "x"}]) == ([{"target": "t", "content": "x"}], None)


def test_response_and_error_actions(step):
    with pytest.raises(BackgroundResponseAction) as caught:
        background_response_action("bg_resp", ans=556)
    assert (caught.value.action, caught.value.arguments) == ("bg_resp", {"ans": 556})
    background_error_action("bg_fail", stage="calculation")
    assert step.step[ERROR_ACTION] == ("bg_fail", {"stage": "calculation"})
    for function in (background_response_action, background_error_action):
        with pytest.raises(TypeError, match="name of an action"):
            function("")


def test_tasks_are_counted(step):
    assert task_not_yet_performed("remind")
    assert step.internal == {}, "asking changes nothing"
    assert mark_task_as_performed("remind") == 1
    assert mark_task_as_performed("remind") == 2
    assert task_performed("remind")
    assert times_task_performed("remind") == 2
    set_task_counter("remind", 0)
    assert task_not_yet_performed("remind")
    assert step.internal == {TASKS: {"remind": 0}}


def test_persistent_tasks_leave_the_step_as_effects(step):
    step.lasting = {TASKS: {"other": 1}}
    assert task_not_yet_performed("fruit", persistent=True)
    assert step.effects == [], "asking changes nothing"
    assert mark_task_as_performed("fruit", persistent=True) == 1
    assert mark_task_as_performed("fruit", persistent="session") == 2
    assert task_performed("fruit", persistent="session")
    assert not task_performed("fruit")
    assert step.internal == {}
    assert step.effects[-1] == Remember(key=TASKS, value={"other": 1, "fruit": 2})


def test_of_persistent_counters_a_step_says_the_last_word_and_nothing_if_it_changes_nothing(step):
    step.lasting = {TASKS: {"fruit": 1}}
    set_task_counter("fruit", 5, persistent=True)
    set_task_counter("fruit", 7, persistent=True)
    assert step.effects == [Remember(key=TASKS, value={"fruit": 7})]
    set_task_counter("fruit", 1, persistent=True)
    assert step.effects == []


@pytest.mark.parametrize(
    ("given", "options", "run_after"),
    [
        (background_options(), TaskOptions(), 0),
        (background_options("flash", run_after=60), TaskOptions(), 60),
        (background_options(time_limit=5, retry=2), TaskOptions(time_limit=5, times=2), 0),
        (background_options(queue="slow", priority="high"), TaskOptions(queue="slow", priority=1), 0),
        (background_options(retry={"times": 3, "delay": 1, "backoff": 2}), TaskOptions(times=3, delay=1, backoff=2), 0),
    ],
)
def test_how_a_task_is_run_is_said_in_the_second_argument(step, given, options, run_after):
    background_action("bg_task", given, run_after="an argument of the author's own")
    (effect,) = step.effects
    assert (effect.options, effect.run_after, effect.ui) == (options, run_after, given.notify)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: background_options("sparkle"), "flash, refresh, javascript, fields or None, not 'sparkle'"),
        (lambda: background_options(run_after="soon"), "run_after of background_options"),
        (lambda: background_options(time_limit=-1), "time_limit"),
        (lambda: background_options(retry={"often": 3}), "no 'often'"),
        (lambda: background_options(retry=True), "times"),
        (lambda: background_options(queue="Slow ones"), "not 'Slow ones'"),
        (lambda: background_options(priority=1), "low, normal, high, not 1"),
        (lambda: background_action("bg_task", 5), "not 5"),
        (lambda: background_progress("half"), "a number from 0 to 1, not 'half'"),
    ],
)
def test_what_is_said_wrongly_is_named(step, make, says):
    with pytest.raises((TypeError, ValueError), match=says):
        make()
    assert step.effects == []


def test_progress_is_told_from_the_background_only(step):
    told = []
    step.tasks.on_progress = lambda fraction, text: told.append((fraction, text))
    background_progress(0.5, "half")
    step.mode = "background"
    background_progress(1.7, "over")
    background_progress(text="x" * 2000)
    assert told == [(1.0, "over"), (None, "x" * 500)]


def test_a_handle_knows_how_far_its_task_is(step):
    step.tasks.views["t1"] = {"status": "running", "progress": {"fraction": 0.25, "text": "page 1"}}
    step.tasks.views["t2"] = {"status": "done"}
    assert [BackgroundTask(name).progress for name in ("t1", "t2", "t3")] == [0.25, 1.0, None]


def test_the_argument_that_cannot_be_kept_is_named(step):
    def encode(value):
        if callable(value) or (isinstance(value, dict) and any(callable(one) for one in value.values())):
            raise ValueError("a function cannot be stored")
        return b""

    step.encode = encode
    for start in (background_action, background_error_action):
        step.mode = "background"
        with pytest.raises(TypeError, match="cannot keep the argument 'bad', a function: a function cannot be stored"):
            start("bg_task", good=1, bad=lambda: 1)
