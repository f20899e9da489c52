"""From an `Outcome` of the engine to the `StepResult` that leaves the child: the screen is written here, once."""

from __future__ import annotations

from typing import cast

import msgspec

from shared.contract.effects import Save
from shared.contract.encoding import encode
from shared.contract.outcome import Failure, StepResult, TaskResult
from shared.contract.reply import Command
from shared.contract.screen import draw
from shared.engine.outcome import Outcome
from shared.runner import said
from shared.state import codec
from shared.state.assembled import Written
from shared.state.errors import PlainTooLarge

#: Bytes of a screen's JSON (with what ``json_response()`` or ``all_variables()`` put into it), and of the commands of a check-in.
MAX_SCREEN = 16 * 1024 * 1024
MAX_COMMANDS = 4 * 1024 * 1024


class ReplyTooLarge(ValueError):
    """What was to be sent to the browser is more than a service passes on."""


def result(
    outcome: Outcome,
    *,
    before: Written | None,
    state: Written | None,
    reverse: bytes | None,
    steps: int,
    change: bytes | None = None,
) -> StepResult:
    """What `outcome` says, with the state it leads from (`before`) and to; `steps` is how often Back could go before it.

    With `change`, the delta from the one state to the other, that is said instead of the new one.

    Whatever leaves is bounded here, where it costs its own step at most. Raises RecursionError for a screen that contains itself,
    `ReplyTooLarge`.
    """
    stepped = outcome.save == "new" and before is not None and state is not None and state != before
    screen = None if outcome.screen is None else draw(outcome.screen, back=steps + stepped > 0)
    if screen is not None and len(screen.json) + len(screen.shown) > MAX_SCREEN:
        raise ReplyTooLarge(
            f"the screen (or what is sent in its place) has more than {MAX_SCREEN >> 20} MB. Send a file instead"
        )
    commands = tuple(
        encode(Command(extra=cast("str | None", one.get("extra")), value=one.get("value"))) for one in outcome.commands
    )
    if sum(map(len, commands)) > MAX_COMMANDS:
        raise ReplyTooLarge(f"the answer to this check-in has more than {MAX_COMMANDS >> 20} MB")
    return StepResult(
        save=cast(Save, outcome.save),  # checked where it is read
        state=bytes(state) if state is not None and change is None else None,
        change=change,
        reverse=reverse,
        screen=screen,
        rejection=outcome.rejection,
        refused=outcome.refused,
        failure=outcome.failure,
        waits=outcome.waits,
        task=None if outcome.task is None else _bounded(outcome.task),
        commands=commands,
        asked=outcome.asked,
        sleep=_sleep(outcome),
        effects=said.bounded(outcome.effects),
        flags=outcome.flags,
    )


def _bounded(task: TaskResult) -> TaskResult:
    """A result that nobody could be shown is no result: the task failed, and would fail again."""
    try:
        codec.to_plain(task.value)
    except PlainTooLarge as error:
        failure = Failure(type="ResultTooLarge", message=str(error))
        return msgspec.structs.replace(
            task, ok=False, value=None, kind=None, next_action=None, next_arguments=None, failure=failure
        )
    return task


def _sleep(outcome: Outcome) -> float:
    """``response(sleep=)``, which counts in scheduled tasks."""
    seconds = outcome.screen.response.get("sleep") if outcome.screen is not None else None
    return max(0.0, float(seconds)) if isinstance(seconds, int | float) else 0.0
