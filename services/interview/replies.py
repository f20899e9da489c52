"""From the end of a step to the `Reply` of ``docs/architecture.md``. The screen stays the bytes that its child wrote."""

from __future__ import annotations

from services.interview import tokens
from shared.contract.effects import PRINTED, LogMessage
from shared.contract.outcome import StepResult
from shared.contract.reply import NULL, Notice, Reply
from shared.store.records import Session

#: Priorities of what only the server's log has.
SERVER_ONLY = ("log", PRINTED)


def reply(session: Session, result: StepResult, notices: tuple[Notice, ...] = ()) -> Reply:
    """The reply about `session` as it stands after the step that ended with `result`."""
    screen = result.screen
    return Reply(
        session=session.id,
        interview=session.interview,
        version=session.version,
        step=session.step,
        screen=NULL
        if screen is None
        else screen.with_token(tokens.sign(session.secret, screen.shown, version=session.version)),
        rejected=result.rejection,
        failure=result.failure,
        notices=(*notices, *said(result)),
    )


def said(result: StepResult) -> tuple[Notice, ...]:
    """What the step said by ``log()`` to whoever sees the next screen (functions.md, log())."""
    if result.screen is None:
        return ()
    return tuple(
        Notice(kind="log", message=effect.message, priority=effect.priority)
        for effect in result.effects
        if isinstance(effect, LogMessage) and effect.priority not in SERVER_ONLY
    )
