"""What author code says to nobody in particular in a child, by ``log()`` and by ``print()``: collected and bounded before it leaves.

Not for: who reads it, and where it is kept (`services.runs`).
"""

from __future__ import annotations

import io
from collections.abc import Iterable

from shared.authoring.context import current_or_none
from shared.contract.effects import PRINTED, Effect, LogMessage
from shared.engine.run import Run

#: Bounds of what leaves with one step: code in a loop says things for ever, and a service reads what its children send.
MESSAGES, MESSAGE_LENGTH, CHARACTERS = 200, 2000, 64 * 1024


def bounded(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """`effects` in their order, without messages beyond the bounds; a last one then says how many there were."""
    kept: list[Effect] = []
    messages, left, over = 0, CHARACTERS, 0
    for effect in effects:
        if not isinstance(effect, LogMessage):
            kept.append(effect)
            continue
        text = effect.message
        if len(text) > MESSAGE_LENGTH:
            text = text[: MESSAGE_LENGTH - 1] + "…"
        messages, left = messages + 1, left - len(text)
        if messages <= MESSAGES and left >= 0:
            kept.append(LogMessage(message=text, priority=effect.priority[:100]))
        else:
            over += 1
    if over:
        kept.append(LogMessage(message=f"… and {over} more messages"))
    return tuple(kept)


def of(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """The messages alone: all that is left of a step that came to nothing."""
    return bounded(effect for effect in effects if isinstance(effect, LogMessage))


def before(error: BaseException) -> tuple[Effect, ...]:
    """What was said by the step that `error` ended outside of the engine."""
    frame = error.__traceback__
    while frame is not None:
        run = frame.tb_frame.f_locals.get("run")
        if isinstance(run, Run) and run.context is not None:
            return of(run.context.effects)
        frame = frame.tb_next
    return ()


class Printed(io.TextIOBase):
    """A standard output whose lines are messages of the running step; outside of one they go nowhere, as before."""

    def __init__(self) -> None:
        self._line = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, rest = (self._line + text).split("\n")
        self._line = rest[:MESSAGE_LENGTH]
        context = current_or_none()
        if context is not None and lines:
            printed = context.step.get(PRINTED, 0)
            context.step[PRINTED] = printed + len(lines)
            # A task may print for an hour: what is over the bound need not be kept until its end.
            for line in lines[: max(0, MESSAGES + 1 - printed)]:
                context.effects.append(LogMessage(message=line[:MESSAGE_LENGTH], priority=PRINTED))
        return len(text)
