"""Steps that nobody is watching: background tasks, their response actions, scheduled events, incoming mail.

Rules: docs background.md and the engine specification, "Background" and "Cron".
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from shared.authoring import memory
from shared.authoring.errors import MISSING, BackgroundResponse, BackgroundResponseAction, Suspended
from shared.authoring.functions import tracking
from shared.authoring.functions.background import WaitsForItself
from shared.authoring.functions.variables import set_variables
from shared.contract import others
from shared.contract.effects import LogMessage
from shared.contract.screen import Screen
from shared.engine import failures
from shared.engine.doing import dependents, responses
from shared.engine.errors import TooManyPasses
from shared.engine.outcome import Failure, Outcome, TaskResult
from shared.engine.run import Run
from shared.engine.seeking import passes, seek
from shared.engine.steps import endings


def work(run: Run) -> Outcome:
    """Run a task's action on a copy of the state. What it changes is thrown away; what it answers is the task's result."""
    run.queueing = False
    try:
        result = _ended(run)
    except Exception as error:
        result = _failed(run, _unknown(run) or failures.describe(run, error))
    return Outcome(save="ignore", task=result, effects=tuple(run.context.effects))


def _ended(run: Run) -> TaskResult:
    """How the action ended. Raises what it failed of, also what cannot be stored of what it answered."""
    encode = run.context.encode
    try:
        screen = passes.assemble(run)
    except BackgroundResponse as response:
        return TaskResult(ok=True, value=encode(response.value), kind=response.kind)
    except BackgroundResponseAction as response:
        return TaskResult(ok=True, next_action=response.action, next_arguments=encode(response.arguments))
    if screen.kind in ("response", "command") or screen.block == responses.MESSAGE:
        return TaskResult(ok=True, value=encode(None))
    return _failed(run, _unknown(run) or _ended_at(run, screen))


def _unknown(run: Run) -> Failure | None:
    """That there is no such action, if so: what the logic then came to was not asked for."""
    if not run.no_action:
        return None
    return Failure(type="NoSuchAction", message=seek.no_action(run), file=run.interview.name, trail=(run.no_action,))


def _ended_at(run: Run, screen: Screen) -> Failure:
    name = _name(run)
    return Failure(
        type="BackgroundEndedAtQuestion",
        message=f"The background action {name!r} ended at the question {screen.question!r} ({screen.block}). "
        "Define what it needs before starting it, and end it with background_response().",
        block=screen.block,
        file=run.interview.name,
        trail=tuple(name for name in (screen.shown.get("variable"),) if name),
        history=tuple(run.history),
    )


def _name(run: Run) -> str:
    return run.request.action.name if run.request.action is not None else ""


def _failed(run: Run, failure: Failure) -> TaskResult:
    """The failure, and the action that background_error_action() registered for it, with what went wrong added.

    The names that were sought end with that of the action itself, which was sought first.
    """
    name = _name(run)
    if name and name not in failure.trail:
        failure = replace(failure, trail=(*failure.trail, name))
    registered = run.context.step.get(memory.ERROR_ACTION)
    if registered is None:
        return TaskResult(ok=False, failure=failure)
    action, arguments = registered
    told: dict[str, object] = {
        **arguments,
        "error_type": failure.type,
        "error_message": failure.message,
        "error_trace": failure.trace,
        "variables": list(failure.trail),
    }
    return TaskResult(ok=False, failure=failure, error_action=action, error_arguments=run.context.encode(told))


def mail_failed(run: Run) -> Outcome:
    """A mail has failed for good: its task was not performed after all, and the interview's event, if it has one, hears of it."""
    asked = run.request.action
    assert asked is not None
    task = asked.arguments.get("_unmark")
    if isinstance(task, str):
        tracking.uncount_task(task, persistent=asked.arguments.get("_persistent"))
    if asked.arguments.get("_event"):
        return respond(run)
    return Outcome(save="overwrite", effects=tuple(run.context.effects), flags=endings.flags(run))


