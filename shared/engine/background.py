"""Steps that nobody is watching: background tasks, their response actions, scheduled events, incoming mail.

Rules: docs background.md and the engine specification, "Background" and "Cron".
"""

from __future__ import annotations

from typing import Any

from shared.authoring import memory
from shared.authoring.errors import BackgroundResponse, BackgroundResponseAction
from shared.engine import endings, failures, passes
from shared.engine.outcome import Failure, Outcome, TaskResult
from shared.engine.run import Run
from shared.engine.screen import Screen


def work(run: Run) -> Outcome:
    """Run a task's action on a copy of the state. What it changes is thrown away; what it answers is the task's result."""
    run.queueing = False
    encode = run.context.encode
    try:
        screen = passes.assemble(run)
    except BackgroundResponse as response:
        result = TaskResult(ok=True, value=encode(response.value), kind=response.kind)
    except BackgroundResponseAction as response:
        result = TaskResult(ok=True, next_action=response.action, next_arguments=encode(response.arguments))
    except Exception as error:
        result = _failed(run, failures.describe(run, error))
    else:
        if screen.kind in ("response", "command"):
            result = TaskResult(ok=True, value=encode(None))
        else:
            result = _failed(run, _ended_at(run, screen))
    return Outcome(save="ignore", task=result, effects=tuple(run.context.effects))


def _ended_at(run: Run, screen: Screen) -> Failure:
    name = run.request.action.name if run.request.action is not None else ""
    return Failure(
        type="BackgroundEndedAtQuestion",
        message=f"The background action {name!r} ended at the question {screen.question!r} ({screen.block}). "
        "Define what it needs before starting it, and end it with background_response().",
        block=screen.block,
        file=run.interview.name,
        trail=tuple(name for name in (screen.shown.get("variable"),) if name),
        history=tuple(run.history),
    )


def _failed(run: Run, failure: Failure) -> TaskResult:
    """The failure, and the action that background_error_action() registered for it, with what went wrong added."""
    registered = run.context.step.get(memory.ERROR_ACTION)
    if registered is None:
        return TaskResult(ok=False, failure=failure)
    action, arguments = registered
    told: dict[str, Any] = {
        **arguments,
        "error_type": failure.type,
        "error_message": failure.message,
        "error_trace": failure.trace,
        "variables": list(failure.trail),
    }
    return TaskResult(ok=False, failure=failure, error_action=action, error_arguments=run.context.encode(told))


def respond(run: Run) -> Outcome:
    """Run a response action, an error action, a scheduled event or incoming mail on the fresh state, and save that."""
    run.queueing = False
    encode = run.context.encode
    value: bytes | None = None
    kind: str | None = None
    save = "overwrite"
    screen: Screen | None = None
    following: BackgroundResponseAction | None = None
    try:
        screen = passes.assemble(run)
    except BackgroundResponse as response:
        value, kind = encode(response.value), response.kind
    except BackgroundResponseAction as response:
        following = response
    if screen is not None and screen.kind == "response" and screen.response.get("null") and run.request.mode == "cron":
        save = "ignore"
    stated = run.context.step.get(memory.SAVE)
    if stated in ("ignore", "overwrite", "new"):
        save = stated
    task = TaskResult(
        ok=True,
        value=value,
        kind=kind,
        next_action=following.action if following is not None else None,
        next_arguments=encode(following.arguments) if following is not None else None,
    )
    if run.request.mode == "cron":
        return Outcome(save=save, screen=screen, effects=tuple(run.context.effects), flags=endings.flags(run))
    return Outcome(save=save, task=task, effects=tuple(run.context.effects), flags=endings.flags(run))
