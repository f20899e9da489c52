"""Background work: what is started, what a handle says, how results are packed; and tasks that are counted."""

from __future__ import annotations

import pytest

from shared.authoring.effects import Remember, RevokeTask, StartTask
from shared.authoring.errors import BackgroundResponse, BackgroundResponseAction, NotAvailable
from shared.authoring.functions.background import (
    BackgroundTask,
    WaitsForItself,
    background_action,
    background_error_action,
    background_response,
    background_response_action,
)
from shared.authoring.functions.tracking import (
    mark_task_as_performed,
    set_task_counter,
    task_not_yet_performed,
    task_performed,
    times_task_performed,
)
from shared.authoring.memory import ERROR_ACTION, TASKS


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


def test_a_new_task_is_not_ready_and_cannot_be_waited_for(step):
    task = background_action("bg_task")
    assert task.ready() is False
    for wait in (task.wait, task.get, task.result, task.failed):
        with pytest.raises(WaitsForItself, match="would never end"):
            wait()


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


def test_what_a_rerun_drops_was_not_counted(step):
    mark_task_as_performed("fruit", persistent=True)
    step.effects.clear()
    assert mark_task_as_performed("fruit", persistent=True) == 1


def test_other_scopes_are_refused(step):
    with pytest.raises(NotAvailable, match="needs storage shared between sessions"):
        task_performed("fruit", persistent="global")