def for_other(run: Run) -> Outcome:
    """What the step of another session asked for (functions.md, set_session_variables(), run_action_in_session())."""
    asked = run.request.action
    assert asked is not None
    if asked.name != others.SET:
        return respond(run)
    arguments = asked.arguments
    given, deleted = dict(arguments.get("variables") or {}), [str(name) for name in arguments.get("delete") or ()]
    watched = dependents.remember(run, given)
    _with_owners(run, lambda: set_variables(given, process_objects=bool(arguments.get("process_objects"))))
    dependents.compare(run, watched)
    run.context.undefine(*deleted)
    if (question := arguments.get("question")) is not None:
        _answered(run, str(question))
    save = run.context.step.get(memory.SAVE, "new")
    return Outcome(save=save, effects=tuple(run.context.effects), flags=endings.flags(run))


def _with_owners(run: Run, do: Callable[[], None]) -> None:
    """Objects that `do` finds missing are made as the interview makes them, as long as nobody need be asked for that."""
    for _ in range(run.request.loop_limit):
        try:
            return do()
        except MISSING as error:
            if passes.settle(run, passes.seeking(run, seek.name_missed(error))) is not None:
                raise
    raise TooManyPasses(run.request.loop_limit, tuple(run.history[-3:]))


def _answered(run: Run, question: str) -> None:
    """The question needs no answer any more. Raises ValueError if the interview has none of that name or id."""
    for name in (question, f"ID {question}"):
        if name in run.plan.interview.by_name:
            run.internal["answered"][name] = True
            return
    raise ValueError(f"the interview {run.interview.name} has no question {question!r}")


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
    except Suspended as signal:
        if not _only_goes_on(run):
            return Outcome(save="ignore", waits=signal.task_id)
    except WaitsForItself:
        if not _only_goes_on(run):
            raise
    answers_for = ("callback", "error_callback", others.MODE)
    if run.request.mode in answers_for and screen is not None and (failure := _unknown(run)):
        return Outcome(save="ignore", failure=failure)
    if _is_null(screen) and run.request.mode == "cron":
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
        return _scheduled(run, screen, save)
    return Outcome(save=save, task=task, effects=endings.effects(run, screen), flags=endings.flags(run))


def _only_goes_on(run: Run) -> bool:
    """Whether a response action has done its work, and what waits now is the logic after it, whose screen nobody sees: a response
    action need not end with ``background_response()`` (the earlier document's does not).
    """
    return run.action_ended and run.request.mode in ("callback", "error_callback", others.MODE)


def _is_null(screen: Screen | None) -> bool:
    return screen is not None and screen.kind == "response" and bool(screen.response.get("null"))


def _scheduled(run: Run, screen: Screen | None, save: str) -> Outcome:
    """The end of a scheduled event: what it said, and whether its own block came to its end.

    Whatever screen the interview's logic shows after the event is no matter (the older form has no ``response()``). With
    ``response(null=True)`` the marks of tasks outlast the answers that are thrown away, as what was done by them does.
    """
    if save == "ignore":
        tracking.keep_marks(run.before)
    effects = endings.effects(run, screen)
    if screen is not None and screen.kind == "response" and screen.response.get("text"):
        effects = (*effects, LogMessage(message=str(screen.response["text"]), priority="response"))
    return Outcome(save=save, screen=screen, asked=_asked(run, screen), effects=effects, flags=endings.flags(run))


def _asked(run: Run, screen: Screen | None) -> Failure | None:
    """What the event would have had to ask for, and where; None if it came to its end."""
    asked = run.action_asked
    if asked is None:
        if run.action_done or screen is None or screen.kind in ("response", "command"):
            return None
        asked = screen  # the logic asks for something before it comes to process_action()
    variable = asked.shown.get("variable") or next((one.variable for one in asked.fields if one.variable), None)
    name = str(variable or asked.block or "a question")
    missed = run.missed.get(name)
    place = failures.locate(run, missed) if missed is not None else run.place
    return Failure(
        type="AskedForAnswer",
        message=f"It asks for {name}, and nobody is there to answer. Define what a scheduled event needs before its time comes.",
        file=place.file if place is not None else run.interview.name,
        block=place.block if place is not None else asked.block,
        line=place.line if place is not None else None,
        trail=(name,),
        history=tuple(run.history),
    )
