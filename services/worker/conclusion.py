"""What a task's step comes to: its result, or the response that the interview service must save first. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.effects import outbox_entries, remembered
from services.results import failed
from shared.contract.effects import Effect
from shared.contract.outcome import Failure, StepResult
from shared.contract.tasks import TaskStatus
from shared.state.codec import to_plain
from shared.state.errors import StateError
from shared.store.records import Task

#: What an error action is told besides its own arguments (background.md, "background_error_action").
_ERROR = ("error_type", "error_message", "error_trace", "variables")

#: A step that is no task's: only a runner of another version gives one.
NO_RESPONSE = Failure(type="NoResponse", message="the task ended without background_response()")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """`response` is what the task's row keeps while it is ``responding``; None: it has ended, with `final` as its result."""

    status: TaskStatus
    final: Mapping[str, object]
    response: Mapping[str, object] | None = None
    failure: Failure | None = None  #: what the action itself failed of
    said: tuple[Effect, ...] = ()  #: effects of the action, of which the log takes what it said


#: The name of an action and its encoded arguments, as background_error_action() told them.
ErrorAction = tuple[str, bytes]


def conclude(task: Task, step: StepResult, on_error: ErrorAction | None = None) -> Conclusion:
    """`on_error` counts where the child itself could not say what is to be done: the step ended before its result was made."""
    ended = step.task
    if ended is None:
        failure = step.failure or NO_RESPONSE
        return died(_failed(failure), on_error, failure, step.effects)
    final: dict[str, object]
    if ended.failure is not None:
        status, error = TaskStatus.FAILED, _error(ended.failure)
        error["variables"] = error["variables"] or [task.action]  # what was sought first, where nothing else is known
        final = {"ok": False, "value": ended.value, **error}
        action, arguments = ended.error_action, ended.error_arguments
        told = action is None and on_error is not None
        if action is None and on_error is not None:  # the child refused its own result: only the parent knows of it
            action, arguments = on_error
        response = _response(action, arguments, final) | {"error": error}
        response |= {"is_error": action is not None, **({"told": error} if told else {})}
    else:
        try:
            plain = to_plain(ended.value)
        except StateError as error:  # a child looks itself; this one did not, or lied
            failure = Failure(type=type(error).__name__, message=str(error))
            return Conclusion(status=TaskStatus.FAILED, final=_failed(failure), failure=failure, said=step.effects)
        status = TaskStatus.DONE
        final = {"ok": True, "value": ended.value, "plain": plain, "kind": ended.kind}
        response = _response(ended.next_action, ended.next_arguments, final)
    # What the action wants done outside leaves by the session's outbox, so that it happens once; also what one that
    # failed wanted before it did (a block keeps what it did before the error).
    entries = outbox_entries(step.effects, prefix=f"task.{task.id}")
    kept = remembered(step.effects)
    if response["action"] is None and not entries and not kept:
        return Conclusion(status=status, final=final, failure=ended.failure, said=step.effects)
    effects = [{"id": entry.id, "kind": entry.kind, "body": entry.body} for entry in entries]
    response |= {"effects": effects, "kept": kept}
    return Conclusion(status=status, final=final, response=response, failure=ended.failure, said=step.effects)


def died(
    final: Mapping[str, object],
    on_error: ErrorAction | None,
    failure: Failure | None = None,
    said: tuple[Effect, ...] = (),
) -> Conclusion:
    """A task that failed without a word of its own: its error action is run all the same, told of the error by plain arguments."""
    response = None
    if on_error is not None:
        error = {name: final[name] for name in _ERROR}
        response = _response(*on_error, final) | {"error": error, "is_error": True, "told": error, "kept": {}}
    return Conclusion(status=TaskStatus.FAILED, final=final, response=response, failure=failure, said=said)


def _response(action: str | None, arguments: bytes | None, final: Mapping[str, object]) -> dict[str, object]:
    return {
        "action": action,
        "arguments": arguments,
        "is_error": False,
        "error": None,
        "effects": [],
        "final": final,
    }


def _failed(failure: Failure) -> dict[str, object]:
    return failed(failure.type, failure.message, failure.trace, failure.trail)


def _error(failure: Failure) -> dict[str, object]:
    return {
        "error_type": failure.type,
        "error_message": failure.message,
        "error_trace": failure.trace,
        "variables": list(failure.trail),
    }
